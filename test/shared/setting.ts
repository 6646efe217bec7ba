/**
 * What every test here begins with: a memory with its CPUs, maps and sockets on it, and ways to put another CPU's step
 * exactly between two of ours.
 *
 * All CPUs of a test live on one thread. Where two of them race, the test runs the second from inside the first, at the
 * `Atomics` call where a real one would have come between: that is what `interrupt` is for.
 */

import { beforeEach, expect, onTestFinished } from 'vitest'
import { cpuOf } from '../../src/shared/cpu-of.ts'
import { fileObject, fput, sockfdLookup } from '../../src/shared/fd-table.ts'
import { checkInvariants } from '../../src/shared/invariants.ts'
import { mapCreate, mapGet } from '../../src/shared/map.ts'
import type { MapOptions } from '../../src/shared/map-options.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import { createMemory, type Memory, type MemoryOptions } from '../../src/shared/memory.ts'
import type { BpfMap, File, Selem, Sk, SkStorage } from '../../src/shared/pointer.ts'
import { BUCKET, HLIST_NODE, MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import { KIND_NAMES } from '../../src/shared/slab-layout.ts'
import type { SockOptions } from '../../src/shared/sock.ts'
import { socketCreate } from '../../src/shared/socket.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { rcuIsOnline, rcuOffline, rcuOnline } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { rcuBarrier } from '../../src/sync/synchronize-rcu.ts'

// On one thread nobody would wake a CPU that parks: better a failing test than one that hangs.
beforeEach(() => {
  replaceAtomics('wait', () => (_, at) => {
    throw new Error(`a CPU would park for ever on word ${at}`)
  })
})

/** Both ways to run the same tests: the allocator's fast path, and every access checked. */
export const MODES = [
  { mode: 'plain', sanitize: false },
  { mode: 'sanitized', sanitize: true },
]

/** A memory and its CPUs; the first is online. */
export interface House {
  readonly memory: Memory
  readonly words: Int32Array
  readonly cpus: readonly Cpu[]
  /** CPU 0, online. */
  readonly cpu: Cpu
  /** CPU 1, where there is one. Offline until `online`. */
  readonly other: Cpu
}

/** A memory of 8 MiB with two CPUs unless told otherwise. */
export function house(options: Partial<MemoryOptions> = {}): House {
  const memory = createMemory({ cpus: 2, bytes: 8 << 20, maxFds: 4096, ...options })
  const cpus = Array.from({ length: options.cpus ?? 2 }, (_, id) => cpuOf(memory, id))
  rcuOnline(cpus[0])
  return { memory, words: memory.words, cpus, cpu: cpus[0], other: cpus[1] }
}

/** Brings a CPU online, unless it is. */
export function online(cpu: Cpu): Cpu {
  if (!rcuIsOnline(cpu)) rcuOnline(cpu)
  return cpu
}

/** Does all that was put off: callbacks of every CPU, deferred work, orphans. Afterwards only CPU 0 is online. */
export function settle({ cpus, cpu }: House): void {
  for (const each of cpus) if (rcuIsOnline(each)) rcuOffline(each)
  rcuOnline(cpu)
  // Work leaves callbacks, and callbacks leave work: a freed program puts its maps.
  for (let round = 0; round < 3; round++) {
    runDeferredWork(cpu)
    rcuBarrier(cpu)
  }
}

/** Settles and expects every invariant to hold. */
export function expectOrder(house: House): void {
  settle(house)
  expect(checkInvariants(house.cpu)).toEqual([])
}

/** Settles and expects nothing left but the kinds given. */
export function expectLive(house: House, left: Partial<Record<(typeof KIND_NAMES)[number], number>> = {}): void {
  expectOrder(house)
  const { words, ...live } = liveObjects(house.memory)
  expect(live).toEqual({ ...Object.fromEntries(KIND_NAMES.map((name) => [name, 0])), ...left })
  if (Object.keys(left).length === 0) expect(words).toBe(0)
}

/** What a working BPF_MAP_CREATE of sk storage asks for: one u32 and nothing else. */
export const SK_STORAGE_MAP: MapOptions = {
  type: 24,
  keySize: 4,
  valueSize: 4,
  maxEntries: 0,
  flags: 1,
  btfKeyTypeId: 1,
  btfValueTypeId: 3,
}

/** The value of the kernel's own test: a counter, and a bpf_spin_lock behind it. */
export const COUNTER = { valueSize: 8, lockOffset: 4 }

/** Makes an sk storage map whose one reference is its descriptor's. */
export function storageMap(cpu: Cpu, options: Partial<MapOptions> = {}): { fd: number; map: BpfMap } {
  const fd = mapCreate(cpu, { ...SK_STORAGE_MAP, ...options })
  expect(fd).toBeGreaterThan(0)
  return { fd, map: mapOf(cpu, fd) }
}

/** The map behind a descriptor, without a reference of its own. */
export function mapOf(cpu: Cpu, fd: number): BpfMap {
  const map = mapGet(cpu, fd) as BpfMap
  mapPut(cpu, map)
  return map
}

/** Makes a socket whose one reference is its descriptor's. */
export function socket(cpu: Cpu, options: SockOptions = {}): { fd: number; sk: Sk } {
  const fd = socketCreate(cpu, options)
  expect(fd).toBeGreaterThan(0)
  return { fd, sk: skOf(cpu, fd) }
}

/** The socket behind a descriptor, without a reference of its own. */
export function skOf(cpu: Cpu, fd: number): Sk {
  const file = sockfdLookup(cpu, fd) as File
  const sk = fileObject(cpu, file) as Sk
  fput(cpu, file)
  return sk
}

/** Runs `body` in a read section. */
export function reading<T>(cpu: Cpu, body: () => T): T {
  rcuReadLock(cpu)
  const result = body()
  rcuReadUnlock(cpu)
  return result
}

export function storageOf(words: Int32Array, sk: Sk): SkStorage {
  return words[sk + SOCK.storage] as SkStorage
}

/** Bytes charged to a socket. */
export function charged(words: Int32Array, sk: Sk): number {
  return words[sk + SOCK.omemAlloc]
}

/** A socket's elements as they stand on its list, newest first. */
export function elemsOf(words: Int32Array, sk: Sk): Selem[] {
  const storage = storageOf(words, sk)
  return storage === 0 ? [] : list(words, storage + SK_STORAGE.list).map((node) => (node - SELEM.snode) as Selem)
}

/** The one element of a map at a socket. */
export function elemOf(words: Int32Array, sk: Sk, map: BpfMap): Selem {
  const found = elemsOf(words, sk).filter((selem) => words[selem + SELEM.sdata] === map)
  expect(found).toHaveLength(1)
  return found[0]
}

/** All elements on a map's buckets. */
export function elemsOfMap(words: Int32Array, map: BpfMap): Selem[] {
  return Array.from({ length: 1 << words[map + MAP.bucketLog] }, (_, i) =>
    list(words, words[map + MAP.buckets] + i * BUCKET.SIZE + BUCKET.list),
  )
    .flat()
    .map((node) => (node - SELEM.mapNode) as Selem)
}

/** The nodes of a list. */
export function list(words: Int32Array, head: number): number[] {
  const nodes: number[] = []
  for (let node = words[head]; node !== 0; node = words[node + HLIST_NODE.next]) {
    if (nodes.push(node) > 100_000) throw new Error(`the list at word ${head} has no end`)
  }
  return nodes
}

type Step = 'add' | 'compareExchange' | 'exchange' | 'load' | 'store' | 'sub'
type Operation = (view: Int32Array, at: number, ...rest: number[]) => number

/**
 * Runs `act` just before the first `Atomics.<step>` that `when` picks, by its index and operands: another CPU's step
 * between two of ours. A test that never gets there fails.
 */
export function interrupt(step: Step, when: (at: number, ...rest: number[]) => boolean, act: () => void): void {
  let met = false
  onAtomics(step, (at, ...rest) => {
    if (met || !when(at, ...rest)) return
    met = true
    act()
  })
  onTestFinished(() => expect(met, 'the moment to interrupt came').toBe(true))
}

/** Shows every `Atomics.<step>` to `see`, with its index and operands, until the test ends. */
export function onAtomics(step: Step, see: (at: number, ...rest: number[]) => void): void {
  replaceAtomics(step, (original) => (view, at, ...rest) => {
    see(at, ...rest)
    return original(view, at, ...rest)
  })
}

/** Lets `act` do what another CPU does while this one is parked; `at` is the word it is parked on. */
export function whileParked(act: (at: number) => void): void {
  replaceAtomics('wait', () => (_, at) => {
    act(at)
    return 0
  })
}

function replaceAtomics(step: Step | 'wait', replacement: (original: Operation) => Operation): void {
  const atomics = Atomics as unknown as Record<string, Operation>
  const original = atomics[step]
  atomics[step] = replacement(original)
  onTestFinished(() => {
    atomics[step] = original
  })
}
