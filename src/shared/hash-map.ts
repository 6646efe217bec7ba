/**
 * BPF_MAP_TYPE_HASH: the map that sk storage is measured against.
 *
 * All elements are allocated with the map. A lookup walks its bucket under RCU without any lock; updates and deletes
 * take the bucket's. An update replaces the element, as in the kernel, so a reader sees the old value or the new. A
 * removed element goes back to a free list after a grace period (the kernel reuses it at once and lets readers notice);
 * some spare ones bridge that time.
 *
 * A key is ceil(key size / 4) words of the caller's, the bytes behind its end zero.
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuDereference, rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { callRcu } from '../sync/rcu-callback.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import { CALLBACK } from './callbacks.ts'
import { E2BIG, EEXIST, EINVAL, ENOENT, ENOMEM } from './errno.ts'
import { keyWordsOf } from './hash-map-memory.ts'
import { hlistAddHeadRcu, hlistDelInitRcu } from './hlist.ts'
import type { BpfMap, HashElem, Value } from './pointer.ts'
import { HASH_BUCKET, HASH_ELEM, HASH_FREE_LIST, HEADER, MAP } from './records.ts'
import { BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST, updateFlagsValid } from './update-flags.ts'
import { copyValueInLocked, copyValueOut, copyValueOutLocked, initValue, mapValueHasSpinLock } from './value.ts'

// V8 knows what a constant is; a function's own name it loads and compares at each call.
const dereference = rcuDereference
const { imul } = Math

/** Multiply and fold for each word, and once more at the end, since buckets take the low bits. */
function hashKey(key: Int32Array, at: number, count: number): number {
  let hash = count
  for (let i = 0; i < count; i++) hash = mix(hash, key[at + i])
  return finish(hash)
}

