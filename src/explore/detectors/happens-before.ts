/**
 * What happens before what, by synchronization: a vector clock for each event, in the order of the trace.
 *
 * An atomic load synchronizes with the atomic store it reads from, on the same bytes; an unlock with the next lock;
 * those who queue on a word with each other; the end of a read section with the grace period that waited for it, and
 * that with the sections after it; a post with the one that comes to the message; the creation of a helper thread with
 * its start, its end with who waits for it; all that an agent did with what ends it.
 */
import { flagged, W } from '../engine/access.ts'
import { endedBy } from '../engine/ended-agent.ts'
import type { Execution } from '../engine/state.ts'
import { agentOf } from '../engine/tasks.ts'
import { placeOf, type Trace } from '../engine/trace.ts'
import {
  ARRIVES,
  CALLBACK,
  DUE,
  ENDS,
  EXIT_AWAIT,
  GRACE,
  LOCK,
  NOTIFY,
  READ_ENTER,
  READ_EXIT,
  RECEIVE,
  SECTION_AWAIT,
  TIMED,
  TRYLOCK,
  UNLOCK,
  WAIT,
  WAIT_ASYNC,
  WOKEN,
} from '../runtime/kinds.ts'

/** Kinds of events that are atomic on the bytes they touch. */
export const ATOMIC = flagged('atomic')
const READS_ATOMICALLY = flagged('acquires')
/** Kinds of events that can change what a word holds, or who owns it. */
export const CHANGES = flagged('stores', 'owns')

/** The clocks of an execution's events. */
export interface Clocks {
  readonly x: Execution
  /** Entries of a row: threads that there is room for. */
  stride: number
  /** Row `i`, entry `t`: how many of thread t's events happen before event `i`, `i` itself included. */
  rows: Int32Array
}

export const createClocks = (x: Execution): Clocks => ({
  x,
  stride: x.trace.stride,
  rows: new Int32Array(256 * x.trace.stride),
})

/**
 * Makes room for all events that the trace has room for. Of the rows, those below `known` stay, unless they have become
 * wider: false then.
 */
export function makeRoom(clocks: Clocks, known: number): boolean {
  const { capacity, stride } = clocks.x.trace
  const same = clocks.stride === stride
  clocks.stride = stride
  if (clocks.rows.length < capacity * stride) {
    const larger = new Int32Array(capacity * stride)
    if (same && known > 0) larger.set(clocks.rows)
    clocks.rows = larger
  }
  return same
}

/** Whether `i` happens before `j`, by synchronization. */
export const before = ({ x: { trace }, rows, stride }: Clocks, i: number, j: number): boolean =>
  rows[j * stride + trace.thread[i]] > trace.nth[i]

/** Whether an event changes what a word holds, or who owns it. */
export const changes: Wanted = (trace, j) => CHANGES[trace.kind[j]] === 1 && trace.class[j] === W

/**
 * What to look for before event `i`. Outside of the functions that look, because a closure made there costs each time.
 */
type Wanted = (trace: Trace, j: number, i: number) => boolean
const unlocks: Wanted = (trace, j) => trace.kind[j] === UNLOCK
const writes: Wanted = (trace, j) => trace.class[j] === W
const queues: Wanted = (trace, j, i) =>
  trace.kind[j] === NOTIFY ||
  ((trace.kind[j] === WAIT || trace.kind[j] === WAIT_ASYNC) && trace.thread[j] !== trace.thread[i])

/** The latest event before `i` on its bytes of which `wanted` holds; -1 for none. */
export function latest(trace: Trace, i: number, wanted: Wanted): number {
  const { address, limit, back } = trace
  const from = address[i]
  const to = limit[i]
  const single = from >> 2 === (to - 1) >> 2
  let a = single ? startOf(trace, placeOf(trace, from >> 2), i) : -1
  let b = single ? startOf(trace, 0, i) : i - 1
  while (a >= 0 || b >= 0) {
    let j = a
    if (a > b) a = back[a]
    else {
      j = b
      b = single ? back[b] : b - 1
    }
    if (address[j] < to && from < limit[j] && wanted(trace, j, i)) return j
  }
  return -1
}

