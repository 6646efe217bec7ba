/**
 * An exploration on its way: what is counted and what was found so far.
 */
import type { Paths } from './audit/paths.ts'
import type { Finding } from './engine/finding.ts'
import type { Outcomes } from './outcomes.ts'
import type { Program } from './program/program.ts'
import type { Deeds } from './repeat.ts'
import type { Counts, Result } from './result.ts'
import type { Options } from './scenario.ts'
import type { Search } from './search/search.ts'

/** An exploration on its way. */
export interface Exploration {
  readonly program: Program
  readonly options: Options
  readonly search: Search
  /** It ends by itself, having run every trace. */
  readonly exact: boolean
  readonly seed: number | undefined
  /** Seconds that the search may take. */
  readonly limit: number
  readonly counts: Counts
  readonly outcomes: Outcomes
  /** Which executions are audited. */
  readonly paths: Paths
  /** What was counted before this part of the exploration. */
  already: number
  /** By the clock of `performance`. */
  readonly started: number
  told: number
  /** What the first execution did. */
  deeds: Deeds | undefined
  /** The first finding, or the one that says what can't be explored, and the threads of its execution. */
  first: { readonly finding: Finding; readonly threads: number[] } | undefined
  /** An execution in which all threads came to their end has been run, in this part of the exploration or before. */
  completed: boolean
  /** Some execution was cut off, so that not all was seen. */
  cutShort: boolean
  budget: Result['budget']
  coverage: Result['coverage']
}

/** Seconds since that moment of `performance`. */
export const secondsSince = (started: number): number => (performance.now() - started) / 1000
