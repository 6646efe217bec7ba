/**
 * Copies of whole values, between shared memory and a caller's own words.
 *
 * A value with a bpf_spin_lock is copied around it: the lock word in shared memory is never overwritten, or an element
 * would be born locked or lose its owner, and a copy that goes out reads 0 there.
 */

import { bpfSpinLock, bpfSpinUnlock } from '../sync/bpf-spin-lock.ts'
import type { Cpu } from '../sync/cpu.ts'
import type { BpfMap } from './pointer.ts'
import { MAP } from './records.ts'
import { kasanCheck } from './sanitizer.ts'

/** Words that a value of this map takes. */
export function valueWords(words: Int32Array, map: BpfMap): number {
  return (words[map + MAP.valueSize] + 3) >> 2
}

/** Whether values of this map hold a bpf_spin_lock. */
export function mapValueHasSpinLock(words: Int32Array, map: BpfMap): boolean {
  return words[map + MAP.lockOffset] >= 0
}

/** The lock word of a value of this map. Only where mapValueHasSpinLock. */
export function valueLock(words: Int32Array, map: BpfMap, value: number): number {
  return value + (words[map + MAP.lockOffset] >> 2)
}

/**
 * Fills a fresh element that nobody else can see: from `from`, or with zeroes where that is null. The lock begins free:
 * H15, a lock word taken over from the user would be held by nobody, for ever.
 */
export function initValue(cpu: Cpu, map: BpfMap, value: number, from: Int32Array | null): void {
  const { words } = cpu
  const count = valueWords(words, map)
  const lock = words[map + MAP.lockOffset] >> 2
  for (let i = 0; i < count; i++) words[value + i] = from === null || i === lock ? 0 : from[i]
}

/** Copies `from` into a value that others may see, around its lock. */
export function copyValueIn(cpu: Cpu, map: BpfMap, value: number, from: Int32Array): void {
  const { words } = cpu
  const count = valueWords(words, map)
  kasanCheck(cpu, value, count)
  const lock = words[map + MAP.lockOffset] >> 2
  for (let i = 0; i < count; i++) if (i !== lock) words[value + i] = from[i]
}

/** Copies a value out, around its lock, which reads 0. */
export function copyValueOut(cpu: Cpu, map: BpfMap, value: number, to: Int32Array): void {
  const { words } = cpu
  const count = valueWords(words, map)
  kasanCheck(cpu, value, count)
  const lock = words[map + MAP.lockOffset] >> 2
  for (let i = 0; i < count; i++) to[i] = i === lock ? 0 : words[value + i]
}

/** copyValueIn under the value's own lock, so that whoever reads under it sees all of the old or all of the new. */
export function copyValueInLocked(cpu: Cpu, map: BpfMap, value: number, from: Int32Array): void {
  const lock = valueLock(cpu.words, map, value)
  bpfSpinLock(cpu, lock)
  copyValueIn(cpu, map, value, from)
  bpfSpinUnlock(cpu, lock)
}

/** copyValueOut under the value's own lock. */
export function copyValueOutLocked(cpu: Cpu, map: BpfMap, value: number, to: Int32Array): void {
  const lock = valueLock(cpu.words, map, value)
  bpfSpinLock(cpu, lock)
  copyValueOut(cpu, map, value, to)
  bpfSpinUnlock(cpu, lock)
}

/** Copies one value to a fresh one that nobody else can see, under the lock of the first where it has one. */
export function cloneValue(cpu: Cpu, map: BpfMap, from: number, to: number): void {
  const { words } = cpu
  const count = valueWords(words, map)
  const lock = words[map + MAP.lockOffset] >> 2
  kasanCheck(cpu, from, count)
  if (lock >= 0) bpfSpinLock(cpu, from + lock)
  for (let i = 0; i < count; i++) words[to + i] = i === lock ? 0 : words[from + i]
  if (lock >= 0) bpfSpinUnlock(cpu, from + lock)
}
