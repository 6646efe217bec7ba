/**
 * Behind the sixteen slots: where a lookup finds the element of a map whose slot another map's element holds.
 *
 * Linux walks the socket's list then, and puts what it finds into the slot: with more than sixteen maps two of them
 * take the slot from each other at each lookup, and pay for the walk and the lock. Here a slot stays with the element
 * that holds it. The other stands in a table that the storage has from the first such case on, at the place its map has
 * in all such tables. The list stays what says which elements there are, and a table there was no memory for is only a
 * longer way.
 *
 * Entries follow the rules of the slots: stored under the storage's lock while the element is linked (C1), read
 * without.
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuAssignPointer, rcuDereference, writeOnce } from '../sync/rcu.ts'
import { kfreeRcu } from '../sync/rcu-callback.ts'
import { kfreeFunc } from './callbacks.ts'
import type { BpfMap, Sdata, SkStorage } from './pointer.ts'
import { HEADER, MAP, OVERFLOW, PLACES, SDATA, SK_STORAGE } from './records.ts'
import { kasanCheck } from './sanitizer.ts'
import { kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'

/** Words of the smallest table. */
const SMALLEST = 32

/** Gives a new map its place, the lowest that is free; -1 when all are taken. Under mapsLock. */
export function placeGet(words: Int32Array): number {
  for (let i = 0; i < PLACES / 32; i++) {
    const free = ~words[HEADER.places + i]
    if (free === 0) continue
    const bit = 31 - Math.clz32(free & -free)
    words[HEADER.places + i] |= 1 << bit
    return i * 32 + bit
  }
  return -1
}

/** Gives a place back. Under mapsLock. */
export function placePut(words: Int32Array, place: number): void {
  if (place >= 0) words[HEADER.places + (place >> 5)] &= ~(1 << (place & 31))
}

/** The map's element in the storage's table, in a read section or under the storage's lock, or NULL. */
export function overflowLookup(cpu: Cpu, map: BpfMap, storage: SkStorage): Sdata {
  const { words } = cpu
  // Pairs with rcuAssignPointer in overflowInsert.
  const table = rcuDereference(words, storage + SK_STORAGE.overflow)
  const place = words[map + MAP.place]
  if (table === 0 || place < 0) return 0 as Sdata
  kasanCheck(cpu, table, OVERFLOW.entries)
  if (place >= words[table + OVERFLOW.count]) return 0 as Sdata
  const sdata = rcuDereference(words, table + OVERFLOW.entries + place)
  // The place may have been another map's, whose element is still there.
  return (sdata !== 0 && words[sdata + SDATA.smap] === map ? sdata : 0) as Sdata
}

/** Puts a linked element into the table, which is made or grown if need be. Under the storage's lock. */
export function overflowInsert(cpu: Cpu, map: BpfMap, storage: SkStorage, sdata: Sdata): void {
  const { words } = cpu
  const place = words[map + MAP.place]
  if (place < 0) return
  let table = words[storage + SK_STORAGE.overflow]
  if (table === 0 || place >= words[table + OVERFLOW.count]) {
    const larger = largerTable(cpu, table, place)
    if (larger === 0) return
    rcuAssignPointer(words, storage + SK_STORAGE.overflow, larger)
    if (table !== 0) kfreeRcu(cpu, table + OVERFLOW.rcu)
    table = larger
  }
  rcuAssignPointer(words, table + OVERFLOW.entries + place, sdata)
}

/** A table with room for `place` and the entries of the old one, or NULL. */
function largerTable(cpu: Cpu, old: number, place: number): number {
  const { words } = cpu
  let size = SMALLEST
  while (size < OVERFLOW.entries + place + 1) size *= 2
  const table = kmalloc(cpu, KIND.overflow, size)
  if (table === 0) return 0
  const count = size - OVERFLOW.entries
  const known = old === 0 ? 0 : words[old + OVERFLOW.count]
  words[table + OVERFLOW.rcu + 1] = kfreeFunc(KIND.overflow, size, OVERFLOW.rcu)
  words[table + OVERFLOW.count] = count
  for (let i = 0; i < count; i++) {
    words[table + OVERFLOW.entries + i] = i < known ? words[old + OVERFLOW.entries + i] : 0
  }
  return table
}

/** Takes an element out of the table, if it is there. Under the storage's lock. */
export function overflowRemove(cpu: Cpu, map: BpfMap, storage: SkStorage, sdata: Sdata): void {
  const { words } = cpu
  const table = words[storage + SK_STORAGE.overflow]
  const place = words[map + MAP.place]
  if (table === 0 || place < 0 || place >= words[table + OVERFLOW.count]) return
  const entry = table + OVERFLOW.entries + place
  if (words[entry] === sdata) writeOnce(words, entry, 0)
}

/**
 * Frees a storage and its table after a grace period. The caller has seen its last element go, and released its lock.
 */
export function storageFreeRcu(cpu: Cpu, storage: SkStorage): void {
  const table = cpu.words[storage + SK_STORAGE.overflow]
  if (table !== 0) kfreeRcu(cpu, table + OVERFLOW.rcu)
  kfreeRcu(cpu, storage + SK_STORAGE.rcu)
}
