/**
 * Maps by descriptor and by id: creating, finding, describing, freeing. What each type adds stands in its own file.
 */

import type { Cpu } from '../sync/cpu.ts'
import { queueRcuWork } from '../sync/deferred-work.ts'
import { refcountSet } from '../sync/refcount.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import { arrayMapAlloc, arrayMapCheck, arrayMapEnd, isArrayMap } from './array-map.ts'
import { checkMapBtf } from './btf/check.ts'
import { btfGet, btfTypes } from './btf/object.ts'
import { btfPut } from './btf/ref.ts'
import { CALLBACK } from './callbacks.ts'
import { EBADF, EINVAL, ENOENT, ENOMEM } from './errno.ts'
import { FILE_MAP, fdOpen, fget, fileObject, fput } from './fd-table.ts'
import { hashMapAlloc, hashMapCheck, hashMapEnd } from './hash-map-memory.ts'
import { hlistAddHeadRcu } from './hlist.ts'
import {
  BPF_MAP_TYPE_ARRAY,
  BPF_MAP_TYPE_HASH,
  BPF_MAP_TYPE_PERCPU_ARRAY,
  BPF_MAP_TYPE_SK_STORAGE,
  type MapOptions,
} from './map-options.ts'
import { mapInc, mapIncNotZero, mapPut } from './map-ref.ts'
import { MOST_ID, nextObjectId } from './object-id.ts'
import type { BpfMap, BtfObject, File } from './pointer.ts'
import { BTF, FILE, HEADER, MAP } from './records.ts'
import { skStorageMapAlloc, skStorageMapCheck, skStorageMapEnd, skStorageMapFree } from './sk-storage-map.ts'
import { kfree, kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'

/** What is known of a map. Model: struct bpf_map_info. */
export interface MapInfo {
  /** From 1 up; given again only behind the last, 2^31 - 1. */
  readonly id: number
  /** A `BPF_MAP_TYPE_*`. */
  readonly type: number
  /** Up to 15 bytes; empty if it has none. */
  readonly name: string
  /** Bytes. */
  readonly keySize: number
  /** Bytes. */
  readonly valueSize: number
  /** As given when it was made. */
  readonly maxEntries: number
  /** As given when it was made. */
  readonly flags: number
  /** Id of the BTF object it was made with, or 0. */
  readonly btfId: number
  /** As given when it was made, 0 without. */
  readonly btfKeyTypeId: number
  /** As given when it was made, 0 without. */
  readonly btfValueTypeId: number
  /** Byte offset of the value's bpf_spin_lock, or -1. */
  readonly lockOffset: number
  /** References held now. */
  readonly references: number
}

const NAME_BYTES = 16

/**
 * Makes a map and opens a descriptor for it. Returns the descriptor or, looking in this order: -EINVAL for a number or
 * type that can't be, then what the type's own check says (-EPERM there for a caller that is not `capable`), -EINVAL
 * for a name that can't be, -EBADF or -EINVAL for a btfFd that is no BTF object, -EINVAL for a key of sk storage that
 * is no 32-bit integer, and for a lock that is not a 4-byte aligned word inside the value, -ENOMEM, -EMFILE.
 */
export function mapCreate(cpu: Cpu, options: MapOptions, capable = true): number {
  const name = options.name ?? ''
  for (const size of [options.keySize, options.valueSize, options.maxEntries, options.flags])
    if (size >>> 0 !== size) return -EINVAL
  if (options.btfKeyTypeId && !options.btfValueTypeId) return -EINVAL
  const err = checkOfType(options, capable)
  if (err !== 0) return err
  // As in the kernel the name comes late: a value that is too large is the earlier finding.
  if (!/^[\w.]{0,15}$/.test(name)) return -EINVAL
  const btf = options.btfFd !== undefined && options.btfValueTypeId ? btfGet(cpu, options.btfFd) : 0
  if (btf < 0) return btf
  const map = mapAlloc(cpu, options, btf as BtfObject)
  if (map < 0) {
    if (btf !== 0) btfPut(cpu, btf as BtfObject)
    return map
  }
  const fd = fdOpen(cpu, FILE_MAP, map as BpfMap)
  if (fd < 0) mapPut(cpu, map as BpfMap)
  return fd
}

/** What the type of a map itself says of what it is to be: 0, or an error. */
function checkOfType(options: MapOptions, capable: boolean): number {
  switch (options.type) {
    case BPF_MAP_TYPE_SK_STORAGE:
      return skStorageMapCheck(options, capable)
    case BPF_MAP_TYPE_HASH:
      return hashMapCheck(options)
    case BPF_MAP_TYPE_ARRAY:
    case BPF_MAP_TYPE_PERCPU_ARRAY:
      return arrayMapCheck(options)
    default:
      return -EINVAL
  }
}

/** Adds to a fresh map what its type needs. False without memory. */
function allocOfType(cpu: Cpu, map: BpfMap): boolean {
  if (cpu.words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE) return skStorageMapAlloc(cpu, map)
  return isArrayMap(cpu.words, map) ? arrayMapAlloc(cpu, map) : hashMapAlloc(cpu, map)
}

/**
 * Makes a map that is checked but for its types, and puts it on the list. It takes over the caller's reference on
 * `btf`. Returns it, -EINVAL or -ENOMEM.
 */
function mapAlloc(cpu: Cpu, options: MapOptions, btf: BtfObject): BpfMap | number {
  const { words } = cpu
  const name = options.name ?? ''
  const lockOffset = lockOffsetOf(cpu, options, btf)
  if (lockOffset < -1) return lockOffset
  const map = kmalloc(cpu, KIND.map, MAP.SIZE) as BpfMap
  if (map === 0) return -ENOMEM
  for (let i = 0; i < MAP.SIZE; i++) words[map + i] = 0
  words[map + MAP.type] = options.type
  words[map + MAP.flags] = options.flags
  words[map + MAP.keySize] = options.keySize
  words[map + MAP.valueSize] = options.valueSize
  words[map + MAP.maxEntries] = options.maxEntries
  words[map + MAP.lockOffset] = lockOffset
  words[map + MAP.btfKeyTypeId] = options.btfKeyTypeId ?? 0
  words[map + MAP.btfValueTypeId] = options.btfValueTypeId ?? 0
  words[map + MAP.btf] = btf
  for (let i = 0; i < name.length; i++) words[map + MAP.name + (i >> 2)] |= name.charCodeAt(i) << ((i & 3) * 8)
  refcountSet(words, map + MAP.refcount, 1)
  if (!allocOfType(cpu, map)) {
    kfree(cpu, KIND.map, MAP.SIZE, map)
    return -ENOMEM
  }

  spinLock(cpu, HEADER.mapsLock)
  words[map + MAP.id] = nextObjectId(words, HEADER.nextMapId, HEADER.maps, MAP.allNode, MAP.id)
  hlistAddHeadRcu(words, map + MAP.allNode, HEADER.maps)
  spinUnlock(cpu, HEADER.mapsLock)
  return map
}

/**
 * Byte offset of the value's bpf_spin_lock, -1 for none, or -EINVAL: see checkMapBtf. Without BTF what the options say
 * in its place is believed if it can be.
 */
function lockOffsetOf(cpu: Cpu, options: MapOptions, btf: BtfObject): number {
  const { type, btfKeyTypeId, btfValueTypeId, valueSize, keyIsInt, lockOffset = -1 } = options
  if (btf !== 0) {
    const types = { btf: btfTypes(cpu, btf), keyTypeId: btfKeyTypeId ?? 0, valueTypeId: btfValueTypeId! }
    return checkMapBtf(types, options)
  }
  if (type === BPF_MAP_TYPE_SK_STORAGE && keyIsInt === false) return -EINVAL
  if (lockOffset === -1) return -1
  return lockOffset >= 0 && lockOffset % 4 === 0 && lockOffset + 4 <= valueSize ? lockOffset : -EINVAL
}

/**
 * Takes a reference on the map behind `fd`, to be put with mapPut. Returns it, -EBADF, or -EINVAL if `fd` is something
 * else. Model: bpf_map_get().
 */
export function mapGet(cpu: Cpu, fd: number): BpfMap | number {
  const file = fget(cpu, fd) as File
  if (file < 0) return -EBADF
  const isMap = cpu.words[file + FILE.kind] === FILE_MAP
  const map = fileObject(cpu, file) as BpfMap
  if (isMap) mapInc(cpu, map)
  fput(cpu, file)
  return isMap ? map : -EINVAL
}

/**
 * Opens another descriptor for the map with this id. Returns it, -ENOENT, -ENOMEM or -EMFILE. Model:
 * BPF_MAP_GET_FD_BY_ID.
 */
export function mapGetFdById(cpu: Cpu, id: number): number {
  const { words } = cpu
  spinLock(cpu, HEADER.mapsLock)
  let map = 0
  for (let node = words[HEADER.maps]; node !== 0; node = words[node]) {
    if (words[node - MAP.allNode + MAP.id] === id) map = node - MAP.allNode
  }
  // Zero: its last reference is gone and mapPut waits for the lock we hold, to take it off the list.
  if (map !== 0 && !mapIncNotZero(cpu, map as BpfMap)) map = 0
  spinUnlock(cpu, HEADER.mapsLock)
  if (map === 0) return -ENOENT
  const fd = fdOpen(cpu, FILE_MAP, map as BpfMap)
  if (fd < 0) mapPut(cpu, map as BpfMap)
  return fd
}

/** The smallest id of a map above `id`, -ENOENT, or -EINVAL for what no id is below. Model: BPF_MAP_GET_NEXT_ID. */
export function mapGetNextId(cpu: Cpu, id: number): number {
  const { words } = cpu
  if (!(id >= 0 && id < MOST_ID)) return -EINVAL
  let next = -ENOENT
  spinLock(cpu, HEADER.mapsLock)
  for (let node = words[HEADER.maps]; node !== 0; node = words[node]) {
    const other = words[node - MAP.allNode + MAP.id]
    if (other > id && (next < 0 || other < next)) next = other
  }
  spinUnlock(cpu, HEADER.mapsLock)
  return next
}

/**
 * Describes a map on which the caller holds a reference, or which it found through an element, in a read section that
 * goes on.
 */
export function mapInfo(cpu: Cpu, map: BpfMap): MapInfo {
  const { words } = cpu
  let name = ''
  for (let i = 0; i < NAME_BYTES; i++) {
    const byte = (words[map + MAP.name + (i >> 2)] >> ((i & 3) * 8)) & 255
    if (byte !== 0) name += String.fromCharCode(byte)
  }
  return {
    id: words[map + MAP.id],
    type: words[map + MAP.type],
    name,
    keySize: words[map + MAP.keySize],
    valueSize: words[map + MAP.valueSize],
    maxEntries: words[map + MAP.maxEntries],
    flags: words[map + MAP.flags],
    btfId: words[map + MAP.btf] === 0 ? 0 : words[words[map + MAP.btf] + BTF.id],
    btfKeyTypeId: words[map + MAP.btfKeyTypeId],
    btfValueTypeId: words[map + MAP.btfValueTypeId],
    lockOffset: words[map + MAP.lockOffset],
    references: Atomics.load(words, map + MAP.refcount),
  }
}

/**
 * Deferred work after the last put: begins to free the map, whatever its type. The callback behind CALLBACK.mapFree.
 */
export function mapFreeCallback(cpu: Cpu, head: number): void {
  const map = (head - MAP.work) as BpfMap
  if (cpu.words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE) skStorageMapFree(cpu, map)
  else queueRcuWork(cpu, head, CALLBACK.mapEnd)
}

/** Frees the map itself, when nobody can be reading it any more. May sleep. The callback behind CALLBACK.mapEnd. */
export function mapEndCallback(cpu: Cpu, head: number): void {
  const map = (head - MAP.work) as BpfMap
  if (cpu.words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE) skStorageMapEnd(cpu, map)
  else if (isArrayMap(cpu.words, map)) arrayMapEnd(cpu, map)
  else hashMapEnd(cpu, map)
  if (cpu.words[map + MAP.btf] !== 0) btfPut(cpu, cpu.words[map + MAP.btf] as BtfObject)
  kfree(cpu, KIND.map, MAP.SIZE, map)
}
