/**
 * Which lessons were done, in this browser: a word of storage for each, so that two tabs that are done at once lose
 * nothing of each other.
 */

import { effect, signal } from '@preact/signals'
import { LESSONS } from './lessons/lesson-list.ts'
import { predictedHere } from './search.ts'
import { announcement, byHand, lesson, place, view } from './state.ts'

const wordOf = (id: string): string => `sk-storage lesson ${id}`

function kept(): ReadonlySet<string> {
  try {
    return new Set(LESSONS.map(({ id }) => id).filter((id) => localStorage.getItem(wordOf(id)) !== null))
  } catch {
    return new Set()
  }
}

/** Ids of the lessons that were done. */
export const done = signal<ReadonlySet<string>>(kept())

/** Marks lessons as they are done, here and in other tabs. */
export function keepProgress(): void {
  addEventListener('storage', () => {
    done.value = kept()
  })
  effect(() => {
    const now = view.value?.now
    const { id, done: check } = lesson.value
    if (now === undefined || done.value.has(id)) return
    // What a link or the search brings was done by somebody else.
    const won =
      check === 'predicted' ? predictedHere() : byHand.value && check({ moment: now, exhibit: place.value.exhibit })
    if (!won) return
    done.value = new Set([...done.value, id])
    announcement.value = 'Task done.'
    try {
      localStorage.setItem(wordOf(id), 'done')
    } catch {
      // A browser that keeps nothing: then the mark lasts as long as the page.
    }
  })
}
