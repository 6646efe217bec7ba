/**
 * What the scenarios start from: a small memory, a CPU for each thread, one map or two and a socket or two in it.
 *
 * A scenario is a setup and a few threads, in the shape that sk-storage/explore takes. Thread i runs on CPU i. Nothing here
 * knows who runs it.
 */

import { cpuOf } from '../../src/shared/cpu-of.ts'
import { BPF_MAP_TYPE_SK_STORAGE, mapCreate, mapGet } from '../../src/shared/map.ts'
import { createMemory, type Memory } from '../../src/shared/memory.ts'
import type { BpfMap, Sk } from '../../src/shared/pointer.ts'
import { BPF_F_CLONE, BPF_F_NO_PREALLOC } from '../../src/shared/sk-storage-map.ts'
import { skAlloc, TCP_LISTEN } from '../../src/shared/sock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { rcuOnline } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'

/** What threads are given. */
export interface Setting {
  readonly memory: Memory
  /** One for each thread, and one more for `after`. */
  readonly cpus: readonly Cpu[]
  /** Maps with a value { u32 cnt; bpf_spin_lock; }, one reference each. */
  readonly maps: readonly BpfMap[]
  /** Sockets with one reference each. */
  readonly sockets: readonly Sk[]
}

/** How a setting differs from the usual: two threads, one map, one socket. */
export interface SettingOptions {
  readonly threads?: number
  readonly maps?: number
  readonly sockets?: number
  /** Sockets that readers may find without a reference. */
  readonly rcuFree?: boolean
  /** Listeners, whose elements are cloned. */
  readonly listening?: boolean
  /** Of the memory; more maps need more. */
  readonly bytes?: number
}

/** Words of a value { cnt, lock }. */
export const VALUE_SIZE = 8

/** Builds a setting. */
export function setting(options: SettingOptions = {}): Setting {
  const { threads = 2, maps = 1, sockets = 1, rcuFree = false, listening = false, bytes = 256 << 10 } = options
  const memory = createMemory({ cpus: threads + 1, bytes, maxFds: 32 })
  const cpus = Array.from({ length: threads + 1 }, (_, id) => cpuOf(memory, id))
  for (const cpu of cpus) rcuOnline(cpu)
  const main = cpus[threads]
  return {
    memory,
    cpus,
    maps: Array.from({ length: maps }, () => mapGet(main, createStorageMap(main)) as BpfMap),
    sockets: Array.from({ length: sockets }, () => skAlloc(main, listening ? { state: TCP_LISTEN } : { rcuFree })),
  }
}

/** A map of sk storage with a value { cnt, lock } and BPF_F_CLONE: its descriptor. */
function createStorageMap(cpu: Cpu): number {
  return mapCreate(cpu, {
    type: BPF_MAP_TYPE_SK_STORAGE,
    keySize: 4,
    valueSize: VALUE_SIZE,
    maxEntries: 0,
    flags: BPF_F_NO_PREALLOC | BPF_F_CLONE,
    lockOffset: 4,
    btfKeyTypeId: 1,
    btfValueTypeId: 2,
  })
}

/** Runs `program` as programs run: inside one read section. */
export function inReadSection<T>(cpu: Cpu, program: () => T): T {
  rcuReadLock(cpu)
  const result = program()
  rcuReadUnlock(cpu)
  return result
}
