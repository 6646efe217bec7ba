/**
 * What an operation would find if it came before an event that it races with.
 *
 * To reverse the race of `e` with the later `f`, `f` is placed after the events before `e` and those that happen before
 * `f` without `e`. There a CAS may fail that succeeded, and a lock may be free that was held. The words and locks of
 * that place are computed from the values that events stored; nothing is run.
 */

import { CLASS, QUEUES, R, STORES, W } from '../engine/access.ts'
import { happensBefore } from '../engine/dependence.ts'
import type { Cut } from '../engine/ended-agent.ts'
import { elementValue, type Shape, savedWordAt, TIMERS } from '../engine/memory.ts'
import type { Slept } from '../engine/primitives.ts'
import { isOneWord, maskOf, readLock, storesOver } from '../engine/spun-words.ts'
import { placeOf, type Trace } from '../engine/trace.ts'
import {
  ARRIVES,
  AWAIT,
  CAS,
  DUE,
  ENDS,
  EXIT_AWAIT,
  LOCK,
  NOTIFY,
  PASS,
  RECEIVE,
  SECTION_AWAIT,
  TIMED,
  TRYLOCK,
  UNLOCK,
  WAIT,
  WAIT_ASYNC,
  WOKEN,
} from '../runtime/kinds.ts'

/** Whether event `j` comes before `f` when `f` comes before `e`. */
function stays(trace: Trace, e: number, f: number, j: number): boolean {
  return j < e || (j < f && happensBefore(trace, j, f) && !happensBefore(trace, e, j))
}

/** The latest event before `i` among the chains `a` (one word) and `b` (wide ones) is found by merging them. */
function wordWithout(trace: Trace, e: number, f: number, shape: Shape, at: number): number {
  const from = at & ~3
  const { back, address: start, limit: end, newLow, kind, wide } = trace
  const class_ = trace.class
  let a = trace.head[placeOf(trace, from >> 2)]
  let b = trace.head[0]
  let known = 0
  let word = 0
  while ((a >= 0 || b >= 0) && known !== -1) {
    let j = a
    if (a > b) a = back[a]
    else {
      j = b
      b = back[b]
    }
    if (class_[j] !== W || STORES[kind[j]] === 0 || start[j] >= from + 4 || end[j] <= from) continue
    if (!stays(trace, e, f, j)) continue
    let mask = -1
    if (start[j] > from) mask &= -1 << (8 * (start[j] - from))
    if (end[j] < from + 4) mask &= (1 << (8 * (end[j] - from))) - 1
    let stored = newLow[j]
    if (trace.place[j] === 0) {
      const bytes = wide.get(j)!
      stored = 0
      for (let k = 0; k < 4; k++) stored |= (bytes[from + k - start[j]] ?? 0) << (8 * k)
    }
    word |= stored & mask & ~known
    known |= mask
  }
  return word | (savedWordAt(shape.region, from) & ~known)
}

function valueWithout(trace: Trace, e: number, f: number, shape: Shape, start: number): number | bigint {
  const low = wordWithout(trace, e, f, shape, start)
  return elementValue(shape, start, low, shape.size === 8 ? wordWithout(trace, e, f, shape, start + 4) : 0)
}

/** Whether the lock is free there. */
function lockWithout(trace: Trace, e: number, f: number, lock: number): boolean {
  for (let j = trace.head[placeOf(trace, lock >> 2)]; j >= 0; j = trace.back[j]) {
    const kind = trace.kind[j]
    if (trace.start[j] !== lock || trace.class[j] !== W || !stays(trace, e, f, j)) continue
    if (kind === UNLOCK) return true
    if (kind === LOCK || kind === TRYLOCK) return false
  }
  return true
}

/** What an engine word (section, exit flag, place in a queue of messages) holds there. */
function flagWithout(trace: Trace, e: number, f: number, address: number): number {
  for (let j = trace.head[placeOf(trace, address >> 2)]; j >= 0; j = trace.back[j]) {
    if (trace.class[j] === W && stays(trace, e, f, j)) return trace.newLow[j]
  }
  return 0
}

