/**
 * The maps and programs of a machine, one record each, as `ss` and `prog show` need them.
 */

import { HEADER } from '../shared/records.ts'
import type { Machine } from '../workers/machine.ts'

/** A map. `btf` is its BTF in hexadecimal and `valueTypeId` the type of its values in it; empty and 0 for a map made without. */
export interface ListedMap {
  readonly event: 'map'
  readonly id: number
  readonly type: number
  readonly name: string
  readonly valueSize: number
  readonly btf: string
  readonly valueTypeId: number
}

/** An attached program. */
export interface ListedProgram {
  readonly event: 'prog'
  readonly id: number
  readonly name: string
  readonly tag: string
  readonly loadedAt: string
  readonly mapIds: readonly number[]
  readonly runTimeNs: number
  readonly runCnt: number
}

/** Yields the maps that are there, by id. Each is opened for the moment. */
export function* listMaps({ sys, memory, btfs }: Machine): Generator<ListedMap> {
  for (let id = 1; id < memory.words[HEADER.nextMapId]; id++) {
    let fd: number
    try {
      fd = sys.mapGetFdById(id)
    } catch {
      continue
    }
    const { type, name, valueSize } = sys.mapInfo(fd)
    sys.close(fd)
    const btf = btfs.get(id)
    const hex = Buffer.from(btf?.bytes ?? []).toString('hex')
    yield { event: 'map', id, type, name, valueSize, btf: hex, valueTypeId: btf?.valueTypeId ?? 0 }
  }
}

/** Yields the attached programs, by id. */
export function* listPrograms({ programs }: Machine): Generator<ListedProgram> {
  for (const { id, name, tag, loadedAt, mapIds, runCnt, runTimeNs } of programs.values()) {
    yield { event: 'prog', id, name, tag, loadedAt: loadedAt.toISOString(), mapIds, runTimeNs, runCnt }
  }
}
