/**
 * Rounds behind a start barrier: CPU 0 sets the scene, all CPUs race, CPU 0 looks at what came out.
 *
 * The barrier alone lets those who slept at it start late, so there is a second, spinning one; and each CPU waits a
 * random while now and then, so that the windows meet in all positions.
 */

import { createRandom, nextBits } from '../../../dist/src/random/random.js'
import { PERCPU } from '../../../dist/src/sync/cpu.js'

/** Words of the board, which all CPUs of a call share. From `FREE` on a module may use it as it likes. */
export const BOARD = { wrong: 0, met: 1, stop: 2, aligned: 16, FREE: 32 }

/** What a CPU returned in the round, by CPU. */
export const RESULT = 64

const SPINS = 5_000
/**
 * On a busy machine rounds take long, and CPUs may run one after the other. Milliseconds after which fewer rounds will
 * do, and after which even the race may be missed.
 */
const ENOUGH = 8_000
const TOO_LONG = 24_000

export function randomOf(seed) {
  const random = createRandom(seed)
  return () => nextBits(random)
}

/**
 * Runs `args.rounds` rounds, more if the CPUs have not met in them, fewer if that takes long. `prepare(round, random)`
 * and `verify(round)` run on CPU 0 alone, `race(round, random)` on all. `verify` returns what is wrong, or nothing.
 * What `race` returns stands in the board at RESULT + id. Ends at the first wrong thing, which is thrown.
 */
export function rounds(context, { prepare, race, verify }) {
  const { cpu, gang, seed, args } = context
  const { board } = args
  const random = randomOf(seed)
  const begin = performance.now()
  let wrong
  for (let round = 0; ; round++) {
    if (cpu.id === 0) {
      if (round > 0 && Atomics.load(board, BOARD.wrong) === 0) wrong = attempt(context, () => look(verify, round - 1))
      const elapsed = performance.now() - begin
      const enough =
        (round >= args.rounds || elapsed > ENOUGH) && (Atomics.load(board, BOARD.met) > 0 || elapsed > TOO_LONG)
      const ends = enough || Atomics.load(board, BOARD.wrong) !== 0
      if (!ends) wrong = attempt(context, () => prepare?.(round, random))
      // Nobody else writes this word, so all read the same behind the barrier.
      Atomics.store(board, BOARD.stop, ends || wrong ? 1 : 0)
    }
    if (!context.together() || Atomics.load(board, BOARD.stop) !== 0) break
    align(board, gang)
    if (random() & 1) idle(random() & 255)
    wrong = attempt(context, () => {
      board[RESULT + cpu.id] = race(round, random) ?? 0
    })
    // False: another CPU can't come any more, and has told why.
    if (!context.together()) break
  }
  if (wrong) throw wrong
}

function look(verify, round) {
  const found = verify?.(round)
  if (found) throw new Error(`round ${round}: ${found}`)
}

/**
 * Does something. An error that leaves this CPU clean is returned, for the end of the round: the others wait for us
 * there.
 */
function attempt({ cpu, args }, act) {
  try {
    act()
  } catch (error) {
    Atomics.store(args.board, BOARD.wrong, 1)
    const { words, base } = cpu
    if (words[base + PERCPU.locksHeld] !== 0 || words[base + PERCPU.nesting] > 0) throw error
    return error
  }
  return undefined
}

function align(board, gang) {
  const mine = Atomics.add(board, BOARD.aligned, 1)
  const all = mine - (mine % gang) + gang
  for (let spin = 0; spin < SPINS && Atomics.load(board, BOARD.aligned) < all; spin++);
}

/** Does nothing for about `turns` times 10 ns. */
const nothing = new Int32Array(new SharedArrayBuffer(4))
export function idle(turns) {
  for (let i = 0; i < turns; i++) Atomics.load(nothing, 0)
}

/** Notes that the race this is after did happen. */
export function met(board) {
  Atomics.add(board, BOARD.met, 1)
}
