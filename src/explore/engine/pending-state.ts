/**
 * An operation as a thread has announced it.
 */
import type { Shape } from './memory.ts'

/** The operation that a thread announced last. */
export interface Pending {
  kind: number
  site: number
  start: number
  end: number
  shape: Shape | null
  view: unknown
  index: number
  a: unknown
  b: unknown
}

/** What a thread that waits at the head of a loop (a pause) did in its turn, as `b`: without either it only looked. */
export const STORES_AGAIN = 'stores'
export const SLEEPS_AGAIN = 'sleeps'

export const noPending = (): Pending => ({
  kind: -1,
  site: 0,
  start: 0,
  end: 0,
  shape: null,
  view: null,
  index: 0,
  a: undefined,
  b: undefined,
})
