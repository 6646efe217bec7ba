/**
 * ECMA-262's memory model: may the event be there that has just been added? And what may be there at the end.
 *
 * The clause "Memory Model", in its form since 2019, for accesses that touch the same bytes or none in common. What it
 * asks of an execution it asks of each part of it that has, with an event, all that comes before it in its thread and
 * the store that it reads. So an execution can grow by one event after another, and what is refused is never missed.
 */
import { atomicStoresTo, type Graph, happensBefore, INIT, storesTo } from './graph.ts'

/** Coherent reads: the latest event reads no store that another one overwrites in happens-before. */
export function mayRead(g: Graph): boolean {
  const r = g.thread.length - 1
  const w = g.from[r]
  const { place } = g.access[r]
  for (const v of storesTo(g, place)) {
    if (v === w || v === r || !happensBefore(g, v, r)) continue
    if (w === INIT || happensBefore(g, w, v)) return false
  }
  if (w === INIT || !g.access[w].atomic || !happensBefore(g, w, r)) return true
  // SC atomics, 2: of the SeqCst stores that happen before it, only the last one.
  const later = atomicStoresTo(g, place)
  for (let k = later.indexOf(w) + 1; k < later.length; k++) if (happensBefore(g, later[k], r)) return false
  return true
}

/**
 * SC atomics: is there still an order of all SeqCst events, with the latest one, in which no load misses a store that
 * it would have to see? All that the latest event adds to what is known of that order begins or ends with itself.
 */
export function isOrdered(g: Graph): boolean {
  const e = g.thread.length - 1
  const met = new Uint8Array(g.thread.length)
  const left = [e]
  for (let n = left.pop(); n !== undefined; n = left.pop()) {
    for (const m of g.atomics) {
      if (met[m] === 1 || !mustPrecede(g, n, m)) continue
      if (m === e) return false
      met[m] = 1
      left.push(m)
    }
  }
  return true
}

/** Whether SeqCst event `n` stands before `m` in every such order, by one reason alone. */
function mustPrecede(g: Graph, n: number, m: number): boolean {
  if (n === m) return false
  if (happensBefore(g, n, m)) return true
  const { place, reads } = g.access[n]
  if (g.access[m].place !== place || g.stored[m] === undefined) return false
  const order = atomicStoresTo(g, place)
  const at = order.indexOf(m)
  if (at < 0) return false
  if (g.stored[n] !== undefined && order.indexOf(n) < at) return true
  if (!reads) return false
  const w = g.from[n]
  // SC atomics, 3: a store that happens before both is overwritten for the load as soon as m is.
  if (w === INIT) return true
  if (!g.access[w].atomic) return happensBefore(g, w, n) && happensBefore(g, w, m)
  // SC atomics, 1.
  return order.indexOf(w) < at
}

/**
 * The stores to a word that whoever comes after all threads may read: those that no other overwrites in happens-before,
 * and of the SeqCst ones the last. INIT if there is none.
 */
export function endsOf(g: Graph, place: number): readonly number[] {
  const stores = storesTo(g, place)
  if (stores.length === 0) return [INIT]
  const order = atomicStoresTo(g, place)
  const last = order[order.length - 1]
  return stores.filter((w) => (!g.access[w].atomic || w === last) && !stores.some((v) => happensBefore(g, w, v)))
}
