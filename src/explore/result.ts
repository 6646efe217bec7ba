/**
 * What an exploration takes and what it gives back.
 */
import type { DetectorOptions } from './detectors.ts'
import type { SamplingName } from './sampling.ts'

/** A program to explore: what is shared, who runs, what must hold. */
export interface Scenario<Context> {
  name?: string
  /** Makes what the threads share. Runs once; its shared memory is put back before each execution. */
  setup: () => Context
  /** Each runs as one thread. What it returns is part of the outcome. */
  threads: readonly ((context: Context) => unknown)[]
  /** The threads' names in reports, by default their numbers. */
  threadNames?: readonly string[]
  /** Runs after each complete execution; throws if something is wrong. */
  after?: (context: Context, results: readonly unknown[]) => void
  /** Runs after every store; returns false or throws if something is wrong. Makes the search larger: see the docs. */
  invariant?: (context: Context) => unknown
  /**
   * The timeout of an `Atomics.wait` may run out, at any moment after the wait began, so that both answers are explored. By
   * default it never does: a waiter that nobody notifies is stuck.
   */
  timeouts?: boolean
  /** What tells one outcome from another; by default what the threads returned. */
  outcome?: (context: Context, results: readonly unknown[]) => unknown
  /** Names an element of a shared view in reports. */
  placeName?: (index: number, view: ArrayBufferView) => string | undefined
}

export type StrategyName = 'optimal' | 'portfolio' | SamplingName

export interface Progress {
  readonly executions: number
  /** Executions per second. */
  readonly rate: number
  readonly seconds: number
  /** How many executions there will be in all, and how that was estimated. */
  readonly estimate: { readonly executions: number; readonly method: string } | undefined
}

/** How to explore. */
export interface Options {
  /** By default `optimal`: all interleavings. */
  strategy?: StrategyName
  /** Explore all traces with at most so many preemptions, and no others. */
  maxPreemptions?: number
  /** Steps after which an execution counts as a livelock. By default 20 000. */
  maxSteps?: number
  maxExecutions?: number
  /** Seconds. */
  time?: number
  /** Of a sampling strategy; by default drawn, and returned. */
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
  detect?: DetectorOptions
  onProgress?: (progress: Progress) => void
  /** Called from time to time with what `resume` takes. */
  onCheckpoint?: (checkpoint: Checkpoint) => void
  resume?: Checkpoint
}

/** Where a search stood. JSON. */
export interface Checkpoint {
  readonly schema: 1
  readonly fingerprint: string
  /** What a sample is drawn by; not there in an exact search. */
  readonly seed?: number | undefined
  readonly counts: Counts
  /** The outcomes so far, each with the line of its first schedule. */
  readonly outcomes: readonly Outcome[]
  /** The line of the first schedule that failed, if one did. */
  readonly failed: string | null
  readonly search: unknown
}

export interface Counts {
  complete: number
  blocked: number
  redundant: number
  failing: number
  /** Executions whose history was too long to tell whether it is linearizable. */
  unknown: number
  executions: number
  steps: number
}

export type ViolationKind =
  | 'data-race'
  | 'use-after-free'
  | 'double-free'
  | 'overflow'
  | 'leak'
  | 'deadlock'
  | 'lock-order'
  | 'lock-misuse'
  | 'livelock'
  | 'assertion'
  | 'invariant'
  | 'linearizability'
  | 'nondeterminism'
  | 'refused'

/** One step of a failing execution, for a reader. */
export interface ReportStep {
  readonly thread: number
  readonly operation: string
  readonly place: string
  readonly before: string
  readonly after: string
  readonly stores: boolean
  readonly where: string
  readonly source: string
  /** Why the thread before it did not go on; '' when the same thread did. */
  readonly switched: string
  /** Whether the step is one of those the violation is about. */
  readonly matters: boolean
}

export interface Violation {
  readonly kind: ViolationKind
  readonly message: string
  /** `file:line`, most telling first. */
  readonly sites: readonly string[]
  /** The schedule's line. */
  readonly schedule: string
  readonly preemptions: number
  readonly threadNames: readonly string[]
  readonly steps: readonly ReportStep[]
  /** The missing order, the circle of locks, or the object's three places. */
  readonly why: readonly string[]
  /** The first step (from 1) after which every continuation fails; undefined: not found within the budget. */
  readonly inflection: number | undefined
  /** The line that replays it. */
  readonly replay: string
  /** Steps and preemptions before shrinking. */
  readonly found: { readonly steps: number; readonly preemptions: number }
  readonly error: unknown
}

/** One outcome, how many executions had it, and the schedule of the first one. */
export interface Outcome {
  readonly outcome: string
  readonly count: number
  readonly witness: string
}

export interface Result extends Counts {
  readonly scenario: string
  readonly strategy: string
  /** Every trace (within the bound on preemptions, if there is one) has been explored. */
  readonly exhaustive: boolean
  /** Which budget ended it: 'time', 'executions', or ''. */
  readonly budget: '' | 'time' | 'executions'
  readonly seed: number | undefined
  readonly violation: Violation | null
  readonly outcomes: readonly Outcome[]
  readonly seconds: number
  /** Events that were not replayed. */
  readonly newSteps: number
  /** The most wakeup tree nodes alive at once. */
  readonly peakNodes: number
  readonly estimate: Progress['estimate']
}
