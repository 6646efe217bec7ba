/**
 * One execution, step by step, with a person in place of the scheduler.
 *
 * A moment is the schedule that leads to it. Going there runs the threads from the start along that schedule and looks
 * around: who could go on, why somebody can't, who holds what. So stepping back is stepping to a shorter schedule, and
 * nothing can drift from what the search sees.
 */

import { NO_DETECTORS } from './detectors/detectors.ts'
import { shapeOf } from './engine/memory.ts'
import { refuseForeign } from './memory/foreign.ts'
import { type Moment, momentAfter } from './moment.ts'
import { createProgram } from './program/program.ts'
import type { Options, Scenario } from './scenario.ts'
import { createWeakMoments } from './weak-moment.ts'

/** A scenario that can be stepped. */
export interface Stepper<Context> {
  /** What setup returned. */
  readonly context: Context
  /** Where an element of a shared view lies, in the addresses of steps and locks. */
  addressOf(view: ArrayBufferView, index: number): number
  /**
   * Runs these threads, one step each, from the start. Under a memory model `1r3` is a step of thread 1 that reads what
   * step 3 stored, and `ends` are steps whose stores are there at the end, as a schedule has them.
   */
  at(threads: readonly (number | string)[], ends?: readonly number[]): Moment
}

/**
 * Sets a scenario up to be stepped, under a memory model if one is given: then the next step of each thread that reads
 * says which stores it may read. Throws a TypeError for a thread that is not instrumented.
 */
export function createStepper<Context>(
  scenario: Scenario<Context>,
  { memory }: Pick<Options, 'memory'> = {},
): Stepper<Context> {
  let context: Context | undefined
  const setup = () => (context = scenario.setup())
  if (memory !== undefined) refuseForeign({ memory }, scenario)
  const program = createProgram({ ...scenario, setup }, memory === undefined ? {} : NO_DETECTORS)
  const { x } = program
  x.limits.maxSteps = 20_000
  // What an earlier moment has seen is not seen yet.
  program.judgeAlone()
  const weakly = memory === undefined ? undefined : createWeakMoments(program, memory)

  return {
    context: context as Context,
    addressOf: (view, index) => {
      const shape = shapeOf(x.memory, view)
      return shape === null ? 0 : shape.base + index * shape.size
    },
    at: (threads, ends = []) =>
      program.answering(() => (weakly === undefined ? momentAfter(program, threads) : weakly(threads, ends))),
  }
}
