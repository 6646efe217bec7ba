/**
 * Tables of sites in few words. Of what the page loads they were the fifth part, and most of that the names of keys and
 * of the file.
 */

import type { Site } from '../src/explore/internals.ts'

/** Line, column, operation and source of each site in turn. An operation that its source begins with is its length. */
export type ShortSites = readonly (number | string)[]

/** The sites of one file, without its name. Throws for a site that has more to say. */
export function shortSites(sites: readonly Site[], file: string): ShortSites {
  return sites.flatMap(({ file: its, line, column, operation, source, ...more }) => {
    if (its !== file || Object.keys(more).length > 0)
      throw new Error(
        `got ${JSON.stringify({ file: its, ...more })} of a site in ${file}, expected nothing of the kind`,
      )
    return [line, column, source.startsWith(operation) ? operation.length : operation, source]
  })
}

/** The sites again. */
export function sitesOf(file: string, short: ShortSites): Site[] {
  return Array.from({ length: short.length / 4 }, (_, k) => {
    const [line, column, operation, source] = short.slice(k * 4) as [number, number, number | string, string]
    return {
      file,
      line,
      column,
      source,
      operation: typeof operation === 'number' ? source.slice(0, operation) : operation,
    }
  })
}
