/**
 * How executions end.
 */
import type { Execution } from './state.ts'
import { ABSENT, DONE } from './thread-status.ts'

/** How an execution ended. A redundant one was begun in vain; an exact search has none. */
export type Ending = 'complete' | 'blocked' | 'redundant' | 'stopped'

/** How an execution ended, by the state of its threads. */
export function endingOf({ position, trace }: Execution): Ending {
  const { stopped, status } = position
  if (stopped !== '') return 'stopped'
  for (let t = 0; t < trace.threads; t++) if (status[t] !== DONE && status[t] !== ABSENT) return 'blocked'
  return 'complete'
}
