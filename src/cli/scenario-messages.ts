/**
 * What a command, the process that it gives the author's code, and the worker in there say to each other.
 */

import type { Checkpoint, Progress, Result } from '../explore/index.ts'
import type { Beforehand, Order as Share, Word } from '../explore/internals-load.ts'
import type { Plan } from './explore-plan.ts'
import type { Source } from './line-name.ts'
import type { Replayed, ReplayRequest } from './replay-once.ts'

/** What a worker is to do. */
export type Job =
  /** `orNone`: a file without scenarios is no fault. */
  | { readonly list: Source; readonly orNone?: boolean }
  | { readonly explore: Plan; readonly resume?: Checkpoint | undefined; readonly checkpoints: boolean }
  /** Has a part in a search that others have a part in as well. */
  | { readonly share: Plan }
  /** Tells beforehand how long it would take, in so many seconds; `seed` draws the probes. */
  | { readonly estimate: Plan; readonly seconds: number; readonly seed: number }
  | { readonly replay: ReplayRequest }

/** What came of it. */
export type Answer =
  /** The scenarios, and the files that were loaded for them. */
  | { readonly names: readonly string[]; readonly loads: readonly string[] }
  | { readonly result: Result }
  | { readonly beforehand: Beforehand }
  /** Whether the author's code may have left something behind. */
  | { readonly parted: boolean }
  | { readonly found: string; readonly replayed: Replayed['result'] }

/** What a worker says. */
export type Message =
  /** Its own code is there: what goes wrong from now on is the author's. */
  | { readonly ready: true }
  | { readonly progress: Progress }
  | { readonly checkpoint: Checkpoint }
  /** `file:line` of every site, by number. */
  | { readonly sites: readonly string[] }
  /** The author's code left a promise that was rejected. */
  | { readonly rejected: string }
  /** Nothing is left to do, and the job has no answer. */
  | { readonly stuck: true }
  | { readonly answer: Answer }
  | { readonly usage: string }
  /** It could not do the job, and knows why. */
  | { readonly cut: string }
  | { readonly failed: string }

/** How long a job may take, and what it is called. */
export interface Limits {
  /** What is explored, for a sentence. */
  readonly name: string
  /** Seconds of computing without a step, after which the job is given up. */
  readonly patience: number
  /** Seconds for all of it. Undefined: as long as it takes. */
  readonly seconds?: number | undefined
}

/** What a command asks of a process. */
export interface Order {
  readonly job: Job
  readonly limits: Limits
}

/** What a command tells a process of the search that its job has a part in. */
export type Call = { readonly order: Share } | { readonly stop: number } | { readonly ask: number }

/** What a process says. */
export type Report =
  /** Of the search that its job has a part in. */
  | { readonly word: Word }
  /** Its own code is there: what it prints from now on is the author's. */
  | { readonly started: true }
  /** Where it was when it was looked at last, as the end of a sentence. */
  | { readonly at: string }
  | Extract<Message, { progress: Progress } | { checkpoint: Checkpoint }>
  | End

/** What comes of an order. */
export type End =
  /** `reusable`: the author's code has left nothing behind that another job would find. */
  | { readonly answer: Answer; readonly reusable: boolean }
  | { readonly usage: string }
  /** There is no answer, for this reason. */
  | { readonly given: string; readonly ending: 'failed' | 'budget' }

/** What a process writes to stderr behind all that the author's code has printed, so that nothing of it is lost. */
export const PRINTED = '\0printed\n'
