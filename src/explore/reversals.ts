/**
 * The races of a maximal execution, and what their reversals leave to explore.
 *
 * Reversing the race of an event `e` with a later operation gives the sequence of what does not depend on `e`, followed
 * by that operation. It is to be explored from the prefix before `e`, unless a thread that sleeps there or the wakeup
 * tree there covers it already.
 */
import { BLOCKING, CLASS, CONDITIONAL, CONFLICTS, NONE } from './access.ts'
import { happensBefore } from './dependence.ts'
import type { Levels } from './levels.ts'
import type { Shape } from './memory.ts'
import { LOCK } from './runtime.ts'
import { type Execution, LAZY, READY } from './state.ts'
import { placeOf, spareRow, type Trace } from './trace.ts'
import { insert, type Sequence, type WakeupTree } from './wakeup-tree.ts'
import { classWithout, enabledWithout } from './without.ts'

/** What reversals are planned in. */
export interface Reversing {
  readonly x: Execution
  readonly levels: Levels
  readonly tree: WakeupTree
  /** Events before this one are not reversed. */
  readonly from: number
  /** Where sequences are built. */
  readonly v: Sequence
}

/**
 * Whether a thread that sleeps at `e` is a weak initial of `notdep(e)` followed by the operation, so that the
 * reversal has been explored already. Mostly answered without building that sequence: a sleeper's first event
 * after `e` is initial iff all it was joined with lies before `e`.
 */
function covered(search: Reversing, e: number, thread: number, cls: number, start: number, end: number): boolean {
  const { levels } = search
  const { width, sleepers, thread: sleepThread, class: sleepClass, start: sleepStart, end: sleepEnd } = levels
  const { thread: threads, class: classes, start: starts, end: ends, met, n, clock, stride } = search.x.trace
  const mine = threads[e]!
  const nth = search.x.trace.nth[e]!
  for (let k = e * width, to = k + sleepers[e]!; k < to; k++) {
    const q = sleepThread[k]!
    let j = e + 1
    while (j < n && threads[j] !== q) j++
    if (j < n && clock[j * stride + mine]! <= nth) {
      if (met[j]! < e) return true
      continue
    }
    const conflicts = CONFLICTS[sleepClass[k]!]!
    const from = sleepStart[k]!
    const upTo = sleepEnd[k]!
    if (q !== thread && ((conflicts >> cls) & 1) === 1 && start < upTo && from < end) continue
    let independent = true
    for (j = e + 1; j < n && independent; j++) {
      if (((conflicts >> classes[j]!) & 1) === 0 || starts[j]! >= upTo || from >= ends[j]!) continue
      if (clock[j * stride + mine]! <= nth) independent = false
    }
    if (independent) return true
  }
  return false
}

/** Event `e` and an operation of `thread` race: plans the executions in which the operation comes first. */
function reverse(
  search: Reversing,
  e: number,
  thread: number,
  kind: number,
  start: number,
  end: number,
  shape: unknown,
  extra: unknown,
) {
  const { x, tree, levels, v } = search
  const { trace } = x
  if (e < search.from) return
  const cls = CONDITIONAL[kind] === 1 ? classWithout(x, e, kind, start, shape as Shape | null, extra) : CLASS[kind]!
  if (covered(search, e, thread, cls, start, end)) return
  if (v.rows.length <= trace.n) v.rows = new Int32Array(trace.capacity + 1)
  const row = spareRow(trace)
  trace.thread[row] = thread
  trace.class[row] = cls
  trace.start[row] = start
  trace.end[row] = end
  const { n, clock, stride } = trace
  const { rows } = v
  const nth = trace.nth[e]!
  let length = 0
  for (let j = e + 1, at = j * stride + trace.thread[e]!; j < n; j++, at += stride) {
    if (clock[at]! <= nth) rows[length++] = j
  }
  rows[length++] = row
  v.length = length
  levels.heads[e] = insert(tree, levels.heads[e]!, trace, v)
}

/**
 * A blocking operation races with the latest event without which it could go on. `before`: the thread's last
 * event before it, or -1; `limit`: the operation's own place.
 */
function reverseBlocking(
  search: Reversing,
  limit: number,
  before: number,
  thread: number,
  kind: number,
  start: number,
  end: number,
  shape: unknown,
  extra: unknown,
): void {
  const { x } = search
  const { trace } = x
  const conflicts = CONFLICTS[CLASS[kind]!]!
  const single = start >> 2 === (end - 1) >> 2
  let reversed: number[] | undefined
  const chain = single ? trace.head[placeOf(trace, start >> 2)]! : -1
  let a = chain
  let b = single ? trace.head[0]! : trace.n - 1
  while (a >= 0 || b >= 0) {
    let j = a
    if (a > b) a = trace.back[a]!
    else {
      j = b
      b = single ? trace.back[b]! : b - 1
    }
    if (j >= limit || trace.thread[j] === thread || ((conflicts >> trace.class[j]!) & 1) === 0) continue
    if (trace.start[j]! >= end || start >= trace.end[j]!) continue
    if (before >= 0 && happensBefore(trace, j, before)) continue
    if (reversed !== undefined && isBeforeAny(trace, j, reversed)) continue
    if (!enabledWithout(x, j, thread, kind, start, shape as Shape | null, extra)) continue
    reverse(search, j, thread, kind, start, end, shape, extra)
    // Stores to one word are ordered, so the rest happens before this one. Those to several words, or bytes, need not.
    if (kind === LOCK) return
    if (reversed === undefined) reversed = [j]
    else reversed.push(j)
  }
}

function isBeforeAny(trace: Trace, j: number, events: readonly number[]): boolean {
  for (const event of events) if (happensBefore(trace, j, event)) return true
  return false
}

function originOf(x: Execution, thread: number, past: number): number {
  return past >= 0 || thread < x.given ? past : x.primitives.parents[thread]!
}

/** Plans every reversal that the execution that has just ended calls for. */
export function planReversals(search: Reversing): void {
  const { x } = search
  const { trace } = x
  const { n, races, racesFrom, kind, thread } = trace
  // Races among replayed events too: what does not depend on their first may be another tail now (depend_4 tells).
  for (let i = 0; i < n; i++) {
    const t = thread[i]!
    if (BLOCKING[kind[i]!] === 1) {
      if (trace.class[i] === NONE) continue
      const before = originOf(x, t, trace.past[i]!)
      reverseBlocking(search, i, before, t, kind[i]!, trace.start[i]!, trace.end[i]!, trace.shape[i], trace.extra[i])
      continue
    }
    const to = i + 1 < n ? racesFrom[i + 1]! : trace.racesLength
    for (let r = racesFrom[i]!; r < to; r++) {
      reverse(search, races[r]!, t, kind[i]!, trace.start[i]!, trace.end[i]!, trace.shape[i], trace.extra[i])
    }
  }
  for (let t = 0; t < trace.threads; t++) {
    const status = x.status[t]!
    if (status !== READY && status !== LAZY) continue
    const p = x.pending[t]!
    if (BLOCKING[p.kind] === 0) continue
    reverseBlocking(search, n, originOf(x, t, trace.last[t]!), t, p.kind, p.start, p.end, p.shape, p.a)
  }
}
