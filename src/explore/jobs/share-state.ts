/**
 * What is known of a search that is shared, by whoever hands it out.
 */
import type { Progress, Result } from '../result.ts'
import type { Checkpoint } from '../scenario.ts'
import type { SavedWalk } from '../search/saved-walk.ts'
import type { Entry } from './line-up.ts'
import type { Asked, Look, Order } from './words.ts'

/** A worker, as it is reached. */
export interface Hand {
  tell(order: Order): void
  /** Asks it to leave off that part. */
  stop(part: number): void
  /** Asks it for a piece of that part. */
  ask(part: number): void
}

/** What is asked of all together. */
export interface ShareOptions {
  /** Take the violation that is found first, whatever comes before it. */
  readonly first?: boolean | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly onCheckpoint?: ((checkpoint: Checkpoint) => void) | undefined
  readonly resume?: Checkpoint | undefined
}

/** A worker, as it is known. */
export interface Worker {
  readonly number: number
  readonly hand: Hand
  /** The part that it is at. */
  entry: Entry | undefined
  /** It has been asked for a piece of it. */
  asked: boolean
  /** How many executions it may still run. */
  executions: number
  /** It has said that it is there. */
  ready: boolean
  look: Look | undefined
  suspected: readonly string[]
  learned: readonly string[]
  drawn: readonly string[]
}

/** A search that is shared. */
export interface State {
  readonly options: ShareOptions
  readonly entries: Entry[]
  readonly workers: Worker[]
  /** By the clock of `performance`: when the first worker was there. */
  started: number | undefined
  /** What the scenario and its options ask of all together. */
  asked: Asked
  /** Executions that nobody may run yet. */
  executions: number
  clock: NodeJS.Timeout | undefined
  /** What all who work at it have in common. */
  start: string | undefined
  fingerprint: string
  ids: number
  told: number
  budget: Result['budget']
  cutShort: boolean
  slept: boolean
  /** What a part that has ended still has ahead of it. */
  nothing: SavedWalk | undefined
  /** Nobody explores any more. */
  over: boolean
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}
