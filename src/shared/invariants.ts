/**
 * What must hold whenever all CPUs are at rest, checked by walking everything there is.
 */

import { type Cpu, PERCPU } from '../sync/cpu.ts'
import { cpuBase, RCU } from '../sync/rcu-layout.ts'
import { isArrayMap } from './array-map.ts'
import { FILE_BTF, FILE_MAP, FILE_SOCKET } from './fd-table.ts'
import { checkHeap, checkIds } from './invariant-free.ts'
import { isRecord, lockIsFree, newWalk, type Walk, walkList } from './invariant-walk.ts'
import { guardFaults, headerFault } from './layout.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from './map-options.ts'
import type { BpfMap, Selem, Sk, SkStorage } from './pointer.ts'
import {
  BTF,
  BUCKET,
  CACHE_SIZE,
  FILE,
  HASH_BUCKET,
  HASH_ELEM,
  HEADER,
  MAP,
  OVERFLOW,
  SDATA,
  SELEM,
  SK_STORAGE,
  SOCK,
} from './records.ts'
import { STORAGE_CHARGE, sdataOf, selemBucket } from './sk-storage-elem.ts'
import { DEPOT, SIZE_CLASSES } from './slab-layout.ts'
import { mapValueHasSpinLock, valueLock } from './value.ts'

/**
 * Checks that each element is on exactly one socket's list and one bucket of its map, one element per socket and map,
 * that cache slots point to linked elements of the map that owns the slot, that charges equal the sum of live sizes,
 * that reference counts are not below what is visible, and that no lock is held. Returns one sentence for each
 * violation. All CPUs must be at rest, with callbacks run (rcuBarrier) and deferred work done: a closed socket that
 * waits for its grace period still has its elements. It sees only sockets that have a descriptor.
 */
export function checkInvariants(cpu: Cpu): string[] {
  const { words } = cpu
  // Where the parts lie must be certain before any of them is looked at.
  const faults = guardFaults(words)
  if (headerFault(words) !== undefined) return faults
  const walk = newWalk(words)
  walk.wrong.push(...faults)
  checkCpus(walk)
  checkHeap(walk)
  for (const [what, lock] of [
    ['the descriptor table', HEADER.fdLock],
    ['the list of maps', HEADER.mapsLock],
    ['the list of BTF objects', HEADER.btfsLock],
  ] as const) {
    lockIsFree(walk, lock, what)
  }
  for (let i = 0; i < SIZE_CLASSES.length; i++)
    lockIsFree(walk, words[HEADER.depots] + i * DEPOT.SIZE + DEPOT.lock, `depot ${i}`)
  const maps = { head: HEADER.maps, what: 'the list of maps', node: MAP.allNode, size: MAP.SIZE }
  walkList(walk, maps, (map) => checkMap(walk, map as BpfMap))
  const btfs = { head: HEADER.btfs, what: 'the list of BTF objects', node: BTF.allNode, size: BTF.bytes }
  walkList(walk, btfs, (btf) => walk.btfs.add(btf))
  checkIds(walk)
  const sockets = checkFiles(walk)
  for (const sk of sockets) checkSock(walk, sk)
  for (const selem of walk.onSockets)
    if (!walk.onBuckets.has(selem))
      walk.wrong.push(`element ${selem} is on a socket's list but on no bucket of its map`)
  for (const selem of walk.onBuckets)
    if (!walk.onSockets.has(selem)) walk.wrong.push(`element ${selem} is on a bucket but on the list of no open socket`)
  return walk.wrong
}

function checkCpus({ words, wrong }: Walk): void {
  const rcu = words[HEADER.rcu]
  for (let id = 0; id < words[HEADER.cpus]; id++) {
    const base = cpuBase(rcu, id)
    if (words[base + PERCPU.nesting] > 0)
      wrong.push(`CPU ${id} is inside a read section of depth ${words[base + PERCPU.nesting]}`)
    if (words[base + PERCPU.locksHeld] !== 0)
      wrong.push(`CPU ${id} counts ${words[base + PERCPU.locksHeld]} spin locks as held`)
    if (words[base + PERCPU.bpfLock] !== 0)
      wrong.push(`CPU ${id} holds the bpf_spin_lock at word ${words[base + PERCPU.bpfLock]}`)
  }
  if (words[rcu + RCU.orphanMutex] !== 0) wrong.push('the mutex of orphaned callbacks is held')
}

