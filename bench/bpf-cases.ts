/**
 * The cases of the suite bpf: programs over the ring, generated and by hand.
 */

import { hashMapLookupCopy } from '../src/shared/hash-map.ts'
import { BPF_MAP_TYPE_HASH } from '../src/shared/map-options.ts'
import type { BpfMap, Sk } from '../src/shared/pointer.ts'
import { SOCK } from '../src/shared/records.ts'
import { skStorageGet } from '../src/shared/sk-storage.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import { kernelCase } from './bpf-kernel.ts'
import { loadGenerated } from './bpf-object.ts'
import { loadEmpty, loadHashByCookie, loadHashByTuple, loadStorage, type ProgramRun } from './bpf-programs.ts'
import type { Run } from './egress.ts'
import { makeMap, makeStorageMap, succeed } from './make.ts'
import { makeSetting, ORDERS, PACKETS, rampPackets, type Setting, SOCKETS } from './ring.ts'
import type { Case } from './suite.ts'

/**
 * Runs a program for packet after packet, each in a read section and with a quiescent state behind it. A text of its
 * own for each program: a loop that has seen several calls none of them directly.
 */
const LOOP = `return (count) => {
  for (let i = 0; i < count; i++) {
    readLock(cpu)
    run(sks[i])
    readUnlock(cpu)
    quiescentState(cpu)
  }
}`

function loopOf(cpu: Cpu, sks: Int32Array, run: ProgramRun): Run {
  const factory = new Function('cpu', 'sks', 'run', 'readLock', 'readUnlock', 'quiescentState', LOOP)
  return factory(cpu, sks, run, rcuReadLock, rcuReadUnlock, rcuQuiescentState)
}

/** Where the counter of a socket is found, and how many bits it has. */
interface Counter {
  readonly bits: number
  /** The lower word of it, or of less where it is shorter. */
  readonly of: (sk: Sk) => number
}

/** A case: a program over the ring. With `counter`, each socket's must have counted its packets when all is done. */
function ringCase({ cpu, packets, sockets, rampUp }: Setting, name: string, run: ProgramRun, counter?: Counter): Case {
  const loop = loopOf(cpu, packets.sks, run)
  rampUp(loop)
  return {
    name,
    count: PACKETS,
    run: () => loop(PACKETS),
    check: (runs) => {
      if (counter === undefined) return
      for (const [number, sk] of sockets.entries()) {
        const expected = (rampPackets(number) + runs * ORDERS) % 2 ** counter.bits
        const got = counter.of(sk) >>> 0
        if (got !== expected) throw new Error(`${name}: got ${got} packets of socket ${number}, expected ${expected}`)
      }
    },
  }
}

function inStorage(cpu: Cpu, map: BpfMap, bits: number): Counter {
  return {
    bits: Math.min(bits, 32),
    of: (sk) => {
      rcuReadLock(cpu)
      const value = skStorageGet(cpu, map, sk, null, 0)
      rcuReadUnlock(cpu)
      return cpu.words[value] & (bits < 32 ? 2 ** bits - 1 : -1)
    },
  }
}

function inHash(cpu: Cpu, map: BpfMap, keyOf: (sk: Sk) => readonly number[]): Counter {
  const out = new Int32Array(1)
  return {
    bits: 32,
    of: (sk) => {
      succeed('hashMapLookupCopy', hashMapLookupCopy(cpu, map, Int32Array.from(keyOf(sk)), out, 0))
      return out[0]
    },
  }
}

const cookieOf =
  ({ words }: Cpu) =>
  (sk: Sk) => [words[sk + SOCK.cookieLow], words[sk + SOCK.cookieHigh]]

/** As C has it: the port of the destination as it is in the packet. */
const tupleOf =
  ({ words }: Cpu) =>
  (sk: Sk) => {
    const ports = words[sk + SOCK.ports]
    const swapped = (ports & 0xffff0000) | ((ports & 0xff) << 8) | ((ports >> 8) & 0xff)
    return [words[sk + SOCK.saddr], words[sk + SOCK.daddr], swapped]
  }

const hashMap = (cpu: Cpu, keyWords: number) =>
  makeMap(cpu, { type: BPF_MAP_TYPE_HASH, maxEntries: SOCKETS, keySize: 4 * keyWords })

type Prepare = (setting: Setting, name: string) => Case

function generatedStorage(bits: number): Prepare {
  return (setting, name) => {
    const { run, map } = loadGenerated(setting.cpu, name.replace('-', '_'))
    return ringCase(setting, name, run, inStorage(setting.cpu, map, bits))
  }
}

function generatedHash(keyOf: (cpu: Cpu) => (sk: Sk) => readonly number[]): Prepare {
  return (setting, name) => {
    const { run, map } = loadGenerated(setting.cpu, name.replace('-', '_'))
    return ringCase(setting, name, run, inHash(setting.cpu, map, keyOf(setting.cpu)))
  }
}

const OURS: Readonly<Record<string, Prepare>> = {
  'js-empty': (setting, name) => ringCase(setting, name, loadEmpty()),
  empty: (setting, name) => ringCase(setting, name, loadGenerated(setting.cpu, name).run),
  'js-storage-u32': (setting, name) => {
    const map = makeStorageMap(setting.cpu)
    return ringCase(setting, name, loadStorage(setting.cpu, map), inStorage(setting.cpu, map, 32))
  },
  'storage-u8': generatedStorage(8),
  'storage-u16': generatedStorage(16),
  'storage-u32': generatedStorage(32),
  'storage-u64': generatedStorage(64),
  'js-hash-cookie': (setting, name) => {
    const map = hashMap(setting.cpu, 2)
    return ringCase(setting, name, loadHashByCookie(setting.cpu, map), inHash(setting.cpu, map, cookieOf(setting.cpu)))
  },
  'hash-cookie': generatedHash(cookieOf),
  'js-hash-tuple': (setting, name) => {
    const map = hashMap(setting.cpu, 3)
    return ringCase(setting, name, loadHashByTuple(setting.cpu, map), inHash(setting.cpu, map, tupleOf(setting.cpu)))
  },
  'hash-tuple': generatedHash(tupleOf),
}

/** The cases of these names. */
export const prepareCases = (names: readonly string[]): Case[] =>
  names.map((name) => (name.startsWith('kernel-') ? kernelCase(name) : OURS[name](makeSetting(), name)))
