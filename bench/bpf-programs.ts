/**
 * The programs of objects/egress.bpf.c as somebody writes them in JavaScript who knows where everything lies: what
 * generated code is compared with. Each is loaded once on its CPU, which gives the function that is one run.
 */

import { hashMapLookupElem, hashMapUpdateElem } from '../src/shared/hash-map.ts'
import type { BpfMap, Sk } from '../src/shared/pointer.ts'
import { SOCK } from '../src/shared/records.ts'
import { BPF_SK_STORAGE_GET_F_CREATE, skStorageGet } from '../src/shared/sk-storage.ts'
import { BPF_NOEXIST } from '../src/shared/update-flags.ts'
import type { Cpu } from '../src/sync/cpu.ts'

/** One run, for a packet of the socket. 1 where the packet was counted, else 0. */
export type ProgramRun = (sk: Sk) => number

// V8 reads an imported binding anew at each use and checks it; a constant of our own it knows.
const storageGet = skStorageGet
const mapLookupElem = hashMapLookupElem
const mapUpdateElem = hashMapUpdateElem
const CREATE = BPF_SK_STORAGE_GET_F_CREATE
const NOEXIST = BPF_NOEXIST
const { saddr, daddr, ports, cookieLow, cookieHigh } = SOCK

/** What a counter begins with when its first packet has come. */
const ONE = Int32Array.of(1)

export function loadEmpty(): ProgramRun {
  return () => 1
}

export function loadStorage(cpu: Cpu, map: BpfMap): ProgramRun {
  const { words } = cpu
  return (sk) => {
    const counter = storageGet(cpu, map, sk, null, CREATE)
    if (counter === 0) return 0
    words[counter]++
    return 1
  }
}

export function loadHashByCookie(cpu: Cpu, map: BpfMap): ProgramRun {
  const { words } = cpu
  const key = new Int32Array(2)
  return (sk) => {
    key[0] = words[sk + cookieLow]
    key[1] = words[sk + cookieHigh]
    const counter = mapLookupElem(cpu, map, key, 0)
    if (counter === 0) return mapUpdateElem(cpu, map, key, 0, ONE, NOEXIST) === 0 ? 1 : 0
    words[counter]++
    return 1
  }
}

export function loadHashByTuple(cpu: Cpu, map: BpfMap): ProgramRun {
  const { words } = cpu
  const key = new Int32Array(3)
  return (sk) => {
    key[0] = words[sk + saddr]
    key[1] = words[sk + daddr]
    // The destination's port as it is in the packet, as C has it.
    const both = words[sk + ports]
    key[2] = (both & 0xffff0000) | ((both & 0xff) << 8) | ((both >> 8) & 0xff)
    const counter = mapLookupElem(cpu, map, key, 0)
    if (counter === 0) return mapUpdateElem(cpu, map, key, 0, ONE, NOEXIST) === 0 ? 1 : 0
    words[counter]++
    return 1
  }
}
