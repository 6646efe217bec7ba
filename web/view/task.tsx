/**
 * The task of a lesson: whether it was done, and hints.
 */

import { signal } from '@preact/signals'
import { done, isTold, missed, questioned } from '../progress.ts'
import { announcement, lesson } from '../state.ts'
import { textsHere } from '../texts.ts'
import { later } from './later.tsx'

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

const Foretelling = later(async () => (await import('./asking.tsx')).Foretelling)
const Asked = later(async () => (await import('./asking.tsx')).Asked)

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
      {!isTold(id) && (questioned.value || missed.value?.lesson === id) && <Asked />}
      {!isDone && <Hints key={id} />}
    </>
  )
}
