/**
 * Explores a scenario: all its interleavings, or a sample of them, or those with few preemptions.
 */

import { exploreProgram } from './exploration.ts'
import { createProgram } from './program/program.ts'
import { formatViolation } from './report/text.ts'
import type { Result } from './result.ts'
import type { Options, Scenario } from './scenario.ts'

/** What `explore` throws: its message is the report. */
export class ExplorationFailure extends Error {
  override name = 'ExplorationFailure'
  /** What the exploration found. */
  readonly result: Result
  constructor(result: Result) {
    super(formatViolation(result.violation!), { cause: result.violation!.error })
    this.result = result
  }
}

/** Explores a scenario and throws an `ExplorationFailure` if it finds anything. */
export function explore<Context>(scenario: Scenario<Context> & Options): Result {
  const result = check(scenario, scenario)
  if (result.violation !== null) throw new ExplorationFailure(result)
  return result
}

/** Explores a scenario and returns what it found. */
export function check<Context>(scenario: Scenario<Context>, options: Options = {}): Result {
  const program = createProgram(scenario, options.detect ?? {}, options.raw)
  return program.answering(() => exploreProgram(program, options))
}
