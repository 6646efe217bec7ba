/**
 * The races of an execution, and the schedules in which they go the other way.
 *
 * To reverse the race of an event `e` with a later operation `f`, `f` is put in front of `e`, with what happens before it
 * and not after `e`; nothing else comes along. moved.ts says which reversals count.
 */
import { BLOCKING, CLASS, CONDITIONAL, CONFLICTS, NONE, STORES, W } from '../engine/access.ts'
import { append, happensBefore } from '../engine/dependence.ts'
import { fail } from '../engine/finding.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { LAZY, READY } from '../engine/thread-status.ts'
import { placeOf, type Trace, truncate } from '../engine/trace.ts'
import { AWAIT, CAS, LOCK, NOTIFY, WAIT } from '../runtime/kinds.ts'
import {
  beginRace,
  comesAlong,
  isInOrder,
  type Moved,
  operationOf,
  passes,
  placeOfRival,
  type Race,
  wasInVain,
} from './moved.ts'
import { classWithout, enabledWithout } from './without.ts'

/** A schedule in which a race goes the other way. */
export interface Reversal {
  /** How many events stay as they are. */
  readonly at: number
  /** Whose steps come then: what the operation needs, and its own. */
  readonly threads: readonly number[]
  /** What is moved in that execution. */
  readonly moved: readonly Moved[]
  /** Whose step is next, if it can go on: that of the event which the operation was put in front of. */
  readonly rival: number
  /** What that event is moved in front of itself. */
  readonly rivalMoved: Moved | undefined
}

/** An execution whose races are looked at. */
export interface Reversing {
  readonly x: Execution
  /** Events before this one are never reversed. */
  readonly root: number
  /** What is moved in it, in order. */
  moved: readonly Moved[]
  /** Where the schedule that it followed left the one it came from. */
  floor: number
  /** The first event whose races are new. */
  from: number
  /** Whether the operation moved last was let pass, so that its other races are none of this execution's. */
  passed: boolean
  readonly race: Race
  found: Reversal[]
}

/** Event `e` and the operation in row `f` race: plans the execution in which the operation comes first. */
function reverse(search: Reversing, e: number, f: number, origin: number): void {
  const { x, moved, race } = search
  const { trace } = x
  if (e < search.root) return
  const kind = trace.kind[f]
  if (changesPart(trace, e, f) || changesPart(trace, f, e)) {
    refuseParts(x, e, f)
    return
  }
  const cls = CONDITIONAL[kind] === 1 ? classWithout(trace, e, f) : trace.class[f]
  const changed = cls !== trace.class[f]
  beginRace(race, e, f, origin, cls, x.program.watched && cls === W && STORES[kind] === 1)
  // What happens before `f` may do so only by way of `e`, but for operations that race with the latest they depend on.
  race.roundabout = changed || BLOCKING[kind] === 1

  // What was moved since may not be undone: this race is another execution's, in which it was not.
  let last = moved.length - 1
  let others: Moved | undefined
  for (let k = last; k >= 0 && moved[k].at >= e; k--) if (moved[k].at === e) others = moved[k]
  if (others !== undefined && !passes(trace, race, others)) return
  // What was moved in front of the same rival as an event that lets `f` pass is not touched by that.
  race.until = others === undefined ? e : placeOfRival(trace, e, others)
  for (; last >= 0 && moved[last].at > e; last--) {
    const { at } = moved[last]
    if (at < f && !comesAlong(trace, race, at)) return
  }
  if (changed && wasInVain(trace, race, moved, search.floor)) return
  if (last >= 0 && !isInOrder(trace, race, moved, last)) return

  const threads: number[] = []
  const next = moved.slice(0, others === undefined ? last + 1 : last)
  let m = last + 1
  for (let j = e + 1; j < f; j++) {
    if (!comesAlong(trace, race, j)) continue
    while (m < moved.length && moved[m].at < j) m++
    if (m < moved.length && moved[m].at === j) next.push(movedAlong(moved[m], e + threads.length, others))
    threads.push(trace.thread[j])
  }
  const was = operationOf(trace, f)
  next.push({
    at: e + threads.length,
    was,
    rival: operationOf(trace, e),
    turn: turnAfter(moved),
    settled: false,
    passed: others !== undefined,
  })
  threads.push(trace.thread[f])
  search.found.push({ at: e, threads, moved: next, rival: trace.thread[e], rivalMoved: others })
}

/** A moved event that comes along with another. It stays an alternative of its rival if that lets the other pass. */
function movedAlong(moved: Moved, at: number, others: Moved | undefined): Moved {
  const { rival } = moved
  const stays = others?.settled === false && others.rival.thread === rival.thread && others.rival.nth === rival.nth
  return { ...moved, at, settled: moved.settled || !stays }
}

