/**
 * How executions end.
 */
import { ARRIVES, AWAIT, DUE, PAUSE, WOKEN } from '../runtime/kinds.ts'
import { type Pending, STORES_AGAIN } from './pending-state.ts'
import type { Execution } from './state.ts'
import { agentOf, restsForEver } from './tasks.ts'
import { ABSENT, DONE } from './thread-status.ts'

/** How an execution ended. A redundant one was begun in vain; an exact search has none. */
export type Ending = 'complete' | 'blocked' | 'redundant' | 'stopped'

/**
 * How an execution ended, by the state of its threads. It is complete though daemons wait for what may come, if nobody
 * else is left.
 */
export function endingOf(x: Execution): Ending {
  const { position, trace, program, agents } = x
  const { stopped, status } = position
  if (stopped !== '') return 'stopped'
  for (let t = 0; t < trace.threads; t++) {
    if (status[t] === DONE || status[t] === ABSENT) continue
    if (!mayRest(x, t)) return 'blocked'
  }
  if (agents.unsettled.size === 0 || agents.over) return 'complete'
  for (const t of agents.unsettled.keys()) if (program.daemons[t] !== true) return 'blocked'
  return 'complete'
}

/** Whether a thread that waits may be left waiting at the end. */
export const mayRest = (x: Execution, t: number): boolean =>
  (x.program.daemons[agentOf(x, t)] === true && servesOn(x.position.pending[t])) || restsForEver(x, t)

/** Whether it waits for somebody to come, and not for what nobody will ever give back. */
export const servesOn = ({ kind, b }: Pending): boolean =>
  kind === ARRIVES || kind === WOKEN || kind === DUE || kind === AWAIT || (kind === PAUSE && b !== STORES_AGAIN)
