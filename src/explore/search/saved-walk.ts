/**
 * Where an exact search stood, as JSON: what of it can be taken up.
 */
import { amount, below, count, flag, list, orNothing, record, type Shape, text } from '../runtime/shape.ts'
import type { Frame } from './ahead.ts'

/** What is kept of an exact search. */
export interface SavedWalk {
  /** The threads, helpers included, in the order of their numbers. */
  readonly labels: readonly string[]
  readonly frames: readonly Frame[]
}

/** What is wrong with it, in a program of so many threads beside helpers. */
export const savedWalk =
  (given: number): Shape =>
  (saved, place) => {
    const labels = (saved as Partial<SavedWalk> | null)?.labels
    const thread = below(Array.isArray(labels) ? labels.length : given)
    const operation = record({
      thread,
      nth: count,
      class: count,
      start: amount,
      end: amount,
      words: orNothing(list(amount)),
    })
    const moved = record({ at: count, was: operation, rival: operation, turn: count, settled: flag, passed: flag })
    const reversal = record({
      at: count,
      threads: list(thread),
      moved: list(moved),
      rival: thread,
      rivalMoved: orNothing(moved),
    })
    const frame = record({ threads: list(thread), reversals: list(reversal), begun: count })
    const wrong = record({ labels: list(text), frames: list(frame) })(saved, place)
    return wrong ?? contradiction(saved as SavedWalk, given, place)
  }

/** Numbers that lead beyond what is there, and helpers of nobody. */
function contradiction({ labels, frames }: SavedWalk, given: number, place: string): string | undefined {
  const isLabel = (label: string, t: number): boolean =>
    t < given
      ? label === String(t)
      : /\.[1-9]\d*$/.test(label) && labels.slice(0, t).includes(label.slice(0, label.lastIndexOf('.')))
  if (labels.length < given || !labels.every(isLabel)) return `${place}.labels: got ${labels}, which are no threads`
  const at = frames.findIndex(
    ({ threads, reversals, begun }) =>
      begun > reversals.length || reversals.some((each) => each.at > threads.length || each.threads.length === 0),
  )
  return at === -1 ? undefined : `${place}.frames[${at}]: got a reversal that does not fit its schedule`
}
