/**
 * A checkpoint that comes from outside: what of it can be gone on from.
 */
import { amount, count, flag, list, orNothing, orNull, record, type Shape, text } from './runtime/shape.ts'
import type { Checkpoint } from './scenario.ts'
import { readSchedule } from './schedule/schedule.ts'

const COUNTS = record({
  complete: count,
  blocked: count,
  redundant: count,
  failing: count,
  unknown: count,
  executions: count,
  steps: count,
})

/** A line of a schedule. */
const schedule: Shape = (value, place) => {
  const wrong = text(value, place)
  if (wrong !== undefined) return wrong
  try {
    readSchedule(value as string)
    return undefined
  } catch {
    return `${place}: got ${JSON.stringify(value)}, expected a schedule`
  }
}

/** The first thing in a checkpoint that is not as it was saved, in words. `search` is what the strategy saves. */
export function faultOf(checkpoint: Checkpoint, search: Shape | undefined, exact: boolean): string | undefined {
  const shape = record({
    schema: count,
    fingerprint: text,
    seed: exact ? orNothing(amount) : amount,
    counts: COUNTS,
    outcomes: list(record({ outcome: text, count, witness: schedule })),
    failed: orNull(schedule),
    suspected: orNothing(list(schedule)),
    learned: orNothing(list(schedule)),
    drawn: orNothing(list(text)),
    cutShort: orNothing(flag),
    slept: orNothing(flag),
    search: search ?? (() => undefined),
  })
  const { counts, failed } = checkpoint
  const lost = () =>
    counts.failing > 0 && failed === null ? 'checkpoint.failed: got null, expected a schedule' : undefined
  return shape(checkpoint, 'checkpoint') ?? lost()
}
