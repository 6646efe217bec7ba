/**
 * Time, where timeouts run out only when nobody can go on: then it passes, to the earliest of them.
 *
 * Passing is a step of the first thread whose time comes, and depends on all that came before, so that nothing is ever
 * moved over it. All whose time has come may go on from then, in every order.
 */
import { DUE, PASS } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { PASSES } from './access.ts'
import { append } from './dependence.ts'
import { ALL_ADDRESSES } from './memory.ts'
import type { Execution, Position } from './state.ts'
import { READY } from './thread-status.ts'

/**
 * Lets time pass to the end of the sleep of thread `t`, as an event. Returns false if it is another one in the trace.
 */
export function pass(x: Execution, t: number): boolean {
  const { trace, primitives, hooks } = x
  const position: Position = x.position
  const i = position.step
  const isNew = i === trace.n
  const to = primitives.deadlines[t]
  if (isNew) {
    append(trace, t, PASS, PASSES, 0, ALL_ADDRESSES, position.pending[t].site, -1)
    trace.address[i] = 0
    trace.limit[i] = 0
    trace.shape[i] = null
    x.totals.newSteps++
    if (runtime.pulse !== null) runtime.pulse[0]++
  } else if (trace.kind[i] !== PASS || trace.thread[i] !== t) return false
  trace.extra[i] = to
  position.step = i + 1
  primitives.now = to
  if (isNew) {
    hooks.detect?.(i)
    hooks.strategy.stepped(i)
  }
  return true
}

/** How long each thread still sleeps; -1 for those that don't, by thread. */
export function sleeps({ position, primitives, trace }: Execution): number[] {
  const left: number[] = []
  for (let t = 0; t < trace.threads; t++) {
    const asleep = position.status[t] === READY && position.pending[t].kind === DUE
    left.push(asleep ? primitives.deadlines[t] - primitives.now : -1)
  }
  return left
}
