/**
 * Agents that are ended by another one: only where it makes no difference when.
 *
 * That is so if the agent does nothing any more of its own accord, and if all that it did comes before the latest step
 * of the one who ends it, in every order of the steps that comes to the same.
 */
import { ARRIVES, DUE, EXIT, UNLOCK } from '../runtime/kinds.ts'
import { happensBefore } from './dependence.ts'
import { TIMERS } from './memory.ts'
import { isDue } from './pending.ts'
import type { Execution, Position } from './state.ts'
import { agentOf, isLeft } from './tasks.ts'
import { ABSENT, DONE, LAZY } from './thread-status.ts'

/** The threads of the agents for which that holds. */
function threadsOf(x: Execution, isMeant: (agent: number) => boolean): number[] {
  const { trace, position } = x
  return Array.from({ length: trace.threads }, (_, t) => t).filter(
    (t) => position.status[t] !== ABSENT && isMeant(agentOf(x, t)),
  )
}

/** Whether it makes no difference where that agent is ended. */
export const isQuiet = (x: Execution, agent: number): boolean =>
  threadsOf(x, (each) => each === agent).every((t) => isLeft(x, t) || (rests(x, t) && isBehind(x, t)))

/** Whether all that others than the running agent have printed comes before the latest step of the running thread. */
export function allPrintedBefore(x: Execution): boolean {
  const { trace, position, agents } = x
  const running = agentOf(x, position.current)
  const now = latestOf(x, position.current)
  return threadsOf(x, (each) => each !== running).every((t) => {
    const after = agents.printed[t]
    if (after === undefined) return true
    // A step of its own that came behind the print.
    const steps = after < 0 ? 0 : trace.nth[after] + 1
    return now >= 0 && trace.clock[now * trace.stride + t] > steps
  })
}

/** Whether a thread has ended, or is a task that waits for a message that is not there, or for a timer. */
function rests(x: Execution, t: number): boolean {
  const { position, primitives } = x
  const { status, pending, generators } = position
  if (status[t] === DONE) return true
  if (status[t] === LAZY) return false
  if (isLeft(x, t)) return true
  const { kind, start } = pending[t]
  if (kind === EXIT || (kind === UNLOCK && primitives.locks.hidden.has(start))) return true
  if (generators[t] !== null) return false
  if (kind === ARRIVES) return (primitives.posted.get(start) ?? 0) <= Number(pending[t].a)
  return kind === DUE && start >= TIMERS && !isDue(x, t)
}

/** The latest event of a thread in this execution so far; -1: it has none. */
export function latestOf({ trace, position }: Execution, t: number): number {
  let i = trace.last[t] ?? -1
  while (i >= position.step) i = trace.past[i]
  return i
}

/** Whether all that a thread did comes before the latest step of the running one. */
function isBehind(x: Execution, t: number): boolean {
  const { trace, position, primitives, agents } = x
  const now = latestOf(x, position.current)
  let last = latestOf(x, t)
  // That it ends, and that others of its agent may go on, is nobody else's business.
  const isOwn = (i: number): boolean =>
    trace.kind[i] === EXIT || (trace.kind[i] === UNLOCK && primitives.locks.hidden.has(trace.address[i]))
  while (last >= 0 && isOwn(last)) last = trace.past[last]
  if (last < 0) return true
  return agents.printed[t] !== last && now >= 0 && happensBefore(trace, last, now)
}

/** Whether a thread of that agent that was ended before it was through has printed something since its latest step. */
export const hasPrintedLast = (x: Execution, agent: number): boolean =>
  threadsOf(x, (each) => each === agent).some(
    (t) => x.trace.cut[t] !== undefined && x.agents.printed[t] !== undefined && x.agents.printed[t] === latestOf(x, t),
  )

/** Ends that agent. */
export function endAgent(x: Execution, agent: number): void {
  const position: Position = x.position
  for (const t of threadsOf(x, (each) => each === agent)) position.status[t] = DONE
}
