/**
 * A turn of one CPU: a copy of the state in which it takes an atomic step.
 */

import { before, copyOf, type Place, type Search, type State } from './explain-state.ts'

/** A copy of the state in which one CPU is about to take an atomic step, and what its whole step returned. */
export interface Turn {
  readonly all: Search
  readonly state: State
  readonly place: Place
  readonly cpu: number
  readonly result: number
}

/** The turn that comes next. */
export function turnOf(all: Search, from: State, cpu: number, result: number): Turn {
  const state = copyOf(from)
  return { all, state, place: state.places[cpu], cpu, result }
}

/** Another way that the same atomic step may go. */
export const fork = ({ all, state, cpu, result }: Turn): Turn => turnOf(all, state, cpu, result)

/** The step goes on, in that phase. */
export function go({ state, place }: Turn, phase: number): State[] {
  place.phase = phase
  return [state]
}

/** The step is over. No state is left if it can't have given what was returned. */
export function done({ state, place, cpu }: Turn, fits: boolean): State[] {
  state.places[cpu] = before(place.step + 1)
  return fits ? [state] : []
}
