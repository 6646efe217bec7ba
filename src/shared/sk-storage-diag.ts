/**
 * Showing a socket's storages to whoever asks by netlink: which maps are wanted, and what one socket has of them.
 *
 * An answer has room for so many bytes. Where a socket's storages do not fit, nothing is cut: the answer is -EMSGSIZE
 * together with the size that would do, and the asker comes again with more room. Model: bpf_sk_storage_diag_alloc(),
 * bpf_sk_storage_diag_put(), Linux 5.7.
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { EEXIST, EINVAL, EMSGSIZE, EPERM } from './errno.ts'
import { hlistFirstRcu, hlistNextRcu } from './hlist.ts'
import { mapGet } from './map.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from './map-options.ts'
import { mapPut } from './map-ref.ts'
import type { BpfMap, Sdata, Sk } from './pointer.ts'
import { MAP, SDATA, SELEM, SK_STORAGE } from './records.ts'
import { kasanCheck } from './sanitizer.ts'
import { sdataOf, skStorageOf } from './sk-storage-elem.ts'
import { skStorageLookup } from './sk-storage-lookup.ts'
import { copyValueOut, copyValueOutLocked, mapValueHasSpinLock, valueWords } from './value.ts'

/** The attribute that names a map by descriptor. Others are passed over. */
export const SK_DIAG_BPF_STORAGE_REQ_MAP_FD = 1

/** One attribute of a request: its kind, the bytes of its payload, and the payload as a number. */
export interface DiagAttribute {
  readonly type: number
  readonly length: number
  readonly fd: number
}

/** Which maps are wanted; none named is all. Holds a reference on each. */
export interface SkStorageDiag {
  readonly maps: readonly BpfMap[]
}

/**
 * One map's value at a socket: `size` bytes in `value`, the lock word 0. Of `map` the caller knows only that it is
 * readable in the read section it may have begun.
 */
export interface DiagStorage {
  readonly map: BpfMap
  readonly mapId: number
  readonly value: Int32Array
  readonly size: number
}

/**
 * Takes the maps that a request names, to be dropped with skStorageDiagFree. Returns -EPERM for a caller that is not
 * `capable`, -EINVAL for an attribute that is not 4 bytes long or a map of another type, the error of mapGet, or
 * -EEXIST for a map that is named twice. All lengths are looked at before the first map.
 */
export function skStorageDiagAlloc(
  cpu: Cpu,
  attributes: readonly DiagAttribute[],
  capable = true,
): SkStorageDiag | number {
  if (!capable) return -EPERM
  const wanted = attributes.filter(({ type }) => type === SK_DIAG_BPF_STORAGE_REQ_MAP_FD)
  if (wanted.some(({ length }) => length !== 4)) return -EINVAL
  const maps: BpfMap[] = []
  for (const { fd } of wanted) {
    const map = mapGet(cpu, fd)
    let err = Math.min(map, 0)
    if (err === 0 && cpu.words[map + MAP.type] !== BPF_MAP_TYPE_SK_STORAGE) err = -EINVAL
    if (err === 0 && maps.includes(map as BpfMap)) err = -EEXIST
    if (map > 0) maps.push(map as BpfMap)
    if (err === 0) continue
    skStorageDiagFree(cpu, { maps })
    return err
  }
  return { maps }
}

export function skStorageDiagFree(cpu: Cpu, { maps }: SkStorageDiag): void {
  for (const map of maps) mapPut(cpu, map)
}

/**
 * What the socket, on which the caller holds a reference, has of the wanted maps. `size` is the length in bytes of the
 * netlink attribute that holds it, 0 for nothing. `err` is -EMSGSIZE where `room` is smaller; then the walk has still
 * gone to the end, to learn the size, and `storages` is empty.
 */
export function skStorageDiagPut(
  cpu: Cpu,
  { maps }: SkStorageDiag,
  sk: Sk,
  room: number,
): { err: number; size: number; storages: DiagStorage[] } {
  const storages: DiagStorage[] = []
  let inner = 0
  rcuReadLock(cpu)
  for (const sdata of maps.length === 0 ? allOf(cpu, sk) : maps.map((map) => skStorageLookup(cpu, map, sk, false))) {
    if (sdata === 0) continue
    inner += attributeSize(attributeSize(4) + attributeSize(valueSizeOf(cpu, sdata)))
    if (attributeSize(inner) <= room) storages.push(diagGet(cpu, sdata))
  }
  rcuReadUnlock(cpu)
  const size = inner === 0 ? 0 : attributeSize(inner)
  return size <= room ? { err: 0, size, storages } : { err: -EMSGSIZE, size, storages: [] }
}

/** Every element of the socket, in a read section. */
function allOf(cpu: Cpu, sk: Sk): Sdata[] {
  const found: Sdata[] = []
  const storage = skStorageOf(cpu, sk)
  if (storage === 0) return found
  kasanCheck(cpu, storage, SK_STORAGE.SIZE)
  let node = hlistFirstRcu(cpu, storage + SK_STORAGE.list)
  for (; node !== 0; node = hlistNextRcu(cpu, node)) found.push(sdataOf((node - SELEM.snode) as never))
  return found
}

/**
 * The map of an element may be going; its record stays readable for our read section, as for map free's other racers
 * (C13).
 */
function valueSizeOf(cpu: Cpu, sdata: Sdata): number {
  return cpu.words[cpu.words[sdata + SDATA.smap] + MAP.valueSize]
}

function diagGet(cpu: Cpu, sdata: Sdata): DiagStorage {
  const { words } = cpu
  const map = words[sdata + SDATA.smap] as BpfMap
  const value = new Int32Array(valueWords(words, map))
  if (mapValueHasSpinLock(words, map)) copyValueOutLocked(cpu, map, sdata + SDATA.value, value)
  else copyValueOut(cpu, map, sdata + SDATA.value, value)
  return { map, mapId: words[map + MAP.id], value, size: words[map + MAP.valueSize] }
}

/** Bytes of a netlink attribute: a header of 4, and the payload rounded up to 4. */
function attributeSize(payload: number): number {
  return (4 + payload + 3) & ~3
}