/** Whether the waiter has been taken off the queue of its cell there. */
function wokenWithout(trace: Trace, e: number, f: number, thread: number, cell: number): boolean {
  const chain: number[] = []
  for (let j = trace.head[placeOf(trace, cell >> 2)]; j >= 0; j = trace.back[j]) {
    if (trace.start[j] === cell && stays(trace, e, f, j)) chain.push(j)
  }
  // An agent that was ended does not wait any more.
  for (let j = trace.head[0]; j >= 0; j = trace.back[j])
    if (trace.kind[j] === ENDS && stays(trace, e, f, j)) chain.push(j)
  let queue: number[] = []
  for (const j of chain.sort((a, b) => a - b)) {
    if (trace.kind[j] === ENDS) queue = queue.filter((waiter) => !(trace.extra[j] as Cut).threads.includes(waiter))
    else if (trace.class[j] === QUEUES) queue.push(trace.kind[j] === WAIT_ASYNC ? trace.waiters[j] : trace.thread[j])
    else if (trace.kind[j] === TIMED || trace.kind[j] === DUE)
      queue = queue.filter((waiter) => waiter !== trace.thread[j])
    else if (trace.kind[j] === NOTIFY) {
      queue.splice(0, trace.extra[j] === undefined ? queue.length : Number(trace.extra[j]))
    }
  }
  return !queue.includes(thread)
}

/** What time it is before event `e`. */
function nowAt(trace: Trace, e: number): number {
  for (let j = trace.head[0]; j >= 0; j = trace.back[j]) {
    if (j < e && trace.kind[j] === PASS) return trace.extra[j] as number
  }
  return 0
}

/** Whether the blocking operation in row `f` could go on if it came before `e`. */
export function enabledWithout(trace: Trace, e: number, f: number): boolean {
  if ((trace.cut[trace.thread[f]] ?? e) < e) return false
  const start = trace.address[f]
  const extra = trace.extra[f]
  switch (trace.kind[f]) {
    case LOCK:
      return lockWithout(trace, e, f, start)
    case AWAIT:
      return (extra as (value: unknown) => boolean)(valueWithout(trace, e, f, trace.shape[f] as Shape, start))
    case SECTION_AWAIT:
      return flagWithout(trace, e, f, start) !== extra
    case ARRIVES:
      return flagWithout(trace, e, f, start) > Number(extra)
    case EXIT_AWAIT:
      return flagWithout(trace, e, f, start) !== 0
    case WOKEN:
      return wokenWithout(trace, e, f, trace.thread[f], start)
    case DUE:
      if (start >= TIMERS) return nowAt(trace, e) >= (extra as Slept).deadline
      return wokenWithout(trace, e, f, trace.thread[f], start) || nowAt(trace, e) >= (extra as Slept).deadline
    case PASS:
      return false
    default:
      return pauseIsOverWithout(trace, e, f, extra as number[] | null)
  }
}

function pauseIsOverWithout(trace: Trace, e: number, f: number, reads: readonly number[] | null): boolean {
  if (reads === null) return true
  if (reads.length === 0) return false
  if (isOneWord(trace, reads)) return reads.some((i) => isOutOfDateWithout(trace, e, f, i))
  for (let j = f - 1; j > reads[reads.length - 1]; j--) {
    if (storesOver(trace, j, reads) && stays(trace, e, f, j)) return true
  }
  return false
}

/** Whether event `i`, which read one word or lock, would read something else there. */
function isOutOfDateWithout(trace: Trace, e: number, f: number, i: number): boolean {
  if (readLock(trace, i)) return lockWithout(trace, e, f, trace.address[i]) === (trace.class[i] === R)
  if (trace.kind[i] === RECEIVE) return flagWithout(trace, e, f, trace.address[i]) !== trace.oldLow[i]
  const now = wordWithout(trace, e, f, trace.shape[i] as Shape, trace.address[i])
  return ((now ^ trace.oldLow[i]) & maskOf(trace, i)) !== 0
}

/** The class that the operation in row `f` would have if it came before `e`: a CAS that failed may succeed there. */
export function classWithout(trace: Trace, e: number, f: number): number {
  const kind = trace.kind[f]
  const start = trace.address[f]
  const success = CLASS[kind]
  if (kind === CAS || kind === WAIT || kind === WAIT_ASYNC)
    return valueWithout(trace, e, f, trace.shape[f] as Shape, start) === trace.extra[f] ? success : R
  if (kind === TRYLOCK) return lockWithout(trace, e, f, start) ? success : R
  return success
}

/** The class that the wait `e` would have if `f` had stored before it. */
export function classAfter(trace: Trace, e: number, f: number): number {
  const shape = trace.shape[e] as Shape
  const stores = STORES[trace.kind[f]] === 1 && trace.class[f] === W && trace.address[f] === trace.address[e]
  if (!stores) return trace.class[e]
  const value = elementValue(shape, trace.address[e], trace.newLow[f], trace.newHigh[f])
  return value === trace.extra[e] ? CLASS[WAIT] : R
}
