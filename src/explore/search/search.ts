/**
 * What all searches have in common: one execution after another, until there is none left.
 */
import type { Ending } from '../engine/ending.ts'

/** A search under way. */
export interface Search {
  /** Runs the next execution; undefined: there is none left. */
  next(): Ending | undefined
  /** The most steps of schedules still to be run that were known at once. */
  readonly peakAhead: number
  /** Which share of the search tree lies behind, from 0 to 1, by the branches known so far. */
  progress(): number
  /** An estimate of how many schedules there are, of a search that draws them. */
  space?(): number | undefined
  /** What lies ahead, as JSON can hold it; undefined: this search can't be continued elsewhere. */
  save?(): unknown
  /** Continues where `save` was called. Before the first `next`. */
  restore?(saved: unknown): void
}
