/**
 * `explore --memory`: which flags go with it.
 */

import type { Values } from '../command/flags.ts'
import { UsageError } from '../command/usage-error.ts'
import { FLAGS } from './explore-flags.ts'
import type { Plan } from './explore-plan.ts'

/** Flags of searches among interleavings, and of what is told of them. */
const FOREIGN = ['max-preemptions', 'detect', 'checkpoint', 'resume', 'coverage', 'lcov', 'shiviz', 'perfetto'] as const

/** Throws UsageError for flags that mean nothing under a memory model. */
export function refuseForeign(values: Values<typeof FLAGS>): void {
  if (values.memory === undefined) return
  const other = FOREIGN.find((name) => values[name] !== FLAGS[name].initial)
  if (other !== undefined) throw new UsageError(`--memory: got --${other} as well, expected one of them`)
  if (values.strategy !== 'optimal' && values.jobs > 1)
    throw new UsageError(`--memory: got --strategy ${values.strategy} and --jobs ${values.jobs}, expected one job`)
}

/** The options of a plan that a memory model knows. */
export const optionsOf = (values: Values<typeof FLAGS>): Plan['options'] => ({
  ...(values.memory !== undefined && { memory: values.memory }),
  maxSteps: values['max-steps'],
  keepGoing: values['keep-going'],
})
