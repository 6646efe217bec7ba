/**
 * The hunt, a thin slice of it: generated programs of up to three CPUs around the death of one socket, run on real threads many times behind a
 * start barrier. Each round's results must be explained by the sequential model, and the memory must be right and empty at rest.
 */

import fc from 'fast-check'
import { liveObjects } from '../src/shared/slab.ts'
import type { Machine } from '../src/workers/machine.ts'
import type { HuntArgs } from './hunt-cpu.ts'
import { explained } from './hunt-explain.ts'
import {
  HUNT_BOARD,
  type HuntMap,
  type HuntOutcome,
  type HuntProgram,
  type HuntStep,
  has,
  MAX_CPUS,
  MAX_STEPS,
} from './hunt-program.ts'

const map = fc.constantFrom<HuntMap>(0, 0, 1)
/** Words tell who wrote them; 1 and 2 were there before. */
const word = fc.integer({ min: 3, max: 99 })
const op = <Name extends HuntStep['do']>(name: Name) => fc.constant(name)

const step: fc.Arbitrary<HuntStep> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: op('get'), map, word }) },
  { weight: 4, arbitrary: fc.record({ do: op('update'), map, word, flags: fc.constantFrom(0, 0, 1, 2, 4, 5, 6) }) },
  { weight: 3, arbitrary: fc.record({ do: op('delete'), map }) },
  { weight: 2, arbitrary: fc.record({ do: op('fdDelete'), map }) },
  { weight: 2, arbitrary: fc.record({ do: op('lookup'), map }) },
  { weight: 2, arbitrary: fc.record({ do: op('closeMap') }) },
)

/** Programs: most close the socket, on one CPU, before or after its other steps. */
export const huntProgram: fc.Arbitrary<HuntProgram> = fc
  .record({
    rcuFree: fc.boolean(),
    before: fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 2)),
    cpus: fc.array(fc.array(step, { minLength: 1, maxLength: MAX_STEPS - 1, size: 'max' }), {
      minLength: 2,
      maxLength: MAX_CPUS,
      size: 'max',
    }),
    closer: fc.constantFrom<'none' | 'first' | 'last'>('first', 'first', 'last', 'last', 'none'),
  })
  .map(({ closer, ...program }) => {
    const close: HuntStep = { do: 'close' }
    if (closer === 'first') program.cpus[0].unshift(close)
    if (closer === 'last') program.cpus[0].push(close)
    return program
  })

/** Runs a program so many rounds and returns what each gave. */
export async function runHunt(machine: Machine, program: HuntProgram, rounds: number): Promise<HuntOutcome[]> {
  const board = new Int32Array(new SharedArrayBuffer(4 * (HUNT_BOARD.rounds + rounds * HUNT_BOARD.ROUND)))
  const other = machine.sys.mapCreate({ ...MAP })
  const args: HuntArgs = { program, rounds, board, map: other }
  try {
    await machine.call(new URL('./hunt-cpu.js', import.meta.url), args, program.cpus.length)
  } finally {
    machine.sys.close(other)
  }
  return Array.from({ length: rounds }, (_, round): HuntOutcome => {
    const at = HUNT_BOARD.rounds + round * HUNT_BOARD.ROUND
    const results = program.cpus.map((steps, cpu) => [
      ...board.subarray(at + cpu * MAX_STEPS, at + cpu * MAX_STEPS + steps.length),
    ])
    const after = [...board.subarray(at + HUNT_BOARD.after, at + HUNT_BOARD.after + 2)] as [number, number]
    return { results, after: has(program, 'close') ? undefined : after }
  })
}

const MAP = {
  type: 24,
  keySize: 4,
  valueSize: 8,
  maxEntries: 0,
  flags: 1,
  lockOffset: 4,
  btfKeyTypeId: 1,
  btfValueTypeId: 3,
  name: 'hunt_stays',
}

/** Hunts with one program: throws for the first round that no order explains, and for whatever is wrong at rest. Returns how many different outcomes there were. */
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