/** The latest event before `i` in a place. */
export function startOf({ head, back }: Trace, place: number, i: number): number {
  let j = head[place]
  while (j >= i) j = back[j]
  return j
}

function join({ rows, stride }: Clocks, i: number, j: number): void {
  const to = i * stride
  const from = j * stride
  for (let t = 0; t < stride; t++) if (rows[from + t] > rows[to + t]) rows[to + t] = rows[from + t]
}

function joinLatest(clocks: Clocks, i: number, wanted: Wanted): void {
  const j = latest(clocks.x.trace, i, wanted)
  if (j >= 0) join(clocks, i, j)
}

/** Joins the ends of read sections before `start`. */
function joinEnded(clocks: Clocks, i: number, start: number): void {
  const { kind } = clocks.x.trace
  for (let j = 0; j < start; j++) if (kind[j] === READ_EXIT) join(clocks, i, j)
}

/** Sets the clock of event `i`. Those before it are set. */
export function synchronize(clocks: Clocks, i: number): void {
  const { x, rows, stride } = clocks
  const { trace } = x
  const { kind, thread, past, nth } = trace
  const t = thread[i]
  const origin = past[i] >= 0 || t < x.program.given ? past[i] : x.primitives.parents[t]
  const row = i * stride
  if (origin >= 0) for (let k = 0; k < stride; k++) rows[row + k] = rows[origin * stride + k]
  else rows.fill(0, row, row + stride)
  const what = kind[i]
  // A section that ended before a grace period began happens before its end; a callback runs at such an end.
  if (what === GRACE) joinEnded(clocks, i, i)
  else if (past[i] < 0 && origin >= 0 && kind[origin] === CALLBACK) joinEnded(clocks, i, origin)
  if (READS_ATOMICALLY[what] === 1) joinStore(clocks, i)
  if (what === LOCK || (what === TRYLOCK && trace.class[i] === W)) joinLatest(clocks, i, unlocks)
  else if (what === WAIT || what === WAIT_ASYNC || what === NOTIFY || what === WOKEN || what === TIMED || what === DUE)
    joinLatest(clocks, i, queues)
  else if (what === READ_ENTER) joinGracePeriods(clocks, i)
  else if (what === SECTION_AWAIT || what === EXIT_AWAIT || what === RECEIVE || what === ARRIVES)
    joinLatest(clocks, i, writes)
  else if (what === ENDS) joinAgent(clocks, i, endedBy(trace, i)!)
  rows[row + t] = nth[i] + 1
}

/** Joins all that an agent has done: it is over. */
function joinAgent(clocks: Clocks, i: number, agent: number): void {
  const { x } = clocks
  const { trace } = x
  for (let t = 0; t < trace.threads; t++) {
    if (agentOf(x, t) !== agent) continue
    let last = trace.last[t]
    while (last >= i) last = trace.past[last]
    if (last >= 0) join(clocks, i, last)
  }
}

/** Joins the atomic store that an atomic load reads from. */
function joinStore(clocks: Clocks, i: number): void {
  const { trace } = clocks.x
  const { kind, address, limit } = trace
  const w = latest(trace, i, changes)
  if (w >= 0 && ATOMIC[kind[w]] === 1 && address[w] === address[i] && limit[w] === limit[i]) join(clocks, i, w)
}

/** Joins the grace periods before a read section's start, and the callbacks that one let go. */
function joinGracePeriods(clocks: Clocks, i: number): void {
  const { head, back, kind } = clocks.x.trace
  for (let j = head[0]; j >= 0; j = back[j]) {
    if (j < i && (kind[j] === GRACE || kind[j] === CALLBACK)) join(clocks, i, j)
  }
}
