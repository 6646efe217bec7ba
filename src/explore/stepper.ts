/**
 * One execution, step by step, with a person in place of the scheduler.
 *
 * A moment is the schedule that leads to it. Going there runs the threads from the start along that schedule and looks
 * around: who could go on, why somebody can't, who holds what. So stepping back is stepping to a shorter schedule, and
 * nothing can drift from what the search sees.
 */

import { shapeOf } from './engine/memory.ts'
import { type Moment, momentAfter } from './moment.ts'
import { createProgram } from './program/program.ts'
import type { Scenario } from './scenario.ts'

/** A scenario that can be stepped. */
export interface Stepper<Context> {
  /** What setup returned. */
  readonly context: Context
  /** Where an element of a shared view lies, in the addresses of steps and locks. */
  addressOf(view: ArrayBufferView, index: number): number
  /** Runs these threads, one step each, from the start. */
  at(threads: readonly (number | string)[]): Moment
}

/** Sets a scenario up to be stepped. Throws a TypeError for a thread that is not instrumented. */
export function createStepper<Context>(scenario: Scenario<Context>): Stepper<Context> {
  let context: Context | undefined
  const setup = () => (context = scenario.setup())
  const program = createProgram({ ...scenario, setup }, {})
  const { x } = program
  x.limits.maxSteps = 20_000
  // What an earlier moment has seen is not seen yet.
  program.judgeAlone()

  return {
    context: context as Context,
    addressOf: (view, index) => {
      const shape = shapeOf(x.memory, view)
      return shape === null ? 0 : shape.base + index * shape.size
    },
    at: (threads) => program.answering(() => momentAfter(program, threads)),
  }
}
