/**
 * Links from reports to the teaching page, which can step the scenarios of its lessons and litmus programs.
 */

import { readReplayLine } from '../explore/replay-line.ts'

/** Where `sk-storage serve` listens unless told otherwise. */
export const DEFAULT_PORT = 4780

/** The link that opens the page at the end of an execution; undefined if the page does not know its scenario. */
export function pageLink(line: string): string | undefined {
  const { scenario } = readReplayLine(line)
  const known = scenario.includes(' ') || /^(.*\/)?web\/scenarios\/[\w-]+\.ts#\w+$/.test(scenario)
  return known ? `http://127.0.0.1:${DEFAULT_PORT}/#replay=${encodeURIComponent(line)}` : undefined
}
