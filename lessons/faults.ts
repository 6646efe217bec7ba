/**
 * What a reader may foretell of an exhibit.
 */

import type { ViolationKind } from '../src/explore/internals.ts'

/** Kinds of faults that a reader may foretell of an exhibit, with the words for them. */
export const FAULTS: readonly (readonly [kind: ViolationKind, words: string])[] = [
  ['data-race', 'a data race'],
  ['use-after-free', 'a use after free'],
  ['double-free', 'a double free'],
  ['overflow', 'an access out of bounds'],
  ['leak', 'a leak'],
  ['deadlock', 'a deadlock, or a CPU that nobody wakes'],
  ['assertion', 'a wrong result, or a wrong state of the memory'],
]
