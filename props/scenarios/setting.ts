/**
 * What the scenarios start from: a small memory, a CPU for each thread, one map or two and a socket or two in it.
 *
 * A scenario is a setup and a few threads, in the shape that sk-storage/explore takes. Thread i runs on CPU i. Nothing
 * here knows who runs it.
 */

import { cpuOf } from '../../src/shared/cpu-of.ts'
import { FILE_MAP, FILE_SOCKET, fdClose, fdOpen } from '../../src/shared/fd-table.ts'
import { checkInvariants } from '../../src/shared/invariants.ts'
import { mapCreate, mapGet } from '../../src/shared/map.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../../src/shared/map-options.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import { createMemory, type Memory } from '../../src/shared/memory.ts'
import type { BpfMap, Sk } from '../../src/shared/pointer.ts'
import { CACHE_SIZE, HEADER } from '../../src/shared/records.ts'
import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { BPF_F_CLONE, BPF_F_NO_PREALLOC } from '../../src/shared/sk-storage-map.ts'
import { skAlloc, TCP_LISTEN } from '../../src/shared/sock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { rcuOnline, rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { layOut } from './layout.ts'

/** What threads are given. */
export interface Setting {
  readonly memory: Memory
  /** One for each thread, and one more for setup. */
  readonly cpus: readonly Cpu[]
  /** Maps with a value { u32 cnt; bpf_spin_lock lock; u32 seq; } and BPF_F_CLONE. Each has one reference. */
  readonly maps: readonly BpfMap[]
  /** Sockets with one reference each. */
  readonly sockets: readonly Sk[]
  /** The descriptors that hold those references, if the sockets are open. */
  readonly fds: readonly number[]
  /** And those that hold the maps' references, if the maps are open. */
  readonly mapFds: readonly number[]
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
  /** Sockets have descriptors, so that they can be used by them and that `atRest` finds them. */
  readonly open?: boolean
  /** Maps have descriptors. */
  readonly openMaps?: boolean
  /** How many elements there are: of the first map at the first socket, of the second map there, and so on. */
  readonly elements?: number
  /**
   * How many of the 16 slots of a socket's cache the maps get: with 1 they share it, as the 17th map and the first
   * would.
   */
  readonly cacheSlots?: number
  /** What a socket may be charged, in bytes. */
  readonly optmemMax?: number
  /** Descriptors there may be: 32. */
  readonly fds?: number
  /** Of the memory; more maps need more. */
  readonly bytes?: number
  /** With the sanitizer, for scenarios of its own: the explorer knows better which word belongs to what. */
  readonly sanitize?: boolean
  /** Another number, other addresses: layout.ts says of what. 0: as they come; by default what `--layout` says. */
  readonly layout?: number
}

/** What settings are laid out by, unless they say so themselves: `sk-storage explore --layout` puts its number here. */
const LAYOUT = 0

/** Bytes of a value { cnt, lock, seq }. */
export const VALUE_SIZE = 12
/** The word of a value that its lock is. */
export const LOCK_WORD = 1
/** The value that elements of a setting have: cnt and seq are 7. */
export const GIVEN = 7

/** A value whose two halves belong together. */
export const twice = (n: number): Int32Array => Int32Array.of(n, 0, n)

/** Builds a setting. */
export function setting(options: SettingOptions = {}): Setting {
  const { threads = 2, maps = 1, sockets = 1, elements = 0, rcuFree = false, listening = false } = options
  const { open = false, openMaps = false, cacheSlots = CACHE_SIZE, optmemMax, fds = 32, sanitize = false } = options
  const { layout = LAYOUT } = options
  // Small: the search for leaks looks at all of it after every execution. The heap needs so much for one thread, too,
  // as for two.
  const { bytes = (Math.max(threads, 2) + 2) * (24 << 10) } = options
  const memory = createMemory({ cpus: threads + 1, bytes, maxFds: fds, optmemMax, sanitize, redzones: !sanitize })
  const cpus = Array.from({ length: threads + 1 }, (_, id) => cpuOf(memory, id))
  const main = cpus[threads]
  if (layout !== 0) layOut(cpus, layout)
  rcuOnline(main)
  // Slots that look crowded are not given out.
  memory.words.fill(1000, HEADER.cacheUsage + cacheSlots, HEADER.cacheUsage + CACHE_SIZE)
  const given: Setting = {
    memory,
    cpus,
    maps: Array.from({ length: maps }, () => createStorageMap(main)),
    sockets: Array.from({ length: sockets }, () => skAlloc(main, listening ? { state: TCP_LISTEN } : { rcuFree })),
    fds: [],
    mapFds: [],
  }
  for (const sk of given.sockets) {
    for (const map of given.maps.slice(0, elements))
      inReadSection(main, () => skStorageGet(main, map, sk, twice(GIVEN), 1))
  }
  // While nobody else is online a quiescent state is a grace period: what setup has closed and cached is settled.
  rcuQuiescentState(main)
  for (const cpu of cpus) rcuOnline(cpu)
  return {
    ...given,
    fds: open ? given.sockets.map((sk) => fdOpen(main, FILE_SOCKET, sk)) : [],
    mapFds: openMaps ? given.maps.map((map) => fdOpen(main, FILE_MAP, map)) : [],
  }
}

/** A map, by the only reference on it. */
function createStorageMap(cpu: Cpu): BpfMap {
  const fd = mapCreate(cpu, {
    type: BPF_MAP_TYPE_SK_STORAGE,
    keySize: 4,
    valueSize: VALUE_SIZE,
    maxEntries: 0,
    flags: BPF_F_NO_PREALLOC | BPF_F_CLONE,
    lockOffset: 4 * LOCK_WORD,
    btfKeyTypeId: 1,
    btfValueTypeId: 2,
  })
  const map = mapGet(cpu, fd) as BpfMap
  fdClose(cpu, fd)
  return map
}

/** Drops a reference on a map; if it was the last, is the kworker that frees the map. */
export function putMap(cpu: Cpu, map: BpfMap): void {
  mapPut(cpu, map)
  runDeferredWork(cpu)
}

/**
 * For `after`, where every socket that lives is open: throws unless all lists, charges, counts and cache slots agree.
 */
export function atRest({ cpus }: Setting): void {
  const wrong = checkInvariants(cpus[cpus.length - 1])
  if (wrong.length > 0) throw new Error(wrong.join('; '))
}

/** Runs `program` as programs run: inside one read section. */
export function inReadSection<T>(cpu: Cpu, program: () => T): T {
  rcuReadLock(cpu)
  const result = program()
  rcuReadUnlock(cpu)
  return result
}
