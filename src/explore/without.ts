/**
 * What would hold if one event, and all that happens after it, had not taken place.
 *
 * To reverse a race the other operation is placed after `pre(e).notdep(e)`: the events before `e`, then those
 * after it that don't depend on it. There a CAS may fail that succeeded, and a lock may be free that was held.
 * The words and locks of that place are computed from the values that events stored; nothing is run.
 */
import { CLASS, EXIT_AWAIT, QUEUES, R, SECTION_AWAIT, STORES, TIMED, W, WOKEN } from './access.ts'
import { happensBefore } from './dependence.ts'
import { elementValue, type Shape, savedWordAt } from './memory.ts'
import { AWAIT, CAS, LOCK, NOTIFY, TRYLOCK, UNLOCK, WAIT } from './runtime.ts'
import type { Execution } from './state.ts'
import { placeOf, type Trace } from './trace.ts'

/** Whether event `j` is left when `e` and its consequences are not. */
function stays(trace: Trace, e: number, j: number): boolean {
  return j < e || !happensBefore(trace, e, j)
}

/** The latest event before `i` among the chains `a` (one word) and `b` (wide ones) is found by merging them. */
function wordWithout(trace: Trace, e: number, shape: Shape, at: number): number {
  const from = at & ~3
  const { back, address: start, limit: end, newLow, kind, wide } = trace
  const class_ = trace.class
  let a = trace.head[placeOf(trace, from >> 2)]!
  let b = trace.head[0]!
  let known = 0
  let word = 0
  while ((a >= 0 || b >= 0) && known !== -1) {
    let j = a
    if (a > b) a = back[a]!
    else {
      j = b
      b = back[b]!
    }
    if (class_[j] !== W || STORES[kind[j]!] === 0 || start[j]! >= from + 4 || end[j]! <= from) continue
    if (!stays(trace, e, j)) continue
    let mask = -1
    if (start[j]! > from) mask &= -1 << (8 * (start[j]! - from))
    if (end[j]! < from + 4) mask &= (1 << (8 * (end[j]! - from))) - 1
    let stored = newLow[j]!
    if (trace.place[j] === 0) {
      const bytes = wide.get(j)!
      stored = 0
      for (let k = 0; k < 4; k++) stored |= (bytes[from + k - start[j]!] ?? 0) << (8 * k)
    }
    word |= stored & mask & ~known
    known |= mask
  }
  return word | (savedWordAt(shape.region, from) & ~known)
}

function valueWithout(trace: Trace, e: number, shape: Shape, start: number): number | bigint {
  const low = wordWithout(trace, e, shape, start)
  return elementValue(shape, start, low, shape.size === 8 ? wordWithout(trace, e, shape, start + 4) : 0)
}

/** Whether the lock is free there. */
function lockWithout(trace: Trace, e: number, lock: number): boolean {
  for (let j = trace.head[placeOf(trace, lock >> 2)]!; j >= 0; j = trace.back[j]!) {
    const kind = trace.kind[j]!
    if (trace.start[j] !== lock || trace.class[j] !== W || !stays(trace, e, j)) continue
    if (kind === UNLOCK) return true
    if (kind === LOCK || kind === TRYLOCK) return false
  }
  return true
}

/** What an engine word (section, exit flag) holds there. */
function flagWithout(trace: Trace, e: number, address: number): number {
  for (let j = trace.head[placeOf(trace, address >> 2)]!; j >= 0; j = trace.back[j]!) {
    if (trace.class[j] === W && stays(trace, e, j)) return trace.newLow[j]!
  }
  return 0
}

/** Whether the waiter has been taken off the queue of its cell there. */
function wokenWithout(trace: Trace, e: number, thread: number, cell: number): boolean {
  const chain: number[] = []
  for (let j = trace.head[placeOf(trace, cell >> 2)]!; j >= 0; j = trace.back[j]!) {
    if (trace.start[j] === cell && stays(trace, e, j)) chain.push(j)
  }
  let queue: number[] = []
  for (const j of chain.reverse()) {
    if (trace.class[j] === QUEUES) queue.push(trace.thread[j]!)
    else if (trace.kind[j] === TIMED) queue = queue.filter((waiter) => waiter !== trace.thread[j])
    else if (trace.kind[j] === NOTIFY) {
      queue.splice(0, trace.extra[j] === undefined ? queue.length : Number(trace.extra[j]))
    }
  }
  return !queue.includes(thread)
}

/** Whether a blocking operation could go on after `pre(e).notdep(e)`. */
export function enabledWithout(
  x: Execution,
  e: number,
  thread: number,
  kind: number,
  start: number,
  shape: Shape | null,
  extra: unknown,
): boolean {
  const { trace } = x
  switch (kind) {
    case LOCK:
      return lockWithout(trace, e, start)
    case AWAIT:
      return (extra as (value: unknown) => boolean)(valueWithout(trace, e, shape!, start))
    case SECTION_AWAIT:
      return flagWithout(trace, e, start) !== extra
    case EXIT_AWAIT:
      return flagWithout(trace, e, start) !== 0
    case WOKEN:
      return wokenWithout(trace, e, thread, start)
    default: {
      const events = extra as number[] | null
      return (
        events === null ||
        events.some((i) => wordWithout(trace, e, trace.shape[i] as Shape, trace.address[i]!) !== trace.oldLow[i])
      )
    }
  }
}

/** The class that an operation has after `pre(e).notdep(e)`: a CAS that failed may succeed there. */
export function classWithout(
  x: Execution,
  e: number,
  kind: number,
  start: number,
  shape: Shape | null,
  extra: unknown,
) {
  const { trace } = x
  const success = CLASS[kind]!
  if (kind === CAS || kind === WAIT) return valueWithout(trace, e, shape!, start) === extra ? success : R
  if (kind === TRYLOCK) return lockWithout(trace, e, start) ? success : R
  return success
}
