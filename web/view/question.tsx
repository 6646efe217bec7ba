/**
 * What a reader expects of a program, asked before its first search.
 */

import { useEffect, useRef } from 'preact/hooks'
import { ENDS, type Ends } from '../../lessons/prediction.ts'
import { isPredicted, predict } from '../search.ts'

/** The form, with the first answer in focus. */
export function Question() {
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
