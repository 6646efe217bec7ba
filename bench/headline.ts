/**
 * The headline: the egress program over 4096 sockets, through sk storage, through hash maps, and through a peer from
 * npm.
 */

import { createRequire } from 'node:module'
import { hashMapLookupCopy } from '../src/shared/hash-map.ts'
import { BPF_MAP_TYPE_HASH } from '../src/shared/map-options.ts'
import type { BpfMap, Sk } from '../src/shared/pointer.ts'
import { skStorageGet } from '../src/shared/sk-storage.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import {
  LOCK_HELD,
  loadEmpty,
  loadHashBySocket,
  loadHashByTuple,
  loadSharedMap,
  loadSkStorage,
  type StringMap,
  TUPLE,
} from './egress.ts'
import { makeMap, makeStorageMap, succeed } from './make.ts'
import { nativeCase, printed } from './native.ts'
import { makeSetting, PACKETS, RAMP_PACKETS, type Setting, SOCKETS } from './ring.ts'
import { lmdbCase, loadMutexTable, loadPrivateMap, makeMutexTable, ownerThreadCase, placeOf } from './rivals.ts'
import type { Case, Row, Suite } from './suite.ts'

const require = createRequire(import.meta.url)
/** CommonJS, with declarations that TypeScript can't import. */
const SharedMap: new (maxSize: number, keySize: number, objSize: number) => StringMap = require('sharedmap')

/** Sum of the counters that `counterOf` finds for each socket; it must equal the packets that were run. */
function checkSum(name: string, runs: number, count: number, counterOf: (packet: number) => number): void {
  let sum = 0
  for (let packet = 0; packet < SOCKETS; packet++) sum += counterOf(packet)
  const expected = runs * count + RAMP_PACKETS
  if (sum !== expected) throw new Error(`${name}: got a sum of ${sum} over all counters, expected ${expected}`)
}

function emptyCase({ cpu, packets, rampUp }: Setting): Case {
  const run = loadEmpty(cpu, packets)
  rampUp(run)
  let seen = 0
  return {
    name: 'empty',
    count: PACKETS,
    run: () => {
      seen |= run(PACKETS)
    },
    // Each socket comes an even number of times, so that nothing is left of the pointers.
    check: () => {
      if (seen !== 0) throw new Error(`empty: got ${seen}, expected 0`)
    },
  }
}

function skStorageCase({ cpu, packets, rampUp }: Setting): Case {
  const map = makeStorageMap(cpu)
  const run = loadSkStorage(cpu, map, packets)
  rampUp(run)
  const name = 'sk-storage'
  const counterOf = (packet: number) => {
    rcuReadLock(cpu)
    const value = skStorageGet(cpu, map, packets.sks[packet] as Sk, null, 0)
    rcuReadUnlock(cpu)
    return cpu.words[value]
  }
  return {
    name,
    count: PACKETS,
    run: () => run(PACKETS),
    check: (runs) => checkSum(name, runs, PACKETS, counterOf),
  }
}

function hashBySocketCase({ cpu, packets, rampUp }: Setting): Case {
  const map = makeMap(cpu, { type: BPF_MAP_TYPE_HASH, maxEntries: SOCKETS })
  const run = loadHashBySocket(cpu, map, packets)
  rampUp(run)
  const name = 'hash-by-socket'
  return {
    name,
    count: PACKETS,
    run: () => run(PACKETS),
    check: (runs) => checkSum(name, runs, PACKETS, (packet) => counterInHash(cpu, map, packets.sks, packet)),
  }
}

function hashByTupleCase({ cpu, packets, rampUp }: Setting): Case {
  const map = makeMap(cpu, { type: BPF_MAP_TYPE_HASH, maxEntries: SOCKETS, keySize: TUPLE.SIZE * 4 })
  const run = loadHashByTuple(cpu, map, packets)
  rampUp(run)
  const name = 'hash-by-tuple'
  const { tuples } = packets
  return {
    name,
    count: PACKETS,
    run: () => run(PACKETS),
    check: (runs) => checkSum(name, runs, PACKETS, (packet) => counterInHash(cpu, map, tuples, packet * TUPLE.SIZE)),
  }
}

function counterInHash(cpu: Cpu, map: BpfMap, keys: Int32Array, at: number): number {
  const out = new Int32Array(1)
  const key = keys.slice(at, at + TUPLE.SIZE)
  succeed('hashMapLookupCopy', hashMapLookupCopy(cpu, map, key, out, 0))
  return out[0]
}

function sharedMapCase({ packets, rampUp }: Setting): Case {
  // Twice as many places as keys, since its chains grow long when it is full, and room for a NUL behind the longest key
  // and value.
  const map = new SharedMap(2 * SOCKETS, 28, 12)
  // One order is enough for a map this slow.
  const count = SOCKETS
  const run = loadSharedMap(map, packets)
  rampUp(run)
  const name = 'sharedmap'
  return {
    name,
    count,
    run: () => run(count),
    check: (runs) => checkSum(name, runs, count, (packet) => Number(map.get(packets.strings[packet], LOCK_HELD))),
  }
}

