/**
 * What a lesson is: a scenario, a few sentences, a task, and a check that knows whether it was done.
 */

import type { Moment } from '../../src/explore/stepper.ts'

/** What a check may look at. */
export interface Seen {
  readonly moment: Moment
  /** The exhibit whose code is being stepped, or ''. */
  readonly exhibit: string
  /** Whether a search has come to an end here, having seen everything. */
  readonly searched: boolean
}

/** How the memory is drawn. */
export type Picture = 'words' | 'storage'

export interface Lesson {
  readonly id: string
  readonly title: string
  /** Where the scenario stands, from the project's root; '' for a program that the reader writes or chooses. */
  readonly file: string
  readonly scenario: string
  readonly picture: Picture
  /** Ids of the exhibits that fit, first the one that the task asks for. */
  readonly exhibits: readonly string[]
  readonly text: readonly string[]
  readonly task: string
  readonly done: (seen: Seen) => boolean
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

export const ended = ({ ending }: Moment): boolean => ending === 'complete'
export const results = ({ threads }: Moment): unknown[] => threads.map(({ result }) => result)
