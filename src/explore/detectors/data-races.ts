/**
 * Data races, by ECMA-262's happens-before: two accesses of different threads whose byte ranges overlap, at least
 * one of which stores, that happen-before does not order, unless both are atomic on the same bytes. (The standard
 * calls unordered conflicting accesses a *race*, and a *data race* one that is not atomic on both sides.)
 *
 * Beside ECMA-262's accesses there are two marked plain loads. A *dereference* may race with an atomic store, and
 * orders what the thread does to the allocation it points to, and onward through dereferences from there, behind
 * what the publisher did before; nothing else. A *hint* may race with an atomic store and orders nothing.
 *
 * And there is one marked plain store, *write once*, with which those two may race and nobody else. It orders nothing
 * either: what is dereferenced after it was stored is not ordered behind what its thread did before.
 */
import { flagged, W } from '../engine/access.ts'
import type { Shape } from '../engine/memory.ts'
import { allocationAt } from '../engine/shadow.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { placeOf } from '../engine/trace.ts'
import { DEREF, FREE, KINDS } from '../runtime/kinds.ts'
import { dereference, type Grants, granted } from './dereferences.ts'
import type { Detector, Fault, PlaceName } from './detector.ts'
import {
  ATOMIC,
  before,
  CHANGES,
  type Clocks,
  changes,
  createClocks,
  makeRoom,
  startOf,
  synchronize,
} from './happens-before.ts'
import { does, nameOf } from './heap.ts'

/** Plain loads that may race with atomic accesses and marked stores. */
const MARKED = flagged('marked')
const MEETS_MARKED = flagged('atomic', 'once')

/** Looks at each event; counts clocks only from when some access is plain, or of another size than the first. */
export function createDataRaces(x: Execution, placeName: PlaceName): Detector {
  const { trace } = x
  const clocks = createClocks(x)
  const grants: Grants = []
  /** Clocks and grants of events below this are valid. */
  let known = 0
  /** False as long as all accesses are atomic and of one size, so that none can be in a data race. */
  let needed = false
  let size = 0

  function extend(i: number): void {
    if (!makeRoom(clocks, known)) known = 0
    for (let j = Math.min(known, i); j <= i; j++) {
      synchronize(clocks, j)
      if (trace.kind[j] === DEREF) dereference(clocks, grants, j)
    }
    known = i + 1
  }

  return {
    look(i) {
      const through = trace.shape[i] as Shape | null
      if (!needed) {
        if (through !== null && size === 0) size = through.size
        if (through === null || (ATOMIC[trace.kind[i]] === 1 && through.size === size)) return undefined
        needed = true
        known = 0
      }
      extend(i)
      const j = through === null ? -1 : firstRace(clocks, grants, i)
      return j < 0 ? undefined : faultOf(x, i, j, placeName)
    },
  }
}

/** The latest event that `i` is in a data race with, as far back as a store of all its bytes; -1 for none. */
function firstRace(clocks: Clocks, grants: Grants, i: number): number {
  const { rows, stride } = clocks
  const { trace } = clocks.x
  const { address, limit, back, kind, nth, thread, shape, class: classes } = trace
  const t = thread[i]
  const row = i * stride
  const from = address[i]
  const to = limit[i]
  const mine = changes(trace, i, i)
  const single = from >> 2 === (to - 1) >> 2
  let a = single ? back[i] : -1
  let b = single ? trace.head[0] : i - 1
  // A store that an invariant watches stands among the wide ones.
  if (single && trace.place[i] === 0) {
    a = startOf(trace, placeOf(trace, from >> 2), i)
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
    if ((mine || its) && other !== t && rows[row + other] <= nth[j] && races(clocks, grants, i, j)) return j
    // What is older than a store of all these bytes was compared with that store.
    if (its && address[j] <= from && limit[j] >= to) return -1
  }
  return -1
}

/** Whether two events on the same bytes, one of which stores, are in a data race. */
function races(clocks: Clocks, grants: Grants, i: number, j: number): boolean {
  const { kind, address, limit } = clocks.x.trace
  const same = address[i] === address[j] && limit[i] === limit[j]
  if (same && ATOMIC[kind[i]] === 1 && ATOMIC[kind[j]] === 1) return false
  if (MARKED[kind[i]] === 1 && MEETS_MARKED[kind[j]] === 1) return false
  if (MARKED[kind[j]] === 1 && MEETS_MARKED[kind[i]] === 1) return false
  return !before(clocks, j, i) && !granted(clocks, grants, i, j)
}

/** What to say of it. The earlier event stands second: the thread of the later one is named by whoever reports. */
function faultOf(x: Execution, i: number, j: number, placeName: PlaceName): Fault {
  const { trace } = x
  if (trace.kind[i] === FREE || trace.kind[j] === FREE) return unorderedFree(x, i, j)
  const what = (k: number) => KINDS[trace.kind[k]].name
  const where = placeName(Math.max(trace.address[i], trace.address[j]))
  const other = nameOfThread(x, trace.thread[j])
  return {
    kind: 'data-race',
    message: `${what(i)} of ${where} is not ordered with the ${what(j)} by ${other}`,
    sites: [trace.site[i], trace.site[j]],
    events: [i, j],
  }
}

/** One of the two frees the object that the other uses. In this execution the use came first. */
function unorderedFree(x: Execution, i: number, j: number): Fault {
  const { trace } = x
  const use = trace.kind[i] === FREE ? j : i
  const object = allocationAt(x.primitives.shadow, trace.address[use])
  const name = object === undefined ? 'an object' : nameOf(object)
  const events = [i, j, object?.made ?? -1].filter((event) => event >= 0)
  return {
    kind: 'use-after-free',
    message: `${does(x, i)} ${name}, which ${nameOfThread(x, trace.thread[j])} ${does(x, j)}, and nothing orders the two: in another order it is used after it was freed`,
    sites: events.map((event) => trace.site[event]),
    events,
  }
}
