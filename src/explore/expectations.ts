/**
 * What a test expects for good: that a scenario is proved, and that an execution which once failed no longer does.
 */

import { cutSentence, explore } from './explore.ts'
import { type ReplayResult, replay } from './failure/replay.ts'
import { optionsOf } from './program/given.ts'
import { formatViolation } from './report/text.ts'
import type { Result } from './result.ts'
import { MisuseError } from './runtime/misuse-error.ts'
import type { Options, Scenario } from './scenario.ts'
import { strategyNamed } from './search/strategies.ts'

/** What `prove` throws where nothing was found and not everything was seen. */
export class UnprovedError extends Error {
  override name = 'UnprovedError'
  /** What the exploration saw. */
  readonly result: Result
  constructor(result: Result, why: string) {
    super(`prove: ${why}`)
    this.result = result
  }
}

/**
 * Explores all interleavings of a scenario, or all executions of a memory model. Throws an `ExplorationFailure` if it
 * finds anything, an `UnprovedError` if the search ended before the end or left something out that the model has, and a
 * `MisuseError` for options with which it proves nothing: a strategy that samples, a bound on preemptions.
 */
export function prove<Context, Results extends readonly unknown[] | [] = readonly unknown[]>(
  scenario: Scenario<Context, Results> & Options,
  options: Options = {},
): Result {
  const { strategy = 'optimal', maxPreemptions } = optionsOf(scenario, options)
  if (!strategyNamed(strategy).exact)
    throw new MisuseError(`prove: got the strategy '${strategy}', expected 'optimal', since a sample proves nothing`)
  if (maxPreemptions !== undefined)
    throw new MisuseError('prove: got maxPreemptions, expected none, since it leaves interleavings out')
  const result = explore(scenario, options)
  const { exhaustive, unknown, memory } = result
  if (!exhaustive) {
    const advice =
      memory?.allButBuffering === true
        ? 'Make them atomic, and the stores that they read'
        : 'Give it more, or make the scenario smaller: fewer threads, fewer steps'
    throw new UnprovedError(result, `${cutSentence(result)}. ${advice}`)
  }
  if (unknown > 0)
    throw new UnprovedError(
      result,
      `of ${unknown} executions the history was too long to tell. Let threads do fewer operations`,
    )
  return result
}

/** What `expectReplay` throws: its message is the report, or why the line says nothing about this code. */
export class ReplayFailure extends Error {
  override name = 'ReplayFailure'
  /** What became of the line. */
  readonly result: ReplayResult
  constructor(result: ReplayResult, message: string) {
    super(message, { cause: result.violation?.error })
    this.result = result
  }
}

/**
 * Runs the execution of a line that once failed, and expects nothing wrong with it. Throws a `ReplayFailure`: with the
 * report if something is, and otherwise, if the code has changed since the line was made, with the line that is right
 * for the execution now.
 */
export function expectReplay<Context, Results extends readonly unknown[] | [] = readonly unknown[]>(
  scenario: Scenario<Context, Results> & Options,
  line: string,
  options: Options = {},
): void {
  const result = replay(scenario, line, options)
  if (result.violation !== null) throw new ReplayFailure(result, formatViolation(result.violation))
  const { diverged } = result
  if (!result.stale && diverged === undefined) return
  const left =
    diverged === undefined ? 'still follows it' : `left it at step ${diverged.step}, ${diverged.where}: ${diverged.why}`
  throw new ReplayFailure(
    result,
    `expectReplay: the code has changed since the line was made, so that it may be about something else. The execution ${left}, and is clean.
Explore the scenario again. If that is clean too, and the execution is still the one that once failed, take this line for it:
${result.line}`,
  )
}
