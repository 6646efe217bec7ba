/**
 * The table of known differences in Markdown, as it stands in docs/conformance.md.
 */

import { KNOWN_DIFFERENCES } from './known.ts'

export function knownTable(): string {
  const rows = KNOWN_DIFFERENCES.map(({ id, since, what }) => `| ${id} | ${since} | ${what} |\n`)
  return `| difference | since | what |\n|---|---|---|\n${rows.join('')}`
}
