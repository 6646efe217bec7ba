/**
 * An execution as memory models know it: events, which stores each load reads, and the order of the SeqCst stores of
 * each word. It grows at its end and shrinks there.
 *
 * An event stands behind those of its thread and behind the stores it reads. Otherwise the order of rows says nothing.
 * What a load reads is told for each of its cells: a word is one, or where others overlap it each of its bytes.
 */
import type { Access, Value } from './access.ts'

/** A load that reads it reads what was there before all threads. */
export const INIT = -1

/** For each cell of an access, which store it reads. */
export type Sources = readonly number[]

export interface Graph {
  readonly threads: number
  /** The events, a row in each of the following. */
  readonly thread: number[]
  readonly access: Access[]
  /** What it read. */
  readonly seen: Value[]
  /** What it stored; undefined: nothing. */
  readonly stored: (Value | undefined)[]
  /** For each of its cells the event whose store it reads, or INIT. */
  readonly from: Sources[]
  /** How many events of its thread stand before it. */
  readonly order: number[]
  /** By thread, how many of its events happen before this one or are this one. */
  readonly clock: Int32Array[]
  /** By thread: its events. */
  readonly events: number[][]
  /** By cell: the events that stored there. */
  readonly stores: Map<number, number[]>
  /** By word: the SeqCst ones among those that stored to just its bytes, in their order. */
  readonly atomicStores: Map<number, number[]>
  /** The SeqCst events. */
  readonly atomics: number[]
}

export function createGraph(threads: number): Graph {
  return {
    threads,
    thread: [],
    access: [],
    seen: [],
    stored: [],
    from: [],
    order: [],
    clock: [],
    events: Array.from({ length: threads }, () => []),
    stores: new Map(),
    atomicStores: new Map(),
    atomics: [],
  }
}

const NONE: readonly number[] = []

export const storesTo = (g: Graph, cell: number): readonly number[] => g.stores.get(cell) ?? NONE
export const atomicStoresTo = (g: Graph, place: number): readonly number[] => g.atomicStores.get(place) ?? NONE

/** Whether event `i` happens before event `j`. */
export const happensBefore = (g: Graph, i: number, j: number): boolean =>
  i !== j && g.clock[j][g.thread[i]] > g.order[i]

/** What an access reads and stores, cell by cell. */
export const cellsOf = ({ bytes, place }: Access): readonly number[] => bytes?.cells ?? [place]

/** Whether two accesses have a byte in common. */
export function overlap(a: Access, b: Access): boolean {
  if (a.place === b.place) return true
  if (a.bytes === undefined || b.bytes === undefined) return false
  const [one, other] = [a.bytes.cells, b.bytes.cells]
  return one[0] <= other[other.length - 1] && other[0] <= one[one.length - 1]
}

/** Adds an event that reads from `from`. What it stores is added by `addStore`. */
export function addEvent(g: Graph, t: number, access: Access, from: Sources, seen: Value): void {
  const i = g.thread.length
  const own = g.events[t]
  const clock = own.length === 0 ? new Int32Array(g.threads) : g.clock[own[own.length - 1]].slice()
  // A SeqCst load synchronizes with the SeqCst store that it reads, if that stored to just its bytes.
  if (access.reads && access.atomic) {
    for (const w of from) {
      if (w === INIT || !g.access[w].atomic || g.access[w].place !== access.place) continue
      const other = g.clock[w]
      for (let u = 0; u < clock.length; u++) if (other[u] > clock[u]) clock[u] = other[u]
    }
  }
  clock[t] = own.length + 1
  g.thread.push(t)
  g.access.push(access)
  g.seen.push(seen)
  g.stored.push(undefined)
  g.from.push(from)
  g.order.push(own.length)
  g.clock.push(clock)
  own.push(i)
  if (access.atomic) g.atomics.push(i)
}

/** The latest event has stored that. */
export function addStore(g: Graph, value: Value): void {
  const i = g.thread.length - 1
  g.stored[i] = value
  for (const cell of cellsOf(g.access[i])) {
    const stores = g.stores.get(cell)
    if (stores === undefined) g.stores.set(cell, [i])
    else stores.push(i)
  }
}

/** Gives the latest event, a SeqCst store, that place among those of its word; or takes it from there. */
export function placeStore(g: Graph, at: number): void {
  const i = g.thread.length - 1
  const { place } = g.access[i]
  const stores = g.atomicStores.get(place)
  if (stores === undefined) g.atomicStores.set(place, [i])
  else stores.splice(at, 0, i)
}

export function unplaceStore(g: Graph, at: number): void {
  g.atomicStores.get(g.access[g.thread.length - 1].place)!.splice(at, 1)
}

/** Takes the latest event away. It has no place among the SeqCst stores any more. */
export function removeEvent(g: Graph): void {
  const i = g.thread.length - 1
  const access = g.access[i]
  if (g.stored[i] !== undefined) for (const cell of cellsOf(access)) g.stores.get(cell)!.pop()
  if (access.atomic) g.atomics.pop()
  g.events[g.thread[i]].pop()
  for (const column of [g.thread, g.access, g.seen, g.stored, g.from, g.order, g.clock]) column.pop()
}
