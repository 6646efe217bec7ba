/**
 * What goes in: the program to explore, and how.
 */
import type { DetectorOptions } from './detectors/detectors.ts'
import type { Counts, MemoryReport, Outcome, Progress } from './result.ts'
import type { StrategyName } from './search/strategies.ts'

/**
 * A program to explore: what is shared, who runs, what must hold. `Results` is what the threads return, one after the
 * other.
 */
export interface Scenario<Context, Results extends readonly unknown[] = readonly unknown[]> {
  /** What reports and replay lines call it. */
  name?: string
  /** Makes what the threads share. Runs once; its shared memory is put back before each execution. */
  setup: () => Context
  /** Each runs as one thread. What it returns is part of the outcome. */
  threads: { readonly [Thread in keyof Results]: (context: Context) => Results[Thread] }
  /** The threads' names in reports, by default their numbers. */
  threadNames?: readonly string[]
  /**
   * Threads that serve for ever, by name or number: they may be left waiting at the end, for a notify or for a word to
   * change. One that waits for a lock or a grace period then is stuck like any other.
   */
  daemons?: readonly (string | number)[]
  /** Runs after each complete execution; returns false or throws if something is wrong. */
  after?: (context: Context, results: Results) => unknown
  /** Runs after every store; returns false or throws if something is wrong. Makes the search larger: see the docs. */
  invariant?: (context: Context) => unknown
  /**
   * When the timeout of an `Atomics.wait` runs out. `'idle'`, the default: when nobody can go on, the earliest first.
   * `true`: at any moment after the wait began. `false`: never, so that a waiter that nobody notifies is stuck.
   */
  timeouts?: 'idle' | boolean
  /** What tells one outcome from another; by default what the threads returned. */
  outcome?: (context: Context, results: Results) => unknown
  /** What chance in threads (`Math.random`, `crypto.randomUUID`) begins with: an integer from 0, by default 1. */
  readonly seed?: number
  /**
   * What threads ask for that is the same in every execution, by name, besides what the explorer finds itself: the
   * result says so. May be filled as they ask.
   */
  inputs?: Iterable<string>
  /** Names an element of a shared view in reports. */
  placeName?: (index: number, view: ArrayBufferView) => string | undefined
}

/** How to explore. */
export interface Options {
  /** By default `optimal`: all interleavings. */
  strategy?: StrategyName
  /** Explore all traces with at most so many preemptions, and no others. */
  maxPreemptions?: number
  /** Steps after which an execution counts as a livelock. By default 20 000. */
  maxSteps?: number
  /** End after so many executions. No limit by default. */
  maxExecutions?: number
  /** End after so many seconds, shrinking what was found included. No limit by default. */
  seconds?: number
  /** The same as `seconds`, which was called so before. */
  time?: number
  /** Where a sample begins; by default drawn, and returned. */
  seed?: number
  /** pct's d, by default 3. */
  depth?: number
  /** Go on after the first violation and count all. */
  keepGoing?: boolean
  /** Look for a schedule with fewer preemptions, and for the step after which all is lost. By default true. */
  shrink?: boolean
  /**
   * Explore the implementation of locks, read sections, grace periods and callbacks instead of taking their tags at
   * their word.
   */
  raw?: boolean
  /** Which detectors look; all of them by default. */
  detect?: DetectorOptions
  /** Tell which visible operations were met by another thread's, and in which orders. Off. */
  coverage?: boolean
  /**
   * Explore what this memory model allows beyond interleavings: docs/memory.md. Races are told, and are no finding
   * then; no detector looks but for deadlocks.
   */
  memory?: MemoryReport['model']
  /** Called some times a second. */
  onProgress?: (progress: Progress) => void
  /** Called from time to time with what `resume` takes. */
  onCheckpoint?: (checkpoint: Checkpoint) => void
  /** Go on from here. Throws if the code or the scenario is another one than the checkpoint was made from. */
  resume?: Checkpoint
}

/** Where a search stood. JSON. */
export interface Checkpoint {
  /** The version of this form. */
  readonly schema: 1
  /** A hash of the instrumented code, so that a search can't go on in other code. */
  readonly fingerprint: string
  /** What a sample is drawn by; not there in an exact search. */
  readonly seed?: number | undefined
  /** What had been counted. */
  readonly counts: Counts
  /** The outcomes so far, each with the line of its first schedule. */
  readonly outcomes: readonly Outcome[]
  /** The line of the first schedule that failed, if one did. */
  readonly failed: string | null
  /** The lines of schedules that took locks in a circle. Not there: none did. */
  readonly suspected?: readonly string[] | undefined
  /** The lines of schedules up to where locks were taken in a new order. Not there: they never were. */
  readonly learned?: readonly string[] | undefined
  /** Where chance and clocks were asked. Not there: nowhere. */
  readonly drawn?: readonly string[] | undefined
  /** Something has been left out, so that what is found to the end is not all there is. Not there: nothing has. */
  readonly cutShort?: boolean | undefined
  /** A sleep with a timeout has begun that ends only when nobody can go on. Not there: none has. */
  readonly slept?: boolean | undefined
  /** The strategy's own state. */
  readonly search: unknown
}
