/**
 * The lesson: its sentences, its task, and whether that was done.
 */

import { LESSONS } from '../lessons/lesson-list.ts'
import { done } from '../progress.ts'
import { go, lesson } from '../state.ts'

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
