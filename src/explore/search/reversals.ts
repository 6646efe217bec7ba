/**
 * The races of an execution, and the schedules in which they go the other way.
 *
 * To reverse the race of an event `e` with a later operation `f`, `f` is put in front of `e`. What happens before `f`
 * and not after `e` comes along; nothing else does. In `0:W x`, `1:R y`, `2:R x` the race of `0:W` with `2:R` is
 * reversed by `2:R`, `0:W`, and then whoever is lowest.
 *
 * Which races are reversed in which execution the rules R1 to R8 say (docs/optimal.md).
 */
import { BLOCKING, CLASS, CONDITIONAL, CONFLICTS, NONE, STORES, W } from '../engine/access.ts'
import { append, happensBefore, isBeside } from '../engine/dependence.ts'
import { agentIn } from '../engine/ended-agent.ts'
import { classNow } from '../engine/pending.ts'
import type { Execution } from '../engine/state.ts'
import { LAZY, READY } from '../engine/thread-status.ts'
import { placeOf, spareRow, type Trace, truncate } from '../engine/trace.ts'
import { LOCK } from '../runtime/kinds.ts'
import { changesPart, refuseParts } from './element-sizes.ts'
import { isInOrder } from './in-order.ts'
import { type Moved, movedAlong, passes, placeOfRival, wasInVain } from './moved.ts'
import { operationOf } from './operation.ts'
import { beginRace, comesAlong, type Race } from './race.ts'
import { classWithout, enabledWithout } from './without.ts'

/** A schedule in which a race goes the other way. */
export interface Reversal {
  /** How many events stay as they are. */
  readonly at: number
  /** Whose steps come then: those of what comes along, and of the moved operation. */
  readonly threads: readonly number[]
  /** What is moved in that execution. */
  readonly moved: readonly Moved[]
  /** Whose step is next, if it can go on: that of the event that the operation was put in front of. */
  readonly rival: number
  /** R6: that event as it was moved before, if it was and lets the operation pass. */
  readonly rivalMoved: Moved | undefined
}

/** An execution whose races are looked at. */
export interface Reversing {
  readonly x: Execution
  /** Events before this one are never reversed. */
  readonly root: number
  /** What is moved in it, in order. */
  moved: readonly Moved[]
  /** How many events it has in common with the execution that it came from: there the moved ones begin. */
  floor: number
  /** The first event whose races are new: the one that was moved last. */
  from: number
  /** R6: whether the one moved last has passed its rival, so that it is moved no further. */
  passed: boolean
  readonly race: Race
  found: Reversal[]
}

/**
 * Event `e` and the operation in row `f` race: plans the execution in which the operation comes first, if it counts.
 */
function reverse(reversing: Reversing, e: number, f: number, origin: number): void {
  const { x, moved, race } = reversing
  const { trace } = x
  if (e < reversing.root) return
  const kind = trace.kind[f]
  if (changesPart(trace, e, f) || changesPart(trace, f, e)) {
    refuseParts(x, e, f)
    return
  }
  const cls = CONDITIONAL[kind] === 1 ? classWithout(trace, e, f) : trace.class[f]
  const changed = cls !== trace.class[f]
  beginRace(race, e, f, origin, cls, x.program.watched && cls === W && STORES[kind] === 1)
  race.roundabout = changed || BLOCKING[kind] === 1

  let last = moved.length - 1
  /** What `e` is, if it is moved itself. */
  let passing: Moved | undefined
  for (let k = last; k >= 0 && moved[k].at >= e; k--) if (moved[k].at === e) passing = moved[k]
  // R2, but for R6: `e` is moved, and does not let `f` pass.
  if (passing !== undefined && !passes(trace, race, passing)) return
  // R6: what stands between the two stays where it is, and so in front of `f`'s new place.
  race.until = passing === undefined ? e : placeOfRival(trace, e, passing)
  // R1: what was moved since would be left behind.
  for (; last >= 0 && moved[last].at > e; last--) {
    const { at } = moved[last]
    if (at < f && !comesAlong(trace, race, at)) return
  }
  // R7
  if (changed && wasInVain(trace, race, moved, reversing.floor)) return
  // R4, R8
  if (last >= 0 && !isInOrder(trace, race, moved, last)) return
  plan(reversing, last, passing)
}

/**
 * Plans the reversal of `reversing.race`. `moved[last]` is the latest that was moved in front of `e` or is `e` itself.
 */
function plan(reversing: Reversing, last: number, passing: Moved | undefined): void {
  const { moved, race } = reversing
  const { trace } = reversing.x
  const { e, f, along } = race
  const kept = passing === undefined ? last + 1 : last
  let count = 0
  let nexts = kept
  let m = last + 1
  for (let j = e + 1; j < f; j++) {
    if (!comesAlong(trace, race, j)) continue
    along[count++] = j
    while (m < moved.length && moved[m].at < j) m++
    if (m < moved.length && moved[m].at === j) nexts++
  }
  // As long as they will be: those that grow have room for many more, and there is one of each for all that lies ahead.
  const threads = new Array<number>(count + 1)
  const next = new Array<Moved>(nexts + 1)
  for (let k = 0; k < kept; k++) next[k] = moved[k]
  nexts = kept
  m = last + 1
  for (let k = 0; k < count; k++) {
    const j = along[k]
    while (m < moved.length && moved[m].at < j) m++
    if (m < moved.length && moved[m].at === j) next[nexts++] = movedAlong(moved[m], e + k, passing)
    threads[k] = trace.thread[j]
  }
  threads[count] = trace.thread[f]
  next[nexts] = {
    at: e + count,
    was: operationOf(trace, f),
    rival: operationOf(trace, e),
    turn: turnAfter(moved),
    settled: false,
    passed: passing !== undefined,
  }
  reversing.found.push({ at: e, threads, moved: next, rival: trace.thread[e], rivalMoved: passing })
}

