/**
 * What went wrong with an execution.
 */

/** A way in which one execution went wrong. */
export interface Finding {
  readonly kind: string
  readonly message: string
  /** Site numbers, most telling first. */
  readonly sites: readonly number[]
  /** The events that matter most, by number. */
  readonly events: readonly number[]
  readonly thread: number
  /** The event at which it was found, so that it is kept while that is replayed; -1: it will be found again. */
  readonly at: number
  /** Reasons in words, where those that its events give are not enough. */
  readonly why?: readonly string[]
  /** What the author's code threw. */
  readonly error?: unknown
  /** The site of the author's `throw`, if there was one. */
  readonly thrownAt?: number
  /** An execution that shows it takes long, so not many can be run to shrink it. */
  readonly slow?: boolean
}