function privateMapCase({ packets, rampUp }: Setting): Case {
  const counters = new Map<number, { count: number }>()
  const run = loadPrivateMap(counters, packets)
  rampUp(run)
  const name = 'private-map'
  return {
    name,
    count: PACKETS,
    run: () => run(PACKETS),
    check: (runs) => checkSum(name, runs, PACKETS, (packet) => counters.get(packets.sks[packet])!.count),
  }
}

function mutexTableCase({ packets, rampUp }: Setting): Case {
  const table = makeMutexTable(SOCKETS)
  const run = loadMutexTable(table, packets)
  rampUp(run)
  const name = 'mutex-table'
  return {
    name,
    count: PACKETS,
    run: () => run(PACKETS),
    check: (runs) => checkSum(name, runs, PACKETS, (packet) => table.words[placeOf(table, packets.sks[packet])]),
  }
}

/** Packets in a batch of what is hundreds of times slower. */
const FEW = 512

/** The running kernel, with milliseconds for its batches. */
function kernelCase(name: string): Case {
  return { name: `kernel-${name}`, measure: ({ time }) => printed('kernel', name, time) }
}

const KERNEL: readonly Row[] = [
  { name: 'kernel-empty', label: 'running kernel, empty program', base: null, empty: null },
  ...(
    [
      ['sk-storage', 'sk storage'],
      ['hash-by-cookie', 'hash map, cookie as key'],
      ['hash-by-tuple', 'hash map, 4-tuple as key'],
    ] as const
  ).map(
    ([name, label]): Row => ({
      name: `kernel-${name}`,
      label: `running kernel, ${label}`,
      base: 'kernel-sk-storage',
      empty: 'kernel-empty',
    }),
  ),
]

const PREPARE: Readonly<Record<string, (setting: Setting) => Case>> = {
  empty: emptyCase,
  'sk-storage': skStorageCase,
  'hash-by-socket': hashBySocketCase,
  'hash-by-tuple': hashByTupleCase,
  sharedmap: sharedMapCase,
  'private-map': privateMapCase,
  'mutex-table': mutexTableCase,
  'owner-thread': ({ packets }) => ownerThreadCase('owner-thread', packets, SOCKETS),
  lmdb: ({ packets }) => lmdbCase('lmdb', packets, FEW),
  ...Object.fromEntries(
    ['empty', 'sk-storage', 'hash-by-cookie', 'hash-by-tuple'].map((name) => [
      `kernel-${name}`,
      () => kernelCase(name),
    ]),
  ),
  native: () => nativeCase('native', 'headline'),
  'native-empty': () => nativeCase('native-empty', 'empty'),
}

export const headline: Suite = {
  name: 'headline',
  summary: 'the egress program over 4096 sockets: sk storage, hash maps, C, the kernel, other ways',
  rows: () => [
    { name: 'empty', label: 'empty program' },
    { name: 'sk-storage', label: 'sk storage' },
    { name: 'hash-by-socket', label: 'hash map, socket pointer as key' },
    { name: 'hash-by-tuple', label: 'hash map, 4-tuple as key' },
    { name: 'sharedmap', label: 'npm sharedmap 1.2.0, 4-tuple as key' },
    { name: 'private-map', label: "a thread's private Map, nothing shared" },
    { name: 'mutex-table', label: 'one mutex and a table in shared memory' },
    { name: 'owner-thread', label: 'an owner thread, postMessage' },
    { name: 'lmdb', label: 'npm lmdb 3.5.6 on a tmpfs' },
    { name: 'native', label: 'C reference (gcc -O2, same layout)', empty: 'native-empty' },
    { name: 'native-empty', label: 'C reference, empty program', empty: null, base: 'empty' },
    ...KERNEL,
  ],
  empty: 'empty',
  base: 'sk-storage',
  prepare: (names) => {
    const setting = makeSetting()
    return names.map((name) => PREPARE[name](setting))
  },
  footer: [
    "Each run finds the u32 counter of a packet's socket and adds one, on one thread, inside a read section and with a",
    `quiescent state behind it. ${SOCKETS} sockets in shuffled order; keys come from private packet records. The empty`,
    'program does all but find and add: net is a time less that one. The others bring what they have instead of read',
    'sections: sharedmap and the mutex a lock, lmdb a transaction for each packet, the owner thread a message for each and an',
    'answer for each batch; the private Map nothing, since nobody else can see it. The C reference (bench/native) is compiled',
    'here and has an empty program of its own. So has the running kernel, which BPF_PROG_TEST_RUN runs in a batch on one packet of',
    'one dummy socket, hot in every cache, where ours walk 4096; its ratios are to its own sk storage. Median over several',
    'processes, of the fastest batch in each; spread is the middle half of them as a share of it. Ratios are to sk storage',
    'within each process, and left out (-) where the processes disagree by more than 15 %.',
  ],
}