function checkMap(walk: Walk, map: BpfMap): void {
  const { words, wrong } = walk
  const id = words[map + MAP.id]
  walk.maps.add(map)
  if (words[map + MAP.refcount] <= 0)
    wrong.push(`map ${id} is on the list with a count of ${words[map + MAP.refcount]}`)
  if (isArrayMap(words, map)) {
    checkArray(walk, map)
    return
  }
  const isStorage = words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE
  const [log, first] = [words[map + MAP.bucketLog], words[map + MAP.buckets]]
  const size = isStorage ? BUCKET.SIZE : HASH_BUCKET.SIZE
  if (!(log >= 0 && log < 30 && isRecord(words, first, size * 2 ** log))) {
    wrong.push(`map ${id} has 2^${log} buckets at word ${first}, where no such array can be`)
    return
  }
  let count = 0
  for (let i = 0; i < 1 << log && walk.left >= 0; i++) {
    const bucket = first + i * size
    if (isStorage) checkBucket(walk, map, bucket)
    else count += checkHashBucket(walk, map, bucket, `bucket ${i} of hash map ${id}`)
  }
  if (!isStorage && count !== words[map + MAP.count])
    wrong.push(`hash map ${id} counts ${words[map + MAP.count]} elements and has ${count}`)
}

/** An array has nothing but its values: they must be there, and their locks free. */
function checkArray(walk: Walk, map: BpfMap): void {
  const { words, wrong } = walk
  const id = words[map + MAP.id]
  const size = words[map + MAP.elemWords] * words[map + MAP.maxEntries]
  const first = words[map + MAP.elems]
  if (!(size > 0 && isRecord(words, first, size))) {
    wrong.push(`array ${id} has its values at word ${first}, where no such array can be`)
    return
  }
  if (!mapValueHasSpinLock(words, map)) return
  for (let i = 0; i < words[map + MAP.maxEntries]; i++)
    lockIsFree(walk, valueLock(words, map, first + i * words[map + MAP.elemWords]), `value ${i} of array ${id}`)
}

function checkHashBucket(walk: Walk, map: BpfMap, bucket: number, what: string): number {
  lockIsFree(walk, bucket + HASH_BUCKET.lock, what)
  const size = walk.words[map + MAP.elemWords]
  return walkList(walk, { head: bucket + HASH_BUCKET.list, what, node: HASH_ELEM.node, size }, () => {})
}

function checkBucket(walk: Walk, map: BpfMap, bucket: number): void {
  const { words, wrong } = walk
  const what = `a bucket of map ${words[map + MAP.id]}`
  lockIsFree(walk, bucket + BUCKET.lock, what)
  const list = { head: bucket + BUCKET.list, what, node: SELEM.mapNode, size: words[map + MAP.elemWords] }
  walkList(walk, list, (record) => {
    const selem = record as Selem
    if (walk.onBuckets.has(selem)) wrong.push(`element ${selem} is on two buckets`)
    walk.onBuckets.add(selem)
    if (words[selem + SELEM.sdata] !== map)
      wrong.push(`element ${selem} on ${what} belongs to the map at word ${words[selem + SELEM.sdata]}`)
    else if (selemBucket(words, map, selem) !== bucket)
      wrong.push(`element ${selem} is on another bucket than its address says`)
  })
}

function checkFiles(walk: Walk): Set<Sk> {
  const { words, wrong } = walk
  const sockets = new Set<Sk>()
  const references = new Map<number, number>()
  for (let fd = 0; fd < words[HEADER.maxFds]; fd++) {
    const file = words[words[HEADER.fds] + fd]
    if (file === 0) continue
    if (file < 0) {
      wrong.push(`descriptor ${fd} is reserved and was never installed`)
      continue
    }
    if (!isRecord(words, file, FILE.SIZE) || !isRecord(words, words[file + FILE.object], BTF.bytes)) {
      wrong.push(`descriptor ${fd} leads to word ${file}, where no file with an object can be`)
      continue
    }
    if (words[file + FILE.refcount] !== 1)
      wrong.push(`the file of descriptor ${fd} has a count of ${words[file + FILE.refcount]}, expected 1`)
    const object = words[file + FILE.object]
    references.set(object, (references.get(object) ?? 0) + 1)
    const kind = words[file + FILE.kind]
    if (kind === FILE_SOCKET) sockets.add(object as Sk)
    else if (kind !== FILE_MAP && kind !== FILE_BTF)
      wrong.push(`the file of descriptor ${fd} is of kind ${words[file + FILE.kind]}`)
    else if (kind === FILE_MAP && !walk.maps.has(object))
      wrong.push(`descriptor ${fd} refers to a map at word ${object} that is not on the list of maps`)
    else if (kind === FILE_BTF && !walk.btfs.has(object))
      wrong.push(`descriptor ${fd} refers to a BTF object at word ${object} that is not on their list`)
  }
  for (const map of walk.maps) {
    const btf = words[map + MAP.btf]
    if (btf !== 0) references.set(btf, (references.get(btf) ?? 0) + 1)
    if (btf !== 0 && !walk.btfs.has(btf))
      wrong.push(`map ${words[map + MAP.id]} refers to a BTF object at word ${btf} that is not on their list`)
  }
  for (const [object, count] of references) {
    const at = sockets.has(object as Sk) ? SOCK.refcount : walk.btfs.has(object) ? BTF.refcount : MAP.refcount
    const refcount = words[object + at]
    if (refcount < count) wrong.push(`the object at word ${object} has ${count} users and a count of ${refcount}`)
  }
  return sockets
}

