/**
 * The maps and programs of a machine, one record each, as `ss` and `prog show` need them.
 */

import { btfInfo } from '../shared/btf/object.ts'
import { mapGet, mapInfo } from '../shared/map.ts'
import { mapPut } from '../shared/map-ref.ts'
import type { BpfMap, BtfObject } from '../shared/pointer.ts'
import { MAP } from '../shared/records.ts'
import type { Cpu } from '../sync/cpu.ts'
import type { Machine } from '../workers/machine.ts'
import type { Syscalls } from '../workers/syscalls.ts'

/**
 * A map. `btfId` is the id of its BTF object, `btf` its bytes in hexadecimal, and `valueTypeId` the type of its values
 * in it; 0 and empty for a map made without.
 */
export interface ListedMap {
  readonly event: 'map'
  readonly id: number
  readonly type: number
  readonly name: string
  readonly valueSize: number
  readonly btfId: number
  readonly btf: string
  readonly valueTypeId: number
}

/** An attached program. */
export interface ListedProgram {
  readonly event: 'prog'
  readonly id: number
  /** The kernel's name of its type. */
  readonly type: string
  readonly name: string
  readonly tag: string
  readonly loadedAt: string
  /** Who loaded it. */
  readonly uid: number
  readonly mapIds: readonly number[]
  readonly runTimeNs: number
  readonly runCnt: number
}

/**
 * Describes a map on which the caller holds a reference, or which it found through an element, in a read section that
 * goes on.
 */
export function listedMap(cpu: Cpu, map: BpfMap): ListedMap {
  const { id, type, name, valueSize, btfId, btfValueTypeId } = mapInfo(cpu, map)
  const object = cpu.words[map + MAP.btf] as BtfObject
  const btf = object === 0 ? '' : Buffer.from(btfInfo(cpu, object).bytes).toString('hex')
  return { event: 'map', id, type, name, valueSize, btfId, btf, valueTypeId: object === 0 ? 0 : btfValueTypeId }
}

/** Yields the maps that are there, by id. Each is opened for the moment. */
export function* listMaps({ sys }: Machine): Generator<ListedMap> {
  for (let id = nextId(sys, 0); id > 0; id = nextId(sys, id)) {
    let fd: number
    try {
      fd = sys.mapGetFdById(id)
    } catch {
      // Gone since.
      continue
    }
    yield sys.readSection(() => describeFd(sys.cpu, fd))
    sys.close(fd)
  }
}

function describeFd(cpu: Cpu, fd: number): ListedMap {
  const map = mapGet(cpu, fd) as BpfMap
  const listed = listedMap(cpu, map)
  mapPut(cpu, map)
  return listed
}

/** The next map's id, or 0. */
function nextId(sys: Syscalls, id: number): number {
  try {
    return sys.mapGetNextId(id)
  } catch {
    return 0
  }
}

/** Yields the attached programs, by id. */
export function* listPrograms({ programs }: Machine): Generator<ListedProgram> {
  for (const { id, type, name, tag, loadedAt, mapIds, runCnt, runTimeNs } of programs.values()) {
    yield {
      event: 'prog',
      id,
      type,
      name,
      tag,
      loadedAt: loadedAt.toISOString(),
      uid: process.getuid?.() ?? 0,
      mapIds,
      runTimeNs,
      runCnt,
    }
  }
}
