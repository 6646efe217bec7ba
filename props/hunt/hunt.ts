/**
 * The hunt on real threads: a program many times behind a start barrier. Each round's outcome must be explained by the
 * sequential model, and the memory must be right and empty at rest.
 */

import { liveObjects } from '../../src/shared/slab.ts'
import type { Machine } from '../../src/workers/machine.ts'
import { HUNT_BOARD } from './board.ts'
import type { HuntArgs } from './cpu.ts'
import { explained } from './explain.ts'
import { HUNT_MAP, type HuntOutcome, type HuntProgram, KEYS, MAX_STEPS, opened, usesHash } from './program.ts'

export { huntProgram } from './arbitrary.ts'

/** Runs a program so many rounds and returns what each gave. */
export async function runHunt(machine: Machine, program: HuntProgram, rounds: number): Promise<HuntOutcome[]> {
  const board = new Int32Array(new SharedArrayBuffer(4 * (HUNT_BOARD.rounds + rounds * HUNT_BOARD.ROUND)))
  const other = machine.sys.mapCreate({ ...HUNT_MAP, name: 'hunt_stays' })
  const args: HuntArgs = { program, rounds, board, map: other }
  try {
    await machine.call(new URL('./cpu.js', import.meta.url), args, program.cpus.length)
  } finally {
    machine.sys.close(other)
  }
  return Array.from({ length: rounds }, (_, round): HuntOutcome => {
    const at = HUNT_BOARD.rounds + round * HUNT_BOARD.ROUND
    const results = program.cpus.map((steps, cpu) => [
      ...board.subarray(at + cpu * MAX_STEPS, at + cpu * MAX_STEPS + steps.length),
    ])
    const looks = 2 * (2 + opened(program, results).length) + (usesHash(program) ? KEYS.length : 0)
    return { results, looks: [...board.subarray(at + HUNT_BOARD.looks, at + HUNT_BOARD.looks + looks)] }
  })
}

/**
 * Hunts with one program: throws for the first round that no order explains, and for whatever is wrong at rest. Returns
 * how many different outcomes there were.
 */
export async function hunt(machine: Machine, program: HuntProgram, rounds: number): Promise<number> {
  const outcomes = new Map<string, HuntOutcome>()
  for (const outcome of await runHunt(machine, program, rounds)) outcomes.set(JSON.stringify(outcome), outcome)
  for (const [text, outcome] of outcomes)
    if (!explained(program, outcome)) throw new Error(`no order of ${JSON.stringify(program)} explains ${text}`)
  await machine.settle()
  const wrong = machine.check()
  if (wrong.length > 0) throw new Error(`after ${JSON.stringify(program)}: ${wrong.join('; ')}`)
  const left = Object.entries(liveObjects(machine.memory)).filter(([, count]) => count !== 0)
  if (left.length > 0) throw new Error(`after ${JSON.stringify(program)} there is left: ${JSON.stringify(left)}`)
  return outcomes.size
}
