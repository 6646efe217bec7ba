/**
 * What the end of an agent depends on: its own steps, whoever wakes sleepers, since it may be among those, and time.
 */
import { ENDS } from '../runtime/kinds.ts'
import { NOTIFIES, PASSES } from './access.ts'
import type { Trace } from './trace.ts'

/** What an agent is ended by: which one it is, and the threads of it that had more to do. */
export interface Cut {
  readonly agent: number
  readonly threads: number[]
}

/** The agent that a thread belongs to. */
export const agentIn = ({ agents }: Trace, t: number): number => agents[t] ?? t

/** Which agent event `i` ends; undefined: none. */
export const endedBy = ({ kind, extra }: Trace, i: number): number | undefined =>
  kind[i] === ENDS ? (extra[i] as Cut).agent : undefined

/** Whether the end of that agent depends on a step of such a class by a thread of agent `its`. */
export const isConcerned = (ended: number, cls: number, its: number): boolean =>
  its === ended || cls === NOTIFIES || cls === PASSES

/** Whether event `i` ends an agent that event `j` has nothing to do with. */
export function endsBeside(trace: Trace, i: number, j: number): boolean {
  const ended = endedBy(trace, i)
  return ended !== undefined && !isConcerned(ended, trace.class[j], agentIn(trace, trace.thread[j]))
}
