/**
 * The veil over shared memory, while an execution is run again under one: it hides what no event announces.
 */

import type { Veil } from './engine.ts'

/** Nothing is hidden as yet. */
export function createVeiling() {
  let veil: Veil | null = null
  return {
    /** Called with the value of an operation that has been performed, which it gives back. */
    did<T>(value: T): T {
      if (veil !== null) veil.did()
      return value
    },

    /** Hides shared memory from what announces nothing, or no longer does. */
    hide(next: Veil | null): void {
      veil = next
    },

    /** Does what touches shared memory without an event, by the author's own word: reads it, or stores as well. */
    unhidden<T>(work: () => T, stores = false): T {
      if (veil === null) return work()
      veil.lift()
      try {
        return work()
      } finally {
        veil.drop(stores)
      }
    },
  }
}
