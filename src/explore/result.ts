/**
 * What an exploration takes and what it gives back.
 */
import type { DetectorOptions } from './detectors/detectors.ts'
import type { SamplingName } from './search/sampling.ts'

/** A program to explore: what is shared, who runs, what must hold. */
export interface Scenario<Context> {
  /** What reports and replay lines call it. */
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

/** How schedules are chosen: `optimal` takes every trace once, `portfolio` takes the sampling strategies in turn, the others sample. */
export type StrategyName = 'optimal' | 'portfolio' | SamplingName

/** How far a search is, told some times a second. */
export interface Progress {
  /** Executions so far. */
  readonly executions: number
  /** Executions per second. */
  readonly rate: number
  /** Seconds since the search began. */
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
  /** End after so many executions. No limit by default. */
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
  /** Which detectors look; all of them by default. */
  detect?: DetectorOptions
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
  /** The strategy's own state. */
  readonly search: unknown
}

/** How many executions there were, and how they ended. */
export interface Counts {
  /** Executions in which all threads came to their end. */
  complete: number
  /** Executions that ended with a thread stuck. */
  blocked: number
  /** Executions that repeated a trace; 0 in an exact search. */
  redundant: number
  /** Executions with a finding. */
  failing: number
  /** Executions whose history was too long to tell whether it is linearizable. */
  unknown: number
  /** All executions. */
  executions: number
  /** Steps in all executions, replayed prefixes included. */
  steps: number
}

/** What a finding is; docs/explore.md explains each. */
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
  /** Number of the thread, from 0. */
  readonly thread: number
  /** What was done: `load`, `store`, `rmw`, `lock`, ... */
  readonly operation: string
  /** What it touched, by name; empty for nothing. */
  readonly place: string
  /** The value before, as text; empty if there is none. */
  readonly before: string
  /** The value after, as text. */
  readonly after: string
  /** Whether it could change memory. */
  readonly stores: boolean
  /** `file:line`; empty if unknown. */
  readonly where: string
  /** The source text of the operation. */
  readonly source: string
  /** Why the thread before it did not go on; '' when the same thread did. */
  readonly switched: string
  /** Whether the step is one of those the violation is about. */
  readonly matters: boolean
}

/** A finding, with the execution that shows it. */
export interface Violation {
  /** What kind of fault it is. */
  readonly kind: ViolationKind
  /** One sentence: which thread, what, and where. */
  readonly message: string
  /** `file:line`, most telling first. */
  readonly sites: readonly string[]
  /** The schedule's line. */
  readonly schedule: string
  /** How often a thread was stopped that could have gone on. */
  readonly preemptions: number
  /** Name of each thread, by number. */
  readonly threadNames: readonly string[]
  /** The visible steps, in the order of the schedule. */
  readonly steps: readonly ReportStep[]
  /** The missing order, the circle of locks, or the object's three places. */
  readonly why: readonly string[]
  /** The first step (from 1) after which every continuation fails; undefined: not found within the budget. */
  readonly inflection: number | undefined
  /** The line that replays it. */
  readonly replay: string
  /** Steps and preemptions before shrinking. */
  readonly found: { readonly steps: number; readonly preemptions: number }
  /** What was thrown, if something was; otherwise undefined. */
  readonly error: unknown
}

/** One outcome, how many executions had it, and the schedule of the first one. */
export interface Outcome {
  /** The outcome as text. */
  readonly outcome: string
  /** Executions with this outcome. */
  readonly count: number
  /** The schedule of the first of them, to be read; not a replay line. */
  readonly witness: string
}

/** What an exploration found. */
export interface Result extends Counts {
  /** The scenario's name. */
  readonly scenario: string
  /** The strategy, with its bound if it has one. */
  readonly strategy: string
  /** Every trace (within the bound on preemptions, if there is one) has been explored. */
  readonly exhaustive: boolean
  /** Which budget ended it: 'time', 'executions', or ''. */
  readonly budget: '' | 'time' | 'executions'
  /** What a sample was drawn with; undefined for an exact search. */
  readonly seed: number | undefined
  /** The first finding, or null. */
  readonly violation: Violation | null
  /** All outcomes that were seen. */
  readonly outcomes: readonly Outcome[]
  /** Seconds that the search took, shrinking included. */
  readonly seconds: number
  /** Events that were not replayed. */
  readonly newSteps: number
  /** The most steps of schedules still to be run that an exact search knew at once: what it holds in memory. */
  readonly peakAhead: number
  /** How many executions there would have been, if it ended early and that could be told. */
  readonly estimate: Progress['estimate']
}
