/**
 * Setting a map's value at a socket: the first element together with its storage, a replacement, or a copy in place.
 */

import { cmpxchg } from '../sync/cmpxchg.ts'
import type { Cpu } from '../sync/cpu.ts'
import { kfreeRcu } from '../sync/rcu-callback.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import { kfreeFunc } from './callbacks.ts'
import { EAGAIN, EEXIST, EINVAL, ENOENT, ENOMEM } from './errno.ts'
import { hlistEmptyLockless, hlistSetOnly, hlistUnhashedLockless } from './hlist.ts'
import type { BpfMap, Sdata, Selem, Sk, SkStorage } from './pointer.ts'
import { CACHE_SIZE, MAP, SDATA, SELEM, SK_STORAGE, SOCK } from './records.ts'
import { kasanCheck } from './sanitizer.ts'
import {
  omemUncharge,
  STORAGE_CHARGE,
  sdataOf,
  selemAlloc,
  selemFreeUnlinked,
  selemLinkMap,
  selemLinkSk,
  selemOf,
  selemUnlinkMap,
  selemUnlinkSkLocked,
  skStorageOf,
} from './sk-storage-elem.ts'
import { skStorageLookup, skStorageLookupLocked } from './sk-storage-lookup.ts'
import { kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'
import { BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST, updateFlagsValid } from './update-flags.ts'
import { copyValueInLocked, mapValueHasSpinLock } from './value.ts'

/** -EEXIST or -ENOENT if the flags do not allow what was found, else 0. */
function checkFlags(sdata: Sdata, flags: number): number {
  const mode = flags & ~BPF_F_LOCK
  if (sdata !== 0 && mode === BPF_NOEXIST) return -EEXIST
  if (sdata === 0 && mode === BPF_EXIST) return -ENOENT
  return 0
}

/**
 * Gives the socket its storage, with `first` as the only element. Returns 0, -ENOMEM, or -EAGAIN if another CPU was
 * faster; then nothing of ours is left linked and the caller frees the element. The caller has charged the socket for
 * both, and takes that back. Model: sk_storage_alloc(), Linux 5.2.
 */
export function skStorageAlloc(cpu: Cpu, map: BpfMap, sk: Sk, first: Selem): number {
  const { words } = cpu
  const storage = kmalloc(cpu, KIND.storage, SK_STORAGE.SIZE) as SkStorage
  if (storage === 0) return -ENOMEM
  for (let slot = 0; slot < CACHE_SIZE; slot++) words[storage + SK_STORAGE.cache + slot] = 0
  words[storage + SK_STORAGE.sk] = sk
  words[storage + SK_STORAGE.lock] = 0
  words[storage + SK_STORAGE.overflow] = 0
  words[storage + SK_STORAGE.rcu + 1] = kfreeFunc(KIND.storage, SK_STORAGE.SIZE, SK_STORAGE.rcu)
  hlistSetOnly(words, first + SELEM.snode, storage + SK_STORAGE.list)
  selemLinkMap(cpu, map, storage, first)

  // C6: published by cmpxchg, since sk_lock can't be taken here. From now on the pointer belongs to storage->lock: only
  // who holds that lock sets it to NULL.
  if (cmpxchg(words, sk + SOCK.storage, 0, storage) === 0) return 0

  // C5: another CPU's storage is in place. Ours was on no socket, but our element was on the bucket, where the iterator
  // may have seen it: so both are freed through RCU (H31), not at once.
  selemUnlinkMap(cpu, first)
  // Under the lock, while the caller's reference still holds the socket: an iterator that stands on our element asks
  // the storage for its owner.
  spinLock(cpu, storage + SK_STORAGE.lock)
  words[storage + SK_STORAGE.sk] = 0
  spinUnlock(cpu, storage + SK_STORAGE.lock)
  kfreeRcu(cpu, storage + SK_STORAGE.rcu)
  return -EAGAIN
}

/** What a racing loser does with its element: the charge goes back now, the memory a grace period later. */
function undoFirst(cpu: Cpu, map: BpfMap, sk: Sk, selem: Selem, charge: number, err: number): void {
  if (err !== -EAGAIN) {
    selemFreeUnlinked(cpu, map, sk, selem, charge)
    return
  }
  omemUncharge(cpu, sk, charge)
  kfreeRcu(cpu, selem + SELEM.rcu)
}

/** Flags that skStorageUpdate takes for this map, or -EINVAL. */
function checkUpdateFlags(words: Int32Array, map: BpfMap, flags: number): number {
  if (!updateFlagsValid(flags)) return -EINVAL
  if ((flags & BPF_F_LOCK) !== 0 && !mapValueHasSpinLock(words, map)) return -EINVAL
  return 0
}

/**
 * Sets the value of `map` at `sk` to `value` (zeroes for null). In a read section, with a reference on the socket (C8):
 * an element added to a dying one would never be removed.
 *
 * Returns the element's sdata, positive as all pointers are; or -EINVAL for flags; -EEXIST with BPF_NOEXIST; -ENOENT
 * with BPF_EXIST; -ENOMEM for memory or the socket's limit; -EAGAIN for a lost race: another CPU allocated the storage
 * first, or emptied it while we waited for its lock. Model: sk_storage_update(), Linux 5.2.
 */
export function skStorageUpdate(
  cpu: Cpu,
  map: BpfMap,
  sk: Sk,
  value: Int32Array | null,
  flags: number,
): Sdata | number {
  const { words } = cpu
  let err = checkUpdateFlags(words, map, flags)
  if (err !== 0) return err

  const storage = skStorageOf(cpu, sk)
  if (storage !== 0) kasanCheck(cpu, storage, SK_STORAGE.SIZE)
  if (storage === 0 || hlistEmptyLockless(words, storage + SK_STORAGE.list)) {
    err = checkFlags(0 as Sdata, flags)
    if (err !== 0) return err
    const charge = words[map + MAP.elemSize] + STORAGE_CHARGE
    const first = selemAlloc(cpu, map, sk, value, charge)
    if (first === 0) return -ENOMEM
    err = skStorageAlloc(cpu, map, sk, first)
    if (err === 0) return sdataOf(first)
    undoFirst(cpu, map, sk, first, charge, err)
    return err
  }

  if ((flags & BPF_F_LOCK) !== 0 && (flags & BPF_NOEXIST) === 0) {
    // In place, under the value's lock alone. If the element is deleted meanwhile our bytes land in memory that is
    // still ours to write until the grace period ends, and the update counts as the earlier of the two.
    const found = skStorageLookup(cpu, map, sk, false)
    err = checkFlags(found, flags)
    if (err !== 0) return err
    if (found !== 0 && !hlistUnhashedLockless(words, selemOf(found) + SELEM.snode)) {
      copyValueInLocked(cpu, map, found + SDATA.value, value as Int32Array)
      return found
    }
  }

  spinLock(cpu, storage + SK_STORAGE.lock)
  const result = updateLocked(cpu, map, sk, storage, value, flags)
  spinUnlock(cpu, storage + SK_STORAGE.lock)
  return result
}

function updateLocked(
  cpu: Cpu,
  map: BpfMap,
  sk: Sk,
  storage: SkStorage,
  value: Int32Array | null,
  flags: number,
): number {
  const { words } = cpu
  // C7: the list may have emptied while we waited for the lock. Then the storage is on its way out, and nothing may be
  // added to it.
  if (words[storage + SK_STORAGE.list] === 0) return -EAGAIN
  const old = skStorageLookupLocked(cpu, map, storage)
  const err = checkFlags(old, flags)
  if (err !== 0) return err
  if (old !== 0 && (flags & BPF_F_LOCK) !== 0) {
    copyValueInLocked(cpu, map, old + SDATA.value, value as Int32Array)
    return old
  }
  // C9: with the lock held the old element is sure to be unlinked below; its charge passes to the new one, which pays
  // only where there is no old one.
  const selem = selemAlloc(cpu, map, sk, value, old === 0 ? words[map + MAP.elemSize] : 0)
  if (selem === 0) return -ENOMEM
  // First the map, then the socket, where lookups find it; then the old one goes, so that at no moment the list has
  // none. A reader that is past the head already may still miss both and report -ENOENT, here as in Linux.
  selemLinkMap(cpu, map, storage, selem)
  selemLinkSk(cpu, storage, selem)
  if (old !== 0) {
    selemUnlinkMap(cpu, selemOf(old))
    selemUnlinkSkLocked(cpu, storage, selemOf(old), false)
  }
  return sdataOf(selem)
}
