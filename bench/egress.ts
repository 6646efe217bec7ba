/**
 * The egress program of the patch that brought sk storage to Linux: find the counter of the packet's socket, add one. Each
 * way of finding it is a program and a loop of its own: V8 compiles and inlines each as it would in a process that has no other.
 *
 * Around every run stand a read section and a quiescent state, which is what a CPU that runs programs does. One CPU
 * a socket, so the bump is a plain one.
 *
 * Source: Linux commit 6ac99e8f23d4 ("bpf: Introduce bpf sk local storage").
 */

import { bpfMapLookupElem, bpfMapUpdateElem } from '../src/shared/hash-map.ts'
import type { BpfMap, Sk } from '../src/shared/pointer.ts'
import { BPF_SK_STORAGE_GET_F_CREATE, bpfSkStorageGet } from '../src/shared/sk-storage.ts'
import { BPF_NOEXIST } from '../src/shared/update-flags.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'

/** Words of a packet's 4-tuple: source address, destination address, both ports in one. */
export const TUPLE = { saddr: 0, daddr: 1, ports: 2, SIZE: 3 } as const

/** What arrives at the program, in the order in which it arrives. Private memory. */
export interface Packets {
  readonly count: number
  /** skb->sk of each packet. */
  readonly sks: Int32Array
  /** What a program would parse from each packet's headers, laid out by TUPLE. */
  readonly tuples: Int32Array
  /** The same 4-tuple in hexadecimal, for a map whose keys are strings. */
  readonly strings: readonly string[]
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

// V8 reads an imported binding anew at each use and checks it; a constant of our own it knows. In loops this small that is a third of the time.
const readLock = rcuReadLock
const readUnlock = rcuReadUnlock
const quiescentState = rcuQuiescentState

/** What a counter begins with when its first packet has come. */
const ONE = Int32Array.of(1)

/** What every run costs, whatever the program. Returns something of each packet, so that the loop can't be left out. */
export function runEmpty(cpu: Cpu, packets: Packets): number {
  const { count, sks } = packets
  let seen = 0
  for (let i = 0; i < count; i++) {
    readLock(cpu)
    seen ^= sks[i]!
    readUnlock(cpu)
    quiescentState(cpu)
  }
  return seen
}

function countInStorage(cpu: Cpu, map: BpfMap, sk: Sk): void {
  const value = bpfSkStorageGet(cpu, map, sk, null, BPF_SK_STORAGE_GET_F_CREATE)
  if (value !== 0) cpu.words[value]++
}

export function runSkStorage(cpu: Cpu, map: BpfMap, packets: Packets): void {
  const { count, sks } = packets
  for (let i = 0; i < count; i++) {
    readLock(cpu)
    countInStorage(cpu, map, sks[i] as Sk)
    readUnlock(cpu)
    quiescentState(cpu)
  }
}

function countBySocket(cpu: Cpu, map: BpfMap, sks: Int32Array, at: number): void {
  const value = bpfMapLookupElem(cpu, map, sks, at)
  if (value !== 0) cpu.words[value]++
  else bpfMapUpdateElem(cpu, map, sks, at, ONE, BPF_NOEXIST)
}

export function runHashBySocket(cpu: Cpu, map: BpfMap, packets: Packets): void {
  const { count, sks } = packets
  for (let i = 0; i < count; i++) {
    readLock(cpu)
    countBySocket(cpu, map, sks, i)
    readUnlock(cpu)
    quiescentState(cpu)
  }
}

function countByTuple(cpu: Cpu, map: BpfMap, tuples: Int32Array, at: number): void {
  const value = bpfMapLookupElem(cpu, map, tuples, at)
  if (value !== 0) cpu.words[value]++
  else bpfMapUpdateElem(cpu, map, tuples, at, ONE, BPF_NOEXIST)
}

export function runHashByTuple(cpu: Cpu, map: BpfMap, packets: Packets): void {
  const { count, tuples } = packets
  for (let i = 0; i < count; i++) {
    readLock(cpu)
    countByTuple(cpu, map, tuples, i * TUPLE.SIZE)
    readUnlock(cpu)
    quiescentState(cpu)
  }
}

/** Keys and values are strings here, and lockWrite is its documented way to read, change and write; a get and a set without it take longer. */
export function runSharedMap(map: StringMap, packets: Packets): void {
  const { count, strings } = packets
  for (let i = 0; i < count; i++) {
    const key = strings[i]!
    map.lockWrite()
    map.set(key, String(Number(map.get(key, LOCK_HELD) ?? 0) + 1), LOCK_HELD)
    map.unlockWrite()
  }
}
