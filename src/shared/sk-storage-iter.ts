/**
 * Walking all elements of a map, from the map's side. Model: bpf_iter's target bpf_sk_storage_map, Linux 5.10.
 *
 * The walk holds no bucket lock (H07): a callback may take its time, and may delete what it is shown. It sees each
 * element that is there throughout; one that comes or goes meanwhile it may show or miss, and after a batch it resumes
 * by counting, so a change in between can make it miss or repeat one. It holds a reference on the map (H08).
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuQuiescentState } from '../sync/quiescent-state.ts'
import { rcuDereference, rcuReadLock, rcuReadLockHeld, rcuReadUnlock } from '../sync/rcu.ts'
import { refcountIncNotZero } from '../sync/refcount.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import { hlistFirstRcu, hlistNextRcu } from './hlist.ts'
import { mapInc, mapPut } from './map-ref.ts'
import type { BpfMap, Selem, Sk, SkStorage, Value } from './pointer.ts'
import { BUCKET, MAP, SELEM, SK_STORAGE, SOCK } from './records.ts'
import { kasanCheck } from './sanitizer.ts'
import { skStorageOf } from './sk-storage-elem.ts'
import { sockPut } from './sock.ts'

/** Elements shown in one read section. */
const BATCH = 64

/** Where the walk stands: the next bucket, and how many of its elements were passed. */
interface Position {
  bucket: number
  skip: number
}

/**
 * Calls `show` for each element of a map on which the caller holds a reference, with a reference held on the socket and
 * inside a read section. Returns how many were shown; `show` may return false to stop. May be called inside a read
 * section, which then lasts for the whole walk.
 */
export function bpfIterSkStorageMap(
  cpu: Cpu,
  map: BpfMap,
  show: (cpu: Cpu, sk: Sk, value: Value) => boolean | undefined,
): number {
  const at: Position = { bucket: 0, skip: 0 }
  const buckets = 1 << cpu.words[map + MAP.bucketLog]
  let shown = 0
  // H08: a reference of our own. The caller's may go while we walk, if show closes the descriptor.
  mapInc(cpu, map)
  while (at.bucket < buckets) {
    rcuReadLock(cpu)
    shown += showBatch(cpu, map, at, show)
    rcuReadUnlock(cpu)
    if (!rcuReadLockHeld(cpu)) rcuQuiescentState(cpu)
  }
  mapPut(cpu, map)
  return shown
}

function showBatch(
  cpu: Cpu,
  map: BpfMap,
  at: Position,
  show: (cpu: Cpu, sk: Sk, value: Value) => boolean | undefined,
): number {
  const { words } = cpu
  const buckets = 1 << words[map + MAP.bucketLog]
  let shown = 0
  let visited = 0
  for (; at.bucket < buckets; at.bucket++, at.skip = 0) {
    let node = hlistFirstRcu(cpu, words[map + MAP.buckets] + at.bucket * BUCKET.SIZE + BUCKET.list)
    for (let i = 0; i < at.skip && node !== 0; i++) node = hlistNextRcu(cpu, node)
    for (; node !== 0; node = hlistNextRcu(cpu, node), at.skip++) {
      if (visited++ === BATCH) return shown
      const selem = (node - SELEM.mapNode) as Selem
      const sk = ownerHold(cpu, selem)
      if (sk === 0) continue
      shown++
      const goOn = show(cpu, sk, (selem + SELEM.value) as number as Value)
      sockPut(cpu, sk)
      if (goOn === false) {
        at.bucket = buckets
        return shown
      }
    }
  }
  return shown
}

/**
 * The socket an element belongs to, with a reference, or NULL if it is dying or the element is not really its own (the
 * loser of a first-storage race, C5). Asked under the storage's lock, which a dying socket takes before it goes; and
 * the pointer is read once (H32): what was checked is what is used.
 */
function ownerHold(cpu: Cpu, selem: Selem): Sk {
  const { words } = cpu
  // A dereference: we came by the bucket, and see the storage as it was before its element was linked there.
  const storage = rcuDereference(words, selem + SELEM.storage) as SkStorage
  kasanCheck(cpu, storage, SK_STORAGE.SIZE)
  spinLock(cpu, storage + SK_STORAGE.lock)
  // Again: a child that is being cloned stands here before anybody else knows it.
  const sk = rcuDereference(words, storage + SK_STORAGE.sk) as Sk
  const held = sk !== 0 && skStorageOf(cpu, sk) === storage && refcountIncNotZero(words, sk + SOCK.refcount)
  spinUnlock(cpu, storage + SK_STORAGE.lock)
  return held ? sk : (0 as Sk)
}
