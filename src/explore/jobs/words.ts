/**
 * What those who share an exact search say to each other: orders to a worker, and what it tells of them.
 */
import type { Counts, Outcome, Result } from '../result.ts'
import type { Given } from '../search/search.ts'

/** A part of a search: what lies ahead of it, as the search saved it. Null: all of it, from the beginning. */
export type Walk = object | null

/** What a worker is to do. */
export type Order =
  /**
   * Explore a part, in so many executions at most. `completed`: an execution that comes before it has come to its end.
   * `saves`: tell what lies ahead each time, since somebody keeps it.
   */
  | {
      readonly explore: number
      readonly walk: Walk
      readonly completed: boolean
      readonly executions: number
      readonly saves: boolean
    }
  /** Nothing is left: tell what only the end can tell; `judge`: look once more whether all was as it must be. */
  | { readonly look: { readonly judge: boolean; readonly steps: number } }
  | { readonly finish: Sum }
  | { readonly quit: true }

/** How far a worker is with a part: what it has counted since it told the last time. */
export interface Report {
  readonly part: number
  readonly counts: Counts
  readonly newSteps: number
  /** With the lines of their first schedules. */
  readonly outcomes: readonly Outcome[]
  /** The line of the first schedule that failed, if one did so far. */
  readonly failed: string | null
  /** What lies ahead of it now. Undefined: nobody needs it. */
  readonly left: object | undefined
  /** What it has given away: all of it comes behind what is left. */
  readonly gifts: readonly Given[]
  /** Which share of it lies behind. */
  readonly behind: number
  /**
   * How it ended: nothing is left of it, it was told to stop or has used up its executions, or what it found ends the
   * search. '': it goes on.
   */
  readonly ended: '' | 'done' | 'stopped' | 'found'
  readonly cutShort: boolean
  readonly slept: boolean
  /** The lines of schedules that took locks in a circle, of all that this worker has run. */
  readonly suspected: readonly string[]
  /** Those up to where locks were taken in an order that was new to it. */
  readonly learned: readonly string[]
  /** Where chance and clocks were asked. */
  readonly drawn: readonly string[]
}

/** What a worker knows at the end. */
export interface Look {
  /** Something is wrong with what it did, whatever the schedules were. */
  readonly found: boolean
  readonly drawn: readonly string[]
  readonly peakAhead: number
  readonly leavesOut: boolean
  readonly leftOut: readonly string[]
  /** The lines of schedules up to where locks were taken in an order that was new to it. */
  readonly learned: readonly string[]
}

/** What all have counted and found, for the one that makes the result of it. */
export interface Sum {
  readonly counts: Counts
  readonly outcomes: readonly Outcome[]
  readonly newSteps: number
  readonly peakAhead: number
  readonly behind: number
  readonly cutShort: boolean
  readonly slept: boolean
  readonly leavesOut: boolean
  readonly leftOut: readonly string[]
  readonly budget: Result['budget']
  readonly drawn: readonly string[]
  readonly learned: readonly string[]
  /** The part in which this worker has found the first violation; -1: it did so when it looked once more. */
  readonly found: number | undefined
  /** The line of the first schedule that failed before the search went on from a checkpoint. */
  readonly failed: string | null
  /** The lines of schedules that took locks in a circle before that. */
  readonly suspected: readonly string[]
  /** Seconds that the search took, and those that are left. */
  readonly seconds: number
  readonly left: number
}

/** What holds for all together, of the options in the scenario and beside it. */
export interface Asked {
  readonly maxExecutions: number | undefined
  readonly seconds: number | undefined
}

/** What a worker tells. */
export type Word =
  /**
   * It is there. What all who work at one search have in common, as text: the code, the memory, the first execution.
   * And how many threads the scenario has.
   */
  | { readonly begun: string; readonly fingerprint: string; readonly threads: number; readonly asked: Asked }
  /** The scenario asks for what can't be shared. */
  | { readonly unshared: string }
  | { readonly report: Report }
  | { readonly look: Look }
  | { readonly result: Result }

/** What a worker knows of the others while it explores. */
export interface Link {
  /** Waits for the next order. */
  next(): Order
  tell(word: Word): void
  /** Whether somebody waits for a piece of that part. */
  isAsked(part: number): boolean
  /** A piece was given: nobody waits any more. */
  given(): void
  /** Whether that part is no longer to be explored. */
  isStopped(part: number): boolean
}
