/**
 * The lesson: its sentences, its task, and whether that was done.
 */

import { signal } from '@preact/signals'
import { MUSEUM } from '../exhibit-index.ts'
import { LESSONS } from '../lessons/lesson-list.ts'
import { done } from '../progress.ts'
import { announcement, go, lesson } from '../state.ts'

/** The list of lessons. */
export function LessonList() {
  return (
    <nav aria-label="Lessons">
      <label class="choose">
        <span>Lesson</span>
        <select value={lesson.value.id} onChange={(event) => go({ lesson: event.currentTarget.value })}>
          {LESSONS.map(({ id, title }, k) => (
            <option key={id} value={id}>
              {`${k + 1}. ${title}${done.value.has(id) ? ' ✓' : ''}`}
            </option>
          ))}
        </select>
      </label>
    </nav>
  )
}

/** How many hints of a lesson the reader has asked for. */
const hinted = signal<Readonly<Record<string, number>>>({})

/** The hints, one after the other. */
function Hints() {
  const { id, hints } = lesson.value
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

/** What the museum has on what the lesson is about. */
function InMuseum() {
  const { theme } = lesson.value
  if (theme === undefined) return null
  return (
    <p class="in-museum">
      In the museum:{' '}
      {MUSEUM.filter((each) => each.theme === theme).map(({ id, title }) => (
        <>
          <a key={id} href={`#lesson=museum&program=${id}&broken=${id}`} title={title}>
            {id}
          </a>{' '}
        </>
      ))}
    </p>
  )
}

/** Text, task, and the way to the next one. */
export function LessonPanel() {
  const { id, title, text, task } = lesson.value
  const index = LESSONS.findIndex((each) => each.id === id)
  const next = LESSONS[index + 1]
  const isDone = done.value.has(id)
  return (
    <article class="lesson">
      <h2>
        {index + 1}. {title}
      </h2>
      {text.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      <p class={`task${isDone ? ' right' : ''}`}>
        <b>{isDone ? '✓ Done.' : 'Task.'}</b> {task}
      </p>
      {!isDone && <Hints key={id} />}
      <InMuseum />
      {next !== undefined && (
        <p>
          <button type="button" class={isDone ? 'primary' : ''} onClick={() => go({ lesson: next.id })}>
            Next: {next.title}
          </button>
        </p>
      )}
    </article>
  )
}
