/**
 * What a thread is about to do: whether it could go on now, and what that would be to others.
 */

import {
  ARRIVES,
  AWAIT,
  CAS,
  DUE,
  EXIT_AWAIT,
  LOCK,
  NOTIFY,
  PAUSE,
  SECTION_AWAIT,
  TIMED,
  TRYLOCK,
  WAIT,
  WAIT_ASYNC,
  WOKEN,
} from '../runtime/kinds.ts'
import { BLOCKING, CLASS, NONE, R, WATCHES } from './access.ts'
import { mayRest } from './ending.ts'
import { ownerOf } from './held-locks.ts'
import type { Pending } from './pending-state.ts'
import { isOneWord, isOutOfDate, storesOver } from './spun-words.ts'
import type { Execution } from './state.ts'
import { LAZY, READY } from './thread-status.ts'

/** Whether a thread's pending operation could go on now. */
export function isEnabled(x: Execution, thread: number): boolean {
  const { status, pending } = x.position
  if (status[thread] !== READY && status[thread] !== LAZY) return false
  const p = pending[thread]
  return BLOCKING[p.kind] === 0 || isOpen(x, thread, p)
}

/** The lowest thread that can go on; -1: none can. */
export function firstEnabled(x: Execution): number {
  const { status, pending } = x.position
  const { threads, order } = x.trace
  for (let k = 0; k < threads; k++) {
    const t = order[k]
    if (status[t] !== READY && status[t] !== LAZY) continue
    const p = pending[t]
    if (BLOCKING[p.kind] === 0 || isOpen(x, t, p)) return t
  }
  return -1
}

/** Whether a thread can go on and does not sleep: to switch away from one that does is no preemption. */
export function isRunning(x: Execution, thread: number): boolean {
  const { kind } = x.position.pending[thread]
  return isEnabled(x, thread) && ((kind !== TIMED && kind !== DUE) || x.primitives.woken[thread] === 1)
}

function isOpen(x: Execution, thread: number, p: Pending): boolean {
  const { locks, woken, sections, exits } = x.primitives
  switch (p.kind) {
    case LOCK:
      return ownerOf(locks, p.start) < 0
    case AWAIT:
      return (p.a as (value: unknown) => boolean)((p.view as ArrayLike<unknown>)[p.index])
    case WOKEN:
      return woken[thread] === 1
    case DUE:
      return isDue(x, thread) || passesTo(x, thread)
    case ARRIVES:
      return (x.primitives.posted.get(p.start) ?? 0) > Number(p.a)
    case SECTION_AWAIT:
      return sections[p.index] !== p.a
    case EXIT_AWAIT:
      return exits[p.index] !== 0
    default:
      return pauseIsOver(x, p)
  }
}

/** Whether a sleeper was woken, or its time has come. */
export function isDue({ primitives }: Execution, t: number): boolean {
  return primitives.woken[t] === 1 || primitives.deadlines[t] <= primitives.now
}

/** Whether time passes now, to the end of the sleep of thread `t`: nobody can go on, and no sleep ends before. */
function passesTo(x: Execution, t: number): boolean {
  const { position, primitives, trace } = x
  const { status, pending } = position
  const { deadlines } = primitives
  const { rank } = trace
  if (deadlines[t] === Number.POSITIVE_INFINITY || x.program.timeouts !== 'idle') return false
  let serves = true
  for (let u = 0; u < trace.threads; u++) {
    if (status[u] !== READY && status[u] !== LAZY) continue
    const p = pending[u]
    serves &&= mayRest(x, u)
    if (p.kind !== DUE) {
      if (BLOCKING[p.kind] === 0 || isOpen(x, u, p)) return false
    } else if (isDue(x, u) || deadlines[u] < deadlines[t] || (deadlines[u] === deadlines[t] && rank[u] < rank[t]))
      return false
  }
  // If only daemons are left, nobody waits for them.
  return !serves
}

/**
 * A spin loop goes on when the word it read since its last turn has another value; if it read several, when one is
 * stored to.
 */
function pauseIsOver(x: Execution, p: Pending): boolean {
  const reads = p.a as readonly number[] | null
  if (reads === null) return true
  if (reads.length === 0) return false
  const { trace, position } = x
  if (isOneWord(trace, reads)) return reads.some((i) => isOutOfDate(x, i))
  for (let j = position.step - 1; j > reads[reads.length - 1]; j--) if (storesOver(trace, j, reads)) return true
  return false
}

/** The class of a pending operation if it were performed now. */
export function classNow(x: Execution, p: Pending): number {
  const cls = CLASS[p.kind]
  if (p.kind === CAS || p.kind === WAIT || p.kind === WAIT_ASYNC)
    return (p.view as ArrayLike<unknown>)[p.index] === p.a ? cls : R
  if (p.kind === TRYLOCK) return ownerOf(x.primitives.locks, p.start) < 0 ? cls : R
  if (p.kind === PAUSE) {
    if (p.a === null) return NONE
    if ((p.a as readonly number[]).some((i) => x.trace.kind[i] === NOTIFY)) return WATCHES
  }
  return cls
}
