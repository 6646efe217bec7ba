/**
 * Values that show when they were torn or belong elsewhere: all words equal but the lock, the map's id in the upper
 * half of each.
 *
 * A map with a bpf_spin_lock has its values written in place, always under that lock; one without has them replaced as
 * a whole, never written in place. So a reader who follows the same rule sees equal words, and his own map's id.
 */

import type { BpfMap } from '../../shared/pointer.ts'
import { MAP } from '../../shared/records.ts'
import { kasanCheck } from '../../shared/sanitizer.ts'
import { mapValueHasSpinLock, valueLock, valueWords } from '../../shared/value.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../sync/bpf-spin-lock.ts'
import type { Cpu } from '../../sync/cpu.ts'

/** A word for values of this map; the low half is the writer's to choose. */
function patternWord(words: Int32Array, map: BpfMap, low: number): number {
  return (words[map + MAP.id] << 16) | (low & 0xffff)
}

/** Which word of a value is its lock, or -1. */
function lockIndex(words: Int32Array, map: BpfMap): number {
  return words[map + MAP.lockOffset] >> 2
}

/**
 * A value of the map, made of `low`. Its lock word is rubbish on purpose: what a caller leaves there must never reach
 * the lock (H15).
 */
export function patternFor(cpu: Cpu, map: BpfMap, low: number): Int32Array {
  const { words } = cpu
  const value = new Int32Array(valueWords(words, map)).fill(patternWord(words, map, low))
  const lock = lockIndex(words, map)
  if (lock >= 0) value[lock] = low | 1
  return value
}

/** What is wrong with `count` words from `at` on, as a sentence, or undefined. */
function examine(words: Int32Array, at: number, count: number, lock: number, id: number): string | undefined {
  const seen = words[at + (lock === 0 ? 1 : 0)]
  for (let i = 0; i < count; i++) {
    if (i !== lock && words[at + i] !== seen)
      return `torn value of map ${id}: got ${words[at + i]} in word ${i}, expected ${seen} as in the first`
  }
  // A fresh element made without an initial value is all zeroes.
  if (seen !== 0 && seen >>> 16 !== (id & 0xffff))
    return `foreign value at map ${id}: got one of map ${seen >>> 16} (modulo 65536)`
  return undefined
}

/** Checks a copy that was taken out of a map. */
export function examineCopy(cpu: Cpu, map: BpfMap, copy: Int32Array): string | undefined {
  return examine(copy, 0, copy.length, lockIndex(cpu.words, map), cpu.words[map + MAP.id])
}

/**
 * Reads a value as a program does, under its lock where it has one, in a read section. With `write` it then writes a
 * pattern of its own. Returns what was wrong, as a sentence, or undefined.
 */
export function examineInPlace(cpu: Cpu, map: BpfMap, value: number, write: boolean, low: number): string | undefined {
  const { words } = cpu
  const count = valueWords(words, map)
  kasanCheck(cpu, value, count)
  const id = words[map + MAP.id]
  if (!mapValueHasSpinLock(words, map)) return examine(words, value, count, -1, id)
  const lock = valueLock(words, map, value)
  bpfSpinLock(cpu, lock)
  const wrong = examine(words, value, count, lock - value, id)
  if (write) {
    const word = patternWord(words, map, low)
    for (let i = 0; i < count; i++) if (value + i !== lock) words[value + i] = word
  }
  bpfSpinUnlock(cpu, lock)
  return wrong
}
