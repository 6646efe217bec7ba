/**
 * Which reversal of a race is the one that counts.
 *
 * The same trace can be had by reversing races in different orders. So that it is run once, each has one way that counts,
 * told from the execution at hand alone: from what has been moved in it, in front of what. Nothing is remembered of the
 * executions before. optimal.ts says where this comes from, and what it was held against.
 */
import { CONFLICTS, dependent } from '../engine/access.ts'
import { happensBefore } from '../engine/dependence.ts'
import { MEMORY_END } from '../engine/memory.ts'
import type { Trace } from '../engine/trace.ts'
import { WAIT } from '../runtime/kinds.ts'
import { classAfter } from './without.ts'

/** What a step is to others. */
export interface Operation {
  readonly thread: number
  /** How many of its thread come before it. */
  readonly nth: number
  readonly class: number
  readonly start: number
  readonly end: number
}

/** An event that a reversal has put in front of another, its *rival*. */
export interface Moved {
  /** Its number. */
  readonly at: number
  /** What it was before. */
  readonly was: Operation
  readonly rival: Operation
  /** How many had been moved before it. */
  readonly turn: number
  /** It is where it is because one that was moved later needs it there. */
  readonly settled: boolean
  /** Its rival is a moved event that let it pass. */
  readonly passed: boolean
}

/** The operation in that row. */
export function operationOf(trace: Trace, i: number): Operation {
  return {
    thread: trace.thread[i],
    nth: trace.nth[i],
    class: trace.class[i],
    start: trace.start[i],
    end: trace.end[i],
  }
}

const conflict = (a: Operation, b: Operation) => dependent(a.class, a.start, a.end, b.class, b.start, b.end)

const conflictAt = (trace: Trace, i: number, b: Operation) =>
  dependent(trace.class[i], trace.start[i], trace.end[i], b.class, b.start, b.end)

/** Whether `i` and `b` are the same step of the same thread. */
const isStep = (trace: Trace, i: number, b: Operation) => trace.thread[i] === b.thread && trace.nth[i] === b.nth

/** A race that may be reversed: of event `e` with the operation in row `f`, which becomes another where it is moved to. */
export interface Race {
  e: number
  f: number
  /** What comes before `f` in its own thread, or created its thread; -1 for nothing. */
  origin: number
  class: number
  /** It depends there on all that touches memory. */
  everything: boolean
  /** What happens before `f` need not come before it there. */
  roundabout: boolean
  /** What stands before this place, and not after `e`, comes along in any case. */
  until: number
  /** The clock of what comes before it there, as soon as it is asked for. */
  past: Int32Array
  known: boolean
}

export const createRace = (): Race => ({
  e: 0,
  f: 0,
  origin: -1,
  class: 0,
  everything: false,
  roundabout: false,
  until: 0,
  past: new Int32Array(8),
  known: false,
})

/** Takes up another race. The record is used again, since most races are dropped at once. */
export function beginRace(race: Race, e: number, f: number, origin: number, cls: number, everything: boolean): void {
  race.e = e
  race.f = f
  race.origin = origin
  race.class = cls
  race.everything = everything
  race.known = false
}

/** What `f` is where it is moved to. */
function becomes(trace: Trace, { f, class: cls, everything }: Race): Operation {
  if (cls === trace.class[f]) return operationOf(trace, f)
  const [start, end] = everything ? [0, MEMORY_END] : [trace.address[f], trace.limit[f]]
  return { ...operationOf(trace, f), class: cls, start, end }
}

/** Whether event `j` happens before `f` where that is moved to. */
function isPast(trace: Trace, race: Race, j: number): boolean {
  if (!race.known) computePast(trace, race)
  return race.past[trace.thread[j]] > trace.nth[j]
}

function computePast(trace: Trace, race: Race): void {
  const { e, f, origin } = race
  const { stride, clock, thread } = trace
  race.known = true
  if (race.past.length < stride) race.past = new Int32Array(stride)
  const { past } = race
  const now = becomes(trace, race)
  for (let t = 0; t < stride; t++) past[t] = origin < 0 ? 0 : clock[origin * stride + t]
  for (let k = 0; k < f; k++) {
    if (thread[k] === now.thread || !conflictAt(trace, k, now)) continue
    // What did not happen before it as what it was may come before it or after: after, until that is reversed.
    if (k >= e && (happensBefore(trace, e, k) || !happensBefore(trace, k, f))) continue
    for (let t = 0; t < stride; t++) if (clock[k * stride + t] > past[t]) past[t] = clock[k * stride + t]
  }
}

/** Whether event `j`, after `e`, is moved along with `f`. */
export function comesAlong(trace: Trace, race: Race, j: number): boolean {
  if (happensBefore(trace, race.e, j)) return false
  if (j < race.until) return true
  return race.roundabout ? isPast(trace, race, j) : happensBefore(trace, j, race.f)
}

/**
 * Whether `f` may come before `e`, which is moved itself, because of what `e` has become: as what it was it did not race
 * with `f`, so the order of the two was never decided. (A wait that found another value let all notifies pass.)
 */