/** Whether its agent ended before it could come: then it comes here for the first time, and all its races are new. */
const wasCut = (trace: Trace, { was, rival }: Moved): boolean => rival.ends === agentIn(trace, was.thread)

function turnAfter(moved: readonly Moved[]): number {
  let after = 0
  for (let k = 0; k < moved.length; k++) if (moved[k].turn >= after) after = moved[k].turn + 1
  return after
}

/**
 * The blocking operation in row `f` races with the latest event without which it could go on. In `0:lock m`,
 * `0:unlock m`, `1:lock m` that is `0:lock`: without the unlock alone, thread 1 would wait. Only events before `limit`
 * are reversed.
 */
function reverseBlocking(reversing: Reversing, f: number, limit: number, origin: number): void {
  const { x } = reversing
  const { trace } = x
  const start = trace.start[f]
  const end = trace.end[f]
  const thread = trace.thread[f]
  const conflicts = CONFLICTS[trace.class[f]]
  const single = start >> 2 === (end - 1) >> 2
  let reversed: number[] | undefined
  let a = single ? trace.head[placeOf(trace, start >> 2)] : -1
  let b = single ? trace.head[0] : trace.n - 1
  while (a >= 0 || b >= 0) {
    let j = a
    if (a > b) a = trace.back[a]
    else {
      j = b
      b = single ? trace.back[b] : b - 1
    }
    if (j >= f || trace.thread[j] === thread || ((conflicts >> trace.class[j]) & 1) === 0) continue
    if (trace.start[j] >= end || start >= trace.end[j]) continue
    if (isBeside(trace, f, j)) continue
    if (origin >= 0 && happensBefore(trace, j, origin)) continue
    if (reversed !== undefined && isBeforeAny(trace, j, reversed)) continue
    if (changesPart(trace, j, f)) {
      refuseParts(x, j, f)
      return
    }
    if (!enabledWithout(trace, j, f)) continue
    if (j < limit) reverse(reversing, j, f, origin)
    // All that is done to a lock is ordered, so the rest happens before this one. Stores to a value's bytes need not
    // be.
    if (trace.kind[f] === LOCK) return
    if (reversed === undefined) reversed = [j]
    else reversed.push(j)
  }
}

function isBeforeAny(trace: Trace, j: number, events: readonly number[]): boolean {
  for (const event of events) if (happensBefore(trace, j, event)) return true
  return false
}

/** What comes before an event in its own thread, or created its thread; -1 for nothing. */
function originOf(x: Execution, thread: number, past: number): number {
  return past >= 0 || thread < x.program.given ? past : x.primitives.parents[thread]
}

/** Plans the reversals of the execution that has just ended, those that leave it last first. */
export function planReversals(reversing: Reversing): readonly Reversal[] {
  const { x, from, floor, moved } = reversing
  const { trace } = x
  reversing.found = []
  const { n } = trace
  for (let f = from; f < n; f++) {
    const thread = trace.thread[f]
    if (trace.class[f] === NONE) continue
    let limit = n
    // R3: what came along with the one moved last stays in front of it. R6: one that has passed is moved no further.
    if (moved.length > 0 && f === from && !wasCut(trace, moved.at(-1)!)) limit = reversing.passed ? 0 : floor
    // R6: the one that it has passed, which stands behind it now, is moved last too.
    else if (reversing.passed && moved.at(-1)!.at === f) limit = floor
    const origin = originOf(x, thread, trace.past[f])
    if (BLOCKING[trace.kind[f]] === 1) {
      reverseBlocking(reversing, f, limit, origin)
      continue
    }
    const to = f + 1 < n ? trace.racesFrom[f + 1] : trace.racesLength
    for (let r = trace.racesFrom[f]; r < to; r++) {
      const e = trace.races[r]
      if (e < limit) reverse(reversing, e, f, origin)
    }
  }
  const { status, pending } = x.position
  const { cut } = trace
  for (let t = 0; t < trace.threads; t++) {
    const waits = (status[t] === READY || status[t] === LAZY) && BLOCKING[pending[t].kind] === 1
    if (waits || (t < cut.length && cut[t] !== undefined)) reversePending(reversing, t)
  }
  return lastFirst(reversing.found)
}

/** Sorts them by where they leave the execution, in place: a few, for which a builtin costs more than a loop. */
function lastFirst(found: Reversal[]): readonly Reversal[] {
  for (let k = 1; k < found.length; k++) {
    const each = found[k]
    let to = k
    for (; to > 0 && found[to - 1].at < each.at; to--) found[to] = found[to - 1]
    found[to] = each
  }
  return found
}

/**
 * A thread that is blocked at the end, or was ended before it could go on: its operation takes a row for as long as its
 * races are looked at.
 */
function reversePending(reversing: Reversing, t: number): void {
  const { x } = reversing
  const { trace } = x
  const { n } = trace
  const p = x.position.pending[t]
  const origin = originOf(x, t, trace.last[t])
  trace.extra[spareRow(trace)] = p.a
  const cut = trace.cut[t]
  const cls = cut === undefined ? CLASS[p.kind] : classNow(x, p)
  append(trace, t, p.kind, cls, p.start, p.end, p.site, trace.last[t] < 0 ? origin : -1)
  trace.address[n] = p.start
  trace.limit[n] = p.end
  trace.shape[n] = p.shape
  if (BLOCKING[p.kind] === 1) reverseBlocking(reversing, n, n, origin)
  else if (cut !== undefined) reverse(reversing, cut, n, origin)
  truncate(trace, n)
}
