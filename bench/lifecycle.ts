/**
 * Birth and death: a storage, a socket, a map with all its elements.
 */

import { createRandom } from '../src/random/random.ts'
import { fdClose } from '../src/shared/fd-table.ts'
import { mapPut } from '../src/shared/map-ref.ts'
import type { BpfMap, Sk } from '../src/shared/pointer.ts'
import { HEADER, SOCK } from '../src/shared/records.ts'
import { BPF_SK_STORAGE_GET_F_CREATE, fdUpdateElem, skStorageDelete, skStorageGet } from '../src/shared/sk-storage.ts'
import { ELEM_CHARGE, STORAGE_CHARGE } from '../src/shared/sk-storage-elem.ts'
import { liveObjects } from '../src/shared/slab.ts'
import { KIND, LIVE } from '../src/shared/slab-layout.ts'
import { skAlloc } from '../src/shared/sock.ts'
import { socketCreate } from '../src/shared/socket.ts'
import { BPF_NOEXIST } from '../src/shared/update-flags.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { runDeferredWork } from '../src/sync/deferred-work.ts'
import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import { rcuBarrier } from '../src/sync/synchronize-rcu.ts'
import type { DeathTask } from './death-job.ts'
import { makeCpu, makeStorageMap, succeed } from './make.ts'
import { nativeCase, printed } from './native.ts'
import { lazyMachine, lockedMap, needCores } from './scale.ts'
import { type Counted, perSecond } from './scale-job.ts'
import { shuffled } from './shuffled.ts'
import type { Case, Row, Scope, Suite } from './suite.ts'

const SOCKETS = 4096
const SEED = 20190427
const CREATE = BPF_SK_STORAGE_GET_F_CREATE

/** A value. */
const ONE = Int32Array.of(1)

/** Elements of a map that is freed, by the name of the case. */
const TEARDOWNS: Readonly<Record<string, number>> = { '1k': 1000, '64k': 65_536, '1M': 1_000_000 }

/** One storage made and removed, socket after socket in shuffled order. */
function createDeleteCase(): Case {
  const cpu = makeCpu({ bytes: 16 << 20 })
  const map = makeStorageMap(cpu)
  const sockets = Array.from({ length: SOCKETS }, () => skAlloc(cpu, {}))
  const sks = Int32Array.from(shuffled(SOCKETS, createRandom(SEED)), (number) => sockets[number])
  let failed = 0
  return {
    name: 'create-delete',
    count: SOCKETS,
    run: () => {
      for (let i = 0; i < SOCKETS; i++) {
        rcuReadLock(cpu)
        if (skStorageGet(cpu, map, sks[i] as Sk, null, CREATE) === 0) failed++
        if (skStorageDelete(cpu, map, sks[i] as Sk) !== 0) failed++
        rcuReadUnlock(cpu)
        rcuQuiescentState(cpu)
      }
    },
    check: () => {
      if (failed !== 0) throw new Error(`create-delete: got ${failed} failures, expected none`)
    },
  }
}

/** A socket opened by syscall, given a storage by syscall, and closed, which removes the storage. */
function socketCase(): Case {
  const cpu = makeCpu({ bytes: 16 << 20 })
  const { words } = cpu
  const map = makeStorageMap(cpu)
  const count = 1024
  return {
    name: 'socket',
    count,
    run: () => {
      for (let i = 0; i < count; i++) {
        const fd = succeed('socketCreate', socketCreate(cpu, { sport: 443, dport: i }))
        succeed('fdUpdateElem', fdUpdateElem(cpu, map, fd, ONE, BPF_NOEXIST))
        succeed('fdClose', fdClose(cpu, fd))
        rcuQuiescentState(cpu)
      }
    },
    check: () => {
      rcuBarrier(cpu)
      const left = words[cpu.base + LIVE + KIND.elem]
      if (left !== 0) throw new Error(`socket: got ${left} elements left, expected none`)
    },
  }
}

