/**
 * What is in the files of scenarios that somebody names. One that was only found, in a folder or by a pattern, and
 * can't be loaded is told, and the others count.
 */

import type { CommandFailure } from '../command/command-failure.ts'
import { failureOf } from './explore-jobs.ts'
import type { Source } from './line-name.ts'
import type { Named } from './scenario-files.ts'
import { runJob } from './scenario-process.ts'

/** A file, with the scenarios in it and all that it loads. */
export interface Found {
  readonly source: Extract<Source, { file: string }>
  readonly names: readonly string[]
  readonly loads: readonly string[]
}

/** A file that could not be loaded, and why. */
export interface Refused {
  readonly file: string
  readonly failure: CommandFailure
  /** As it was thrown. */
  readonly error: unknown
}

/** What came of it. */
export interface Listed {
  readonly found: readonly Found[]
  readonly refused: readonly Refused[]
}

/** How files are loaded. */
export interface Listing {
  /** What speaks on stderr. */
  readonly command: string
  /** As which source. */
  readonly how: Omit<Found['source'], 'file'>
  readonly patience: number
  readonly seconds?: number | undefined
}

/** How many names are told before the rest is only counted. */
const SHOWN = 10

/** Tells on stderr what is so of these files. */
export function tellFiles(command: string, what: string, files: readonly string[]): void {
  if (files.length === 0) return
  const more = files.length > SHOWN ? ` and ${files.length - SHOWN} more` : ''
  process.stderr.write(`${command}: ${what} ${files.slice(0, SHOWN).join(', ')}${more}\n`)
}

/** Tells of those that can't be loaded. */
export function tellRefused(command: string, refused: readonly Refused[]): void {
  for (const { failure } of refused) process.stderr.write(`${command}: ${failure.message}\n`)
}

/**
 * The files with scenarios, and those that can't be loaded. Those without are told on stderr. Throws for a file that
 * was named itself.
 */
export async function listScenarios(
  files: readonly Named[],
  { command, how, patience, seconds }: Listing,
): Promise<Listed> {
  const found: Found[] = []
  const refused: Refused[] = []
  for (const { file, byName } of files) {
    const source = { file, ...how }
    try {
      const listed = await runJob({ list: source, orNone: !byName }, { name: file, patience, seconds })
      found.push({ source, ...(listed as Omit<Found, 'source'>) })
    } catch (error) {
      if (byName) throw error
      refused.push({ file, failure: failureOf(error), error })
    }
  }
  const without = found.filter(({ names }) => names.length === 0)
  tellFiles(
    command,
    'no scenarios in',
    without.map(({ source }) => source.file),
  )
  return { found: found.filter(({ names }) => names.length > 0), refused }
}

/** The same; tells of those that can't be loaded too, or throws what the first of them threw if there are no others. */
export async function listThoseThatLoad(files: readonly Named[], listing: Listing): Promise<Listed> {
  const listed = await listScenarios(files, listing)
  const { found, refused } = listed
  if (found.length === 0 && refused.length > 0) throw refused[0].error
  tellRefused(listing.command, refused)
  return listed
}
