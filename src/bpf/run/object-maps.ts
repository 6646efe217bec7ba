/**
 * The maps of an object, made in a memory: their first contents, and what generated text needs of them.
 */

import { arrayMapLookupElem, arrayMapUpdateCopy } from '../../shared/array-map.ts'
import { btfLoad } from '../../shared/btf/object.ts'
import { EINVAL } from '../../shared/errno.ts'
import { fdClose } from '../../shared/fd-table.ts'
import { mapCreate, mapGet } from '../../shared/map.ts'
import { mapPut } from '../../shared/map-ref.ts'
import type { BpfMap, Value } from '../../shared/pointer.ts'
import { MAP } from '../../shared/records.ts'
import type { Cpu } from '../../sync/cpu.ts'
import type { BpfMapDefinition } from '../object.ts'

/** The kernel's BPF_OBJ_NAME_LEN without the NUL, and how much of the object's name libbpf puts before a section's. */
const LONGEST_NAME = 15
const MOST_OF_OBJECT = 8

/** A map could not be made. */
export class MapRefused extends Error {
  override readonly name = 'MapRefused'
  /** The map. */
  readonly map: string
  /** What BPF_MAP_CREATE returned, below 0. */
  readonly errno: number

  constructor(map: string, errno: number) {
    super(`map ${map}: BPF_MAP_CREATE returned ${errno}`)
    this.map = map
    this.errno = errno
  }
}

/** What the kernel calls a map: libbpf puts the object's name before that of a section. */
export function kernelName(object: string, { name, initial }: BpfMapDefinition): string {
  const whole = initial === undefined || name.indexOf('.', 1) > 0 ? name : `${object.slice(0, MOST_OF_OBJECT)}${name}`
  return whole.slice(0, LONGEST_NAME).replace(/[^\w.]/g, '_')
}

/**
 * Makes the maps: their descriptors, in the order of the definitions. On an online CPU, outside of read sections.
 * Throws MapRefused, with none left behind.
 */
export function createObjectMaps(cpu: Cpu, object: string, maps: readonly BpfMapDefinition[]): readonly number[] {
  const fds: number[] = []
  // One BTF object for all that come from one file.
  let btf: { readonly bytes: Uint8Array; readonly fd: number } | undefined
  try {
    for (const map of maps) {
      if (map.btf !== undefined && btf?.bytes !== map.btf.bytes) {
        if (btf !== undefined) fdClose(cpu, btf.fd)
        btf = { bytes: map.btf.bytes, fd: checked(map.name, btfLoad(cpu, map.btf.bytes)) }
      }
      fds.push(createMap(cpu, object, map, btf?.fd))
    }
    return fds
  } catch (error) {
    for (const fd of fds) fdClose(cpu, fd)
    throw error
  } finally {
    if (btf !== undefined) fdClose(cpu, btf.fd)
  }
}

function checked(map: string, result: number): number {
  if (result < 0) throw new MapRefused(map, result)
  return result
}

function createMap(cpu: Cpu, object: string, map: BpfMapDefinition, btfFd: number | undefined): number {
  const { type, keySize, valueSize, maxEntries, flags, initial, btf } = map
  const name = kernelName(object, map)
  const types = btf && { btfFd, btfKeyTypeId: btf.keyTypeId, btfValueTypeId: btf.valueTypeId }
  const fd = checked(map.name, mapCreate(cpu, { type, keySize, valueSize, maxEntries, flags, name, ...types }))
  if (initial !== undefined) fill(cpu, map, fd, initial)
  return fd
}

/** The first contents of a section, and for constants the last: as libbpf freezes them. */
function fill(cpu: Cpu, { name, readonlyToPrograms }: BpfMapDefinition, fd: number, initial: Uint8Array): void {
  const words = new Int32Array((initial.length + 3) >> 2)
  new Uint8Array(words.buffer).set(initial)
  const map = mapGet(cpu, fd) as BpfMap
  const err = map < 0 ? -EINVAL : arrayMapUpdateCopy(cpu, map, Int32Array.of(0), words, 0)
  if (readonlyToPrograms) Atomics.store(cpu.words, map + MAP.frozen, 1)
  if (map > 0) mapPut(cpu, map)
  checked(name, err)
}

/** Word index of the first value of an array of one value. In a read section, or with a reference on the map. */
export function firstValue(cpu: Cpu, map: BpfMap): Value {
  return cpu.words[map + MAP.maxEntries] === 1 ? arrayMapLookupElem(cpu, map, Int32Array.of(0), 0) : (0 as Value)
}
