import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import {
  hashMapDeleteElem,
  hashMapGetNextKey,
  hashMapLookupCopy,
  hashMapLookupElem,
  hashMapUpdateElem,
} from '../../src/shared/hash-map.ts'
import { mapCreate } from '../../src/shared/map.ts'
import type { MapOptions } from '../../src/shared/map-options.ts'
import { HASH_BUCKET, HASH_ELEM, HASH_FREE_LIST, HLIST_NODE, MAP } from '../../src/shared/records.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import { BPF_ANY, BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST } from '../../src/shared/update-flags.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import { PERCPU } from '../../src/sync/cpu.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { pushGracePeriod } from '../../src/sync/grace-period.ts'
import { rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { advanceCallbacks } from '../../src/sync/rcu-callback.ts'
import { rcuBarrier } from '../../src/sync/synchronize-rcu.ts'
import {
  expectLive,
  expectOrder,
  house,
  interrupt,
  list,
  MODES,
  mapOf,
  onAtomics,
  online,
  reading,
  settle,
  whileParked,
} from './setting.ts'

const ENOENT = -2
const E2BIG = -7
const ENOMEM = -12
const EEXIST = -17
const EINVAL = -22

const HASH: MapOptions = { type: 1, keySize: 4, valueSize: 4, maxEntries: 10, flags: 0 }
/** Elements that the map has beyond maxEntries, for each CPU. */
const SPARE = 64

/** A hash map, and its operations with keys and values given as lists of words. */
function setting(wanted: Partial<MapOptions> = {}, options = {}) {
  const here = house(options)
  const { cpu, words } = here
  const fd = mapCreate(cpu, { ...HASH, ...wanted })
  expect(fd).toBeGreaterThan(0)
  const map = mapOf(cpu, fd)
  const valueWords = Math.ceil((wanted.valueSize ?? HASH.valueSize) / 4)
  return {
    ...here,
    fd,
    map,
    update: (key: number[], value: number[], flags = 0, on = cpu) =>
      hashMapUpdateElem(on, map, Int32Array.from(key), 0, Int32Array.from(value), flags),
    remove: (key: number[], on = cpu) => hashMapDeleteElem(on, map, Int32Array.from(key), 0),
    look: (key: number[], flags = 0): number | number[] => {
      const out = new Int32Array(valueWords)
      const err = hashMapLookupCopy(cpu, map, Int32Array.from(key), out, flags)
      return err === 0 ? [...out] : err
    },
    count: () => words[map + MAP.count],
  }
}

describe.each(MODES)('a new hash map ($mode)', ({ sanitize }) => {
  it.each([
    ['flags', { flags: 1 }, EINVAL],
    ['no entries', { maxEntries: 0 }, EINVAL],
    ['no key', { keySize: 0 }, EINVAL],
    ['no value', { valueSize: 0 }, EINVAL],
    ['a key beyond the program’s stack', { keySize: 513 }, E2BIG],
    ['a value beyond 65 535 bytes', { valueSize: 65_536 }, E2BIG],
    ['more entries than it can count', { maxEntries: (1 << 24) + 1 }, E2BIG],
    ['flags and a large key', { flags: 1, keySize: 513 }, EINVAL],
  ])('is refused with %s', (_, wrong, err) => {
    const here = house({ sanitize })
    expect(mapCreate(here.cpu, { ...HASH, ...wrong })).toBe(err)
    expectLive(here)
  })

  it.each([{ valueSize: 65_535 }, { maxEntries: 1 << 24 }])('of %o is not too large in itself', (largest) => {
    expect(mapCreate(house({ sanitize, bytes: 2 << 20 }).cpu, { ...HASH, ...largest })).toBe(ENOMEM)
  })

  it('allocates all its elements at once, or nothing', () => {
    const here = house({ sanitize, bytes: 2 << 20 })
    const before = liveObjects(here.memory)
    expect(mapCreate(here.cpu, { ...HASH, maxEntries: 100_000 })).toBe(ENOMEM)
    expect(mapCreate(here.cpu, { ...HASH, maxEntries: 2000, valueSize: 4000 })).toBe(ENOMEM)
    expect(liveObjects(here.memory)).toEqual(before)
    const fd = mapCreate(here.cpu, HASH)
    expect(liveObjects(here.memory)).toMatchObject({ map: 1, buckets: 1, hashElems: 1, hashFreeLists: 1 })
    fdClose(here.cpu, fd)
    expectLive(here)
  })

  it('of one entry has two buckets all the same (H01)', () => {
    const here = setting({ maxEntries: 1 }, { sanitize })
    expect(here.words[here.map + MAP.bucketLog]).toBe(1)
    expect(here.update([7], [1])).toBe(0)
    expect(here.look([7])).toEqual([1])
    expect(here.update([8], [1])).toBe(E2BIG)
  })
})

describe.each(MODES)('a hash map ($mode)', ({ sanitize }) => {
  it.each([
    [BPF_ANY, 0, 0],
    [BPF_NOEXIST, 0, EEXIST],
    [BPF_EXIST, ENOENT, 0],
    [BPF_F_LOCK, 0, 0],
    [BPF_F_LOCK | BPF_NOEXIST, 0, EEXIST],
    [BPF_F_LOCK | BPF_EXIST, ENOENT, 0],
    [3, EINVAL, EINVAL],
    [8, EINVAL, EINVAL],
    [-1, EINVAL, EINVAL],
    [2 ** 32, EINVAL, EINVAL],
    [Number.NaN, EINVAL, EINVAL],
  ])('answers an update with flags %d: %i where the key is new, %i where it is there', (flags, absent, present) => {
    const here = setting({ valueSize: 8, lockOffset: 4 }, { sanitize })
    expect(here.update([5], [1, 0], flags)).toBe(absent)
    expect(here.look([5])).toEqual(absent === 0 ? [1, 0] : ENOENT)
    here.update([5], [7, 0])
    expect(here.update([5], [2, 0], flags)).toBe(present)
    expect(here.look([5])).toEqual(present === 0 ? [2, 0] : [7, 0])
    expect(here.count()).toBe(1)
    expectOrder(here)
  })

  it('refuses BPF_F_LOCK for values without a lock, and other flags of a lookup', () => {
    const here = setting({}, { sanitize })
    here.update([1], [1])
    expect(here.update([1], [2], BPF_F_LOCK)).toBe(EINVAL)
    for (const flags of [BPF_F_LOCK, 1, 2, 8, -1, 0.5]) expect(here.look([1], flags)).toBe(EINVAL)
    const locked = setting({ valueSize: 8, lockOffset: 4 }, { sanitize })
    locked.update([1], [1, 0])
    for (const flags of [BPF_F_LOCK | 1, 1, 2, 8, -1, 0.5]) expect(locked.look([1], flags)).toBe(EINVAL)
  })

  it('looks up under the value’s lock with BPF_F_LOCK, and waits for the program that holds it', () => {
    const here = setting({ valueSize: 8, lockOffset: 4 }, { sanitize })
    const { cpu, other, words, map } = here
    here.update([1], [1, 0])
    const value = reading(cpu, () => hashMapLookupElem(cpu, map, Int32Array.of(1), 0))
    bpfSpinLock(online(other), value + 1)
    words[value] = 5
    expect(here.look([1])).toEqual([5, 0])
    interrupt(
      'load',
      (at) => at === value + 1,
      () => {
        words[value] = 6
        bpfSpinUnlock(other, value + 1)
      },
    )
    expect(here.look([1], BPF_F_LOCK)).toEqual([6, 0])
  })

  it.each([4, 8, 12, 16])('of keys of %i bytes finds each in a bucket that all share, and no other', (keySize) => {
    const here = setting({ keySize, maxEntries: 20 }, { sanitize })
    const { words, map } = here
    const log = words[map + MAP.bucketLog]
    words[map + MAP.bucketLog] = 0
    const count = keySize / 4
    // Every key of these two words: neighbours on the list differ in any one word.
    const keys = Array.from({ length: 1 << count }, (_, bits) =>
      Array.from({ length: count }, (_, i) => 1 + ((bits >> i) & 1)),
    )
    expect(here.look(keys[0])).toBe(ENOENT)
    for (const [i, key] of keys.slice(1).entries()) expect(here.update(key, [i])).toBe(0)
    for (const [i, key] of keys.slice(1).entries()) expect(here.look(key)).toEqual([i])
    expect(here.look(keys[0])).toBe(ENOENT)
    words[map + MAP.bucketLog] = log
  })

  it('tells keys apart that have the same hash', () => {
    const here = setting({ keySize: 8 }, { sanitize })
    const { cpu, words, map } = here
    const mix = (hash: number, word: number) => {
      const mixed = Math.imul(hash ^ word, 0x9e3779b1)
      return mixed ^ (mixed >>> 15)
    }
    const keys = [
      [1, 7],
      [2, 7 ^ mix(2, 1) ^ mix(2, 2)],
    ]
    for (const [i, key] of keys.entries()) expect(here.update(key, [i], BPF_NOEXIST)).toBe(0)
    const offset = words[map + MAP.valueOffset]
    const hashes = keys.map((key) =>
      reading(cpu, () => words[hashMapLookupElem(cpu, map, Int32Array.from(key), 0) - offset + HASH_ELEM.hash]),
    )
    expect(hashes[0]).toBe(hashes[1])
    expect(keys.map((key) => here.look(key))).toEqual([[0], [1]])
    expect(here.remove(keys[0])).toBe(0)
    expect(keys.map((key) => here.look(key))).toEqual([ENOENT, [1]])
  })

  it('finds nothing under a key that is not there, and removes it with -ENOENT', () => {
    const here = setting({}, { sanitize })
    expect([here.look([1]), here.remove([1])]).toEqual([ENOENT, ENOENT])
    here.update([1], [1])
    expect([here.remove([1]), here.remove([1]), here.look([1])]).toEqual([0, ENOENT, ENOENT])
    expect(here.count()).toBe(0)
  })

  it.each([
    [1, [0x7f]],
    [3, [0x01_02_03]],
    [4, [-1]],
    [12, [1, 2, 3]],
    [40, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [512, Array.from({ length: 128 }, (_, i) => i)],
  ])('tells keys of %i bytes apart that differ in any one word or bit', (keySize, key) => {
    const here = setting({ keySize, maxEntries: 200 }, { sanitize })
    const keys = [key]
    for (let i = 0; i < Math.min(key.length, 10); i++)
      for (const bit of [0, 1, 6]) keys.push(key.with(i, key[i] ^ (1 << bit)))
    for (const [i, each] of keys.entries()) expect(here.update(each, [i], BPF_NOEXIST)).toBe(0)
    for (const [i, each] of keys.entries()) expect(here.look(each)).toEqual([i])
    expect(here.count()).toBe(keys.length)
    for (const each of keys) expect(here.remove(each)).toBe(0)
    expectOrder(here)
  })

  it.each([1, 2, 3, 5, 7, 8, 13, 36, 100, 1001])('keeps values of %i bytes', (valueSize) => {
    // One CPU, so that neighbours in memory are all in use.
    const here = setting({ valueSize, maxEntries: 4 }, { sanitize, cpus: 1 })
    const words = Math.ceil(valueSize / 4)
    for (let key = 0; key < 4; key++)
      expect(
        here.update(
          [key],
          Array.from({ length: words }, (_, i) => 1000 * key + i),
        ),
      ).toBe(0)
    for (let key = 0; key < 4; key++)
      expect(here.look([key])).toEqual(Array.from({ length: words }, (_, i) => 1000 * key + i))
    reading(here.cpu, () => expect(hashMapLookupElem(here.cpu, here.map, Int32Array.of(1), 0) % 2).toBe(0))
  })

  it('reads its key at an offset of the caller’s words', () => {
    const { cpu, words, map } = setting({ keySize: 8 }, { sanitize })
    const key = Int32Array.of(9, 9, 1, 2, 9)
    expect(hashMapUpdateElem(cpu, map, key, 2, Int32Array.of(5), 0)).toBe(0)
    reading(cpu, () => {
      expect(words[hashMapLookupElem(cpu, map, Int32Array.of(1, 2), 0)]).toBe(5)
      expect(hashMapLookupElem(cpu, map, key, 0)).toBe(0)
    })
    expect(hashMapDeleteElem(cpu, map, key, 2)).toBe(0)
  })

  it('is full with exactly max_entries elements', () => {
    const here = setting({ maxEntries: 5 }, { sanitize })
    for (let key = 0; key < 5; key++) expect(here.update([key], [key])).toBe(0)
    expect(here.update([5], [5])).toBe(E2BIG)
    expect(here.update([5], [5], BPF_NOEXIST)).toBe(E2BIG)
    expect(here.update([5], [5], BPF_EXIST)).toBe(ENOENT)
    expect(here.count()).toBe(5)
    // What is there can still be replaced, and one removed makes room for one.
    expect(here.update([3], [30])).toBe(0)
    expect(here.remove([4])).toBe(0)
    expect(here.update([5], [5])).toBe(0)
    expect(here.update([6], [6])).toBe(E2BIG)
    expect(here.count()).toBe(5)
    expectOrder(here)
  })

  it('spreads many keys over its buckets', () => {
    const here = setting({ maxEntries: 4096 }, { sanitize })
    const { words, map } = here
    for (let key = 0; key < 4096; key++) here.update([key << 12], [key])
    const longest = Math.max(
      ...Array.from(
        { length: 4096 },
        (_, i) => list(words, words[map + MAP.buckets] + i * HASH_BUCKET.SIZE + HASH_BUCKET.list).length,
      ),
    )
    expect(longest).toBeLessThanOrEqual(10)
    for (let key = 0; key < 4096; key++) if (here.look([key << 12]) === ENOENT) expect(key).toBe('found')
    expectOrder(here)
  })

  it('replaces the element: a reader keeps the old value until its section ends', () => {
    const here = setting({}, { sanitize })
    const { cpu, other, words, map } = here
    here.update([1], [10])
    rcuReadLock(online(other))
    const value = hashMapLookupElem(other, map, Int32Array.of(1), 0)
    here.update([1], [11])
    here.remove([1])
    for (let i = 0; i < 20; i++) here.update([i + 2], [i])
    for (let i = 0; i < 4; i++) rcuQuiescentState(cpu)
    expect(words[value]).toBe(10)
    rcuReadUnlock(other)
    expectOrder(here)
  })

  it('shows a reader the old value or the new at each step of a replacement', () => {
    const here = setting({}, { sanitize })
    const { other, words, map } = here
    here.update([1], [10])
    const seen = new Set<number>()
    rcuReadLock(online(other))
    for (const step of ['store', 'compareExchange'] as const)
      onAtomics(step, () => seen.add(words[hashMapLookupElem(other, map, Int32Array.of(1), 0)]))
    here.update([1], [11])
    rcuReadUnlock(other)
    expect([...seen]).toEqual([10, 11])
  })

  it('bridges the time to a grace period with its spare elements, then says -ENOMEM, and recovers', () => {
    const here = setting({ maxEntries: 3 }, { sanitize })
    const { cpu, other } = here
    expect(here.update([1], [0])).toBe(0)
    // CPU 1 reads for ever: nothing that is replaced comes back.
    rcuReadLock(online(other))
    let replaced = 0
    while (replaced < 1000 && here.update([1], [replaced + 1]) === 0) replaced++
    expect(replaced).toBe(2 + 2 * SPARE)
    expect([here.update([1], [0]), here.update([2], [0])]).toEqual([ENOMEM, ENOMEM])
    expect(here.look([1])).toEqual([replaced])
    expect(here.count()).toBe(1)
    rcuReadUnlock(other)
    settle(here)
    for (let i = 0; i < 2 + 2 * SPARE; i++) expect(here.update([1], [i])).toBe(0)
    rcuBarrier(cpu)
    expectOrder(here)
  })

  it('writes in place with BPF_F_LOCK, under the value’s lock', () => {
    const here = setting({ valueSize: 12, lockOffset: 4 }, { sanitize })
    const { cpu, other, words, map } = here
    expect(here.update([1], [1, 99, 2], BPF_F_LOCK)).toBe(0)
    expect(here.look([1], BPF_F_LOCK)).toEqual([1, 0, 2])
    rcuReadLock(cpu)
    const value = hashMapLookupElem(cpu, map, Int32Array.of(1), 0)
    bpfSpinLock(online(other), value + 1)
    let waited = false
    onAtomics('load', (at) => {
      if (at !== value + 1 || waited) return
      waited = true
      expect(words[value]).toBe(1)
      bpfSpinUnlock(other, value + 1)
    })
    expect(here.update([1], [5, 77, 6], BPF_F_LOCK)).toBe(0)
    expect(waited).toBe(true)
    expect(hashMapLookupElem(cpu, map, Int32Array.of(1), 0)).toBe(value)
    expect([...words.slice(value, value + 3)]).toEqual([5, 0, 6])
    rcuReadUnlock(cpu)
    expectOrder(here)
  })

  it('begins every element with its lock free (H15)', () => {
    const here = setting({ valueSize: 8, lockOffset: 4 }, { sanitize })
    here.update([1], [1, 2])
    here.update([1], [3, 4])
    expect(here.look([1], BPF_F_LOCK)).toEqual([3, 0])
    expectOrder(here)
  })

  it('counts right when two CPUs take the last place at once', () => {
    const here = setting({ maxEntries: 2 }, { sanitize })
    const { other, words, map } = here
    const buckets = [0, 1].map((i) => words[map + MAP.buckets] + i * HASH_BUCKET.SIZE + HASH_BUCKET.list)
    // Two keys that fall into different buckets, since CPU 0 holds the lock of its own.
    const keys = [0, 1].map((bucket) => {
      for (let key = 2; ; key++) {
        here.update([key], [0])
        const found = words[buckets[bucket]] !== 0
        here.remove([key])
        if (found) return key
      }
    })
    settle(here)
    here.update([1], [1])
    online(other)
    interrupt(
      'add',
      (at) => at === map + MAP.count,
      () => expect(here.update([keys[1]], [1], 0, other)).toBe(0),
    )
    expect(here.update([keys[0]], [1])).toBe(E2BIG)
    expect(here.look([keys[1]])).toEqual([1])
    expect(here.count()).toBe(2)
    expectOrder(here)
  })

  it('takes free elements from other CPUs’ lists when its own is empty', () => {
    const here = setting({ maxEntries: 150 }, { sanitize })
    for (let key = 0; key < 150; key++) expect(here.update([key], [key])).toBe(0)
    expectOrder(here)
  })

  it('gets a removed element back on the list of the CPU that removed it', () => {
    const here = setting({ maxEntries: 4 }, { sanitize })
    const { cpu, other, words, map } = here
    here.update([1], [1])
    const lists = words[map + MAP.freeLists]
    const free = () => [0, 1].map((id) => list(words, lists + id * HASH_FREE_LIST.SIZE).length)
    expect(free()).toEqual([1 + SPARE, 2 + SPARE])
    online(other)
    expect(here.remove([1], other)).toBe(0)
    // Both report, CPU 1 with callbacks to advance.
    for (let round = 0; round < 4; round++)
      for (const each of [other, cpu]) {
        pushGracePeriod(each)
        advanceCallbacks(each)
      }
    expect(free()).toEqual([1 + SPARE, 3 + SPARE])
    expectOrder(here)
  })

  it('does not free its arrays before all deleted elements are back on their lists (H21)', () => {
    const here = setting({ maxEntries: 50 }, { sanitize })
    const { memory, cpu, other, words } = here
    for (let key = 0; key < 50; key++) here.update([key], [key])
    // CPU 1 deletes them, and closes the map; its callbacks still wait for their grace period.
    online(other)
    for (let key = 0; key < 50; key++) here.remove([key], other)
    fdClose(other, here.fd)
    whileParked(() => {
      // Of what CPU 1 still has to run, the elements' callbacks need the arrays.
      expect(liveObjects(memory)).toMatchObject({ hashElems: 1, hashFreeLists: 1 })
      rcuQuiescentState(other)
    })
    runDeferredWork(cpu)
    expect(words[other.base + PERCPU.callbacks]).toBe(0)
    expectLive(here)
  })

  it('goes with what is in it', () => {
    const here = setting({ maxEntries: 50 }, { sanitize })
    for (let key = 0; key < 50; key++) here.update([key], [key])
    fdClose(here.cpu, here.fd)
    expectLive(here)
  })
})

describe.each(MODES)('hashMapGetNextKey ($mode)', ({ sanitize }) => {
  it('walks every key once and ends with -ENOENT', () => {
    const { cpu, map, update } = setting({ keySize: 8, maxEntries: 100 }, { sanitize })
    for (let key = 0; key < 100; key++) update([key, key * 7], [key])
    const met = new Set<number>()
    const key = new Int32Array(2)
    let err = hashMapGetNextKey(cpu, map, null, key)
    for (let step = 0; step < 200 && err === 0; step++) {
      expect(key[1]).toBe(key[0] * 7)
      met.add(key[0])
      err = hashMapGetNextKey(cpu, map, key.slice(), key)
    }
    expect([err, met.size]).toEqual([ENOENT, 100])
  })

  it('is -ENOENT at once for an empty map', () => {
    const { cpu, map } = setting({}, { sanitize })
    const out = Int32Array.of(77)
    expect(hashMapGetNextKey(cpu, map, null, out)).toBe(ENOENT)
    expect(out[0]).toBe(77)
    expect(hashMapGetNextKey(cpu, map, Int32Array.of(3), new Int32Array(1))).toBe(ENOENT)
  })

  it('begins again after a key that is gone, as in the kernel', () => {
    const { cpu, map, update, remove } = setting({}, { sanitize })
    for (let key = 0; key < 5; key++) update([key], [key])
    const first = new Int32Array(1)
    const out = new Int32Array(1)
    hashMapGetNextKey(cpu, map, null, first)
    expect(hashMapGetNextKey(cpu, map, Int32Array.of(99), out)).toBe(0)
    expect(out).toEqual(first)
    const longer = Int32Array.of(0, 77)
    hashMapGetNextKey(cpu, map, null, longer)
    expect(longer[1]).toBe(77)
    remove([first[0]])
    expect(hashMapGetNextKey(cpu, map, first, out)).toBe(0)
    expect(out).not.toEqual(first)
  })
})

describe('the lists of a hash map', () => {
  it('link back and forth', () => {
    const { words, map, update } = setting({ maxEntries: 20 })
    for (let key = 0; key < 20; key++) update([key], [key])
    for (let i = 0; i < 32; i++) {
      let at = words[map + MAP.buckets] + i * HASH_BUCKET.SIZE
      for (const node of list(words, at)) {
        expect(words[node + HLIST_NODE.pprev]).toBe(at)
        at = node
      }
    }
  })
})
