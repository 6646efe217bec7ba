/**
 * The stepper that others use: along interleavings, or along the executions of a memory model.
 */

import { NO_DETECTORS } from './detectors/detectors.ts'
import { refuseForeign } from './memory/foreign.ts'
import { optionsOf } from './program/given.ts'
import { MisuseError } from './runtime/misuse-error.ts'
import type { Options, Scenario } from './scenario.ts'
import { createInterleavingStepper, type Stepper, stepperOf } from './stepping.ts'
import { createWeakMoments } from './weak-moment.ts'

export type { Stepper } from './stepping.ts'

/**
 * Sets a scenario up to be stepped, under a memory model if one is given: then the next step of each thread that reads
 * says which stores it may read. The model stands in the scenario or beside it. Throws a TypeError for a thread that is
 * not instrumented.
 */
export function createStepper<Context>(
  scenario: Scenario<Context> & Pick<Options, 'memory'>,
  options: Pick<Options, 'memory'> = {},
): Stepper<Context> {
  const { memory } = optionsOf(scenario, options)
  const other = Object.keys(options).find((name) => name !== 'memory')
  if (other !== undefined) throw new MisuseError(`got ${other} for a stepper, expected no option but memory`)
  if (memory === undefined) return createInterleavingStepper(scenario)
  refuseForeign({ memory }, scenario)
  return stepperOf(scenario, NO_DETECTORS, (program) => createWeakMoments(program, memory)).stepper
}
