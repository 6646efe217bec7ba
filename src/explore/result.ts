/**
 * What comes back: how far a search is, and what it found.
 */

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

/** Nothing counted yet. */
export const noCounts = (): Counts => ({
  complete: 0,
  blocked: 0,
  redundant: 0,
  failing: 0,
  unknown: 0,
  executions: 0,
  steps: 0,
})

/** What a finding is; docs/explore.md explains each. */
export type ViolationKind =
  | 'data-race'
  | 'use-after-free'
  | 'double-free'
  | 'overflow'
  | 'leak'
  | 'lost-update'
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
  /** Which of its thread's tasks and jobs it is in: `timer 10 ms`, `after await, wait.js:14`; undefined: in none. */
  readonly task?: string | undefined
  /** Whether the step is one of those the violation is about. */
  readonly matters: boolean
  /** Under a memory model, of a load: the step whose store it reads; 0: what was there before all threads. */
  readonly readsFrom?: number | undefined
  /** Where its bytes are of different stores: the step of each, in place of `readsFrom`. */
  readonly bytesFrom?: readonly number[] | undefined
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
  /** By thread, the one whose task it runs, or itself; not there: no thread had tasks. */
  readonly agents?: readonly number[]
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
  /** The time that was given was over before it was shrunk to the end, or before the inflection was found. */
  readonly outOfTime: boolean
  /** The author's calls that something was thrown in, the innermost first: `name (file:line)`. */
  readonly stack: readonly string[]
  /** What was thrown, if something was; otherwise undefined. */
  readonly error: unknown
}

/** What is worth a look and is no fault, since every interleaving was run and none went wrong by it. */
export interface Note {
  /** What would have been found, had not all been run. */
  readonly kind: ViolationKind
  /** One sentence. */
  readonly message: string
  /** `file:line`, most telling first. */
  readonly sites: readonly string[]
  /** Reasons, line by line. */
  readonly why: readonly string[]
}

/** Memory models, from the strongest to the weakest: docs/memory.md says what each allows. */
export type MemoryModel = 'sc' | 'x86' | 'arm' | 'ecma'

/** What an exploration under a memory model tells besides. */
export interface MemoryReport {
  /** The model that was asked for. */
  readonly model: Exclude<MemoryModel, 'sc'>
  /** Where plain loads stand that may take a value from their own future, which is not explored: `file:line`. */
  readonly loadBuffering: readonly string[]
  /** All executions were run, but for those that such a load has. Without any of these loads: `exhaustive`. */
  readonly allButBuffering: boolean
  /** Pairs of accesses that race in some execution of the model. */
  readonly races: readonly RaceReport[]
  /** The strongest model in which the violation happens; undefined: there is none. */
  readonly violates: MemoryModel | undefined
}

/** A data race that is no finding, since a memory model was asked for. */
export interface RaceReport {
  /** The two accesses, in words. */
  readonly accesses: string
  /** What it does: an outcome that no interleaving has, and that the order of the two helps to bring about, if any. */
  readonly shows?: Outcome | undefined
}

/** One outcome, how many executions had it, and the schedule of the first one. */
export interface Outcome {
  /** The outcome as text. */
  readonly outcome: string
  /** Executions with this outcome. */
  readonly count: number
  /** The schedule of the first of them, to be read; not a replay line. */
  readonly witness: string
  /** The strongest memory model that has it; only where a model was asked for. */
  readonly model?: MemoryModel | undefined
  /** The line that replays the first of them; only where a model was asked for. */
  readonly replay?: string | undefined
}

/** One place of an explored source that does something visible, and what threads did there. */
export interface SiteCoverage {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** What is done there: `Atomics.store`, `read`, `spinLock`. */
  readonly operation: string
  /** The source text of the operation. */
  readonly source: string
  /** The function it stands in; '' outside of all. */
  readonly within: string
  /** A thread has done it. */
  readonly executed: boolean
  /** In one of the executions another thread did something that conflicts with it. */
  readonly met: boolean
  /** Such a conflict was seen in both orders: a step here before one elsewhere, and behind it. */
  readonly bothOrders: boolean
}

/** A source and its visible places, by where they stand. */
export interface FileCoverage {
  readonly file: string
  /** Fingerprints of its texts: more than one, if it was explored with edits as well. */
  readonly texts: readonly string[]
  readonly sites: readonly SiteCoverage[]
}

/** A step that is the same one in all executions: the `nth` time (from 0) that a thread came to a site. */
export interface CoveredStep {
  readonly site: string
  /** The thread's number, or `2.1` for the first callback of thread 2. */
  readonly thread: string
  readonly nth: number
}

/** Which conflicts of the program's visible operations were seen, and in which orders. */
export interface Coverage {
  /** Of the sources that were loaded, by their paths. */
  readonly files: readonly FileCoverage[]
  /** The execution (from 1) that showed a pair of steps in an order which none had shown; 0: there was no pair. */
  readonly newest: number
  /**
   * Conflicts seen in one order alone, of which a site wants the other: another part of the same search may have it.
   */
  readonly halves: readonly { readonly first: CoveredStep; readonly second: CoveredStep }[]
}

/** What an exploration found. */
export interface Result extends Counts {
  /** The scenario's name. */
  readonly scenario: string
  /** The strategy, with its bound if it has one. */
  readonly strategy: string
  /**
   * Every trace (within the bound on preemptions, if there is one) has been explored. Under a memory model: every
   * execution that it has.
   */
  readonly exhaustive: boolean
  /**
   * `file:line` of the loops for which it is not exhaustive: executions were given up that went on in them without an
   * end, or turns of theirs were left out. Undefined if there are none, or in a part of the search that lies behind.
   */
  readonly leftOut?: readonly string[] | undefined
  /** 'idle' if a sleep with a timeout began, which was explored to end only when nobody can go on; else undefined. */
  readonly timeouts: 'idle' | undefined
  /** Names of the threads that the scenario lets wait at the end. */
  readonly daemons: readonly string[]
  /** Which budget ended it: 'time', 'executions', or ''. */
  readonly budget: '' | 'time' | 'executions'
  /** What a sample was drawn with; undefined for an exact search. */
  readonly seed: number | undefined
  /** The first finding, or null. */
  readonly violation: Violation | null
  /** Orders of locks that make a circle, if every interleaving was run and none deadlocks. */
  readonly notes: readonly Note[]
  /** All outcomes that were seen. */
  readonly outcomes: readonly Outcome[]
  /** Seconds that the search took. What came after it, shrinking above all, is not included. */
  readonly seconds: number
  /** Events that were not replayed. */
  readonly newSteps: number
  /**
   * What threads asked for that every execution answered alike: `Math.random`, which drew once for all, clocks, which
   * stood still, and the scenario's `inputs`.
   */
  readonly drawn: readonly string[]
  /**
   * The most steps of schedules still to be run that an exact search knew at once: what it holds in memory. Of several
   * workers, that of the one that had most.
   */
  readonly peakAhead: number
  /** How many executions there would have been, if it ended early and that could be told. */
  readonly estimate: Progress['estimate']
  /** Which conflicts were seen; undefined: nobody asked. */
  readonly coverage: Coverage | undefined
  /** Only where a memory model was asked for. */
  readonly memory?: MemoryReport | undefined
}
