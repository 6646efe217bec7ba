/**
 * What a detector is. Each has a file of its own, and a line in `detectors.ts`.
 */
import type { Ending } from '../engine/ending.ts'
import type { Finding } from '../engine/finding.ts'
import type { Execution } from '../engine/state.ts'
import type { ViolationKind } from '../result.ts'

/** A finding of a kind that reports know. The engine takes any. */
export type KnownFinding = Finding & { readonly kind: ViolationKind }

/**
 * What is wrong with an event. Whoever looked at it knows the event and its thread; the message does not begin with the
 * thread's name.
 */
export type Fault = Omit<KnownFinding, 'at' | 'thread'> & {
  /** This execution went well; another would show the fault, if there is one that does. */
  readonly elsewhere?: boolean
}

/** A fault that another execution would show, and the threads of this one up to where it was seen. */
export interface Suspicion {
  readonly finding: KnownFinding
  readonly threads: readonly number[]
}

/** Names an address for a reader. */
export type PlaceName = (address: number) => string

/** Nothing found. One list for all, since every execution is asked. */
export const NOTHING: readonly KnownFinding[] = []

/** Looks for one family of faults, in every execution of a search. Its methods do without `this`. */
export interface Detector {
  /**
   * What is wrong with new event `i`, which is about to be performed; undefined: nothing. What is replayed is not shown
   * again.
   */
  look?(i: number): Fault | undefined
  /** What is wrong with an execution that has ended by itself: in which all threads ended, or some are stuck. */
  atEnd?(ending: Ending): readonly KnownFinding[]
  /** From now on judges each execution as if there had been no other. */
  judgeAlone?(): void
  /** Threads of executions up to where it learned what may make another execution suspect. */
  learned?(): readonly (readonly number[])[]
  /** Its fault is the one to report: detectors below it in the table don't look at what it found fault with. */
  readonly final?: boolean
}

/** Makes a detector for a search. */
export type CreateDetector = (x: Execution, placeName: PlaceName) => Detector
