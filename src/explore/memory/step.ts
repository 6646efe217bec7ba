/**
 * The steps of threads of a scenario: what an access is, and what comes of it.
 */
import type { Shape } from '../engine/memory.ts'
import type { Access, Value } from './access.ts'

/** One access of a thread, and what there is to do about it. */
export interface Step extends Access {
  readonly kind: number
  /** The view that the code goes through; not there: it is a word of the engine's own. */
  readonly shape?: Shape
  /** What it stores in a word of the engine's own; undefined: nothing. Not there: the code stores it itself. */
  readonly makes?: (seen: Value) => Value | undefined
  /** It stores nothing if it reads that. */
  readonly fails?: (seen: Value) => boolean
  /** What `runtime.result` is. */
  readonly answers?: (seen: Value) => unknown
  /** What comes next before the code goes on. */
  readonly next?: (seen: Value) => Step | undefined
}

/** An access that a thread has made. */
export interface Made {
  readonly step: Step
  readonly seen: Value
  /** What its word holds for this thread since then; undefined: it is a word of the engine's, or nobody has looked. */
  holds: Value | undefined
}

/** How a thread has ended. */
export type ThreadEnd = { readonly returned: unknown } | { readonly threw: unknown }
