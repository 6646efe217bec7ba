/**
 * An agent is ended by another one while it has more to do: a worker by `terminate`.
 *
 * The end is a step that depends on all steps of the agent, so that it may come between any two of them. What that was
 * about to do takes part in the search, as that of a thread which is blocked: it races with the end.
 */
import { ENDS, EXIT } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { NONE, PASSES } from './access.ts'
import { append } from './dependence.ts'
import type { Cut } from './ended-agent.ts'
import { fail } from './fail.ts'
import { ALL_ADDRESSES } from './memory.ts'
import { classNow } from './pending.ts'
import type { Execution, Position } from './state.ts'
import { agentOf, isLeft } from './tasks.ts'
import { ABSENT, DONE } from './thread-status.ts'

/** The pending step of thread `t` ends an agent, as an event. Returns false if it is another one in the trace. */
export function cutOff(x: Execution, t: number): boolean {
  const { trace, hooks, primitives } = x
  const position: Position = x.position
  const i = position.step
  const { a, site } = position.pending[t]
  const its = a as Cut
  const isNew = i === trace.n
  trace.extra[i] = its
  if (isNew) {
    append(trace, t, ENDS, PASSES, 0, ALL_ADDRESSES, site, trace.last[t] < 0 ? primitives.parents[t] : -1)
    trace.address[i] = 0
    trace.limit[i] = 0
    trace.shape[i] = null
    x.totals.newSteps++
    if (runtime.pulse !== null) runtime.pulse[0]++
  } else if (trace.kind[i] !== ENDS || trace.thread[i] !== t) return false
  position.step = i + 1
  if (isNew) {
    hooks.detect?.(i)
    hooks.strategy.stepped(i)
  }
  for (let u = 0; u < trace.threads; u++) if (agentOf(x, u) === its.agent) end(x, u, i, its)
  x.agents.unsettled.delete(its.agent)
  return true
}

const PAUSED = 'terminate() of a worker at a pause is not explored where it has done nothing since the last one'

function end(x: Execution, u: number, i: number, { threads }: Cut): void {
  const { position, primitives, trace } = x
  const { status } = position as Position
  if (status[u] === DONE || status[u] === ABSENT || isLeft(x, u)) return
  status[u] = DONE
  // That a task is over is nothing that it had to do.
  const p = position.pending[u]
  if (p.kind === EXIT) return
  if (classNow(x, p) === NONE)
    fail(x, { kind: 'refused', message: PAUSED, sites: [p.site], events: [], thread: u, at: i })
  trace.cut[u] = i
  threads.push(u)
  for (const queue of primitives.waiters.values()) {
    const at = queue.indexOf(u)
    if (at >= 0) queue.splice(at, 1)
  }
}
