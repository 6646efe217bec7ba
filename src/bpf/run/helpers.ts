/**
 * The helpers as generated code calls them (src/bpf/code/calls.ts says how), on the maps and sockets of src/shared.
 *
 * What a helper may be given the verifier has proved, so that nothing is asked here but what can change at run time.
 */

import { arrayMapDeleteElem, arrayMapLookupElem, arrayMapUpdateElem, isArrayMap } from '../../shared/array-map.ts'
import { EINVAL } from '../../shared/errno.ts'
import {
  hashMapDeleteElem,
  hashMapLookupElem,
  hashMapLookupElem4,
  hashMapLookupElem8,
  hashMapLookupElem12,
  hashMapUpdateElem,
} from '../../shared/hash-map.ts'
import { BPF_MAP_TYPE_HASH } from '../../shared/map-options.ts'
import type { BpfMap, Sk } from '../../shared/pointer.ts'
import { MAP, SOCK } from '../../shared/records.ts'
import { skStorageDelete, skStorageGet } from '../../shared/sk-storage.ts'
import { SOCK_STREAM } from '../../shared/sock.ts'
import { BPF_SOCK_OPS_ALL_CB_FLAGS } from '../../shared/socket-programs.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../sync/bpf-spin-lock.ts'
import type { Cpu } from '../../sync/cpu.ts'
import { halvesOf } from '../halves.ts'
import type { Context } from './context.ts'
import { formatted } from './format.ts'
import type { Inputs } from './inputs.ts'

// V8 knows what a constant is; an imported name it loads and compares at each call.
const get = skStorageGet
const { cookieLow, cookieHigh } = SOCK

/** By name, as Environment.helpers has them. */
export type Helpers = Readonly<Record<string, (...given: never[]) => unknown>>

/** Words of a key or value from `at` on, the bytes behind its end zero: a stack holds anything there. */
function copied(from: Int32Array, at: number, size: number): Int32Array {
  const words = from.slice(at, at + ((size + 3) >> 2))
  if ((size & 3) !== 0) words[words.length - 1] &= (1 << ((size & 3) * 8)) - 1
  return words
}

/** Flags are a u64: what does not fit is none that anybody knows. */
function flagsOf(low: number, high: number): number {
  return high === 0 ? low : -1
}

function mapLookup(cpu: Cpu, map: BpfMap, key: Int32Array, at: number): number {
  const { words } = cpu
  if (words[map + MAP.type] !== BPF_MAP_TYPE_HASH) return arrayMapLookupElem(cpu, map, key, at)
  const size = words[map + MAP.keySize]
  if ((size & 3) === 0) return hashMapLookupElem(cpu, map, key, at)
  return hashMapLookupElem(cpu, map, copied(key, at, size), 0)
}

function mapUpdate(
  cpu: Cpu,
  map: BpfMap,
  key: Int32Array,
  at: number,
  value: Int32Array,
  valueAt: number,
  low: number,
  high: number,
): number {
  const { words } = cpu
  const flags = flagsOf(low, high)
  const given = copied(value, valueAt, words[map + MAP.valueSize])
  if (isArrayMap(words, map)) return arrayMapUpdateElem(cpu, map, key, at, given, flags)
  return hashMapUpdateElem(cpu, map, copied(key, at, words[map + MAP.keySize]), 0, given, flags)
}

function mapDelete(cpu: Cpu, map: BpfMap, key: Int32Array, at: number): number {
  if (isArrayMap(cpu.words, map)) return arrayMapDeleteElem()
  return hashMapDeleteElem(cpu, map, copied(key, at, cpu.words[map + MAP.keySize]), 0)
}

function storageGet(
  cpu: Cpu,
  map: BpfMap,
  sk: Sk,
  init: Int32Array | null,
  at: number,
  low: number,
  high: number,
): number {
  const flags = flagsOf(low, high)
  if (init === null) return skStorageGet(cpu, map, sk, null, flags)
  return skStorageGet(cpu, map, sk, copied(init, at, cpu.words[map + MAP.valueSize]), flags)
}

function none(upper: Int32Array): number {
  upper[0] = 0
  return 0
}

function socketCookie({ words }: Cpu, { sk }: { readonly sk: number }, upper: Int32Array): number {
  if (sk === 0) return none(upper)
  upper[0] = words[sk + cookieHigh]
  return words[sk + cookieLow]
}

/** The lower half; the upper one into `upper`. */
function halved(value: bigint, upper: Int32Array): number {
  const [low, high] = halvesOf(value)
  upper[0] = high
  return low
}

/** With no value to begin with. */
function storageGetWithoutValue(
  cpu: Cpu,
  map: BpfMap,
  sk: Sk,
  _init: null,
  _at: number,
  low: number,
  high: number,
): number {
  return get(cpu, map, sk, null, high === 0 ? low : -1)
}

/** Of which events the socket wants to hear; returns those flags that are none. */
function setCallbackFlags(cpu: Cpu, context: Context, flags: number): number {
  const sk = context.sk as number
  if (sk === 0) return -EINVAL
  context.bpf_sock_ops_cb_flags = flags & BPF_SOCK_OPS_ALL_CB_FLAGS
  Atomics.store(cpu.words, sk + SOCK.cbFlags, flags & BPF_SOCK_OPS_ALL_CB_FLAGS)
  return flags & ~BPF_SOCK_OPS_ALL_CB_FLAGS
}

/** All sockets here are full ones. */
function fullSocket(_cpu: Cpu, sk: number): number {
  return sk
}

/** The socket itself, if it is one of TCP. */
function tcpSocket({ words }: Cpu, sk: number): number {
  return words[sk + SOCK.type] === SOCK_STREAM ? sk : 0
}

function processorId({ id }: Cpu): number {
  return id
}

/** The helpers of one thread. */
export function createHelpers(inputs: Inputs): Helpers {
  const { time, random, print } = inputs
  return {
    bpf_map_lookup_elem: mapLookup,
    bpf_map_lookup_elem_in_hash: hashMapLookupElem,
    bpf_map_lookup_elem_in_hash_4: hashMapLookupElem4,
    bpf_map_lookup_elem_in_hash_8: hashMapLookupElem8,
    bpf_map_lookup_elem_in_hash_12: hashMapLookupElem12,
    bpf_map_lookup_elem_in_array: arrayMapLookupElem,
    bpf_map_update_elem: mapUpdate,
    bpf_map_delete_elem: mapDelete,
    bpf_ktime_get_ns: (_cpu: Cpu, upper: Int32Array) => halved(time(), upper),
    bpf_trace_printk(_cpu: Cpu, format: Int32Array, at: number, size: number, ...halves: readonly number[]): number {
      const text = formatted(format, at, size, halves)
      if (text === undefined) return -EINVAL
      print(text)
      return text.length
    },
    bpf_get_prandom_u32: () => random(),
    bpf_get_smp_processor_id: processorId,
    bpf_get_current_pid_tgid: (_cpu: Cpu, upper: Int32Array) => halved(inputs.pidTgid, upper),
    bpf_get_socket_cookie: socketCookie,
    bpf_sock_ops_cb_flags_set: setCallbackFlags,
    bpf_spin_lock: bpfSpinLock,
    bpf_spin_unlock: bpfSpinUnlock,
    bpf_sk_fullsock: fullSocket,
    bpf_tcp_sock: tcpSocket,
    bpf_sk_storage_get: storageGet,
    bpf_sk_storage_get_without_value: storageGetWithoutValue,
    bpf_sk_storage_delete: skStorageDelete,
  }
}
