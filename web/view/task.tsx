/**
 * The task of a lesson: whether it was done, what is asked before it and after it, and hints.
 */

import { signal } from '@preact/signals'
import { FAULTS } from '../../lessons/lesson.ts'
import { answer, done, foretell, foretoldHere, isTold, missed, questioned } from '../progress.ts'
import { announcement, lesson, place, view } from '../state.ts'
import { textsHere } from '../texts.ts'

/** How many hints of a lesson the reader has asked for. */
const hinted = signal<Readonly<Record<string, number>>>({})

/** The hints, one after the other. */
function Hints() {
  const { id } = lesson.value
  const { hints } = textsHere()
  const shown = Math.min(hinted.value[id] ?? 0, hints.length)
  return (
    <div class="hints">
      {hints.slice(0, shown).map((hint) => (
        <p key={hint}>{hint}</p>
      ))}
      {shown < hints.length && (
        <button
          type="button"
          onClick={() => {
            hinted.value = { ...hinted.value, [id]: shown + 1 }
            announcement.value = hints[shown]
          }}
        >
          {shown === 0 ? 'A hint' : 'Another hint'} ({hints.length - shown} left)
        </button>
      )}
    </div>
  )
}

/** What the reader foretells of an exhibit: asked as long as nothing has been stepped, and only once. */
function Foretelling() {
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

/** The question at the moment that the task is about. */
function Asked() {
  const { id, isAnswer } = lesson.value
  const { question } = textsHere()
  const wrong = missed.value
  if (isAnswer === undefined) return null
  if (!questioned.value) {
    if (wrong?.lesson !== id) return null
    return (
      <p class="missed">
        It was not step {wrong.step}. Start again, step it once more, and watch for it: {question}
      </p>
    )
  }
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

/** The task, and all that helps with it. */
export function Task() {
  const { id, foretells } = lesson.value
  const isDone = done.value.has(id)
  return (
    <>
      <p class={`task${isDone ? ' right' : ''}`}>
        <b>{isDone ? '✓ Done.' : 'Task.'}</b> {textsHere().task}
      </p>
      {!isTold(id) && foretells && <Foretelling />}
      {!isTold(id) && <Asked />}
      {!isDone && <Hints key={id} />}
    </>
  )
}
