/**
 * Tables of sites in few words. Of what the page loads they were the fifth part, and most of that the names of keys and
 * of the file.
 */

import type { Site } from '../src/explore/internals.ts'

/**
 * `known`: line, column, operation and source of each different place. An operation that its source begins with is its
 * length; a source that stood there before is the number of that place. `order`: which of them each site is.
 */
export interface ShortSites {
  readonly known: readonly (number | string)[]
  readonly order: readonly number[]
}

/** Letters that are kept of a call that is counted: nobody steps there, and it is told only if the calls never end. */
const CALL = 4

/** The sites of one file, without its name. Throws for a site that has more to say. */
export function shortSites(sites: readonly Site[], file: string): ShortSites {
  const known: (number | string)[] = []
  const places = new Map<string, number>()
  const sources = new Map<string, number>()
  const order = sites.map(({ file: its, line, column, operation, source, ...more }) => {
    if (its !== file || Object.keys(more).length > 0)
      throw new Error(
        `got ${JSON.stringify({ file: its, ...more })} of a site in ${file}, expected nothing of the kind`,
      )
    const told = operation === 'calls' && source.length > CALL ? `${source.slice(0, CALL)}…` : source
    const key = JSON.stringify([line, column, operation, told])
    const before = places.get(key)
    if (before !== undefined) return before
    const place = places.size
    places.set(key, place)
    known.push(line, column, told.startsWith(operation) ? operation.length : operation, sources.get(told) ?? told)
    if (!sources.has(told)) sources.set(told, place)
    return place
  })
  return { known, order }
}

/** The sites again. */
export function sitesOf(file: string, { known, order }: ShortSites): Site[] {
  const places: Omit<Site, 'file'>[] = []
  for (let at = 0; at < known.length; at += 4) {
    const [line, column, operation, source] = known.slice(at, at + 4) as [
      number,
      number,
      number | string,
      number | string,
    ]
    const text = typeof source === 'number' ? places[source].source : source
    places.push({
      line,
      column,
      source: text,
      operation: typeof operation === 'number' ? text.slice(0, operation) : operation,
    })
  }
  return order.map((place) => ({ file, ...places[place] }))
}
