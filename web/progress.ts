/**
 * What was done of the lessons, in this browser: a word of storage for each, so that two tabs that are done at once
 * lose nothing of each other.
 */

import { computed, effect, signal } from '@preact/signals'
import { type Claim, isAnswered, isReached } from '../lessons/claim.ts'
import { LESSONS } from '../lessons/lesson-list.ts'
import { writePlace } from '../lessons/link.ts'
import { predictedHere, searchKey } from './search.ts'
import { announcement, byHand, chosen, lesson, place, view } from './state.ts'

const wordOf = (id: string): string => `sk-storage lesson ${id}`

function kept(): ReadonlyMap<string, Claim> {
  try {
    return new Map(LESSONS.flatMap(({ id }) => claimIn(id, localStorage.getItem(wordOf(id)))))
  } catch {
    return new Map()
  }
}

/** What stands in a word of storage. Older pages kept that a task was done, and not how. */
function claimIn(id: string, word: string | null): [string, Claim][] {
  if (word === null) return []
  try {
    const claim = JSON.parse(word) as Claim | null
    if (typeof claim?.link === 'string') return [[id, claim]]
  } catch {}
  return [[id, { link: '' }]]
}

/** By the ids of the lessons that were done: how. */
export const done = signal<ReadonlyMap<string, Claim>>(kept())

/** Whether a lesson was done, and it is known how. One that an older page has marked can be done again. */
export const isTold = (id: string): boolean => (done.value.get(id)?.link ?? '') !== ''

/** What the reader foretells of an exhibit, by program: the first word, since after the steps it is known. */
const foretold = signal<ReadonlyMap<string, string>>(new Map())
/** The kind of fault that is foretold of the program at hand; '' if none is. */
export const foretoldHere = (): string => foretold.value.get(searchKey()) ?? ''
export function foretell(kind: string): void {
  foretold.value = new Map(foretold.value).set(searchKey(), kind)
}

/** What a check looks at. */
const seen = computed(() => {
  const moment = view.value?.now
  return moment === undefined ? undefined : { moment, exhibit: place.value.exhibit, foretold: foretoldHere() }
})

/**
 * Whether the reader has come by hand to what the task asks for. What a link or a search brings was somebody else's.
 */
const reached = computed(() => seen.value !== undefined && byHand.value && isReached(lesson.value, seen.value))

/** Whether the task's question stands open. */
export const questioned = computed(() => {
  const { id, isAnswer } = lesson.value
  return isAnswer !== undefined && reached.value && !isTold(id)
})

/** The wrong answer that the reader gave last, and to which lesson. */
export const missed = signal<{ readonly lesson: string; readonly step: number } | null>(null)

/** Answers the task's question by a step, counted from 1. After a wrong answer the execution does no task any more. */
export function answer(step: number): void {
  if (seen.value === undefined || !questioned.value) return
  if (isAnswered(lesson.value, seen.value, step)) win({ step })
  else {
    missed.value = { lesson: lesson.value.id, step }
    chosen.value = []
    announcement.value = `It was not step ${step}.`
  }
}

/** Marks the lesson at hand as done. */
function win(how: Partial<Claim>): void {
  const { id, done: check } = lesson.value
  const { schedule, at } = place.value
  const steps = check === 'predicted' ? [] : schedule.slice(0, at)
  const claim = { link: writePlace({ ...place.value, schedule: steps, at: steps.length }), ...how }
  done.value = new Map(done.value).set(id, claim)
  missed.value = null
  announcement.value = 'Task done.'
  try {
    localStorage.setItem(wordOf(id), JSON.stringify(claim))
  } catch {
    // A browser that keeps nothing: then the mark lasts as long as the page.
  }
}

/** Marks lessons as they are done, here and in other tabs. */
export function keepProgress(): void {
  addEventListener('storage', () => {
    done.value = kept()
  })
  effect(() => {
    const { id, done: check, isAnswer, foretells } = lesson.value
    if (isTold(id)) return
    if (check === 'predicted') {
      const expected = predictedHere()
      if (expected !== undefined) win({ expected })
    } else if (reached.value && isAnswer === undefined) win(foretells ? { foretold: foretoldHere() } : {})
  })
}
