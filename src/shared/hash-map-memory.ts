/**
 * The memory of a hash map: buckets, elements and free lists, all of it allocated with the map.
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuBarrier } from '../sync/synchronize-rcu.ts'
import { E2BIG, EINVAL } from './errno.ts'
import type { MapOptions } from './map-options.ts'
import type { BpfMap } from './pointer.ts'
import { HASH_BUCKET, HASH_ELEM, HASH_FREE_LIST, HEADER, MAP } from './records.ts'
import { kfree, kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'

/** Keys go through the program's stack of 512 bytes. */
const MAX_KEY_SIZE = 512
const MAX_VALUE_SIZE = 0xffff
/** Spare elements for each CPU, so that what waits for a grace period is not missed at once. */
const SPARE = 64

/** 0, -EINVAL or -E2BIG. Model: htab_map_alloc_check(). */
export function hashMapCheck(options: MapOptions): number {
  const { flags, maxEntries, keySize, valueSize } = options
  if (flags !== 0 || maxEntries <= 0 || keySize <= 0 || valueSize <= 0) return -EINVAL
  if (keySize > MAX_KEY_SIZE || valueSize > MAX_VALUE_SIZE || maxEntries > 1 << 24) return -E2BIG
  return 0
}

/** Words of a key. */
export function keyWordsOf(words: Int32Array, map: BpfMap): number {
  return (words[map + MAP.keySize] + 3) >> 2
}

/** Adds buckets, elements and free lists to a fresh map. False without memory, with nothing left allocated. */
export function hashMapAlloc(cpu: Cpu, map: BpfMap): boolean {
  const { words } = cpu
  const cpus = words[HEADER.cpus]
  const maxEntries = words[map + MAP.maxEntries]
  const log = Math.max(1, 32 - Math.clz32(maxEntries - 1))
  const valueOffset = (HASH_ELEM.key + keyWordsOf(words, map) + 1) & ~1
  const elemWords = (valueOffset + ((words[map + MAP.valueSize] + 3) >> 2) + 15) & ~15
  const count = maxEntries + SPARE * cpus
  const buckets = kmalloc(cpu, KIND.buckets, HASH_BUCKET.SIZE << log)
  const lists = kmalloc(cpu, KIND.hashFreeLists, HASH_FREE_LIST.SIZE * cpus)
  const elems = kmalloc(cpu, KIND.hashElems, elemWords * count)
  words[map + MAP.buckets] = buckets
  words[map + MAP.bucketLog] = log
  words[map + MAP.freeLists] = lists
  words[map + MAP.elems] = elems
  words[map + MAP.elemCount] = count
  words[map + MAP.elemWords] = elemWords
  words[map + MAP.valueOffset] = valueOffset
  if (buckets === 0 || lists === 0 || elems === 0) {
    freeArrays(cpu, map)
    return false
  }
  for (let i = 0; i < HASH_BUCKET.SIZE << log; i++) words[buckets + i] = 0
  for (let i = 0; i < HASH_FREE_LIST.SIZE * cpus; i++) words[lists + i] = 0
  // Dealt out in turn, from the last: each list then hands out ascending addresses.
  for (let i = count - 1; i >= 0; i--) {
    const elem = elems + i * elemWords
    const list = lists + (i % cpus) * HASH_FREE_LIST.SIZE
    words[elem + HASH_ELEM.map] = map
    words[elem] = words[list + HASH_FREE_LIST.head]
    words[list + HASH_FREE_LIST.head] = elem
  }
  return true
}

function freeArrays(cpu: Cpu, map: BpfMap): void {
  const { words } = cpu
  const buckets = words[map + MAP.buckets]
  const lists = words[map + MAP.freeLists]
  const elems = words[map + MAP.elems]
  if (buckets !== 0) kfree(cpu, KIND.buckets, HASH_BUCKET.SIZE << words[map + MAP.bucketLog], buckets)
  if (lists !== 0) kfree(cpu, KIND.hashFreeLists, HASH_FREE_LIST.SIZE * words[HEADER.cpus], lists)
  if (elems !== 0) kfree(cpu, KIND.hashElems, words[map + MAP.elemWords] * words[map + MAP.elemCount], elems)
}

/** Frees the map's arrays, a grace period after its last reference went. Sleeps. */
export function hashMapEnd(cpu: Cpu, map: BpfMap): void {
  // H21: deleted elements are still on their way back to the free lists, which we are about to free.
  rcuBarrier(cpu)
  freeArrays(cpu, map)
}
