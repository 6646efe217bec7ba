/**
 * Data races, by ECMA-262's happens-before: two accesses of different threads whose byte ranges overlap, at least
 * one of which stores, that happen-before does not order, unless both are atomic on the same bytes. (The standard
 * calls unordered conflicting accesses a *race*, and a *data race* one that is not atomic on both sides.)
 *
 * Synchronizing: an atomic load with the atomic store it reads from, on the same bytes; unlock with the next lock;
 * wait queues; the end of a read section with the grace period that waited for it, the start of one with the
 * sections after it; creation and end of helper threads.
 *
 * Beside ECMA-262's accesses there are two marked plain loads. A *dereference* may race with an atomic store, and
 * orders what the thread does to the allocation it points to, and onward through dereferences from there, behind
 * what the publisher did before; nothing else. A *hint* may race with an atomic store and orders nothing.
 *
 * And there is one marked plain store, *write once*, with which those two may race and nobody else. It orders nothing
 * either: what is dereferenced after it was stored is not ordered behind what its thread did before.
 */

import { STORES, W } from '../engine/access.ts'
import type { Shape } from '../engine/memory.ts'
import { elementValue } from '../engine/memory.ts'
import { allocationAt } from '../engine/shadow.ts'
import type { Execution } from '../engine/state.ts'
import { placeOf, type Trace } from '../engine/trace.ts'
import {
  ALLOC,
  ALOAD,
  ASTORE,
  AWAIT,
  CALLBACK,
  CAS,
  DEREF,
  EXIT_AWAIT,
  FREE,
  GRACE,
  HINT,
  LOCK,
  NOTIFY,
  READ_ENTER,
  READ_EXIT,
  RMW,
  SECTION_AWAIT,
  TIMED,
  TRYLOCK,
  UNLOCK,
  WAIT,
  WOKEN,
  WRITE_ONCE,
} from '../runtime/kinds.ts'

/** What a dereference orders: these bytes, behind what this clock has seen. */
interface Grant {
  from: number
  to: number
  /** The allocation's number; -1 when none is declared there, and only the word itself is ordered. */
  allocation: number
  clock: Int32Array
}

export interface RaceDetector {
  /** Looks at new event `i`; returns the earlier event it is in a data race with, or -1. */
  look(i: number): number
  /** Whether `i` happens before `j`, by synchronization. */
  before(i: number, j: number): boolean
}

const ATOMIC = new Uint8Array(64)
for (const kind of [ALOAD, ASTORE, RMW, CAS, AWAIT, WAIT, NOTIFY, WOKEN, TIMED, LOCK, UNLOCK, TRYLOCK]) ATOMIC[kind] = 1
/** Plain loads that may race with atomic accesses and marked stores. */
const MARKED = new Uint8Array(64)
MARKED[HINT] = MARKED[DEREF] = 1
const MEETS_MARKED = ATOMIC.slice()
MEETS_MARKED[WRITE_ONCE] = 1
const READS_ATOMICALLY = new Uint8Array(64)
for (const kind of [ALOAD, RMW, CAS, AWAIT, WAIT]) READS_ATOMICALLY[kind] = 1

const CHANGES = new Uint8Array(64)
for (let kind = 0; kind < STORES.length; kind++) CHANGES[kind] = STORES[kind]
CHANGES[FREE] = CHANGES[ALLOC] = 1

/** Whether an event changes what a word holds, or who owns it. */
const changes = (trace: Trace, j: number) => CHANGES[trace.kind[j]] === 1 && trace.class[j] === W

/** What to look for before event `i`. Outside of the functions that look, because a closure made there costs each time. */
type Wanted = (trace: Trace, j: number, i: number) => boolean
const unlocks: Wanted = (trace, j) => trace.kind[j] === UNLOCK
const writes: Wanted = (trace, j) => trace.class[j] === W
const queues: Wanted = (trace, j, i) =>
  trace.kind[j] === NOTIFY || (trace.kind[j] === WAIT && trace.thread[j] !== trace.thread[i])

