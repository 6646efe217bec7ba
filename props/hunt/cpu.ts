/**
 * One CPU of a hunt: a worker module. Each round CPU 0 opens the sockets, all run their steps at once, CPU 0 looks at
 * what is left.
 */

import { below, createRandom, oneIn } from '../../src/random/random.ts'
import { mapCreate } from '../../src/shared/map.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { deferredWorkPending } from '../../src/sync/deferred-work.ts'
import { rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'
import type { CallContext } from '../../src/workers/task.ts'
import { HUNT_BOARD } from './board.ts'
import { closeAll, fill, finalLook, type Ground, groundWith, openSocket } from './ground.ts'
import { HUNT_MAP, type HuntProgram, KEYS, MAX_STEPS, opened, usesHash } from './program.ts'
import { performStep } from './steps.ts'
import { layOutBeside, lookUpKey } from './steps-beside.ts'

/** What the module is called with. */
export interface HuntArgs {
  program: HuntProgram
  rounds: number
  board: Int32Array
  /** Descriptor of map 1, which stays. */
  map: number
}

/** Looks at the barrier before somebody is given up: there may be more CPUs than cores. */
const SPINS = 5000

export default function huntCpu(context: CallContext): void {
  const { cpu, gang } = context
  const { program, rounds, board, map } = context.args as HuntArgs
  let error: unknown
  const random = createRandom(context.seed)
  const attempt = (act: () => void) => {
    try {
      act()
    } catch (thrown) {
      // The others wait for us at the barrier: thrown at the end.
      error ??= thrown
    }
  }
  const steps = cpu.id < program.cpus.length ? program.cpus[cpu.id] : []
  for (let round = 0; round < rounds; round++) {
    const at = HUNT_BOARD.rounds + round * HUNT_BOARD.ROUND
    if (cpu.id === 0) attempt(() => setUp(context, program, board, map))
    if (!context.together()) break
    const ground = groundOf(cpu, program, board, map)
    align(board, gang)
    // Not all at once each time: windows meet in all positions.
    if (oneIn(random, 2)) for (let idle = below(random, 128); idle > 0; idle--) Atomics.load(board, HUNT_BOARD.idle)
    attempt(() => {
      for (const [i, step] of steps.entries()) {
        board[at + cpu.id * MAX_STEPS + i] = performStep(cpu, ground, step)
        rcuQuiescentState(cpu)
      }
    })
    if (!context.together()) break
    if (cpu.id === 0) attempt(() => lookAround(context, program, ground, board, at))
  }
  if (error !== undefined) throw error
}

function setUp({ cpu }: CallContext, program: HuntProgram, board: Int32Array, map: number): void {
  board[HUNT_BOARD.map] = mapCreate(cpu, HUNT_MAP)
  board[HUNT_BOARD.sockets] = openSocket(cpu, program.kind)
  board[HUNT_BOARD.sockets + 1] = openSocket(cpu, program.kind)
  const { hashFd, btfFd, btfId } = layOutBeside(cpu, program)
  board[HUNT_BOARD.hash] = hashFd
  board[HUNT_BOARD.btf] = btfFd
  board[HUNT_BOARD.btfId] = btfId
  fill(cpu, groundOf(cpu, program, board, map), program.before)
  rcuQuiescentState(cpu)
}

function groundOf(cpu: Cpu, program: HuntProgram, board: Int32Array, map: number): Ground {
  const sockets = [board[HUNT_BOARD.sockets], board[HUNT_BOARD.sockets + 1]]
  const beside = { hashFd: board[HUNT_BOARD.hash], btfFd: board[HUNT_BOARD.btf], btfId: board[HUNT_BOARD.btfId] }
  return groundWith(cpu, program, [board[HUNT_BOARD.map], map], sockets, beside)
}

/**
 * Notes what is left after a round, closes it, and waits until the kworker has freed its maps, so that descriptors
 * begin anew.
 */
function lookAround({ cpu }: CallContext, program: HuntProgram, ground: Ground, board: Int32Array, at: number): void {
  const results = program.cpus.map((steps, id) => [
    ...board.subarray(at + id * MAX_STEPS, at + id * MAX_STEPS + steps.length),
  ])
  const also = opened(program, results)
  let to = at + HUNT_BOARD.looks
  for (const fd of [...ground.sockets, ...also]) for (const map of ground.maps) board[to++] = finalLook(cpu, map, fd)
  for (const key of usesHash(program) ? KEYS : []) board[to++] = lookUpKey(cpu, ground.hash, key)
  closeAll(cpu, ground, also)
  rcuQuiescentState(cpu)
  while (deferredWorkPending(cpu) !== 0) synchronizeRcu(cpu)
}

function align(board: Int32Array, gang: number): void {
  const mine = Atomics.add(board, HUNT_BOARD.aligned, 1)
  const all = mine - (mine % gang) + gang
  for (let spin = 0; spin < SPINS && Atomics.load(board, HUNT_BOARD.aligned) < all; spin++);
}
