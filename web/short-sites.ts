/**
 * Tables of sites in few words: what stands at a site is read from the source, which the page has too. Sites that stand
 * for lines of another text, which a file was generated from, say all.
 */

import type { Site } from '../src/explore/internals.ts'

/**
 * `known`: line, column, operation and source of each different place. A line counts from the one before. An operation
 * that its source begins with is its length; a source that stands at its place is its length, too. `quoted`: those of
 * other texts. `order`: which of them each site is, below 0 of the quoted: -1 is the first.
 */
export interface ShortSites {
  readonly known: readonly (number | string)[]
  readonly quoted?: readonly Site[]
  readonly order: readonly number[]
}

/** Letters that are kept of a call that is counted: nobody steps there, and it is told only if the calls never end. */
const CALL = 4

/** The sites of one file, without its name. Throws for a site that has more to say. `text`: of the file. */
export function shortSites(sites: readonly Site[], file: string, text: string): ShortSites {
  const lines = text.split('\n')
  const known: (number | string)[] = []
  const places = new Map<string, number>()
  const quoted: Site[] = []
  let before = 0
  const order = sites.map((site) => {
    if (site.quoted === true) return -quoted.push(site)
    const { file: its, line, column, operation, source, ...more } = site
    if (its !== file || Object.keys(more).length > 0)
      throw new Error(
        `got ${JSON.stringify({ file: its, ...more })} of a site in ${file}, expected nothing of the kind`,
      )
    const told = operation === 'calls' && source.length > CALL ? `${source.slice(0, CALL)}…` : source
    const key = JSON.stringify([line, column, operation, told])
    const stood = places.get(key)
    if (stood !== undefined) return stood
    const place = places.size
    places.set(key, place)
    const stands = textAt(lines, line, column, told.length) === told
    known.push(
      line - before,
      column,
      told.startsWith(operation) ? operation.length : operation,
      stands ? told.length : told,
    )
    before = line
    return place
  })
  return { known, ...(quoted.length > 0 && { quoted }), order }
}

const textAt = (lines: readonly string[], line: number, column: number, length: number): string =>
  (lines[line - 1] ?? '').slice(column - 1, column - 1 + length)

/** The sites again. */
export function sitesOf(file: string, { known, quoted = [], order }: ShortSites, text: string): Site[] {
  const lines = text.split('\n')
  const places: Omit<Site, 'file'>[] = []
  let line = 0
  for (let at = 0; at < known.length; at += 4) {
    const [lineAfter, column, operation, written] = known.slice(at, at + 4) as [
      number,
      number,
      number | string,
      number | string,
    ]
    line += lineAfter
    const source = typeof written === 'number' ? textAt(lines, line, column, written) : written
    places.push({
      line,
      column,
      source,
      operation: typeof operation === 'number' ? source.slice(0, operation) : operation,
    })
  }
  return order.map((place) => (place < 0 ? quoted[-1 - place] : { file, ...places[place] }))
}
