/**
 * The execution that every exact search of a program begins with: always the lowest thread that can go on.
 *
 * A search that goes on from elsewhere runs it too, though it counts for nothing there: memory that threads come to
 * late has the same addresses then as in the search that began.
 */
import { type Ending, endingOf } from '../engine/ending.ts'
import { run } from '../engine/execution.ts'
import { firstEnabled } from '../engine/pending.ts'
import type { Execution } from '../engine/state.ts'
import { truncate } from '../engine/trace.ts'

/** Runs it, leaves it in the trace, and returns how it ended. Its steps are not new ones. */
export function runFirst(x: Execution): Ending {
  const { newSteps, slept } = x.totals
  truncate(x.trace, 0)
  run(x, { choose: () => firstEnabled(x), stepped() {} })
  Object.assign(x.totals, { newSteps, slept })
  return x.position.stopped === '' ? endingOf(x) : 'stopped'
}
