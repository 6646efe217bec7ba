/**
 * "Find the race": the explorer beside the page, with live counts.
 */

import { useEffect, useRef } from 'preact/hooks'
import { ENDS, type Ends } from '../../lessons/prediction.ts'
import { ask, asking, isPredicted, predict, stopSearch, toldHere } from '../search.ts'
import { later } from './later.tsx'

const Found = later(async () => (await import('./found.tsx')).Found)

/** What the reader expects, asked before the first search of a program. */
function Question() {
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const answer = (event: SubmitEvent) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget as HTMLFormElement)
    predict({ ends: given.get('ends') as Ends, outcomes: Number(given.get('outcomes')) })
  }
  return (
    <form class="question" onSubmit={answer}>
      <fieldset>
        <legend>What do you expect?</legend>
        {ENDS.map(([ends, words], k) => (
          <label key={ends}>
            <input type="radio" name="ends" value={ends} required ref={k === 0 ? first : undefined} /> {words}
          </label>
        ))}
      </fieldset>
      {isPredicted() && (
        <label>
          Different outcomes, if all end well <input type="number" name="outcomes" min={1} max={999} />
        </label>
      )}
      <button type="submit" class="primary">
        Show me
      </button>
    </form>
  )
}

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
