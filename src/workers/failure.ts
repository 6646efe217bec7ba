/**
 * What ends a machine before its time, told as a story: which CPU, what it did or waited for, since when, who is in the
 * way.
 */

import type { Story } from './task.ts'

/** What went wrong with a machine; stable, for tests and reports. */
export type FailureCode =
  | 'soft-lockup'
  | 'rcu-stall'
  | 'worker-exited'
  | 'worker-threw'
  | 'leak'
  | 'memory-damaged'
  | 'destroyed'

/** A machine that failed is of no use any more: destroy it. The exception is 'worker-threw' with `story.clean`. */
export class MachineFailure extends Error {
  override readonly name = 'MachineFailure'
  /** What went wrong. */
  readonly code: FailureCode
  /** The CPU it is about, or -1. */
  readonly cpu: number
  /** What the worker said of itself, if one threw. */
  readonly story: Story | undefined

  constructor(code: FailureCode, cpu: number, message: string, story?: Story) {
    super(`${code}: ${message}`, story === undefined ? undefined : { cause: story })
    this.code = code
    this.cpu = cpu
    this.story = story
  }
}

/** The failure behind a story. */
export function failureOf(story: Story): MachineFailure {
  const left = story.clean ? '' : `; it left ${story.locksHeld} spin locks held and ${story.nesting} read sections open`
  const code = story.code === undefined ? '' : ` (${story.code})`
  return new MachineFailure(
    'worker-threw',
    story.cpu,
    `CPU ${story.cpu} threw ${story.name}${code}: ${story.message}${left}`,
    story,
  )
}