const turnAfter = (moved: readonly Moved[]) => moved.reduce((most, { turn }) => Math.max(most, turn + 1), 0)

/** What a step does that looks at a value before it goes on, or becomes one thing or the other. */
const LOOKS: Readonly<Record<number, string>> = { [AWAIT]: 'waits for', [WAIT]: 'waits for', [CAS]: 'compares' }

/** Whether event `j` changes part of the value that the operation in row `i` looks at, or of the queue it joins. */
function changesPart(trace: Trace, j: number, i: number): boolean {
  if (LOOKS[trace.kind[i]] === undefined) return false
  if (trace.address[i] === trace.address[j] && trace.limit[i] === trace.limit[j]) return false
  if (trace.address[i] >= trace.limit[j] || trace.address[j] >= trace.limit[i]) return false
  const kind = trace.kind[j]
  return STORES[kind] === 1 ? trace.class[j] === W : trace.kind[i] === WAIT && (kind === WAIT || kind === NOTIFY)
}

/**
 * A look at a value of which others change parts: which of them it may come between is no question of one race at a
 * time, so orders would be left out.
 */
function refuseParts(x: Execution, i: number, j: number): void {
  const { trace } = x
  const [look, other] = changesPart(trace, j, i) ? [i, j] : [j, i]
  const bytes = (row: number) => trace.limit[row] - trace.address[row]
  const does = trace.kind[other] === NOTIFY ? 'notifies' : (LOOKS[trace.kind[other]] ?? 'stores')
  const threads = [look, other].map((row) => nameOfThread(x, trace.thread[row]))
  fail(x, {
    kind: 'refused',
    message: `${threads[0]} ${LOOKS[trace.kind[look]]} a value of ${bytes(look)} bytes, which ${threads[1]} ${does} by ${bytes(other)}: an exact search needs elements of one size there, sampling (strategy random) does not`,
    sites: [trace.site[look], trace.site[other]],
    events: [],
    thread: trace.thread[look],
    at: -1,
  })
}

/**
 * The blocking operation in row `f` races with the latest event without which it could go on. Only events before `limit`
 * are reversed.
 */
function reverseBlocking(search: Reversing, f: number, limit: number, origin: number): void {
  const { x } = search
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
    if (origin >= 0 && happensBefore(trace, j, origin)) continue
    if (reversed !== undefined && isBeforeAny(trace, j, reversed)) continue
    if (changesPart(trace, j, f)) {
      refuseParts(x, j, f)
      return
    }
    if (!enabledWithout(trace, j, f)) continue
    if (j < limit) reverse(search, j, f, origin)
    // Stores to one word are ordered, so the rest happens before this one. Those to several words, or bytes, need not.
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
export function planReversals(search: Reversing): readonly Reversal[] {
  const { x, from, floor, moved } = search
  const { trace } = x
  search.found = []
  const { n } = trace
  for (let f = from; f < n; f++) {
    const thread = trace.thread[f]
    if (trace.class[f] === NONE) continue
    // What was moved had its races with what is in front of it in the execution it comes from.
    let limit = n
    if (moved.length > 0 && f === from) limit = search.passed ? 0 : floor
    else if (search.passed && moved.at(-1)!.at === f) limit = floor
    const origin = originOf(x, thread, trace.past[f])
    if (BLOCKING[trace.kind[f]] === 1) {
      reverseBlocking(search, f, limit, origin)
      continue
    }
    const to = f + 1 < n ? trace.racesFrom[f + 1] : trace.racesLength
    for (let r = trace.racesFrom[f]; r < to; r++) {
      const e = trace.races[r]
      if (e < limit) reverse(search, e, f, origin)
    }
  }
  for (let t = 0; t < trace.threads; t++) {
    const status = x.position.status[t]
    if ((status === READY || status === LAZY) && BLOCKING[x.position.pending[t].kind] === 1) reverseBlocked(search, t)
  }
  return search.found.sort((a, b) => b.at - a.at)
}

/** A thread that is blocked at the end: its operation takes a row for as long as its races are looked at. */
function reverseBlocked(search: Reversing, t: number): void {
  const { x } = search
  const { trace } = x
  const { n } = trace
  const p = x.position.pending[t]
  const origin = originOf(x, t, trace.last[t])
  append(trace, t, p.kind, CLASS[p.kind], p.start, p.end, p.site, trace.last[t] < 0 ? origin : -1)
  trace.address[n] = p.start
  trace.limit[n] = p.end
  trace.shape[n] = p.shape
  trace.extra[n] = p.a
  reverseBlocking(search, n, n, origin)
  truncate(trace, n)
}
