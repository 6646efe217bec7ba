/**
 * Links from reports to the teaching page, which can step the scenarios of its lessons, whole or broken, the museum's
 * exhibits and litmus programs. It takes locks and grace periods at their word, so what was explored raw it can't.
 */

import { readReplayLine } from '../explore/internals.ts'

/** Where `sk-storage serve` listens unless told otherwise. */
export const DEFAULT_PORT = 4780

/** The link that opens the page at the end of an execution; undefined if the page does not know its scenario. */
export function pageLink(line: string): string | undefined {
  const { scenario } = readReplayLine(line)
  const known =
    scenario.includes(' ') || /^(museum#\w+|(.*\/)?web\/scenarios\/[\w-]+\.ts#\w+(@[\w-]+)?)$/.test(scenario)
  return known ? `http://127.0.0.1:${DEFAULT_PORT}/#replay=${encodeURIComponent(line)}` : undefined
}
