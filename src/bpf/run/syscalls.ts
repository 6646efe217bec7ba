/**
 * Making the syscalls of a scenario's threads.
 */

import {
  arrayMapDeleteElem,
  arrayMapGetNextKey,
  arrayMapLookupCopy,
  arrayMapSyscallWords,
  arrayMapUpdateCopy,
  isArrayMap,
} from '../../shared/array-map.ts'
import { EINVAL, ENOTSUPP, EPERM } from '../../shared/errno.ts'
import { fdClose } from '../../shared/fd-table.ts'
import { hashMapDeleteElem, hashMapGetNextKey, hashMapLookupCopy, hashMapUpdateElem } from '../../shared/hash-map.ts'
import { mapGet } from '../../shared/map.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../../shared/map-options.ts'
import { mapPut } from '../../shared/map-ref.ts'
import type { BpfMap } from '../../shared/pointer.ts'
import { MAP } from '../../shared/records.ts'
import { sockAccept } from '../../shared/sk-clone.ts'
import { fdDeleteElem, fdGetNextKey, fdLookupElem, fdUpdateElem } from '../../shared/sk-storage.ts'
import { bpfIterSkStorageMap } from '../../shared/sk-storage-iter.ts'
import { sockClose, sockConnect } from '../../shared/socket.ts'
import type { SocketPrograms } from '../../shared/socket-programs.ts'
import { SOL_SOCKET, sockGetsockopt, sockSetsockopt } from '../../shared/sockopt.ts'
import { BPF_F_LOCK } from '../../shared/update-flags.ts'
import { mapValueHasSpinLock, valueWords } from '../../shared/value.ts'
import type { Cpu } from '../../sync/cpu.ts'
import { runDeferredWork } from '../../sync/deferred-work.ts'
import { rcuAssignPointer } from '../../sync/rcu.ts'
import { synchronizeRcu } from '../../sync/synchronize-rcu.ts'
import { readField } from '../value-fields.ts'
import type { ScenarioState } from './scenario-plan.ts'
import type { Syscall } from './syscall.ts'

/** What an update stores unless it is told. */
const STORED = 7

/**
 * Makes the call. Returns what it returns, below 0 for an errno; of lookup the number that it found (of a per-CPU array
 * the sum over the CPUs), of getsockopt the option, of next the key, of iterate how many elements there were.
 */
export function runSyscall(
  state: ScenarioState,
  syscall: Syscall,
  cpu: Cpu,
  programs: SocketPrograms | undefined,
): number {
  if (syscall.map === undefined) return onSocket(state, syscall, cpu, programs)
  if (syscall.call === 'free') return freeMap(state, syscall.map, cpu)
  // Where nobody frees it, a reference changes nothing but the number of interleavings.
  if (!state.frees) return onMap(state, syscall, cpu, state.maps[syscall.map])
  const map = mapGet(cpu, state.mapFds[syscall.map])
  if (map < 0) return map
  const result = onMap(state, syscall, cpu, map as BpfMap)
  mapPut(cpu, map as BpfMap)
  return result
}

function onSocket(
  { fds }: ScenarioState,
  { call, key, option, value = 0 }: Syscall,
  cpu: Cpu,
  programs: SocketPrograms | undefined,
): number {
  const fd = fds[key!]
  switch (call) {
    case 'connect':
      return sockConnect(cpu, fd, programs)
    case 'accept': {
      const child = sockAccept(cpu, fd, programs)
      return Math.min(child, 0)
    }
    case 'setsockopt':
      return sockSetsockopt(cpu, fd, SOL_SOCKET, option!, bytesOf(value), true, programs)
    case 'getsockopt': {
      const got = sockGetsockopt(cpu, fd, SOL_SOCKET, option!, 4, programs)
      return got.result === 0 ? numberIn(got.value) >>> 0 : got.result
    }
    default:
      return sockClose(cpu, fd, programs)
  }
}

function bytesOf(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}

function numberIn(bytes: Uint8Array): number {
  let number = 0
  for (let i = 0; i < bytes.length; i++) number |= bytes[i] << (8 * i)
  return number
}

/**
 * Detaches the programs and closes the map: a grace period later the programs' reference on it goes, and then the map,
 * as the kworker frees it.
 */
function freeMap({ hook, mapFds, maps }: ScenarioState, map: string, cpu: Cpu): number {
  const err = fdClose(cpu, mapFds[map])
  if (err !== 0) return err
  rcuAssignPointer(hook, 0, 0)
  synchronizeRcu(cpu)
  mapPut(cpu, maps[map])
  runDeferredWork(cpu)
  return 0
}

