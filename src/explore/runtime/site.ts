/**
 * What a module tells the runtime when it is loaded.
 */

/** One place in the source text where a visible operation stands. */
export interface Site {
  /** The path as it was given to the transform. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** What is done there, for a reader: `Atomics.store`, `read`, `spinLock`. */
  readonly operation: string
  /** The source text of the operation. */
  readonly source: string
  /** The text was generated, and this is what it was made from: the source is told beside its place. */
  readonly quoted?: boolean
}

/** The function that a site stands in, '' for none; 1: what stands there is visible, if its memory is shared. */
export type Standing = readonly [within: string, visible: 0 | 1]

/** The same for all sites of a module. */
export interface Outline {
  readonly functions: readonly string[]
  /** By site: the number of its function. */
  readonly within: readonly number[]
  /** Sites of operations that are visible, if their memory is shared. */
  readonly visible: readonly number[]
}

/** A module as the transform saw it. */
export interface Module {
  readonly file: string
  /** A hash of the source text, so that a stale replay can say so. */
  readonly fingerprint: string
  readonly base: number
  readonly sites: readonly Site[]
  /** What it imports or requires, as it names it. */
  readonly imports: readonly string[]
  /** Undefined: it was not made from a text, or can't be followed. */
  readonly outline: Outline | undefined
}

/** An instrumented copy of a file. */
export interface Copied {
  readonly file: string
  /** The author's line for a place in the copy, all counted from 1; undefined: there is none. */
  lineOf(line: number, column: number): number | undefined
}
