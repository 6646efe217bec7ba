/**
 * What a reader expects of all interleavings of a program, and whether it is so.
 */

import type { Outcome } from '../src/explore/internals.ts'

/** What a search has come to, as far as an expectation is about it. */
export interface Searched {
  readonly violation: { readonly inflection?: number | undefined } | null
  readonly exhaustive: boolean
  readonly outcomes: readonly Outcome[]
}

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
export function endsOf({ violation, exhaustive }: Searched): Ends | undefined {
  if (violation !== null) return violation.inflection === 0 ? 'all' : 'some'
  return exhaustive ? 'fine' : undefined
}

/** Whether it is as expected. `counted`: the number of outcomes was asked for as well. */
export function isRight(expected: Prediction, told: Searched, counted: boolean): boolean {
  if (expected.ends !== endsOf(told)) return false
  return !counted || expected.ends !== 'fine' || expected.outcomes === told.outcomes.length
}

/** Fewer outcomes than these nobody has to think about. */
export const LEAST_OUTCOMES = 3

/** Why an expectation does not do a task that is a prediction, in a sentence; '' if it does. */
export function objectionToPrediction(expected: Prediction, told: Searched): string {
  if (!isRight(expected, told, true)) return 'it is otherwise'
  const { length } = told.outcomes
  if (expected.ends === 'fine' && length >= LEAST_OUTCOMES) return ''
  return `the task asks for a program that always ends well, with ${LEAST_OUTCOMES} outcomes or more`
}
