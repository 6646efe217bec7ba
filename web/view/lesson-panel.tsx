/**
 * The lesson: its sentences, its task, and the way to the next one.
 */

import { MUSEUM } from '../../lessons/exhibit-index.ts'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { done } from '../progress.ts'
import { go, lesson } from '../state.ts'
import { textsHere } from '../texts.ts'
import { titleOf } from '../titles.ts'
import { Task } from './task.tsx'

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

/** What the museum has on what the lesson is about. */
function InMuseum() {
  const { theme } = lesson.value
  if (theme === undefined) return null
  return (
    <p class="in-museum">
      In the museum:{' '}
      {MUSEUM.filter((each) => each.theme === theme).map(({ id }) => (
        <>
          <a key={id} href={`#lesson=museum&program=${id}&broken=${id}`} title={titleOf(id)}>
            {id}
          </a>{' '}
        </>
      ))}
    </p>
  )
}

/** Text, task, and the way to the next one. */
export function LessonPanel() {
  const { id, title } = lesson.value
  const index = LESSONS.findIndex((each) => each.id === id)
  const next = LESSONS[index + 1]
  const isDone = done.value.has(id)
  return (
    <article class="lesson">
      <h2>
        {index + 1}. {title}
      </h2>
      {textsHere().text.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      <Task />
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
