/**
 * What is wrong with a claim, in words: for who checks what readers hand in.
 */

import type { Moment } from '../src/explore/internals.ts'
import { type Claim, isAnswered, isReached } from './claim.ts'
import type { Lesson } from './lesson.ts'
import { textsOf } from './texts.ts'

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
  const { question } = textsOf(lesson)
  return step === undefined
    ? `the question after the task has no answer: '${question}'`
    : `step ${step} is not the answer to '${question}'`
}
