/**
 * The allocator's tables: size classes, per-CPU magazines, depots, and the kinds of object it counts.
 */

import { PERCPU } from '../sync/cpu.ts'
import { cpuBase } from '../sync/rcu-layout.ts'
import { HEADER } from './records.ts'

/** What an object is; live objects are counted by it, and a leak is reported under its name. */
export const KIND = {
  sock: 0,
  file: 1,
  storage: 2,
  elem: 3,
  map: 4,
  buckets: 5,
  hashElems: 6,
  hashFreeLists: 7,
  prog: 8,
  btf: 9,
  overflow: 10,
  arrayValues: 11,
} as const

export type Kind = (typeof KIND)[keyof typeof KIND]

export const KIND_NAMES = Object.keys(KIND) as (keyof typeof KIND)[]

/** The largest object that magazines hold, in words: 64 KiB, which takes the largest value. */
export const LARGEST_SMALL = 16_384

const SMALL = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024].map(
  (lines) => lines * 16,
)
/** Larger than any memory: the class of what can't be allocated, so that the allocator needs no check of its own. */
const NO_SUCH_SIZE = Number.POSITIVE_INFINITY

/** Sizes of objects in words, ascending. Above 64 KiB powers of two, for bucket and element arrays. */
export const SIZE_CLASSES: readonly number[] = [
  ...SMALL,
  ...Array.from({ length: 14 }, (_, i) => LARGEST_SMALL << (i + 1)),
  NO_SUCH_SIZE,
]

const FIRST_LARGE = SMALL.length
const LARGEST = SIZE_CLASSES[SIZE_CLASSES.length - 2]
/** Class of a small object by its number of lines. */
const CLASS_OF_LINES = Uint8Array.from({ length: LARGEST_SMALL / 16 + 1 }, (_, lines) =>
  SMALL.findIndex((w) => w >= lines * 16),
)

/** Index of the smallest class that holds `size` words. */
export function sizeClass(size: number): number {
  if (size <= LARGEST_SMALL) return CLASS_OF_LINES[(size + 15) >> 4]
  if (size > LARGEST) return SIZE_CLASSES.length - 1
  return FIRST_LARGE + 17 - Math.clz32(size - 1)
}

/** One CPU's free objects of one class, linked through their first words. Private to the CPU. */
export const MAGAZINE = { head: 0, count: 1, limit: 2, SIZE: 4 } as const

/** Free objects of one class that no CPU holds. */
export const DEPOT = { head: 0, count: 1, lock: 2, SIZE: 16 } as const

/**
 * Where this CPU's counts of live objects lie in its corner, one word a kind. They may go below zero: others may free.
 */
export const LIVE = PERCPU.allocator + SIZE_CLASSES.length * MAGAZINE.SIZE

/** Words that this CPU's live objects take, counted likewise. */
export const LIVE_WORDS = LIVE + 16

/** Sanitizer: a CPU's ring of freed objects, each with its size in words, kept from reuse for a while. */
export const QUARANTINE = { next: 0, ring: 16, ENTRIES: 128, SIZE: 16 + 2 * 128 } as const

/** How many free objects of `size` words a CPU keeps for itself. */
function magazineLimit(size: number): number {
  if (size <= 128) return 64
  if (size <= 1024) return 16
  return size <= LARGEST_SMALL ? 4 : 0
}

/**
 * Prepares every CPU's magazines. With the sanitizer they hold nothing, so that each alloc and free takes the checked
 * path.
 */
export function initSlab(words: Int32Array, sanitize: boolean): void {
  for (let id = 0; id < words[HEADER.cpus]; id++) {
    const base = cpuBase(words[HEADER.rcu], id) + PERCPU.allocator
    for (let i = 0; i < SIZE_CLASSES.length; i++) {
      words[base + i * MAGAZINE.SIZE + MAGAZINE.limit] = sanitize ? 0 : magazineLimit(SIZE_CLASSES[i])
    }
  }
}