function checkSock(walk: Walk, sk: Sk): void {
  const { words, wrong } = walk
  const storage = words[sk + SOCK.storage] as SkStorage
  if (storage !== 0 && !isRecord(words, storage, SK_STORAGE.SIZE)) {
    wrong.push(`socket ${sk} has a storage at word ${storage}, where no record can be`)
    return
  }
  let charged = 0
  if (storage !== 0) {
    charged = STORAGE_CHARGE + checkStorage(walk, sk, storage)
    if (words[storage + SK_STORAGE.list] === 0) wrong.push(`socket ${sk} has a storage without elements`)
  }
  if (words[sk + SOCK.omemAlloc] !== charged)
    wrong.push(`socket ${sk} is charged ${words[sk + SOCK.omemAlloc]} bytes, its elements and storage make ${charged}`)
}

/** Checks one storage and returns the bytes its elements are charged with. */
function checkStorage(walk: Walk, sk: Sk, storage: SkStorage): number {
  const { words, wrong } = walk
  if (words[storage + SK_STORAGE.sk] !== sk)
    wrong.push(`the storage of socket ${sk} names ${words[storage + SK_STORAGE.sk]} as its owner (H02)`)
  lockIsFree(walk, storage + SK_STORAGE.lock, `the storage of socket ${sk}`)
  const byMap = new Map<number, Selem>()
  let charged = 0
  const list = {
    head: storage + SK_STORAGE.list,
    what: `the list of socket ${sk}`,
    node: SELEM.snode,
    size: SELEM.value,
  }
  walkList(walk, list, (record) => {
    const selem = record as Selem
    const map = words[selem + SELEM.sdata] as BpfMap
    if (walk.onSockets.has(selem)) wrong.push(`element ${selem} is on two sockets' lists`)
    walk.onSockets.add(selem)
    if (!walk.maps.has(map)) {
      wrong.push(`element ${selem} of socket ${sk} belongs to the map at word ${map}, which is gone`)
      return
    }
    if (byMap.has(map)) wrong.push(`socket ${sk} has two elements of map ${words[map + MAP.id]}`)
    byMap.set(map, selem)
    if (words[selem + SELEM.storage] !== storage) wrong.push(`element ${selem} of socket ${sk} names another storage`)
    if (mapValueHasSpinLock(words, map))
      lockIsFree(walk, valueLock(words, map, selem + SELEM.value), `the value in element ${selem}`)
    charged += words[map + MAP.elemSize]
  })
  const table = words[storage + SK_STORAGE.overflow]
  if (table !== 0 && !isRecord(words, table, OVERFLOW.entries + Math.max(0, words[table + OVERFLOW.count]))) {
    wrong.push(`socket ${sk} has an overflow table at word ${table}, where no such table can be`)
    return charged
  }
  for (let place = 0; table !== 0 && place < words[table + OVERFLOW.count]; place++) {
    const sdata = words[table + OVERFLOW.entries + place]
    const selem = sdata === 0 ? undefined : byMap.get(words[sdata + SDATA.smap])
    if (sdata !== 0 && (selem === undefined || sdataOf(selem) !== sdata))
      wrong.push(`overflow place ${place} of socket ${sk} points to ${sdata}, which is no linked element of it (C1)`)
    else if (sdata !== 0 && words[words[sdata + SDATA.smap] + MAP.place] !== place)
      wrong.push(`overflow place ${place} of socket ${sk} holds an element of a map with another place`)
  }
  for (let slot = 0; slot < CACHE_SIZE; slot++) {
    const sdata = words[storage + SK_STORAGE.cache + slot]
    if (sdata === 0) continue
    const owner = [...byMap].find(([, selem]) => sdataOf(selem) === sdata)
    if (owner === undefined)
      wrong.push(`cache slot ${slot} of socket ${sk} points to ${sdata}, which is no linked element of it (C1)`)
    else if (words[owner[0] + MAP.cacheIdx] !== slot)
      wrong.push(
        `cache slot ${slot} of socket ${sk} holds an element of a map with slot ${words[owner[0] + MAP.cacheIdx]}`,
      )
  }
  return charged
}