function onMap(state: ScenarioState, syscall: Syscall, cpu: Cpu, map: BpfMap): number {
  const { words } = cpu
  const { call } = syscall
  if (call === 'freeze') {
    if (mapValueHasSpinLock(words, map)) return -ENOTSUPP
    return Atomics.exchange(words, map + MAP.frozen, 1) === 0 ? 0 : -EPERM
  }
  const type = words[map + MAP.type]
  if (call === 'iterate')
    return type === BPF_MAP_TYPE_SK_STORAGE ? bpfIterSkStorageMap(cpu, map, () => undefined) : -EINVAL
  if (call === 'next') return nextKey(cpu, map, syscall.key)
  if (call !== 'lookup' && Atomics.load(words, map + MAP.frozen) !== 0) return -EPERM
  const elements =
    type === BPF_MAP_TYPE_SK_STORAGE
      ? ofStorage(cpu, map, state.fds[syscall.key!])
      : isArrayMap(words, map)
        ? ofArray(cpu, map, syscall.key!)
        : ofHash(cpu, map, syscall.key!)
  if (call === 'delete') return elements.remove()
  const flags = mapValueHasSpinLock(words, map) ? BPF_F_LOCK : 0
  const value = new Int32Array(elements.words)
  if (call === 'update') return elements.update(filled(value, cpu, map, syscall), flags)
  const err = elements.lookup(value, flags)
  return err === 0 ? sumOf(value, cpu, map, syscall) : err
}

/** One element, by what kind of map it is in. */
interface Element {
  /** Words of its value, or of those of all CPUs. */
  readonly words: number
  lookup(out: Int32Array, flags: number): number
  update(value: Int32Array, flags: number): number
  remove(): number
}

function ofStorage(cpu: Cpu, map: BpfMap, fd: number): Element {
  return {
    words: valueWords(cpu.words, map),
    lookup: (out, flags) => fdLookupElem(cpu, map, fd, out, flags),
    update: (value, flags) => fdUpdateElem(cpu, map, fd, value, flags),
    remove: () => fdDeleteElem(cpu, map, fd),
  }
}

function ofArray(cpu: Cpu, map: BpfMap, index: number): Element {
  return {
    words: arrayMapSyscallWords(cpu.words, map),
    lookup: (out, flags) => arrayMapLookupCopy(cpu, map, index, out, flags),
    update: (value, flags) => arrayMapUpdateCopy(cpu, map, Int32Array.of(index), value, flags),
    remove: () => arrayMapDeleteElem(),
  }
}

function ofHash(cpu: Cpu, map: BpfMap, first: number): Element {
  const key = keyOf(cpu, map, first)
  return {
    words: valueWords(cpu.words, map),
    lookup: (out, flags) => hashMapLookupCopy(cpu, map, key, out, flags),
    update: (value, flags) => hashMapUpdateElem(cpu, map, key, 0, value, flags),
    remove: () => hashMapDeleteElem(cpu, map, key, 0),
  }
}

/** A key that is a number, and zeroes behind it. */
function keyOf({ words }: Cpu, map: BpfMap, first: number): Int32Array {
  const key = new Int32Array((words[map + MAP.keySize] + 3) >> 2)
  key[0] = first
  return key
}

function nextKey(cpu: Cpu, map: BpfMap, first: number | undefined): number {
  const { words } = cpu
  if (words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE) return fdGetNextKey()
  const key = keyOf(cpu, map, first ?? 0)
  const from = first === undefined ? null : key
  const next = isArrayMap(words, map) ? arrayMapGetNextKey(cpu, map, from, key) : hashMapGetNextKey(cpu, map, from, key)
  return next === 0 ? key[0] >>> 0 : next
}

/** Bytes from one CPU's value to the next CPU's; of other maps there is one. */
function stepOf({ words }: Cpu, map: BpfMap): number {
  return 8 * Math.ceil(words[map + MAP.valueSize] / 8)
}

/** The value with what is to be stored in each of its numbers, on all CPUs. */
function filled(
  value: Int32Array,
  cpu: Cpu,
  map: BpfMap,
  { value: stored = STORED, fields = [] }: Syscall,
): Int32Array {
  const bytes = new Uint8Array(value.buffer)
  const valueSize = cpu.words[map + MAP.valueSize]
  for (let at = 0; at + valueSize <= bytes.length; at += stepOf(cpu, map))
    for (const { offset, size } of fields)
      for (let i = 0; i < size; i++) bytes[at + offset + i] = i < 4 ? stored >> (8 * i) : stored >> 31
  return value
}

/** The number that was asked for, without a sign; the sum of those of all CPUs. */
function sumOf(value: Int32Array, cpu: Cpu, map: BpfMap, { fields = [] }: Syscall): number {
  const bytes = new Uint8Array(value.buffer)
  const valueSize = cpu.words[map + MAP.valueSize]
  if (fields.length === 0) return 0
  let sum = 0n
  for (let at = 0; at + valueSize <= bytes.length; at += stepOf(cpu, map)) sum += readField(bytes, at, fields[0])
  return Number(BigInt.asUintN(8 * fields[0].size, sum))
}