export function passes(trace: Trace, race: Race, { was, rival }: Moved): boolean {
  const now = becomes(trace, race)
  return !conflict(was, now) && !conflict(rival, now)
}

/** Where the rival of the moved event `e` stands after it; `e` itself if it does not, or no longer counts as its rival. */
export function placeOfRival(trace: Trace, e: number, { rival, settled }: Moved): number {
  if (settled) return e
  for (let r = e + 1; r < trace.n; r++) if (isStep(trace, r, rival)) return r
  return e
}

/**
 * Whether `f` was moved to where it is for nothing, now that it goes on to before `e` and becomes something else: it
 * does not race there with what it was moved in front of, or with what came along. Then it gets there on a shorter way.
 */
export function wasInVain(trace: Trace, race: Race, moved: readonly Moved[], floor: number): boolean {
  const { e, f } = race
  const own = moved.find(({ at }) => at === f)
  if (own === undefined) return false
  for (let j = floor; j < f; j++) {
    if (!happensBefore(trace, e, j) && happensBefore(trace, j, f) && !isPast(trace, race, j)) return true
  }
  let r = f + 1
  while (r < trace.n && !isStep(trace, r, own.rival)) r++
  const rival = r < trace.n ? operationOf(trace, r) : own.rival
  if (conflict(becomes(trace, race), rival)) return false
  // It comes after `e` by itself?
  for (let k = e; k < f; k++) {
    if (k !== e && !happensBefore(trace, e, k)) continue
    if (trace.thread[k] === rival.thread || conflictAt(trace, k, rival)) return false
  }
  return true
}

/**
 * Whether `f` may join those that were moved in front of `e` already, the last of which is `moved[last]`. Of events that
 * could come in any order the one of the lowest thread is to come first, as far as each races with `e` when it is moved,
 * and still does when all are.
 */
export function isInOrder(trace: Trace, race: Race, moved: readonly Moved[], last: number): boolean {
  const { e, f } = race
  const kind = trace.kind[e]
  if (comesLate(trace, race, moved, last)) return false
  const mayChange = kind === WAIT && moved[last].at !== e
  let became = -1
  let free = true
  for (let k = latestOf(trace, e, moved, last, Number.POSITIVE_INFINITY); k >= 0; ) {
    const { at, rival, turn } = moved[k]
    k = latestOf(trace, e, moved, last, turn)
    if (isPast(trace, race, at)) {
      free = false
      continue
    }
    if (free) {
      if (!conflict(rival, becomes(trace, race))) free = false
      else if (trace.thread[f] < trace.thread[at]) return false
    }
    if (!mayChange) continue
    if (became < 0) became = classAfter(trace, e, f)
    if (((CONFLICTS[became] >> trace.class[at]) & 1) === 0) return false
  }
  return true
}

/**
 * Whether something has passed one of those in front of `e`, and `f` was to join them at another moment: before that, if
 * it does not depend on what passed (unless its turn is after one that could only join them afterwards); else before the
 * one that was passed, if their order could be that.
 */
function comesLate(trace: Trace, race: Race, moved: readonly Moved[], last: number): boolean {
  const { e } = race
  const latest = latestOf(trace, e, moved, last, Number.POSITIVE_INFINITY)
  if (latest < 0) return false
  for (let p = 0; p <= last; p++) {
    const { passed, at, rival, turn } = moved[p]
    if (!passed) continue
    const depends = isPast(trace, race, at)
    if (!depends && turn < moved[latest].turn) continue
    for (let k = 0; k <= last; k++) {
      const its = moved[k]
      if (its.settled || !isStep(trace, e, its.rival) || !isStep(trace, its.at, rival)) continue
      if (!depends || couldComeAfter(trace, race, moved, last, its.at)) return true
    }
  }
  return false
}

/** Whether the moved event `q`, in front of `e`, could have joined the others there after `f`. */
function couldComeAfter(trace: Trace, race: Race, moved: readonly Moved[], last: number, q: number): boolean {
  const { e, f } = race
  const { thread } = trace
  if (thread[q] < thread[f] || isPast(trace, race, q)) return false
  let k = latestOf(trace, e, moved, last, Number.POSITIVE_INFINITY)
  for (; k >= 0; k = latestOf(trace, e, moved, last, moved[k].turn)) {
    const { at } = moved[k]
    if (at === q) continue
    if (happensBefore(trace, at, q)) return true
    if (thread[q] < thread[at]) return false
  }
  return true
}

/** Which of those moved in front of `e`, up to `moved[last]`, was moved latest before that turn; -1 for none. */
function latestOf(trace: Trace, e: number, moved: readonly Moved[], last: number, before: number): number {
  let latest = -1
  for (let k = 0; k <= last; k++) {
    const { settled, rival, turn } = moved[k]
    if (settled || turn >= before || !isStep(trace, e, rival)) continue
    if (latest < 0 || turn > moved[latest].turn) latest = k
  }
  return latest
}
