/**
 * Lost updates: two threads read a word and store to it, and the second did not see what the first had stored, which
 * is gone then. Each access may be in order; it is the two together that are not.
 *
 * Judged at the end, when it is known what each event found and left: a thread's store that follows its own load of
 * the same bytes, with an update of another thread in between. An update is such a load and store, or an atomic
 * read-modify-write. Whoever finds what it had read has taken nothing away. That it stores what stands there already
 * says nothing: so do two increments of one value, of which one is lost.
 */
import { flagged, R, W } from '../engine/access.ts'
import { inPlace } from '../engine/place-in-source.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import type { Trace } from '../engine/trace.ts'
import { CAS, KINDS, RMW } from '../runtime/kinds.ts'
import { type Detector, type KnownFinding, NOTHING, type PlaceName } from './detector.ts'

const STORES = flagged('stores')

export const createLostUpdates = (x: Execution, placeName: PlaceName): Detector => ({
  atEnd() {
    const found = firstLost(x.trace)
    return found === undefined ? NOTHING : [findingOf(x, found, placeName)]
  },
})

/** A store, the load that it goes back to, and the update in between that it did not see. */
interface Lost {
  readonly store: number
  readonly load: number
  readonly update: number
}

/** The first lost update of an execution. */
function firstLost(trace: Trace): Lost | undefined {
  /** By the bytes that they touch: the accesses so far. */
  const accesses = new Map<number, number[]>()
  for (let i = 0; i < trace.n; i++) {
    if (trace.shape[i] === null || KINDS[trace.kind[i]].flags.includes('lock')) continue
    const key = trace.address[i] * 16 + (trace.limit[i] - trace.address[i])
    const before = accesses.get(key)
    if (before === undefined) {
      accesses.set(key, [i])
      continue
    }
    const lost = storesPlainly(trace, i) ? lostBy(trace, i, before) : undefined
    if (lost !== undefined) return lost
    before.push(i)
  }
  return undefined
}

/** Whether an event stores what does not depend on what it finds: anything but a read-modify-write. */
function storesPlainly({ kind, class: classes }: Trace, i: number): boolean {
  return STORES[kind[i]] === 1 && classes[i] === W && kind[i] !== RMW && kind[i] !== CAS
}

/** What the store `i` loses, of the accesses to its bytes before it. */
function lostBy(trace: Trace, i: number, before: readonly number[]): Lost | undefined {
  const { thread, class: classes, oldLow, oldHigh, newLow, newHigh } = trace
  const load = before.findLast((j) => thread[j] === thread[i])
  if (load === undefined || classes[load] !== R) return undefined
  if (oldLow[i] === newLow[load] && oldHigh[i] === newHigh[load]) return undefined
  const update = before.findLast((j) => j > load && isUpdate(trace, j, before))
  return update === undefined ? undefined : { store: i, load, update }
}

function isUpdate(trace: Trace, j: number, accesses: readonly number[]): boolean {
  const { kind, class: classes, thread } = trace
  if (classes[j] !== W) return false
  if (kind[j] === RMW || kind[j] === CAS) return true
  const own = accesses.findLast((k) => k < j && thread[k] === thread[j])
  return own !== undefined && classes[own] === R
}

function findingOf(x: Execution, { store, load, update }: Lost, placeName: PlaceName): KnownFinding {
  const { trace } = x
  const [mine, other] = [store, update].map((i) => nameOfThread(x, trace.thread[i]))
  const place = placeName(trace.address[store])
  return {
    kind: 'lost-update',
    message: `${mine}: the store to ${place} takes away the update by ${other}, which came after its load`,
    sites: [store, update, load].map((i) => trace.site[i]),
    events: [load, update, store],
    thread: trace.thread[store],
    at: -1,
    why: [
      `${mine} loads ${place}${inPlace(trace.site[load])}, ${other} updates it${inPlace(trace.site[update])}, and ${mine} stores what it made of the old value${inPlace(trace.site[store])}`,
    ],
  }
}
