/**
 * What is known of the turns of loops, in one execution.
 */
import { runtime } from '../runtime/runtime.ts'
import type { Anchor } from './fair-cycle.ts'
import type { Turn } from './idle-turn.ts'
import type { Execution } from './state.ts'

/** A loop at its head. */
export interface LoopState {
  /** The latest event of its thread; -1. */
  latest: number
  /** What its turns may change, and how much else its thread had changed. */
  values: readonly unknown[]
  changes: number
  /** How deep in read sections. */
  depth: number
  /** How often its thread had paused. */
  pauses: number
  /** Some of its turns have been left out. */
  polled: boolean
  /** Turns in a row that were more than looking, without anything new to see. */
  transient: number
  /** The events of the turn that is repeated. */
  steps: readonly number[]
  /** Since when nothing private has changed, though its turns did more than to look. */
  anchor: Anchor | null
  /** Turns since then. */
  turns: number
}

export interface Turns {
  /** By thread: its latest event in this execution. */
  readonly latest: number[]
  /** By thread: how much it changed that is private, while it does not run. */
  readonly changes: number[]
  /** By thread: how often it said that it waits, where it did so last, and after which event. */
  readonly pauses: number[]
  readonly pausedAt: number[]
  readonly pausedAfter: number[]
  /** By thread: a turn after which it may wait as soon as it has let go of what it holds. */
  readonly armed: ({ turn: Turn; since: number } | undefined)[]
  /** The loop whose turns are taken at once, and how far the present one has come. */
  polling: { state: unknown } | null
  place: number
  /** By thread: which of its private states it had at its last head, and its latest event there. */
  readonly versions: number[]
  readonly heads: number[]
  version: number
  /** The step from which on threads go round for ever in this execution; -1. */
  circle: number
  /** In some execution turns were left out that may matter. */
  leavesOut: boolean
}

export const createTurns = (): Turns => ({
  latest: [],
  changes: [],
  pauses: [],
  pausedAt: [],
  pausedAfter: [],
  armed: [],
  polling: null,
  place: 0,
  versions: [],
  heads: [],
  version: 0,
  circle: -1,
  leavesOut: false,
})

/** Before an execution of that many threads. */
export function resetTurns(turns: Turns, threads: number): void {
  for (let t = 0; t < threads; t++) {
    turns.latest[t] = -1
    turns.pauses[t] = 0
    turns.pausedAfter[t] = -2
    turns.armed[t] = undefined
    turns.versions[t] = ++turns.version
    turns.heads[t] = -1
  }
  turns.circle = -1
  turns.polling = null
}

/** The latest event of a thread; -1. One that is on the way to its first operation has none. */
export const latestOf = ({ turns, position }: Execution, t: number): number =>
  position.starting ? -1 : (turns.latest[t] ?? -1)

/** Whether a thread has changed nothing private since it was at that head. */
export function isUnchanged(state: LoopState, values: readonly unknown[], depth: number): boolean {
  if (state.changes !== runtime.changes || state.depth !== depth) return false
  for (let k = 0; k < values.length; k++) if (!Object.is(values[k], state.values[k])) return false
  return true
}
