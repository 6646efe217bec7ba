/**
 * Finding a map's element at a socket: the cache slot, else the list, and then the slot is filled for the next time.
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuAssignPointer, rcuDereference } from '../sync/rcu.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import { hlistFirstRcu, hlistNextRcu, hlistUnhashed } from './hlist.ts'
import type { BpfMap, Sdata, Selem, Sk, SkStorage } from './pointer.ts'
import { HEADER, MAP, SDATA, SELEM, SK_STORAGE, SOCK } from './records.ts'
import { kasanCheck } from './sanitizer.ts'
import { sdataOf, selemOf } from './sk-storage-elem.ts'
import { overflowInsert, overflowLookup } from './sk-storage-overflow.ts'

// V8 knows what a constant is; a function's own name it loads and compares at each call.
const dereference = rcuDereference

/**
 * The element of `map` at `sk`, in a read section, or NULL. With `cacheit` an element found on the list is put into the
 * cache. Model: sk_storage_lookup() and __sk_storage_lookup(), Linux 5.2.
 */
export function skStorageLookup(cpu: Cpu, map: BpfMap, sk: Sk, cacheit: boolean): Sdata {
  const { words } = cpu
  // Pairs with the cmpxchg in skStorageAlloc.
  const storage = dereference(words, sk + SOCK.storage)
  if (storage === 0) return 0 as Sdata
  // Pairs with rcuAssignPointer in cacheInsert.
  const sdata = dereference(words, (storage + SK_STORAGE.cache + words[(map + MAP.cacheIdx) | 0]) | 0)
  if (sdata !== 0 && words[sdata + SDATA.smap] === map) return sdata as Sdata
  // `| 0`, here and in the callers: a call may return anything, so V8 would tag what the fast path found too, where the
  // two meet. That took a quarter of the lookup.
  return (lookupBehindCache(cpu, map, sk, storage as SkStorage, cacheit) | 0) as Sdata
}

/** Kept out of the fast path, so that V8 inlines that into the programs. */
function lookupBehindCache(cpu: Cpu, map: BpfMap, sk: Sk, storage: SkStorage, cacheit: boolean): Sdata {
  if (cpu.words[HEADER.shadow] !== 0) checkWay(cpu, sk, storage)
  const overflown = overflowLookup(cpu, map, storage)
  if (overflown !== 0) return overflown
  return lookupOnList(cpu, map, storage, cacheit)
}

function checkWay(cpu: Cpu, sk: Sk, storage: SkStorage): void {
  kasanCheck(cpu, sk, SOCK.SIZE)
  kasanCheck(cpu, storage, SK_STORAGE.SIZE)
}

/**
 * Apart from the table, as are the checks: with all in one function V8 inlined none of it, and a lookup of one of 24
 * maps took 7 ns on the average instead of 4.
 */
function lookupOnList(cpu: Cpu, map: BpfMap, storage: SkStorage, cacheit: boolean): Sdata {
  const { words } = cpu
  for (let node = hlistFirstRcu(cpu, storage + SK_STORAGE.list); node !== 0; node = hlistNextRcu(cpu, node)) {
    const sdata = sdataOf((node - SELEM.snode) as Selem)
    if (words[sdata + SDATA.smap] === map) {
      if (cacheit) cacheInsert(cpu, map, storage, sdata)
      return sdata
    }
  }
  return 0 as Sdata
}

/** The element of `map` on the list, with the storage's lock held and without the cache. */
export function skStorageLookupLocked(cpu: Cpu, map: BpfMap, storage: SkStorage): Sdata {
  const { words } = cpu
  const cached = words[storage + SK_STORAGE.cache + words[map + MAP.cacheIdx]]
  if (cached !== 0 && words[cached + SDATA.smap] === map) return cached as Sdata
  const overflown = overflowLookup(cpu, map, storage)
  if (overflown !== 0) return overflown
  // Dereferences: whoever made the storage linked its first element without the lock, and published both in one.
  for (let node = dereference(words, storage + SK_STORAGE.list); node !== 0; node = dereference(words, node)) {
    const sdata = sdataOf((node - SELEM.snode) as Selem)
    if (words[sdata + SDATA.smap] === map) return sdata
  }
  return 0 as Sdata
}

/**
 * C1: the element we found may be removed at any moment. Cached after its removal it would be found again when it is
 * long freed; so we look once more, under the lock that its remover needs too, and cache it only if it is still linked.
 */
function cacheInsert(cpu: Cpu, map: BpfMap, storage: SkStorage, sdata: Sdata): void {
  const { words } = cpu
  spinLock(cpu, storage + SK_STORAGE.lock)
  if (!hlistUnhashed(words, selemOf(sdata) + SELEM.snode)) {
    const slot = storage + SK_STORAGE.cache + words[map + MAP.cacheIdx]
    if (words[slot] === 0) rcuAssignPointer(words, slot, sdata)
    else overflowInsert(cpu, map, storage, sdata)
  }
  spinUnlock(cpu, storage + SK_STORAGE.lock)
}
