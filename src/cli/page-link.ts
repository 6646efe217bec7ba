/**
 * Links from reports to the teaching page, which can step the scenarios of its lessons, whole or broken, programs put
 * together there, the museum's exhibits and litmus programs. Of what was explored raw it has those exhibits alone that
 * are.
 */

import { readReplayLine } from '../explore/internals.ts'

/** Where `sk-storage serve` listens unless told otherwise. */
export const DEFAULT_PORT = 4780

/**
 * The link that opens the page at the end of an execution; undefined if the page does not know its scenario. Of memory
 * models it knows none.
 */
export function pageLink(line: string): string | undefined {
  const { scenario, memory } = readReplayLine(line)
  if (memory !== undefined) return undefined
  // A litmus program has spaces and no '#', which stands behind the file of all else. Programs of free play have spaces
  // and bars.
  const known = scenario.includes('#')
    ? /^(museum#\w+(#raw)?|(.*\/)?web\/scenarios\/[\w-]+\.ts#[\w| ]+(@[\w-]+)?)$/.test(scenario)
    : scenario.includes(' ')
  return known ? `http://127.0.0.1:${DEFAULT_PORT}/#replay=${encodeURIComponent(line)}` : undefined
}