function mix(hash: number, word: number): number {
  const mixed = imul(hash ^ word, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}

function finish(hash: number): number {
  const mixed = imul(hash, 0x85ebca77)
  return mixed ^ (mixed >>> 13)
}

function bucketOf(words: Int32Array, map: BpfMap, hash: number): number {
  return words[map + MAP.buckets] + (hash & ((1 << words[map + MAP.bucketLog]) - 1)) * HASH_BUCKET.SIZE
}

function sameKey(words: Int32Array, elem: number, key: Int32Array, at: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (words[elem + HASH_ELEM.key + i] !== key[at + i]) return false
  return true
}

function findElem(cpu: Cpu, bucket: number, hash: number, key: Int32Array, at: number, count: number): HashElem {
  const { words } = cpu
  // Pairs with rcuAssignPointer in hlistAddHeadRcu.
  let node = dereference(words, bucket + HASH_BUCKET.list)
  while (node !== 0) {
    if (words[node + HASH_ELEM.hash] === hash && sameKey(words, node, key, at, count)) break
    node = dereference(words, node)
  }
  return node as HashElem
}

/** The value under the key at key[at...], in a read section, or NULL. Model: bpf_map_lookup_elem(). */
export function hashMapLookupElem(cpu: Cpu, map: BpfMap, key: Int32Array, at: number): Value {
  const { words } = cpu
  const size = words[map + MAP.keySize]
  if (size === 12) return lookupThree(words, map, key[at], key[at + 1], key[at + 2])
  if (size === 4) return lookupOne(words, map, key[at])
  if (size === 8) return lookupTwo(words, map, key[at], key[at + 1])
  // An integer whatever comes back, so that V8 tags none of the three.
  return (lookupAny(cpu, map, key, at) | 0) as Value
}

/** The same for keys of 4 bytes, where that is known of the map. */
export function hashMapLookupElem4({ words }: Cpu, map: BpfMap, key: Int32Array, at: number): Value {
  return lookupOne(words, map, key[at])
}

/** Of 8 bytes. */
export function hashMapLookupElem8({ words }: Cpu, map: BpfMap, key: Int32Array, at: number): Value {
  return lookupTwo(words, map, key[at], key[at + 1])
}

/** Of 12 bytes. */
export function hashMapLookupElem12({ words }: Cpu, map: BpfMap, key: Int32Array, at: number): Value {
  return lookupThree(words, map, key[at], key[at + 1], key[at + 2])
}

function lookupAny(cpu: Cpu, map: BpfMap, key: Int32Array, at: number): Value {
  const { words } = cpu
  const count = keyWordsOf(words, map)
  const hash = hashKey(key, at, count)
  const elem = findElem(cpu, bucketOf(words, map, hash), hash, key, at, count)
  return (elem === 0 ? 0 : elem + words[map + MAP.valueOffset]) as Value
}

function lookupOne(words: Int32Array, map: BpfMap, a: number): Value {
  let node = dereference(words, bucketOf(words, map, finish(mix(1, a))) + HASH_BUCKET.list)
  while (node !== 0 && words[node + HASH_ELEM.key] !== a) node = dereference(words, node)
  return (node === 0 ? 0 : (node + words[map + MAP.valueOffset]) | 0) as Value
}

function lookupTwo(words: Int32Array, map: BpfMap, a: number, b: number): Value {
  let node = dereference(words, bucketOf(words, map, finish(mix(mix(2, a), b))) + HASH_BUCKET.list)
  while (node !== 0 && !(words[node + HASH_ELEM.key] === a && words[node + HASH_ELEM.key + 1] === b))
    node = dereference(words, node)
  return (node === 0 ? 0 : (node + words[map + MAP.valueOffset]) | 0) as Value
}

function lookupThree(words: Int32Array, map: BpfMap, a: number, b: number, c: number): Value {
  let node = dereference(words, bucketOf(words, map, finish(mix(mix(mix(3, a), b), c))) + HASH_BUCKET.list)
  while (
    node !== 0 &&
    !(
      words[node + HASH_ELEM.key] === a &&
      words[node + HASH_ELEM.key + 1] === b &&
      words[node + HASH_ELEM.key + 2] === c
    )
  ) {
    node = dereference(words, node)
  }
  return (node === 0 ? 0 : (node + words[map + MAP.valueOffset]) | 0) as Value
}

/**
 * Sets the value under a key. Returns 0; -EINVAL for flags, or BPF_F_LOCK for a value without a lock; -EEXIST with
 * BPF_NOEXIST; -ENOENT with BPF_EXIST; -E2BIG when the map is full; -ENOMEM while more deleted elements than there are
 * spares wait for a grace period. Model: htab_map_update_elem().
 */
export function hashMapUpdateElem(
  cpu: Cpu,
  map: BpfMap,
  key: Int32Array,
  at: number,
  value: Int32Array,
  flags: number,
): number {
  const { words } = cpu
  if (!updateFlagsValid(flags)) return -EINVAL
  if ((flags & BPF_F_LOCK) !== 0 && !mapValueHasSpinLock(words, map)) return -EINVAL
  const count = keyWordsOf(words, map)
  const hash = hashKey(key, at, count)
  const bucket = bucketOf(words, map, hash)
  spinLock(cpu, bucket + HASH_BUCKET.lock)
  const old = findElem(cpu, bucket, hash, key, at, count)
  const err = replaceLocked(cpu, map, bucket, old, hash, key, at, value, flags)
  spinUnlock(cpu, bucket + HASH_BUCKET.lock)
  return err
}

function replaceLocked(
  cpu: Cpu,
  map: BpfMap,
  bucket: number,
  old: HashElem,
  hash: number,
  key: Int32Array,
  at: number,
  value: Int32Array,
  flags: number,
): number {
  const { words } = cpu
  const mode = flags & ~BPF_F_LOCK
  if (old !== 0 && mode === BPF_NOEXIST) return -EEXIST
  if (old === 0 && mode === BPF_EXIST) return -ENOENT
  const valueOffset = words[map + MAP.valueOffset]
  if (old !== 0 && (flags & BPF_F_LOCK) !== 0) {
    copyValueInLocked(cpu, map, old + valueOffset, value)
    return 0
  }
  if (old === 0 && Atomics.add(words, map + MAP.count, 1) >= words[map + MAP.maxEntries]) {
    Atomics.sub(words, map + MAP.count, 1)
    return -E2BIG
  }
  const elem = takeFree(cpu, map)
  if (elem === 0) {
    if (old === 0) Atomics.sub(words, map + MAP.count, 1)
    return -ENOMEM
  }
  const keyWords = keyWordsOf(words, map)
  words[elem + HASH_ELEM.hash] = hash
  for (let i = 0; i < keyWords; i++) words[elem + HASH_ELEM.key + i] = key[at + i]
  initValue(cpu, map, elem + valueOffset, value)
  hlistAddHeadRcu(words, elem + HASH_ELEM.node, bucket + HASH_BUCKET.list)
  if (old !== 0) unlinkElem(cpu, old)
  return 0
}

/** Removes a key. Returns 0 or -ENOENT. Model: htab_map_delete_elem(). */
export function hashMapDeleteElem(cpu: Cpu, map: BpfMap, key: Int32Array, at: number): number {
  const { words } = cpu
  const count = keyWordsOf(words, map)
  const hash = hashKey(key, at, count)
  const bucket = bucketOf(words, map, hash)
  spinLock(cpu, bucket + HASH_BUCKET.lock)
  const elem = findElem(cpu, bucket, hash, key, at, count)
  if (elem !== 0) {
    unlinkElem(cpu, elem)
    Atomics.sub(words, map + MAP.count, 1)
  }
  spinUnlock(cpu, bucket + HASH_BUCKET.lock)
  return elem === 0 ? -ENOENT : 0
}

function unlinkElem(cpu: Cpu, elem: HashElem): void {
  hlistDelInitRcu(cpu.words, elem + HASH_ELEM.node)
  callRcu(cpu, elem + HASH_ELEM.rcu, CALLBACK.hashElemFree)
}

/** Takes a free element, from our own list first, then from the others'. 0 if there is none. */
function takeFree(cpu: Cpu, map: BpfMap): HashElem {
  const { words } = cpu
  const cpus = words[HEADER.cpus]
  for (let i = 0; i < cpus; i++) {
    const list = words[map + MAP.freeLists] + ((cpu.id + i) % cpus) * HASH_FREE_LIST.SIZE
    spinLock(cpu, list + HASH_FREE_LIST.lock)
    const elem = words[list + HASH_FREE_LIST.head]
    if (elem !== 0) words[list + HASH_FREE_LIST.head] = words[elem]
    spinUnlock(cpu, list + HASH_FREE_LIST.lock)
    if (elem !== 0) return elem as HashElem
  }
  return 0 as HashElem
}

/**
 * Puts an element on this CPU's free list, a grace period after its removal. The callback behind CALLBACK.hashElemFree.
 */
export function hashElemFreeCallback(cpu: Cpu, head: number): void {
  const { words } = cpu
  const elem = head - HASH_ELEM.rcu
  const list = words[words[elem + HASH_ELEM.map] + MAP.freeLists] + cpu.id * HASH_FREE_LIST.SIZE
  spinLock(cpu, list + HASH_FREE_LIST.lock)
  words[elem] = words[list + HASH_FREE_LIST.head]
  words[list + HASH_FREE_LIST.head] = elem
  spinUnlock(cpu, list + HASH_FREE_LIST.lock)
}

/** Copies the value under a key out. Returns 0, -ENOENT or -EINVAL for flags. The lookup syscall. */
export function hashMapLookupCopy(cpu: Cpu, map: BpfMap, key: Int32Array, out: Int32Array, flags: number): number {
  if (flags !== 0 && !(flags === BPF_F_LOCK && mapValueHasSpinLock(cpu.words, map))) return -EINVAL
  rcuReadLock(cpu)
  const value = hashMapLookupElem(cpu, map, key, 0)
  if (value !== 0) {
    if (flags === BPF_F_LOCK) copyValueOutLocked(cpu, map, value, out)
    else copyValueOut(cpu, map, value, out)
  }
  rcuReadUnlock(cpu)
  return value === 0 ? -ENOENT : 0
}

/**
 * Copies the key behind `key` to `out`, or the first one for null or a key that is gone. Returns 0, or -ENOENT behind
 * the last. Model: htab_map_get_next_key().
 */
export function hashMapGetNextKey(cpu: Cpu, map: BpfMap, key: Int32Array | null, out: Int32Array): number {
  const { words } = cpu
  const count = keyWordsOf(words, map)
  const buckets = 1 << words[map + MAP.bucketLog]
  let bucket = 0
  let node = 0
  rcuReadLock(cpu)
  if (key !== null) {
    const hash = hashKey(key, 0, count)
    const elem = findElem(cpu, bucketOf(words, map, hash), hash, key, 0, count)
    if (elem !== 0) {
      bucket = (hash & (buckets - 1)) + 1
      node = dereference(words, elem)
    }
  }
  for (; node === 0 && bucket < buckets; bucket++) {
    node = dereference(words, words[map + MAP.buckets] + bucket * HASH_BUCKET.SIZE + HASH_BUCKET.list)
  }
  for (let i = 0; node !== 0 && i < count; i++) out[i] = words[node + HASH_ELEM.key + i]
  rcuReadUnlock(cpu)
  return node === 0 ? -ENOENT : 0
}
