/**
 * What a reader expects of all interleavings of a program, and whether it is so.
 */

import type { Told } from './search-worker.ts'

/** How the interleavings end, in the reader's expectation. */
export type Ends = 'fine' | 'some' | 'all' | 'unsure'

export interface Prediction {
  readonly ends: Ends
  /** Different outcomes, where all end well; 0 if that was not asked. */
  readonly outcomes: number
}

/** What a reader can expect, with the words for it. */
export const ENDS: readonly (readonly [Ends, string])[] = [
  ['fine', 'Every interleaving ends well'],
  ['some', 'Some go wrong'],
  ['all', 'Every one goes wrong'],
  ['unsure', 'I can’t say'],
]

/** How they do end; undefined if the search did not see everything. */
export function endsOf({ violation, exhaustive }: Extract<Told, { kind: 'done' }>): Ends | undefined {
  if (violation !== null) return violation.inflection === 0 ? 'all' : 'some'
  return exhaustive ? 'fine' : undefined
}

/** Whether it is as expected. `counted`: the number of outcomes was asked for as well. */
export function isRight(expected: Prediction, told: Extract<Told, { kind: 'done' }>, counted: boolean): boolean {
  if (expected.ends !== endsOf(told)) return false
  return !counted || expected.ends !== 'fine' || expected.outcomes === told.outcomes.length
}
