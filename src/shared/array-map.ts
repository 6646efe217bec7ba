/**
 * BPF_MAP_TYPE_ARRAY and BPF_MAP_TYPE_PERCPU_ARRAY: values that are all there from the beginning, by their index.
 *
 * Nothing is ever added, removed or replaced: an update copies into the value while others may read it, word by word,
 * and under its bpf_spin_lock only if the caller says so. A per-CPU array has a value of each index for each CPU:
 * programs see their own CPU's, the syscalls all of them, one behind the other, each rounded up to 8 bytes.
 *
 * An index is a word of the caller's.
 */

import type { Cpu } from '../sync/cpu.ts'
import { E2BIG, EEXIST, EINVAL, ENOENT } from './errno.ts'
import { BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_PERCPU_ARRAY, type MapOptions } from './map-options.ts'
import type { BpfMap, Value } from './pointer.ts'
import { HEADER, MAP } from './records.ts'
import { kfree, kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'
import { BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST } from './update-flags.ts'
import {
  copyValueIn,
  copyValueInLocked,
  copyValueOut,
  copyValueOutLocked,
  mapValueHasSpinLock,
  valueWords,
} from './value.ts'

/** Programs may not store to the values. */
export const BPF_F_RDONLY_PROG = 1 << 7
/** Programs may not load from the values. */
export const BPF_F_WRONLY_PROG = 1 << 8
/** The values can be mapped into a process: for arrays alone. Nothing here does, so it changes nothing. */
export const BPF_F_MMAPABLE = 1 << 10

/** The kernel's PCPU_MIN_UNIT_SIZE. */
const MAX_PERCPU_VALUE_SIZE = 32 << 10

/** Whether a map is one of the two types of arrays. */
export function isArrayMap(words: Int32Array, map: BpfMap): boolean {
  const type = words[map + MAP.type]
  return type === BPF_MAP_TYPE_ARRAY || type === BPF_MAP_TYPE_PERCPU_ARRAY
}

function isPerCpu(words: Int32Array, map: BpfMap): boolean {
  return words[map + MAP.type] === BPF_MAP_TYPE_PERCPU_ARRAY
}

/**
 * 0, -EINVAL for sizes and flags, or -E2BIG for a value of 2 GiB, and of more than 32 KiB for each CPU. Model:
 * array_map_alloc_check(), Linux 6.18; of its flags those for processes (BPF_F_RDONLY, BPF_F_WRONLY), for nodes and for
 * maps in maps are refused.
 */
export function arrayMapCheck({ type, flags, maxEntries, keySize, valueSize }: MapOptions): number {
  const perCpu = type === BPF_MAP_TYPE_PERCPU_ARRAY
  const access = BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG
  const known = perCpu ? access : access | BPF_F_MMAPABLE
  if (maxEntries === 0 || keySize !== 4 || valueSize === 0) return -EINVAL
  if ((flags & ~known) !== 0 || (flags & access) === access) return -EINVAL
  if (valueSize > 0x7fff_ffff || (perCpu && valueSize > MAX_PERCPU_VALUE_SIZE)) return -E2BIG
  return 0
}

/**
 * Words of all values of one CPU, or of all there are: a whole number of cache lines, so that no two CPUs share one.
 */
function areaWords(words: Int32Array, map: BpfMap): number {
  return (words[map + MAP.elemWords] * words[map + MAP.maxEntries] + 15) & ~15
}

/** Adds the values to a fresh map, all zero. False without memory. */
export function arrayMapAlloc(cpu: Cpu, map: BpfMap): boolean {
  const { words } = cpu
  const elemWords = 2 * Math.ceil(words[map + MAP.valueSize] / 8)
  const count = isPerCpu(words, map) ? words[HEADER.cpus] : 1
  const wanted = count * (elemWords * (words[map + MAP.maxEntries] >>> 0) + 15)
  // More than any memory: what follows counts in 32 bits.
  if (wanted > 0x7fff_ffff) return false
  words[map + MAP.elemWords] = elemWords
  words[map + MAP.elemCount] = count
  const size = count * areaWords(words, map)
  const elems = kmalloc(cpu, KIND.arrayValues, size)
  if (elems === 0) return false
  words[map + MAP.elems] = elems
  for (let i = 0; i < size; i++) words[elems + i] = 0
  return true
}

/** Frees the values, a grace period after the map's last reference went. */
export function arrayMapEnd(cpu: Cpu, map: BpfMap): void {
  const { words } = cpu
  kfree(cpu, KIND.arrayValues, words[map + MAP.elemCount] * areaWords(words, map), words[map + MAP.elems])
}

function isInside(words: Int32Array, map: BpfMap, index: number): boolean {
  return index >>> 0 < words[map + MAP.maxEntries]
}

/** The value at an index of the array, of one CPU if there is one of each. */
function valueAt(words: Int32Array, map: BpfMap, index: number, cpuId: number): Value {
  const area = isPerCpu(words, map) ? cpuId * areaWords(words, map) : 0
  return (words[map + MAP.elems] + area + (index >>> 0) * words[map + MAP.elemWords]) as Value
}

/** Whether a value of the array begins at a word. */
export function isArrayValue(words: Int32Array, map: BpfMap, word: number): boolean {
  const at = word - words[map + MAP.elems]
  return at >= 0 && at < words[map + MAP.elemCount] * areaWords(words, map) && at % words[map + MAP.elemWords] === 0
}

/**
 * The value at the index in key[at], in a read section: this CPU's own of a per-CPU array. NULL behind the last. Model:
 * array_map_lookup_elem(), percpu_array_map_lookup_elem().
 */
export function arrayMapLookupElem(cpu: Cpu, map: BpfMap, key: Int32Array, at: number): Value {
  const { words } = cpu
  const index = key[at]
  if (!isInside(words, map, index)) return 0 as Value
  return valueAt(words, map, index, cpu.id)
}

/**
 * Copies a value into the one at an index: this CPU's own of a per-CPU array. Returns 0; -EINVAL for flags; -E2BIG for
 * an index behind the last; -EEXIST with BPF_NOEXIST, always; -EINVAL with BPF_F_LOCK for a value without a lock.
 * Model: array_map_update_elem().
 */
export function arrayMapUpdateElem(
  cpu: Cpu,
  map: BpfMap,
  key: Int32Array,
  at: number,
  value: Int32Array,
  flags: number,
): number {
  const { words } = cpu
  const err = updateError(words, map, key[at], flags)
  if (err !== 0) return err
  const to = valueAt(words, map, key[at], cpu.id)
  if ((flags & BPF_F_LOCK) !== 0) copyValueInLocked(cpu, map, to, value)
  else copyValueIn(cpu, map, to, value)
  return 0
}

function updateError(words: Int32Array, map: BpfMap, index: number, flags: number): number {
  if ((flags | 0) !== flags || (flags & ~BPF_F_LOCK) >>> 0 > BPF_EXIST) return -EINVAL
  if (!isInside(words, map, index)) return -E2BIG
  if ((flags & BPF_NOEXIST) !== 0) return -EEXIST
  return (flags & BPF_F_LOCK) !== 0 && !mapValueHasSpinLock(words, map) ? -EINVAL : 0
}

/** -EINVAL: a value of an array is there for good. Model: array_map_delete_elem(). */
export function arrayMapDeleteElem(): number {
  return -EINVAL
}

/** Words that a syscall gives or takes as a value of this map: those of all CPUs for a per-CPU array. */
export function arrayMapSyscallWords(words: Int32Array, map: BpfMap): number {
  return isPerCpu(words, map) ? words[map + MAP.elemWords] * words[HEADER.cpus] : valueWords(words, map)
}

/**
 * Copies the value at an index out, of each CPU if there is one of each. Returns 0, -ENOENT behind the last or -EINVAL
 * for flags. The lookup syscall.
 */
export function arrayMapLookupCopy(cpu: Cpu, map: BpfMap, index: number, out: Int32Array, flags: number): number {
  const { words } = cpu
  if (flags !== 0 && !(flags === BPF_F_LOCK && mapValueHasSpinLock(words, map))) return -EINVAL
  if (!isInside(words, map, index)) return -ENOENT
  if (isPerCpu(words, map)) {
    const size = words[map + MAP.elemWords]
    for (let id = 0; id < words[HEADER.cpus]; id++)
      copyValueOut(cpu, map, valueAt(words, map, index, id), out.subarray(id * size, (id + 1) * size))
  } else if (flags === BPF_F_LOCK) copyValueOutLocked(cpu, map, valueAt(words, map, index, 0), out)
  else copyValueOut(cpu, map, valueAt(words, map, index, 0), out)
  return 0
}

/**
 * Copies a value in at an index, and of a per-CPU array one for each CPU. Returns what arrayMapUpdateElem does; -EINVAL
 * for BPF_F_LOCK without a lock comes first. The update syscall. Model: bpf_percpu_array_update().
 */
export function arrayMapUpdateCopy(cpu: Cpu, map: BpfMap, key: Int32Array, from: Int32Array, flags: number): number {
  const { words } = cpu
  if ((flags & BPF_F_LOCK) !== 0 && !mapValueHasSpinLock(words, map)) return -EINVAL
  if (!isPerCpu(words, map)) return arrayMapUpdateElem(cpu, map, key, 0, from, flags)
  const err = updateError(words, map, key[0], flags)
  const size = words[map + MAP.elemWords]
  for (let id = 0; err === 0 && id < words[HEADER.cpus]; id++)
    copyValueIn(cpu, map, valueAt(words, map, key[0], id), from.subarray(id * size, (id + 1) * size))
  return err
}

/**
 * Puts the index behind the one in `key` into `out`, or 0 for null or one that is behind the last. Returns 0, or
 * -ENOENT behind the last. Model: array_map_get_next_key().
 */
export function arrayMapGetNextKey(cpu: Cpu, map: BpfMap, key: Int32Array | null, out: Int32Array): number {
  const { words } = cpu
  if (key !== null && key[0] >>> 0 === words[map + MAP.maxEntries] - 1) return -ENOENT
  out[0] = key === null || !isInside(words, map, key[0]) ? 0 : key[0] + 1
  return 0
}
