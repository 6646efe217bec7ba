/**
 * One execution, step by step, with a person in place of the scheduler.
 *
 * A moment is the schedule that leads to it. Going there runs the threads from the start along that schedule and looks
 * around: who could go on, why somebody can't, who holds what. So stepping back is stepping to a shorter schedule, and
 * nothing can drift from what the search sees.
 */

import type { DetectorOptions } from './detectors/detectors.ts'
import { shapeOf } from './engine/memory.ts'
import { type Moment, momentAfter } from './moment.ts'
import { type Orders, ordersAfter } from './orders.ts'
import type { Program } from './program/program.ts'
import { createProgram } from './program/program.ts'
import type { Scenario } from './scenario.ts'
import type { EndStore } from './schedule/schedule.ts'

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
  at(threads: readonly (number | string)[], ends?: readonly EndStore[]): Moment
}

/** One whose executions are interleavings. */
export interface InterleavingStepper<Context> extends Stepper<Context> {
  /** What orders the steps of a moment. The memory is left as `then` has it. */
  orders(of: Moment, then: Moment): Orders
}

/** What looks around after some steps. */
type Look = (threads: readonly (number | string)[], ends: readonly EndStore[]) => Moment

/** Sets a scenario up; `looking` makes what looks around. */
export function stepperOf<Context>(
  scenario: Scenario<Context>,
  options: DetectorOptions,
  looking: (program: Program) => Look,
): { readonly program: Program; readonly stepper: Stepper<Context> } {
  let context: Context | undefined
  const setup = () => (context = scenario.setup())
  const program = createProgram({ ...scenario, setup }, options)
  const { x } = program
  x.limits.maxSteps = 20_000
  // What an earlier moment has seen is not seen yet.
  program.judgeAlone()
  const look = looking(program)
  const stepper: Stepper<Context> = {
    context: context as Context,
    addressOf: (view, index) => {
      const shape = shapeOf(x.memory, view)
      return shape === null ? 0 : shape.base + index * shape.size
    },
    at: (threads, ends = []) => program.answering(() => look(threads, ends)),
  }
  return { program, stepper }
}

const labelsOf = ({ steps }: Moment) => steps.map(({ label }) => label)

/** Sets a scenario up to be stepped. Throws a TypeError for a thread that is not instrumented. */
export function createInterleavingStepper<Context>(scenario: Scenario<Context>): InterleavingStepper<Context> {
  const looking = (program: Program) => (threads: readonly (number | string)[]) => momentAfter(program, threads)
  const { program, stepper } = stepperOf(scenario, {}, looking)
  return {
    ...stepper,
    orders: (of, then) =>
      program.answering(() => {
        const found = ordersAfter(program, labelsOf(of))
        momentAfter(program, labelsOf(then))
        return found
      }),
  }
}