/** Gives each of these sockets a storage of `map`. */
function createAll(cpu: Cpu, map: BpfMap, sks: Int32Array): void {
  for (const sk of sks) {
    rcuReadLock(cpu)
    if (skStorageGet(cpu, map, sk as Sk, null, CREATE) === 0) throw new Error('createAll: got no storage')
    rcuReadUnlock(cpu)
    rcuQuiescentState(cpu)
  }
}

/**
 * Nanoseconds an element of map free, each element the only one of its socket; the fastest of those that fit into the
 * time.
 */
function teardownCase(size: string): Case {
  const count = TEARDOWNS[size]
  let cpu: Cpu
  let sks: Int32Array | undefined
  const name = `teardown-${size}`
  return {
    name,
    measure: ({ time }) => {
      if (sks === undefined) {
        // Room for each element and storage twice: those that were freed may be on their way through a grace period.
        cpu = makeCpu({ bytes: (16 << 20) + count * (128 + 2 * (128 + 64)) })
        sks = Int32Array.from({ length: count }, () => skAlloc(cpu, {}))
      }
      let best = Number.POSITIVE_INFINITY
      const end = performance.now() + time
      do {
        const map = makeStorageMap(cpu)
        createAll(cpu, map, sks)
        const begin = performance.now()
        mapPut(cpu, map)
        runDeferredWork(cpu)
        best = Math.min(best, ((performance.now() - begin) * 1e6) / count)
      } while (performance.now() < end)
      return best
    },
    end: () => {
      const left = sks?.filter((sk) => cpu.words[sk + SOCK.storage] !== 0).length
      if (left) throw new Error(`${name}: got ${left} sockets with a storage, expected none`)
    },
  }
}

/** Heap bytes that each socket takes, or each socket's storages of `maps` maps. */
function memoryCase(maps: number): Case {
  return {
    name: `memory-${maps}`,
    measure: () => {
      const count = 8192
      const cpu = makeCpu({ bytes: 64 << 20 })
      const used = () => cpu.words[HEADER.brk] * 4
      const made = Array.from({ length: maps }, () => makeStorageMap(cpu))
      const before = used()
      const sks = Int32Array.from({ length: count }, () => skAlloc(cpu, {}))
      const sockets = used()
      for (const map of made) createAll(cpu, map, sks)
      // What the magazines hold ready belongs to nobody: a few objects in thousands.
      return Math.round((maps === 0 ? sockets - before : used() - sockets) / count)
    },
  }
}

/**
 * Bytes that the kernel charges for storages with a u32 each: its objects on x86-64, allocator's rounding not counted.
 */
function kernelBytes(maps: number): number {
  return STORAGE_CHARGE + maps * (ELEM_CHARGE + 4)
}

/** A lookup in a million live sockets, in shuffled order. */
function millionCase(): Case {
  const count = 1_000_000
  let cpu: Cpu
  let map: BpfMap
  let sks: Int32Array | undefined
  return {
    name: 'million-get',
    measure: () => {
      if (sks === undefined) {
        cpu = makeCpu({ bytes: (16 << 20) + count * 352 })
        map = makeStorageMap(cpu)
        sks = Int32Array.from({ length: count }, () => skAlloc(cpu, {}))
        createAll(cpu, map, sks)
        const order = shuffled(count, createRandom(SEED))
        sks = Int32Array.from(order, (number) => sks![number])
      }
      const begin = performance.now()
      let missing = 0
      for (const sk of sks) {
        rcuReadLock(cpu)
        if (skStorageGet(cpu, map, sk as Sk, null, 0) === 0) missing++
        rcuReadUnlock(cpu)
        rcuQuiescentState(cpu)
      }
      if (missing !== 0) throw new Error(`million-get: got ${missing} sockets without a storage, expected none`)
      return ((performance.now() - begin) * 1e6) / count
    },
  }
}

/** Sockets that each CPU closes. */
const DYING = 2048
const DEATH = new URL('./death-job.js', import.meta.url)

