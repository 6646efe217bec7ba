/**
 * What `explore` and `replay` print of a result.
 */

import type { CommandFailure } from '../command/command-failure.ts'
import { EXIT } from '../command/exit-status.ts'
import { name as called } from '../command/package.ts'
import { withCommas } from '../command/table.ts'
import { coloured } from '../command/terminal.ts'
import {
  formatResult,
  formatViolation,
  githubAnnotation,
  type Result,
  type TextOptions,
  type Violation,
} from '../explore/index.ts'
import { nearbyResult, REPORTS } from '../explore/internals.ts'
import type { Explored } from './explore-jobs.ts'
import { pageLink } from './page-link.ts'
import type { Refused } from './scenario-listing.ts'

/** How this terminal wants its reports. */
const textOptions = (): TextOptions => ({ colours: coloured, width: process.stdout.columns || 120 })

/** The violation with a command in place of its replay line. */
const withCommand = (violation: Violation): Violation => ({
  ...violation,
  // A livelock is one only by the bound it was found with.
  replay:
    violation.replay === ''
      ? ''
      : `npx ${called} replay '${violation.replay}'${violation.kind === 'livelock' ? ` --max-steps ${violation.steps.length}` : ''}`,
})

/** One line of JSON for a scenario. */
export function jsonOf(result: Result): string {
  return REPORTS.json.result(nearbyResult(result))
}

/** The report on a scenario. */
export function textOf(result: Result, keepGoing: boolean): string {
  const { violation, failing, executions } = result
  const lines = [formatResult({ ...result, violation: violation && withCommand(violation) }, textOptions())]
  if (violation !== null) lines.push(...linkOf(violation))
  if (violation !== null && keepGoing) lines.push(`${failing} of ${executions} executions fail`)
  if (result.strategy === 'optimal') lines.push('', spent(result))
  return `${lines.join('\n')}\n`
}

/** What an exact search took. */
function spent({ steps, seconds, peakAhead }: Result): string {
  return `${withCommas(steps)} step${steps === 1 ? '' : 's'} in ${seconds.toFixed(1)} s, at most ${withCommas(peakAhead)} step${peakAhead === 1 ? '' : 's'} ahead in memory`
}

/** On GitHub, the finding once more, at its line. */
export function annotationOf({ violation }: Result): string {
  return violation !== null && process.env.GITHUB_ACTIONS === 'true' ? `${githubAnnotation(violation)}\n` : ''
}

/** The report on a violation alone. */
export function textOfViolation(violation: Violation): string {
  return `${[formatViolation(withCommand(violation), textOptions()), ...linkOf(violation)].join('\n')}\n`
}

/** Where the page shows that execution, if it can. */
function linkOf({ replay }: Violation): string[] {
  // Only that package has the page.
  const link = called === 'sk-storage' && replay !== '' ? pageLink(replay) : undefined
  return link === undefined ? [] : [`step it by hand, while sk-storage serve runs: ${link}`]
}

/** A line of JSON for a scenario that came to no result. */
export function jsonOfFailure(scenario: string, { message, ending }: CommandFailure): string {
  return `${JSON.stringify({ schema: 1, event: 'failed', scenario, message, ending })}\n`
}

/**
 * The exit status of these results: a finding before all else, then whatever kept a scenario from its verdict, a file
 * from being loaded (`refused`), or a checkpoint from the disk (`lost`).
 */
export function statusOf(explored: readonly Explored[], lost = false, refused: readonly Refused[] = []): number {
  const results = explored.flatMap((each) => ('result' in each ? [each.result] : []))
  const failed = explored.flatMap((each) => ('failure' in each ? [each.failure] : []))
  const failures = [...failed, ...refused.map(({ failure }) => failure)].map(({ ending }) => ending)
  if (results.some(({ violation, failing }) => violation !== null || failing > 0)) return EXIT.finding
  if (lost || failures.includes('failed')) return EXIT.failed
  if (failures.includes('usage')) return EXIT.usage
  if (failures.length > 0) return EXIT.budget
  return results.every(({ exhaustive, unknown }) => exhaustive && unknown === 0) ? EXIT.clean : EXIT.budget
}