export function createRaceDetector(x: Execution): RaceDetector {
  const { trace } = x
  let stride = trace.stride
  let clocks = new Int32Array(256 * stride)
  /** By event; out of date where the event is no dereference. */
  const grants: (Grant | undefined)[] = []
  /** Rows below this are valid. */
  let known = 0
  /** False as long as all accesses are atomic and of one size, so that none can be in a data race. */
  let needed = false
  let size = 0

  const join = (i: number, j: number) => {
    const to = i * stride
    const from = j * stride
    for (let t = 0; t < stride; t++) if (clocks[from + t] > clocks[to + t]) clocks[to + t] = clocks[from + t]
  }

  const before = (i: number, j: number) => clocks[j * stride + trace.thread[i]] > trace.nth[i]

  /** The latest event before `i` on its bytes of which `wanted` holds; -1 for none. */
  function latest(i: number, wanted: Wanted): number {
    const { address, limit, back } = trace
    const from = address[i]
    const to = limit[i]
    const single = from >> 2 === (to - 1) >> 2
    let a = single ? startOf(placeOf(trace, from >> 2), i) : -1
    let b = single ? startOf(0, i) : i - 1
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

  function startOf(place: number, i: number): number {
    let j = trace.head[place]
    while (j >= i) j = trace.back[j]
    return j
  }

  function joinEnded(i: number, start: number): void {
    for (let j = 0; j < start; j++) if (trace.kind[j] === READ_EXIT) join(i, j)
  }

  function synchronize(i: number): void {
    const { kind, thread, address, limit, past } = trace
    const t = thread[i]
    const origin = past[i] >= 0 || t < x.program.given ? past[i] : x.primitives.parents[t]
    const row = i * stride
    if (origin >= 0) for (let k = 0; k < stride; k++) clocks[row + k] = clocks[origin * stride + k]
    else clocks.fill(0, row, row + stride)
    const what = kind[i]
    // A section that ended before a grace period began happens before its end; a callback runs at such an end.
    if (what === GRACE) joinEnded(i, i)
    else if (past[i] < 0 && origin >= 0 && kind[origin] === CALLBACK) joinEnded(i, origin)
    if (READS_ATOMICALLY[what] === 1) {
      const w = latest(i, changes)
      if (w >= 0 && ATOMIC[kind[w]] === 1 && address[w] === address[i] && limit[w] === limit[i]) join(i, w)
    }
    if (what === LOCK || (what === TRYLOCK && trace.class[i] === W)) {
      const u = latest(i, unlocks)
      if (u >= 0) join(i, u)
    } else if (what === WAIT || what === NOTIFY || what === WOKEN || what === TIMED) {
      const q = latest(i, queues)
      if (q >= 0) join(i, q)
    } else if (what === READ_ENTER) {
      for (let j = trace.head[0]; j >= 0; j = trace.back[j]) {
        if (j < i && (kind[j] === GRACE || kind[j] === CALLBACK)) join(i, j)
      }
    } else if (what === SECTION_AWAIT || what === EXIT_AWAIT) {
      const e = latest(i, writes)
      if (e >= 0) join(i, e)
    }
    clocks[row + t] = trace.nth[i] + 1
  }

  /** The latest dereference before `k` of its thread that orders accesses to those bytes; -1 for none. */
  function grantFor(k: number, address: number): number {
    const id = allocationAt(x.primitives.shadow, address)?.id ?? -1
    for (; k >= 0; k = trace.past[k]) {
      if (trace.kind[k] !== DEREF) continue
      const grant = grants[k]!
      if (grant.allocation === id && address >= grant.from && address < grant.to) return k
    }
    return -1
  }

  function dereference(i: number): void {
    const shape = trace.shape[i] as Shape
    const pointer = Number(elementValue(shape, trace.address[i], trace.oldLow[i], trace.oldHigh[i]))
    const target = shape.base + pointer * shape.size
    let grant = grants[i]
    if (grant === undefined || grant.clock.length !== stride) {
      grants[i] = grant = { from: 0, to: 0, allocation: -1, clock: new Int32Array(stride) }
    } else grant.clock.fill(0)
    const { clock } = grant
    const w = latest(i, changes)
    if (w >= 0 && ATOMIC[trace.kind[w]] === 1) {
      for (let t = 0, at = w * stride; t < stride; t++, at++) if (clocks[at] > clock[t]) clock[t] = clocks[at]
    }
    const { address, past } = trace
    for (let k = grantFor(past[i], address[i]); k >= 0; k = grantFor(past[k], address[i])) {
      const carried = grants[k]!.clock
      for (let t = 0; t < stride; t++) if (carried[t] > clock[t]) clock[t] = carried[t]
    }
    const allocation = allocationAt(x.primitives.shadow, target)
    grant.from = allocation?.start ?? target
    grant.to = allocation?.end ?? target + shape.size
    grant.allocation = allocation?.id ?? -1
  }

  /** Whether a dereference orders `i` behind `j`. */
  function granted(i: number, j: number): boolean {
    const { past, address, thread, nth } = trace
    for (let k = grantFor(past[i], address[i]); k >= 0; k = grantFor(past[k], address[i])) {
      if (grants[k]!.clock[thread[j]] > nth[j]) return true
    }
    return false
  }

  function races(i: number, j: number): boolean {
    const { kind, address, limit, thread } = trace
    if (thread[i] === thread[j] || (!changes(trace, i) && !changes(trace, j))) return false
    if (ATOMIC[kind[i]] === 1 && ATOMIC[kind[j]] === 1 && address[i] === address[j] && limit[i] === limit[j])
      return false
    if (MARKED[kind[i]] === 1 && MEETS_MARKED[kind[j]] === 1) return false
    if (MARKED[kind[j]] === 1 && MEETS_MARKED[kind[i]] === 1) return false
    return !before(j, i) && !granted(i, j)
  }

  /** The latest event that `i` is in a data race with, as far back as a store of all its bytes; -1 for none. */
  function firstRace(i: number): number {
    const { address, limit, back, kind, nth, thread, shape, class: classes } = trace
    const t = thread[i]
    const row = i * stride
    const from = address[i]
    const to = limit[i]
    const mine = changes(trace, i)
    const single = from >> 2 === (to - 1) >> 2
    let a = single ? back[i] : -1
    let b = single ? trace.head[0] : i - 1
    // A store that an invariant watches stands among the wide ones.
    if (single && trace.place[i] === 0) {
      a = startOf(placeOf(trace, from >> 2), i)
      b = back[i]
    }
    while (a >= 0 || b >= 0) {
      let j = a
      if (a > b) a = back[a]
      else {
        j = b
        b = single ? back[b] : b - 1
      }
      if (address[j] >= to || from >= limit[j] || shape[j] === null) continue
      const its = CHANGES[kind[j]] === 1 && classes[j] === W
      const other = thread[j]
      if ((mine || its) && other !== t && clocks[row + other] <= nth[j] && races(i, j)) return j
      // What is older than a store of all these bytes was compared with that store.
      if (its && address[j] <= from && limit[j] >= to) return -1
    }
    return -1
  }

  function extend(i: number): void {
    if (stride !== trace.stride) {
      stride = trace.stride
      known = 0
    }
    if (clocks.length < trace.capacity * stride) {
      const larger = new Int32Array(trace.capacity * stride)
      if (known > 0) larger.set(clocks)
      clocks = larger
    }
    for (let j = Math.min(known, i); j <= i; j++) {
      synchronize(j)
      if (trace.kind[j] === DEREF) dereference(j)
    }
    known = i + 1
  }

  return {
    before,
    look(i) {
      const { kind, shape } = trace
      const what = kind[i]
      const through = shape[i] as Shape | null
      if (!needed) {
        if (through !== null && size === 0) size = through.size
        if (through === null || (ATOMIC[what] === 1 && through.size === size)) return -1
        needed = true
        known = 0
      }
      extend(i)
      if (through === null) return -1
      return firstRace(i)
    },
  }
}
