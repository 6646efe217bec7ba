/**
 * Maps and sockets for the cases.
 */

import { cpuOf } from '../src/shared/cpu-of.ts'
import { fdClose } from '../src/shared/fd-table.ts'
import { mapCreate, mapGet } from '../src/shared/map.ts'
import { BPF_MAP_TYPE_SK_STORAGE, type MapOptions } from '../src/shared/map-options.ts'
import { createMemory, type MemoryOptions } from '../src/shared/memory.ts'
import type { BpfMap } from '../src/shared/pointer.ts'
import { BPF_F_NO_PREALLOC } from '../src/shared/sk-storage-map.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { rcuOnline } from '../src/sync/quiescent-state.ts'

/** Throws unless `result` is what a call without error returns. */
export function succeed(what: string, result: number): number {
  if (result < 0) throw new Error(`${what}: got ${result}, expected no error`)
  return result
}

/** A CPU, online, alone in a memory of its own. */
export function makeCpu(options: Omit<MemoryOptions, 'cpus'>): Cpu {
  const cpu = cpuOf(createMemory({ cpus: 1, ...options }), 0)
  rcuOnline(cpu)
  return cpu
}

/** A map, by its pointer; the caller has the only reference. A value is a u32 unless something else is said. */
export function makeMap(cpu: Cpu, options: Partial<MapOptions>): BpfMap {
  const common = { valueSize: 4, btfKeyTypeId: 1, btfValueTypeId: 2 }
  const fd = mapCreate(cpu, { keySize: 4, type: 0, flags: 0, maxEntries: 0, ...common, ...options })
  const map = mapGet(cpu, succeed('mapCreate', fd)) as BpfMap
  fdClose(cpu, fd)
  return map
}

/** A map of sk storage. */
export function makeStorageMap(cpu: Cpu, options: Partial<MapOptions> = {}): BpfMap {
  return makeMap(cpu, { type: BPF_MAP_TYPE_SK_STORAGE, flags: BPF_F_NO_PREALLOC, ...options })
}
