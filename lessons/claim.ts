/**
 * What a reader has done of a task, in words that somebody else can check: a link to the moment, and the answers.
 */

import type { Moment } from '../src/explore/internals.ts'
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
export const isAnswered = ({ question }: Lesson, seen: Seen, step: number | undefined): boolean =>
  question === undefined || (step !== undefined && question.right(seen, step - 1))

/**
 * Why the moment at the end of a claim's schedule does not do the task, in a sentence; '' if it does. `steps`: how many
 * steps the schedule has.
 */
export function objectionTo(
  lesson: Lesson,
  { step, foretold = '' }: Claim,
  moment: Moment,
  { exhibit, steps }: { readonly exhibit: string; readonly steps: number },
): string {
  const { diverged, steps: taken } = moment
  if (diverged !== undefined) return `step ${diverged.step + 1} can't be taken: ${diverged.why}`
  if (taken.length < steps) return `the execution has failed after ${taken.length} of its ${steps} steps`
  const seen = { moment, exhibit, foretold }
  if (!isReached(lesson, seen)) {
    const { wrong } = moment
    if (lesson.foretells && wrong !== null && wrong.kind !== foretold)
      return `foretold was ${foretold === '' ? 'nothing' : foretold}, and what is reported is ${wrong.kind}`
    return `its ${steps} steps lead to another moment than the task asks for`
  }
  if (isAnswered(lesson, seen, step)) return ''
  return step === undefined
    ? `the question after the task has no answer: '${lesson.question!.text}'`
    : `step ${step} is not the answer to '${lesson.question!.text}'`
}
