/**
 * ECMA-262's memory model: may the event be there that has just been added? And what may be there at the end.
 *
 * The clause "Memory Model", in its form since 2019. What it asks of an execution it asks of each part of it that has,
 * with an event, all that comes before it in its thread and the stores that it reads. So an execution can grow by one
 * event after another, and what is refused is never missed.
 */
import type { Access } from './access.ts'
import { atomicStoresTo, cellsOf, type Graph, happensBefore, INIT, type Sources, storesTo } from './graph.ts'

/** Whether the latest event may read the stores that it reads. */
export function mayRead(g: Graph): boolean {
  const r = g.thread.length - 1
  const cells = cellsOf(g.access[r])
  const from = g.from[r]
  for (let k = 0; k < cells.length; k++) if (!isCoherent(g, r, cells[k], from[k])) return false
  return isUntorn(g, g.access[r], from)
}

/** Coherent reads: it reads no store to that cell that another one overwrites in happens-before. */
function isCoherent(g: Graph, r: number, cell: number, w: number): boolean {
  for (const v of storesTo(g, cell)) {
    if (v === w || v === r || !happensBefore(g, v, r)) continue
    if (w === INIT || happensBefore(g, w, v)) return false
  }
  if (w === INIT || !g.access[w].atomic || !happensBefore(g, w, r)) return true
  // SC atomics, 2: of the SeqCst stores that happen before it, only the last one.
  const later = atomicStoresTo(g, g.access[w].place)
  for (let k = later.indexOf(w) + 1; k < later.length; k++) if (happensBefore(g, later[k], r)) return false
  return true
}

/** Whether it is a store that is not torn, to just the bytes of that word; what was there before is one to any. */
export const isWholeAt = (g: Graph, w: number, place: number): boolean =>
  w === INIT || (g.access[w].place === place && g.access[w].bytes?.isWhole === true)

/**
 * Tear free reads: of the stores to just its bytes a load reads one alone. What was there before counts as one of them.
 * `from` may have sources for its first cells alone.
 */
export function isUntorn(g: Graph, { bytes, place }: Access, from: Sources): boolean {
  if (bytes?.isWhole !== true) return true
  let whole: number | undefined
  for (const w of from) {
    if (!isWholeAt(g, w, place)) continue
    if (whole !== undefined && w !== whole) return false
    whole = w
  }
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
  for (const w of g.from[n]) {
    // SC atomics, 3: a store that happens before both is overwritten for the load as soon as m is.
    if (w === INIT) return true
    // SC atomics, 1.
    if (g.access[w].atomic && g.access[w].place === place) {
      if (order.indexOf(w) < at) return true
    } else if (happensBefore(g, w, n) && happensBefore(g, w, m)) return true
  }
  return false
}

/**
 * The stores to a cell that whoever comes after all threads may read: those that no other overwrites in happens-before,
 * and of the SeqCst ones to just the same bytes the last. INIT if there is none.
 */
export function endsOf(g: Graph, cell: number): readonly number[] {
  const stores = storesTo(g, cell)
  if (stores.length === 0) return [INIT]
  const isLast = (w: number): boolean => !g.access[w].atomic || atomicStoresTo(g, g.access[w].place).at(-1) === w
  return stores.filter((w) => isLast(w) && !stores.some((v) => happensBefore(g, w, v)))
}
