/**
 * "Find the race": the explorer beside the page, with live counts.
 */

import { ask, asking, stopSearch, toldHere } from '../search.ts'
import { later } from './later.tsx'

const Question = later(async () => (await import('./question.tsx')).Question)
const Found = later(async () => (await import('./found.tsx')).Found)

/** The button, the counts and the result. */
export function FindRace() {
  const told = toldHere()
  const searching = told?.kind === 'progress'
  return (
    <section class="find" aria-label="Find the race">
      <h2>Find the race</h2>
      {asking() ? (
        <Question />
      ) : (
        <p>
          <button type="button" class="primary" onClick={searching ? stopSearch : ask}>
            {searching ? 'Stop' : 'Explore every interleaving'}
          </button>
        </p>
      )}
      {told?.kind === 'progress' && (
        <p role="status">
          {told.executions.toLocaleString('en')} interleavings
          {told.estimate === undefined ? '' : `, of ${told.estimate.toLocaleString('en')} or more`} …
        </p>
      )}
      {told?.kind === 'failed' && <p class="wrong">{told.message}</p>}
      {told?.kind === 'done' && <Found />}
    </section>
  )
}
