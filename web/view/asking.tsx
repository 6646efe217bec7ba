/**
 * What is asked before a task and after it. Loaded when it is.
 */

import { FAULTS } from '../../lessons/faults.ts'
import { answer, foretell, foretoldHere, missed, questioned } from '../progress.ts'
import { place, view } from '../state.ts'
import { textsHere } from '../texts.ts'

/** What the reader foretells of an exhibit: asked as long as nothing has been stepped, and only once. */
export function Foretelling() {
  const said = foretoldHere()
  const begun = place.value.schedule.length > 0
  if (place.value.exhibit === '' || (said === '' && begun)) return null
  if (said !== '') return <p>You foretell: {FAULTS.find(([kind]) => kind === said)?.[1]}.</p>
  return (
    <label class="choose">
      <span>What will be reported?</span>
      <select value="" onChange={({ currentTarget: { value } }) => foretell(value)}>
        <option value="">…</option>
        {FAULTS.map(([kind, words]) => (
          <option key={kind} value={kind}>
            {words}
          </option>
        ))}
      </select>
    </label>
  )
}

/** The question at the moment that the task is about, or what was wrong with the answer. */
export function Asked() {
  const { question } = textsHere()
  const wrong = missed.value
  if (!questioned.value)
    return (
      <p class="missed">
        It was not step {wrong?.step}. Start again, step it once more, and watch for it: {question}
      </p>
    )
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    answer(Number(new FormData(event.currentTarget as HTMLFormElement).get('step')))
  }
  return (
    <form class="asked" onSubmit={submit}>
      <p role="status">
        You are there. One question: <b>{question}</b>
      </p>
      <label>
        Step <input type="number" name="step" min={1} max={view.value?.now.steps.length ?? 1} required />
      </label>{' '}
      <button type="submit" class="primary">
        Answer
      </button>
    </form>
  )
}
