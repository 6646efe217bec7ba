/**
 * What is known of the turns of loops, in one execution.
 */
import type { Loop } from '../runtime/engine.ts'
import { runtime } from '../runtime/runtime.ts'

/** What a turn did that changed nothing. */
export interface Turn {
  /** The events that read something, latest first. */
  readonly reads: readonly number[]
  /** All of its events, in order. */
  readonly steps: readonly number[]
  /** Its first store to each word that it stored to. All are as they were before. */
  readonly stores: readonly number[]
  /** In it the thread let go of a lock or a read section that it holds at the head. */
  readonly letsGo: boolean
  /** It slept, and nobody woke it: the time ran out, as it may at any moment. */
  readonly sleeps: boolean
}

/** Where all threads were at the head of a loop. */
export interface Anchor {
  readonly step: number
  /**
   * By thread: which of its private states it had at its last head, after which event that was, and its latest event.
   */
  readonly versions: readonly number[]
  readonly heads: readonly number[]
  readonly latest: readonly number[]
  /** How long each thread still sleeps. */
  readonly sleeps: readonly number[]
  /** Who sleeps where, in the order of the queues, and who was woken. */
  readonly asleep: string
  /** It is given up for a later one after that many turns. */
  readonly turns: number
}

/** What is known of a loop beside what was so at its last head. Most loops have none. */
export interface Course {
  /** Some of its turns have been left out. */
  polled: boolean
  /** Turns in a row that were more than looking, without anything new to see. */
  transient: number
  /** The events of the turn that is repeated. */
  steps: readonly number[]
  /** Since when nothing private has changed, though its turns did more than to look; null: since its last turn. */
  anchor: Anchor | null
  /** The heads after the last such turns. */
  recent: readonly Anchor[]
  /** Turns since then. */
  turns: number
}

interface Armed {
  readonly turn: Turn
  readonly since: number
  readonly execution: number
}

export interface Turns {
  /** By thread: how much it changed that is private, while it does not run. */
  readonly changes: number[]
  /** By thread: how often it said that it waits, where it did so last, after which event, and in which execution. */
  readonly pauses: number[]
  readonly pausedAt: number[]
  readonly pausedAfter: number[]
  readonly pausedIn: number[]
  /** By thread: which of its private states it had at its last head, and its latest event there. */
  readonly versions: number[]
  readonly heads: number[]
  /** The latest of these states, and the latest that was so before this execution. */
  version: number
  settled: number
  /** By event: the execution in which a turn ended with it that only looked, and stored nothing before it. */
  readonly looked: number[]
  /** By event: the execution in which it was a notify that woke nobody. */
  readonly unheard: number[]
  /** By thread: a turn after which it may wait as soon as it has let go of what it holds. */
  readonly armed: (Armed | undefined)[]
  /** The loop whose turns are taken at once, and how far the present one has come. */
  polling: Loop | null
  place: number
  /** The step from which on threads go round for ever in this execution; -1. */
  circle: number
  /** In some execution turns were left out that may matter. */
  leavesOut: boolean
  /** Where loops stand of which turns were left out, or that were given up. */
  readonly leftOut: Set<string>
}

export const createTurns = (): Turns => ({
  changes: [],
  pauses: [],
  pausedAt: [],
  pausedAfter: [],
  pausedIn: [],
  versions: [],
  heads: [],
  version: 0,
  settled: 0,
  looked: [],
  unheard: [],
  armed: [],
  polling: null,
  place: 0,
  circle: -1,
  leavesOut: false,
  leftOut: new Set(),
})

/** Before an execution. What stands in the lists is told by its number to be of an earlier one. */
export function resetTurns(turns: Turns): void {
  turns.settled = turns.version
  turns.circle = -1
  turns.polling = null
}

/** Whether the thread that runs has changed nothing private since it was at that loop's head. */
export function isUnchanged(loop: Loop, values: readonly unknown[], depth: number): boolean {
  if (loop.changes !== runtime.changes || loop.depth !== depth) return false
  for (let k = 0; k < values.length; k++) if (!Object.is(values[k], loop.values[k])) return false
  return true
}

/** Notes how things are at a loop's head. */
export function noteHead(loop: Loop, latest: number, values: readonly unknown[], depth: number, pauses: number): void {
  loop.latest = latest
  loop.values = values
  loop.changes = runtime.changes
  loop.depth = depth
  loop.pauses = pauses
}
