/**
 * What a thread is about to do: whether it could go on now, and what that would be to others.
 */
import { BLOCKING, CLASS, EXIT_AWAIT, NONE, R, SECTION_AWAIT, TIMED, WOKEN } from './access.ts'
import { ownerOf } from './held-locks.ts'
import { type Shape, wordAt } from './memory.ts'
import { AWAIT, CAS, LOCK, PAUSE, TRYLOCK, WAIT } from './runtime.ts'
import { type Execution, LAZY, type Pending, READY } from './state.ts'

/** Whether a thread's pending operation could go on now. */
export function isEnabled(x: Execution, thread: number): boolean {
  const status = x.status[thread]!
  if (status !== READY && status !== LAZY) return false
  const p = x.pending[thread]!
  return BLOCKING[p.kind] === 0 || isOpen(x, thread, p)
}

/** Whether a thread can go on and does not sleep: to switch away from one that does is no preemption. */
export function isRunning(x: Execution, thread: number): boolean {
  return isEnabled(x, thread) && (x.pending[thread]!.kind !== TIMED || x.primitives.woken[thread] === 1)
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
    case SECTION_AWAIT:
      return sections[p.index] !== p.a
    case EXIT_AWAIT:
      return exits[p.index] !== 0
    default:
      return pauseIsOver(x, p)
  }
}

/** A spin loop goes on when a word it read since its last turn has another value now. */
function pauseIsOver(x: Execution, p: Pending): boolean {
  const events = p.a as number[] | null
  if (events === null) return true
  for (const i of events)
    if (wordAt((x.trace.shape[i] as Shape).region, x.trace.address[i]!) !== x.trace.oldLow[i]) return true
  return false
}

/** The class of a pending operation if it were performed now. */
export function classNow(x: Execution, p: Pending): number {
  const cls = CLASS[p.kind]!
  if (p.kind === CAS || p.kind === WAIT) return (p.view as ArrayLike<unknown>)[p.index] === p.a ? cls : R
  if (p.kind === TRYLOCK) return ownerOf(x.primitives.locks, p.start) < 0 ? cls : R
  if (p.kind === PAUSE && p.a === null) return NONE
  return cls
}
