/**
 * What a load reads, cell by cell: the ways in which it may, and the value that comes of it.
 */
import type { Access, Value } from './access.ts'
import { isUntorn } from './ecma.ts'
import { type Graph, happensBefore, INIT, type Sources, storesTo } from './graph.ts'

/** What a word holds before all threads. */
type Initial = (place: number) => Value

const BYTE = 0xffn

const bitsOf = (value: Value): bigint => BigInt.asUintN(64, BigInt(value))

/** That byte of what an event has stored. */
export const byteOf = (g: Graph, w: number, cell: number): bigint =>
  (bitsOf(g.stored[w]!) >> (8n * BigInt(g.access[w].bytes!.cells.indexOf(cell)))) & BYTE

/** The value that an access reads from these stores. */
export function seenFrom(g: Graph, { place, bytes }: Access, from: Sources, initial: Initial): Value {
  if (bytes === undefined) return from[0] === INIT ? initial(place) : g.stored[from[0]]!
  let bits = bitsOf(initial(place))
  bytes.cells.forEach((cell, k) => {
    if (from[k] === INIT) return
    const shift = 8n * BigInt(k)
    bits = (bits & ~(BYTE << shift)) | (byteOf(g, from[k], cell) << shift)
  })
  return bytes.fromBits(bits)
}

/** What the next access of a thread could read: for each of its cells a store, the latest ones last. */
export function sourcesFor(g: Graph, t: number, access: Access): Sources[] {
  if (access.bytes === undefined) return [INIT, ...storesTo(g, access.place)].map((w) => [w])
  const last = g.events[t].at(-1)
  const isBehind = (v: number): boolean => last !== undefined && (v === last || happensBefore(g, v, last))
  let all: Sources[] = [[]]
  for (const cell of access.bytes.cells) {
    const behind = storesTo(g, cell).filter(isBehind)
    // Those that are overwritten for the thread are left out early: there may be many for all cells together.
    const stores = [INIT, ...storesTo(g, cell)].filter(
      (w) => !behind.some((v) => v !== w && (w === INIT || happensBefore(g, w, v))),
    )
    all = all.flatMap((from) => stores.map((w) => [...from, w]).filter((some) => isUntorn(g, access, some)))
  }
  return all
}
