/**
 * The map of sk storage: what it checks when it is made, and its end, while sockets die around it.
 *
 * The elements belong to the sockets. The map only keeps a list of them, in buckets, so that it can find and remove
 * them all when it goes.
 */

import type { Cpu } from '../sync/cpu.ts'
import { queueRcuWork } from '../sync/deferred-work.ts'
import { rcuQuiescentState } from '../sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import { CALLBACK } from './callbacks.ts'
import { E2BIG, EINVAL, EPERM } from './errno.ts'
import { hlistDelInitFirstRcu } from './hlist.ts'
import type { MapOptions } from './map-options.ts'
import type { BpfMap, Selem } from './pointer.ts'
import { BUCKET, CACHE_SIZE, HEADER, HLIST_NODE, MAP, SELEM } from './records.ts'
import { ELEM_CHARGE, selemUnlinkSk } from './sk-storage-elem.ts'
import { placeGet, placePut } from './sk-storage-overflow.ts'
import { kfree, kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'

/** Required: elements are never allocated ahead. */
export const BPF_F_NO_PREALLOC = 1
/** Accepted sockets inherit copies of the listener's elements. */
export const BPF_F_CLONE = 512

/** The largest value: an element's size is a 16-bit number in the kernel, and KMALLOC_MAX_SIZE is far above that. */
export const MAX_VALUE_SIZE = 0xffff - ELEM_CHARGE

/**
 * Elements that map free takes off a bucket at a time: few, because sockets that die meanwhile wait for the lock. Half
 * as many cost no more time, four times as many gain none.
 */
const SWEEP_BATCH = 16

/**
 * 0, -EINVAL, -EPERM for a caller that is not `capable`, or -E2BIG, in the order of Linux 5.2. Model:
 * bpf_sk_storage_map_alloc_check().
 */
export function skStorageMapCheck(options: MapOptions, capable = true): number {
  const { flags, maxEntries, keySize, valueSize } = options
  const badFlags = (flags & BPF_F_NO_PREALLOC) === 0 || (flags & ~(BPF_F_NO_PREALLOC | BPF_F_CLONE)) !== 0
  if (badFlags || maxEntries !== 0 || keySize !== 4 || valueSize === 0) return -EINVAL
  if (!options.btfKeyTypeId || !options.btfValueTypeId) return -EINVAL
  if (!capable) return -EPERM
  return valueSize >>> 0 > MAX_VALUE_SIZE ? -E2BIG : 0
}

/**
 * log2 of the number of buckets: CPUs rounded up to a power of two, and at least two (H01): hashing to 0 bits would
 * shift by 32, which is no shift at all.
 */
function bucketLog(cpus: number): number {
  return Math.max(1, 32 - Math.clz32(cpus - 1))
}

/** Adds what sk storage needs to a fresh map. False without memory. Model: bpf_sk_storage_map_alloc(). */
export function skStorageMapAlloc(cpu: Cpu, map: BpfMap): boolean {
  const { words } = cpu
  const log = bucketLog(words[HEADER.cpus])
  const buckets = kmalloc(cpu, KIND.buckets, BUCKET.SIZE << log)
  if (buckets === 0) return false
  for (let i = 0; i < BUCKET.SIZE << log; i++) words[buckets + i] = 0
  words[map + MAP.buckets] = buckets
  words[map + MAP.bucketLog] = log
  words[map + MAP.elemSize] = ELEM_CHARGE + words[map + MAP.valueSize]
  words[map + MAP.elemWords] = SELEM.value + ((words[map + MAP.valueSize] + 3) >> 2)
  cachePlaceGet(cpu, map)
  return true
}

/**
 * Gives the map the least used cache slot, the lowest of several, and a place of its own behind them. Model:
 * bpf_local_storage_cache_idx_get(), Linux 5.10.
 */
function cachePlaceGet(cpu: Cpu, map: BpfMap): void {
  const { words } = cpu
  spinLock(cpu, HEADER.mapsLock)
  let idx = 0
  for (let i = 1; i < CACHE_SIZE; i++) if (words[HEADER.cacheUsage + i] < words[HEADER.cacheUsage + idx]) idx = i
  words[HEADER.cacheUsage + idx]++
  words[map + MAP.cacheIdx] = idx
  words[map + MAP.place] = placeGet(words)
  spinUnlock(cpu, HEADER.mapsLock)
}

function cachePlacePut(cpu: Cpu, map: BpfMap): void {
  const { words } = cpu
  spinLock(cpu, HEADER.mapsLock)
  words[HEADER.cacheUsage + words[map + MAP.cacheIdx]]--
  placePut(words, words[map + MAP.place])
  spinUnlock(cpu, HEADER.mapsLock)
}

/**
 * Begins to free a map whose last reference is gone. Two grace periods lie ahead, which maps that die together share:
 * one before the sweep and one behind it. Sockets may be destroyed all the while, and remove elements of this map from
 * their side. Model: bpf_sk_storage_map_free(), Linux 5.2, which waits for them in line.
 */
export function skStorageMapFree(cpu: Cpu, map: BpfMap): void {
  cachePlacePut(cpu, map)
  // C11: whoever can still add an element of this map does so in a read section that has begun; a clone that found the
  // map before its last reference went, too.
  queueRcuWork(cpu, map + MAP.work, CALLBACK.mapSweep)
}

/** Removes the map's elements. The callback behind CALLBACK.mapSweep. */
export function mapSweepCallback(cpu: Cpu, head: number): void {
  const { words } = cpu
  const map = (head - MAP.work) as BpfMap
  const buckets = words[map + MAP.buckets]
  const count = 1 << words[map + MAP.bucketLog]
  for (let i = 0; i < count; i++) sweepBucket(cpu, buckets + i * BUCKET.SIZE)
  // C13: a socket's destruction may have taken an element off our bucket, which ended the sweep, and still be reading
  // the map's sizes to take back the charge. It does so in a read section: wait for it.
  queueRcuWork(cpu, head, CALLBACK.mapEnd)
}

/** Frees the buckets. The map record itself is the caller's to free. */
export function skStorageMapEnd(cpu: Cpu, map: BpfMap): void {
  const { words } = cpu
  kfree(cpu, KIND.buckets, BUCKET.SIZE << words[map + MAP.bucketLog], words[map + MAP.buckets])
}

/**
 * Takes elements off the bucket some at a time, for one lock instead of one each, and then off their sockets (C4). C12:
 * a dying socket may have taken any of them first, from the one or from both, so each is asked again under either lock.
 */
function sweepBucket(cpu: Cpu, bucket: number): void {
  const { words } = cpu
  let taken: number
  do {
    rcuReadLock(cpu)
    spinLock(cpu, bucket + BUCKET.lock)
    let node = words[bucket + BUCKET.list]
    taken = hlistDelInitFirstRcu(words, bucket + BUCKET.list, SWEEP_BATCH)
    spinUnlock(cpu, bucket + BUCKET.lock)
    // Off the bucket nobody changes their links any more, and the read section keeps the elements.
    for (let i = 0; i < taken; i++) {
      const selem = (node - SELEM.mapNode) as Selem
      node = words[node + HLIST_NODE.next]
      selemUnlinkSk(cpu, selem)
    }
    rcuReadUnlock(cpu)
    if (taken === SWEEP_BATCH) rcuQuiescentState(cpu)
  } while (taken === SWEEP_BATCH)
}
