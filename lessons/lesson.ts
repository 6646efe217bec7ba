/**
 * What a lesson is: a scenario, a few sentences, a task, and a check that knows whether it was done.
 */

import type { Moment, PerformedStep } from '../src/explore/internals.ts'
import type { Theme } from './exhibit-index.ts'

/** What a check may look at. */
export interface Seen {
  readonly moment: Moment
  /** The exhibit whose code is being stepped, or ''. */
  readonly exhibit: string
  /** The kind of fault that the reader has foretold before the first step; '' where that was not asked. */
  readonly foretold?: string
}

/** Whether a step of a moment, counted from 0, is the answer to what a reader is asked at that moment. */
type IsAnswer = (seen: Seen, step: number) => boolean

/** How the memory is drawn. */
export type Picture = 'words' | 'storage'

export interface Texts {
  readonly task: string
  /** A paragraph each. */
  readonly text: readonly string[]
  /** What a reader is asked at the moment that the task is about, where the lesson has an answer: which step it was. */
  readonly question?: string
  /** What helps with the task, each a little more than the one before. */
  readonly hints: readonly string[]
}

export interface Lesson {
  readonly id: string
  readonly title: string
  /** Where the scenario stands, from the project's root; '' for a program that the reader writes or chooses. */
  readonly file: string
  readonly scenario: string
  readonly picture: Picture
  /** The memory model whose executions are stepped: the reader says what a load reads. Not there: interleavings are. */
  readonly memory?: 'arm'
  /** Ids of the exhibits that fit, first the one that the task asks for. */
  readonly exhibits: readonly string[]
  /** What the museum has on it: the exhibits of this theme. */
  readonly theme?: Theme
  /** What the lesson says; not there: it stands in `texts.ts`. */
  readonly texts?: Texts
  /** Whether the task is done by a moment that the reader came to by hand; or it is done by what the reader expects. */
  readonly done: ((seen: Seen) => boolean) | 'predicted'
  /** The answer to the question of its texts: one can come there by chance, and then it shows that one has seen why. */
  readonly isAnswer?: IsAnswer
  /** Which kind of fault will be reported is asked before the first step. */
  readonly foretells?: boolean
}

/** The answer that is a step of this kind. */
export const stepThat =
  (is: (step: PerformedStep, k: number, steps: readonly PerformedStep[]) => boolean): IsAnswer =>
  ({ moment: { steps } }, k) =>
    steps[k] !== undefined && is(steps[k], k, steps)

/** Whether all loads come behind all stores. */
export function storesFirst({ steps }: Moment): boolean {
  const look = steps.findIndex(({ stores }) => !stores)
  return look >= 0 && !steps.slice(look).some(({ stores }) => stores)
}

/** Whether the reader's section was open when a grace period began, and ended after it. */
export function waitedForReader({ steps }: Moment): boolean {
  const open = new Set<number>()
  const waitedFor = new Set<number>()
  for (const { thread, operation } of steps) {
    if (operation === 'read-section enter') open.add(thread)
    if (operation === 'grace period') for (const reader of open) waitedFor.add(reader)
    if (operation === 'read-section exit') {
      if (waitedFor.has(thread)) return true
      open.delete(thread)
    }
  }
  return false
}

/** Whether the pointer that readers start from was stored while another CPU was in its section. */
export function unlinkedUnderReader({ steps }: Moment): boolean {
  return steps.some(({ operation, place, stores, thread }, k) => {
    const section = steps.findLast((step, j) => j < k && step.thread !== thread && /^read-section/.test(step.operation))
    return operation === 'store' && stores && /^file/.test(place) && section?.operation === 'read-section enter'
  })
}

/** Whether a CPU has changed one word under a lock that it holds, and has read another one that it is to change. */
export function halfWay({ steps, locks }: Moment): boolean {
  return locks.some(({ owner }) => {
    const taken = steps.findLastIndex((step) => step.thread === owner && step.operation === 'lock')
    const under = steps.slice(taken + 1).filter(({ thread }) => thread === owner)
    const written = under.findIndex(({ stores }) => stores)
    const after = under.slice(written + 1)
    return written >= 0 && after.length > 0 && !after.some(({ stores }) => stores)
  })
}

/** Whether a step is a cmpxchg on a socket's storage pointer that came too late. */
export const isLate = ({ operation, place, stores }: PerformedStep): boolean =>
  operation === 'cas' && !stores && /^sock \d+ word 0$/.test(place)

export const ended = ({ ending }: Moment): boolean => ending === 'complete'
export const results = ({ threads }: Moment): unknown[] => threads.map(({ result }) => result)
