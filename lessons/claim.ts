/**
 * What a reader has done of a task, in words that somebody else can check: a link to the moment, and the answers.
 */

import type { Lesson, Seen } from './lesson.ts'
import type { Prediction } from './prediction.ts'

/** One task, as it was done. */
export interface Claim {
  /** What stands behind `#` in the link to the moment; of a prediction the link to the program. */
  readonly link: string
  /** The step, counted from 1, that was named in answer to the task's question. */
  readonly step?: number
  /** The kind of fault that was foretold. */
  readonly foretold?: string
  /** What was expected of all interleavings. */
  readonly expected?: Prediction
}

/** Whether a moment is the one that a task asks for; not of a prediction, which is about no moment. */
export const isReached = ({ done }: Lesson, seen: Seen): boolean => done !== 'predicted' && done(seen)

/** Whether a step, counted from 1, is the answer to the task's question. A task without one needs no answer. */
export const isAnswered = ({ isAnswer }: Lesson, seen: Seen, step: number | undefined): boolean =>
  isAnswer === undefined || (step !== undefined && isAnswer(seen, step - 1))
