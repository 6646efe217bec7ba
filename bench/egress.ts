/**
 * The egress program of the patch that brought sk storage to Linux: find the counter of the packet's socket, add one.
 * Each way of finding it is a program and a loop of its own: V8 compiles and inlines each as it would in a process that
 * has no other.
 *
 * As everywhere here a program is loaded once on its CPU, which gives the function that is one run
 * (src/workers/program.ts). V8 takes what such a function closes over for constants, as the kernel's JIT writes map
 * addresses into the code: the CPU, the memory's address and length, the map, the ring.
 *
 * Around every run stand a read section and a quiescent state, which is what a CPU that runs programs does. One CPU
 * a socket, so the bump is a plain one.
 *
 * Source: Linux commit 6ac99e8f23d4 ("bpf: Introduce bpf sk local storage").
 */

import { hashMapLookupElem, hashMapUpdateElem } from '../src/shared/hash-map.ts'
import type { BpfMap, Sk } from '../src/shared/pointer.ts'
import { BPF_SK_STORAGE_GET_F_CREATE, skStorageGet } from '../src/shared/sk-storage.ts'
import { BPF_NOEXIST } from '../src/shared/update-flags.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'

/** Words of a packet's 4-tuple: source address, destination address, both ports in one. */
export const TUPLE = { saddr: 0, daddr: 1, ports: 2, SIZE: 3 } as const

/** The ring of packets that the programs work off, in the order in which they arrive. Private memory. */
export interface Packets {
  /** skb->sk of each packet. */
  readonly sks: Int32Array
  /** What a program would parse from each packet's headers, laid out by TUPLE. */
  readonly tuples: Int32Array
  /** The same 4-tuple in hexadecimal, for a map whose keys are strings. */
  readonly strings: string[]
}

/** What `sharedmap` is asked for. Its own declarations don't describe what it exports. */
export interface StringMap {
  lockWrite(): void
  unlockWrite(): void
  get(key: string, held: LockHeld): string | undefined
  set(key: string, value: string, held: LockHeld): void
}

/** Tells it that the caller holds the lock. */
interface LockHeld {
  readonly lockWrite: true
}

export const LOCK_HELD: LockHeld = { lockWrite: true }

// V8 reads an imported binding anew at each use and checks it; a constant of our own it knows. In loops this small that
// is a third of the time.
const readLock = rcuReadLock
const readUnlock = rcuReadUnlock
const quiescentState = rcuQuiescentState
const storageGet = skStorageGet
const mapLookupElem = hashMapLookupElem
const mapUpdateElem = hashMapUpdateElem
const CREATE = BPF_SK_STORAGE_GET_F_CREATE

/** What a counter begins with when its first packet has come. */
const ONE = Int32Array.of(1)

/** Runs a loaded program for the first `count` packets of its ring. */
export type Run = (count: number) => void

/** What every run costs, whatever the program. Returns something of each packet, so that the loop can't be left out. */
export function loadEmpty(cpu: Cpu, { sks }: Packets): (count: number) => number {
  return (count) => {
    let seen = 0
    for (let i = 0; i < count; i++) {
      readLock(cpu)
      seen ^= sks[i]
      readUnlock(cpu)
      quiescentState(cpu)
    }
    return seen
  }
}

export function loadSkStorage(cpu: Cpu, map: BpfMap, { sks }: Packets): Run {
  const { words } = cpu
  return (count) => {
    for (let i = 0; i < count; i++) {
      readLock(cpu)
      const value = storageGet(cpu, map, sks[i] as Sk, null, CREATE)
      if (value !== 0) words[value]++
      readUnlock(cpu)
      quiescentState(cpu)
    }
  }
}

export function loadHashBySocket(cpu: Cpu, map: BpfMap, { sks }: Packets): Run {
  const { words } = cpu
  return (count) => {
    for (let i = 0; i < count; i++) {
      readLock(cpu)
      const value = mapLookupElem(cpu, map, sks, i)
      if (value !== 0) words[value]++
      else mapUpdateElem(cpu, map, sks, i, ONE, BPF_NOEXIST)
      readUnlock(cpu)
      quiescentState(cpu)
    }
  }
}

export function loadHashByTuple(cpu: Cpu, map: BpfMap, { tuples }: Packets): Run {
  const { words } = cpu
  return (count) => {
    for (let i = 0; i < count; i++) {
      readLock(cpu)
      const value = mapLookupElem(cpu, map, tuples, i * TUPLE.SIZE)
      if (value !== 0) words[value]++
      else mapUpdateElem(cpu, map, tuples, i * TUPLE.SIZE, ONE, BPF_NOEXIST)
      readUnlock(cpu)
      quiescentState(cpu)
    }
  }
}

/**
 * Keys and values are strings here, and lockWrite is its documented way to read, change and write; a get and a set
 * without it take longer.
 */
export function loadSharedMap(map: StringMap, { strings }: Packets): Run {
  return (count) => {
    for (let i = 0; i < count; i++) {
      const key = strings[i]
      map.lockWrite()
      map.set(key, String(Number(map.get(key, LOCK_HELD) ?? 0) + 1), LOCK_HELD)
      map.unlockWrite()
    }
  }
}
