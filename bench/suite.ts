/**
 * What a benchmark is made of.
 */

import type { Budget } from './budget.ts'

/** What the command line says about the machine. */
export interface Scope {
  /** The most CPUs that a case may use. */
  readonly cpus: number
}

/** A thing that tinybench repeats. */
export interface TimedCase {
  readonly name: string
  /** How often one `run` does the thing that is timed. */
  readonly count: number
  readonly run: () => void
  /** Called after all measuring: throws if the work was not done. `runs` is how often `run` was called. */
  readonly check: (runs: number) => void
}

/** A thing with a clock of its own: several threads, another process, or something that can be done once only. */
export interface MeasuredCase {
  readonly name: string
  /**
   * One value, in the unit of the case's row. Throws if the work was not done, and Unavailable if it can't be done
   * here.
   */
  readonly measure: (budget: Budget) => number | Promise<number>
  /** Once a process, without warm-up: it takes long, or has a process of its own. */
  readonly once?: boolean
  /** Called after all measuring. */
  readonly end?: () => void | Promise<void>
}

export type Case = TimedCase | MeasuredCase

/** What a value is. Of nanoseconds and bytes less is better, of the others more. */
export type Unit = 'ns' | 'bytes' | 'perSecond' | 'share'

/** One line of the table. */
export interface Row {
  /** The name in the JSON and of `--case`. */
  readonly name: string
  readonly label: string
  /** Nanoseconds, unless something else is said. */
  readonly unit?: Unit
  /** The case that this one is compared with; the suite's base if not given, none if null. */
  readonly base?: string | null
  /** The case whose time is taken off for the net; the suite's if not given, none if null. */
  readonly empty?: string | null
  /** What others published, said to be theirs in the label: printed, not measured. */
  readonly quoted?: number
}

/** Cases that stand side by side in one table. */
export interface Suite {
  readonly name: string
  /** One line for the help. */
  readonly summary: string
  readonly rows: (scope: Scope) => readonly Row[]
  /** The case that does everything but what is asked about. Its time is taken off the others', which gives the net. */
  readonly empty?: string
  /** The case that the others are compared with. */
  readonly base?: string
  /** Processes, and so samples, where a suite takes too long for those of the budget. */
  readonly processes?: number
  /** Each case in a process of its own, where V8 has seen no other. */
  readonly alone?: boolean
  /** Sets up the cases with these names. */
  readonly prepare: (names: readonly string[], scope: Scope) => Case[] | Promise<Case[]>
  /** What stands below the table: what was measured, and how. */
  readonly footer: readonly string[]
}
