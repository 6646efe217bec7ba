/**
 * Elements of sk storage: made and charged, linked to their two lists, unlinked exactly once, freed after a grace
 * period.
 *
 * An element is on its socket's list (snode, under the storage's lock) and on a bucket of its map (mapNode, under the
 * bucket's lock). Whoever holds a list's lock and sees the element linked is its unique remover there. Model:
 * bpf_sk_storage.c, Linux 5.2.
 */

import type { Cpu } from '../sync/cpu.ts'
import { hintLoad, rcuAssignPointer, rcuDereference, writeOnce } from '../sync/rcu.ts'
import { kfreeRcu } from '../sync/rcu-callback.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import { kfreeFunc } from './callbacks.ts'
import {
  hlistAddHeadRcu,
  hlistAddHeadRcuLockless,
  hlistDelInitRcu,
  hlistDelInitRcuLockless,
  hlistIsSingularNode,
  hlistUnhashed,
  hlistUnhashedLockless,
} from './hlist.ts'
import type { BpfMap, Sdata, Selem, Sk, SkStorage } from './pointer.ts'
import { BUCKET, HEADER, MAP, SELEM, SK_STORAGE, SOCK } from './records.ts'
import { kasanCheck } from './sanitizer.ts'
import { overflowRemove, storageFreeRcu } from './sk-storage-overflow.ts'
import { kfree, kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'
import { initValue } from './value.ts'

/** sizeof(struct bpf_sk_storage) on x86-64, in bytes: what a socket is charged for its storage. */
export const STORAGE_CHARGE = 168
/** sizeof(struct bpf_sk_storage_elem) on x86-64, in bytes: charged for each element besides its value. */
export const ELEM_CHARGE = 128

/** The element an sdata is part of. Model: SELEM(). */
export function selemOf(sdata: Sdata): Selem {
  return (sdata - SELEM.sdata) as number as Selem
}

/** The sdata of an element. Model: SDATA(). */
export function sdataOf(selem: Selem): Sdata {
  return (selem + SELEM.sdata) as number as Sdata
}

/**
 * Charges `size` bytes to the socket if its limit allows. In one step, where the kernel looks and then adds, and racing
 * chargers may overshoot.
 */
export function omemCharge(cpu: Cpu, sk: Sk, size: number): boolean {
  const { words } = cpu
  const at = sk + SOCK.omemAlloc
  const limit = words[HEADER.optmemMax]
  // A guess at what the exchange will find, so a hint does. Only what was seen for sure may refuse.
  let seen = hintLoad(words, at)
  if (size > limit || seen + size >= limit) seen = Atomics.load(words, at)
  while (size <= limit && seen + size < limit) {
    const was = Atomics.compareExchange(words, at, seen, seen + size)
    if (was === seen) return true
    seen = was
  }
  return false
}

export function omemUncharge(cpu: Cpu, sk: Sk, size: number): void {
  Atomics.sub(cpu.words, sk + SOCK.omemAlloc, size)
}

/**
 * Makes an element that is on no list, and charges the socket `charge` bytes: for the element, for its storage too if
 * that will be new, or nothing where it replaces another. NULL without memory or beyond the socket's limit; then
 * nothing is charged.
 */
export function selemAlloc(cpu: Cpu, map: BpfMap, sk: Sk, value: Int32Array | null, charge: number): Selem {
  const { words } = cpu
  if (charge !== 0 && !omemCharge(cpu, sk, charge)) return 0 as Selem
  const size = words[map + MAP.elemWords]
  const selem = kmalloc(cpu, KIND.elem, size) as Selem
  if (selem === 0) {
    if (charge !== 0) omemUncharge(cpu, sk, charge)
    return selem
  }
  words[selem + SELEM.mapNode + 1] = 0
  words[selem + SELEM.snode + 1] = 0
  words[selem + SELEM.sdata] = map
  words[selem + SELEM.rcu + 1] = kfreeFunc(KIND.elem, size, SELEM.rcu)
  initValue(cpu, map, selem + SELEM.value, value)
  return selem
}

/** Frees an element that was never reachable, and takes back what selemAlloc charged. */
export function selemFreeUnlinked(cpu: Cpu, map: BpfMap, sk: Sk, selem: Selem, charge: number): void {
  omemUncharge(cpu, sk, charge)
  kfree(cpu, KIND.elem, cpu.words[map + MAP.elemWords], selem)
}

/** The bucket an element belongs to, by its address. At least two buckets (H01): a shift by 32 would be none at all. */
export function selemBucket(words: Int32Array, map: BpfMap, selem: Selem): number {
  const hash = Math.imul(selem >>> 4, 0x61c88647) >>> (32 - words[map + MAP.bucketLog])
  return words[map + MAP.buckets] + hash * BUCKET.SIZE
}

/** Gives an element its storage and links it to its map's bucket. From here on map free and iterators find it. */
export function selemLinkMap(cpu: Cpu, map: BpfMap, storage: SkStorage, selem: Selem): void {
  cpu.words[selem + SELEM.storage] = storage
  const bucket = selemBucket(cpu.words, map, selem)
  spinLock(cpu, bucket + BUCKET.lock)
  hlistAddHeadRcu(cpu.words, selem + SELEM.mapNode, bucket + BUCKET.list)
  spinUnlock(cpu, bucket + BUCKET.lock)
}

/** Unlinks an element from its map's bucket, unless somebody has already. */
export function selemUnlinkMap(cpu: Cpu, selem: Selem): void {
  const { words } = cpu
  const bucket = selemBucket(words, words[selem + SELEM.sdata] as BpfMap, selem)
  spinLock(cpu, bucket + BUCKET.lock)
  if (!hlistUnhashed(words, selem + SELEM.mapNode)) hlistDelInitRcu(words, selem + SELEM.mapNode)
  spinUnlock(cpu, bucket + BUCKET.lock)
}

/**
 * Publishes an element on its socket's list. The caller holds the storage's lock, or nobody else can see the storage.
 */
export function selemLinkSk(cpu: Cpu, storage: SkStorage, selem: Selem): void {
  hlistAddHeadRcuLockless(cpu.words, selem + SELEM.snode, storage + SK_STORAGE.list)
}

/**
 * Takes an element off its socket's list and frees it after a grace period. The caller holds the storage's lock and has
 * seen the element linked. Returns true if that was the last one: then the storage must be freed too, by the caller and
 * not here, because the caller still holds the lock inside it (C3).
 */
export function selemUnlinkSkLocked(cpu: Cpu, storage: SkStorage, selem: Selem, uncharge: boolean): boolean {
  const { words } = cpu
  const map = words[selem + SELEM.sdata] as BpfMap
  const sk = words[storage + SK_STORAGE.sk] as Sk
  const last = hlistIsSingularNode(words, selem + SELEM.snode, storage + SK_STORAGE.list)

  // C2: all charges go back before the last unlink. Once sk->sk_bpf_storage is NULL nothing holds the socket back from
  // being freed, and it must not be touched. That NULL is stored atomically: a dying socket that loads it is ordered
  // behind all that was done to it here.
  const charge = (uncharge ? words[map + MAP.elemSize] : 0) + (last ? STORAGE_CHARGE : 0)
  if (charge !== 0) omemUncharge(cpu, sk, charge)
  if (last) {
    words[storage + SK_STORAGE.sk] = 0
    rcuAssignPointer(words, sk + SOCK.storage, 0)
  }
  hlistDelInitRcuLockless(words, selem + SELEM.snode)
  const slot = storage + SK_STORAGE.cache + words[map + MAP.cacheIdx]
  // D19: the slot may hold another map's element, since two maps can share it.
  if (words[slot] === sdataOf(selem)) writeOnce(words, slot, 0)
  overflowRemove(cpu, map, storage, sdataOf(selem))
  kfreeRcu(cpu, selem + SELEM.rcu)
  return last
}

/**
 * Takes an element off its socket's list unless somebody has already, and frees it, and with the last one the storage.
 */
export function selemUnlinkSk(cpu: Cpu, selem: Selem): void {
  const { words } = cpu
  if (hlistUnhashedLockless(words, selem + SELEM.snode)) return
  // Set before the element was published and never changed: not a pointer that others move.
  const storage = words[selem + SELEM.storage] as SkStorage
  let freeStorage = false
  kasanCheck(cpu, storage, SK_STORAGE.SIZE)
  spinLock(cpu, storage + SK_STORAGE.lock)
  // Seen linked under the lock: we and nobody else unlink, uncharge and free it.
  if (!hlistUnhashed(words, selem + SELEM.snode)) freeStorage = selemUnlinkSkLocked(cpu, storage, selem, true)
  spinUnlock(cpu, storage + SK_STORAGE.lock)
  if (freeStorage) storageFreeRcu(cpu, storage)
}

/**
 * Removes an element from both of its lists. In a read section: others may be removing it too, and it must not vanish
 * under us.
 */
export function selemUnlink(cpu: Cpu, selem: Selem): void {
  // C4: from the map first. It is the unlink from the socket that frees the element.
  selemUnlinkMap(cpu, selem)
  selemUnlinkSk(cpu, selem)
}

/** The socket's storage, in a read section, or NULL. */
export function skStorageOf(cpu: Cpu, sk: Sk): SkStorage {
  return rcuDereference(cpu.words, sk + SOCK.storage) as SkStorage
}
