/**
 * Where a site stands, for a reader: `file:line`, and with the column where code was written on few long lines.
 */

import { runtime } from './runtime.ts'

/** A line with a site behind this column was written by a machine: its number alone tells nothing. */
const LONG_LINE = 200

/** Such lines. Sites are only added, and looked at once. */
const long = new Set<string>()
let looked = 0

/** `file:line` of a site, or `file:line:column`; '' if there is none of that number. */
export function placeOfSite(site: number): string {
  const { sites } = runtime
  for (; looked < sites.length; looked++) {
    const { file, line, column } = sites[looked]
    if (column > LONG_LINE) long.add(`${file}:${line}`)
  }
  const it = sites[site]
  if (it === undefined) return ''
  const place = `${it.file}:${it.line}`
  return long.has(place) ? `${place}:${it.column}` : place
}