/**
 * Nanoseconds a socket, over all CPUs: each closes its own, which takes the storages along, and the map is freed
 * meanwhile, or is not.
 */
function deathCase(name: string, closeMap: boolean, { cpus }: Scope): Case {
  const lazy = lazyMachine(cpus)
  return {
    name,
    measure: async () => {
      needCores(cpus)
      const machine = await lazy.get()
      const map = lockedMap(machine)
      const sockets = Array.from({ length: cpus }, () => machine.sockets(DYING))
      const task: DeathTask = { map, closeMap, sockets }
      const counted = (await machine.call(DEATH, task, cpus)) as Counted[]
      if (!closeMap) machine.sys.close(map)
      await machine.settle()
      const { elem } = liveObjects(machine.memory)
      if (elem !== 0) throw new Error(`${name}: got ${elem} elements left, expected none`)
      return 1e9 / perSecond(counted)
    },
    end: lazy.end,
  }
}

const MEMORY = [0, 1, 4, 16]

const PREPARE: Readonly<Record<string, (scope: Scope) => Case>> = {
  'create-delete': createDeleteCase,
  'native-create-delete': () => nativeCase('native-create-delete', 'create-delete'),
  socket: socketCase,
  ...Object.fromEntries(
    Object.entries(TEARDOWNS).flatMap(([size, count]) => [
      [`teardown-${size}`, () => teardownCase(size)],
      [
        `native-teardown-${size}`,
        (): Case => ({
          name: `native-teardown-${size}`,
          measure: ({ time }) => printed('native', 'teardown', count, time),
        }),
      ],
    ]),
  ),
  ...Object.fromEntries(MEMORY.map((maps) => [`memory-${maps}`, () => memoryCase(maps)])),
  'million-get': millionCase,
  'sockets-die': (scope) => deathCase('sockets-die', false, scope),
  'all-die': (scope) => deathCase('all-die', true, scope),
}

const rows: readonly Row[] = [
  { name: 'native-create-delete', label: 'create + delete of a storage: C', base: null },
  { name: 'create-delete', label: 'create + delete of a storage', base: 'native-create-delete' },
  { name: 'socket', label: 'socket opened, storage made, closed; by syscall', base: null },
  ...Object.keys(TEARDOWNS).flatMap((size): Row[] => [
    { name: `native-teardown-${size}`, label: `map free of ${size} elements, each: C`, base: null },
    { name: `teardown-${size}`, label: `map free of ${size} elements, each`, base: `native-teardown-${size}` },
  ]),
  { name: 'sockets-die', label: 'sockets with a storage closed from all CPUs, each', base: null },
  { name: 'all-die', label: '  while their map is freed', base: 'sockets-die' },
  { name: 'memory-0', label: 'a socket', unit: 'bytes', base: null },
  ...MEMORY.slice(1).flatMap((maps): Row[] => [
    { name: `memory-${maps}`, label: `${maps} storage${maps > 1 ? 's' : ''} of a socket`, unit: 'bytes', base: null },
    {
      name: `kernel-memory-${maps}`,
      label: "  the same, as Linux's objects are charged",
      unit: 'bytes',
      base: null,
      quoted: kernelBytes(maps),
    },
  ]),
  { name: 'million-get', label: 'lookup, 1 M live sockets', base: null },
]

export const lifecycle: Suite = {
  name: 'lifecycle',
  processes: 5,
  summary: 'birth and death of storages, sockets and maps; memory',
  rows: () => rows,
  prepare: (names, scope) => names.map((name) => PREPARE[name](scope)),
  footer: [
    'One thread, but for what happens on all CPUs. Storages are made and removed socket after socket, 4096 of them in shuffled order. Map free removes elements',
    'that are each the only one of their socket, so that storages go too, with its two grace periods. Ratios are to the C',
    'reference (bench/native), which does the same. Bytes are those of the heap; a value is a u32.',
  ],
}
