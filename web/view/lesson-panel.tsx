/**
 * The lesson: its sentences, its task, and whether that was done.
 */

import { effect, signal } from '@preact/signals'
import { LESSONS } from '../lessons/lesson-list.ts'
import { toldHere } from '../search.ts'
import { announcement, go, lesson, place, view } from '../state.ts'

const KEPT = 'sk-storage lessons done'

function kept(): string[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '[]') as string[]
  } catch {
    return []
  }
}

/** Ids of the lessons that were done, in this browser. */
export const done = signal<ReadonlySet<string>>(new Set(kept()))

effect(() => {
  const now = view.value?.now
  const told = toldHere()
  const { id, done: check } = lesson.value
  if (now === undefined || done.value.has(id)) return
  const searched = told?.kind === 'done' && told.exhaustive
  if (!check({ moment: now, exhibit: place.value.exhibit, searched })) return
  done.value = new Set([...done.value, id])
  announcement.value = 'Task done.'
  try {
    localStorage.setItem(KEPT, JSON.stringify([...done.value]))
  } catch {
    // A browser that keeps nothing: then the mark lasts as long as the page.
  }
})

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
