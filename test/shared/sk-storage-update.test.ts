import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import type { BpfMap, Sk } from '../../src/shared/pointer.ts'
import { BUCKET, HLIST_NODE, MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import {
  BPF_SK_STORAGE_GET_F_CREATE,
  fdDeleteElem,
  fdLookupElem,
  fdUpdateElem,
  skStorageDelete,
  skStorageGet,
} from '../../src/shared/sk-storage.ts'
import { selemBucket } from '../../src/shared/sk-storage-elem.ts'
import { bpfIterSkStorageMap } from '../../src/shared/sk-storage-iter.ts'
import { skStorageLookup } from '../../src/shared/sk-storage-lookup.ts'
import { skStorageUpdate } from '../../src/shared/sk-storage-update.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import { BPF_ANY, BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST } from '../../src/shared/update-flags.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import { lockOwner } from '../../src/sync/lock-word.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import {
  COUNTER,
  charged,
  elemOf,
  elemsOf,
  elemsOfMap,
  expectLive,
  expectOrder,
  house,
  interrupt,
  MODES,
  onAtomics,
  online,
  reading,
  socket,
  storageMap,
  storageOf,
} from './setting.ts'

const ENOENT = -2
const EAGAIN = -11
const EEXIST = -17
const EINVAL = -22

const one = Int32Array.of(1, 0)
const two = Int32Array.of(2, 0)

/** Two maps of counters and a socket; CPU 1 is online too. */
function setting(options = {}) {
  const here = house(options)
  online(here.other)
  return {
    ...here,
    map: storageMap(here.cpu, COUNTER).map,
    second: storageMap(here.cpu, COUNTER).map,
    ...socket(here.cpu),
  }
}

/** What stays when nothing but the socket and the two maps is left. */
const REST = { map: 2, buckets: 2, sock: 1, file: 3 }

describe.each(MODES)('the race for the first storage ($mode)', ({ sanitize }) => {
  /** Runs `act` on CPU 1 when CPU 0 is about to publish a storage. */
  function atPublication(words: Int32Array, sk: Sk, act: () => void): void {
    interrupt(
      'compareExchange',
      (at, expected, next) => at === sk + SOCK.storage && expected === 0 && next !== 0,
      () => {
        expect(words[sk + SOCK.storage]).toBe(0)
        act()
      },
    )
  }

  it.each([BPF_ANY, BPF_NOEXIST, BPF_F_LOCK, BPF_NOEXIST | BPF_F_LOCK])(
    'gives the loser -EAGAIN, with flags %i, and leaves nothing of it linked, charged or allocated (C5)',
    (flags) => {
      const here = setting({ sanitize })
      const { cpu, other, words, map, fd, sk } = here
      atPublication(words, sk, () => expect(fdUpdateElem(other, map, fd, two, BPF_NOEXIST)).toBe(0))
      expect(fdUpdateElem(cpu, map, fd, one, flags)).toBe(EAGAIN)
      expect(charged(words, sk)).toBe(168 + 136)
      expect(elemsOfMap(words, map)).toEqual(elemsOf(words, sk))
      expect(words[elemOf(words, sk, map) + SELEM.value]).toBe(2)
      expectLive(here, { ...REST, storage: 1, elem: 1 })
    },
  )

  it('is lost to another map’s creator as well (C5)', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, map, second, fd, sk } = here
    atPublication(words, sk, () => expect(fdUpdateElem(other, second, fd, two, 0)).toBe(0))
    expect(fdUpdateElem(cpu, map, fd, one, 0)).toBe(EAGAIN)
    expect(fdUpdateElem(cpu, map, fd, one, 0)).toBe(0)
    expect(charged(words, sk)).toBe(168 + 2 * 136)
    expectLive(here, { ...REST, storage: 1, elem: 2 })
  })

  it('is lost even when the winner’s storage is gone again a moment later (C5)', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, map, fd, sk } = here
    const buckets = words[map + MAP.buckets]
    atPublication(words, sk, () => {
      fdUpdateElem(other, map, fd, two, 0)
      // The loser's undo takes a bucket's lock first.
      interrupt(
        'compareExchange',
        (at) => at >= buckets && at < buckets + 2 * BUCKET.SIZE,
        () => expect(fdDeleteElem(other, map, fd)).toBe(0),
      )
    })
    expect(fdUpdateElem(cpu, map, fd, one, 0)).toBe(EAGAIN)
    expect([charged(words, sk), storageOf(words, sk)]).toEqual([0, 0])
    expectLive(here, REST)
  })

  it('makes skStorageGet NULL for the loser, who finds the winner’s value the next time (C5)', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, map, fd, sk } = here
    atPublication(words, sk, () => expect(fdUpdateElem(other, map, fd, two, 0)).toBe(0))
    rcuReadLock(cpu)
    expect(skStorageGet(cpu, map, sk, one, BPF_SK_STORAGE_GET_F_CREATE)).toBe(0)
    const value = skStorageGet(cpu, map, sk, one, BPF_SK_STORAGE_GET_F_CREATE)
    expect(words[value]).toBe(2)
    rcuReadUnlock(cpu)
    expectLive(here, { ...REST, storage: 1, elem: 1 })
  })

  it('leaves the loser’s memory to readers for a grace period: an iterator may stand on its element (C5, H31)', () => {
    const here = setting({ sanitize })
    const { memory, cpu, other, words, map, fd, sk } = here
    let lost = 0
    interrupt(
      'compareExchange',
      (at, _, next) => at === sk + SOCK.storage && next !== 0,
      () => {
        fdUpdateElem(other, map, fd, two, 0)
        lost = elemsOfMap(words, map).filter((selem) => !elemsOf(words, sk).includes(selem))[0]
        rcuReadLock(other)
      },
    )
    expect(fdUpdateElem(cpu, map, fd, one, 0)).toBe(EAGAIN)
    expect(liveObjects(memory)).toMatchObject({ elem: 2, storage: 2 })
    // What CPU 1 reads there is still the element, and its storage no longer names an owner.
    expect(words[lost + SELEM.sdata]).toBe(map)
    expect(words[words[lost + SELEM.storage] + SK_STORAGE.sk]).toBe(0)
    rcuReadUnlock(other)
    expectLive(here, { ...REST, storage: 1, elem: 1 })
  })

  it('hides an element from iterators as long as its storage is not the socket’s (C5, H31)', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, map, fd, sk } = here
    let shown = -1
    atPublication(words, sk, () => {
      expect(elemsOfMap(words, map)).toHaveLength(1)
      shown = bpfIterSkStorageMap(other, map, () => true)
    })
    expect(fdUpdateElem(cpu, map, fd, one, 0)).toBe(0)
    expect(shown).toBe(0)
    expect(bpfIterSkStorageMap(cpu, map, () => true)).toBe(1)
    expectOrder(here)
  })

  it('is not even run where the flags ask for an element that is there', () => {
    const { cpu, words, map, fd, sk } = setting({ sanitize })
    onAtomics('compareExchange', (at) => expect(at).not.toBe(sk + SOCK.storage))
    for (const flags of [BPF_EXIST, BPF_EXIST | BPF_F_LOCK]) expect(fdUpdateElem(cpu, map, fd, one, flags)).toBe(ENOENT)
    expect(charged(words, sk)).toBe(0)
  })

  it('publishes a storage that is complete: owner, element, lock free (C6)', () => {
    const { cpu, words, map, fd, sk } = setting({ sanitize })
    let seen: number[] = []
    onAtomics('compareExchange', (at, expected, storage) => {
      if (at !== sk + SOCK.storage || expected !== 0) return
      const first = words[storage + SK_STORAGE.list] - SELEM.snode
      seen = [
        words[storage + SK_STORAGE.sk],
        words[storage + SK_STORAGE.lock],
        words[first + SELEM.sdata],
        words[first + SELEM.storage] - storage,
      ]
    })
    fdUpdateElem(cpu, map, fd, one, 0)
    expect(seen).toEqual([sk, 0, map, 0])
  })
})

describe.each(MODES)('a storage that emptied ($mode)', ({ sanitize }) => {
  it.each([BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST | BPF_F_LOCK])(
    'while an update with flags %i waited for its lock is -EAGAIN, and nothing is added to it (C7)',
    (flags) => {
      const here = setting({ sanitize })
      const { cpu, other, words, map, second, fd, sk } = here
      const target = (flags & BPF_EXIST) !== 0 ? second : map
      fdUpdateElem(cpu, second, fd, two, 0)
      interrupt(
        'compareExchange',
        (at, expected) => at === storageOf(words, sk) + SK_STORAGE.lock && expected === 0,
        () => expect(reading(other, () => skStorageDelete(other, second, sk))).toBe(0),
      )
      expect(fdUpdateElem(cpu, target, fd, one, flags)).toBe(EAGAIN)
      expect([charged(words, sk), storageOf(words, sk)]).toEqual([0, 0])
      expectLive(here, REST)
    },
  )

  it('and was replaced by a new one is -EAGAIN too: the old one is not the socket’s any more (C7)', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, map, second, fd, sk } = here
    fdUpdateElem(cpu, second, fd, two, 0)
    const old = storageOf(words, sk)
    interrupt(
      'compareExchange',
      (at, expected) => at === old + SK_STORAGE.lock && expected === 0,
      () => {
        fdDeleteElem(other, second, fd)
        expect(fdUpdateElem(other, second, fd, two, 0)).toBe(0)
      },
    )
    expect(fdUpdateElem(cpu, map, fd, one, 0)).toBe(EAGAIN)
    expect(storageOf(words, sk)).not.toBe(old)
    expect(charged(words, sk)).toBe(168 + 136)
    expectLive(here, { ...REST, storage: 1, elem: 1 })
  })

  it('is taken for none by the first look, and the attempt to put another in its place is -EAGAIN', () => {
    const here = setting({ sanitize })
    const { cpu, words, map, fd, sk } = here
    fdUpdateElem(cpu, map, fd, two, 0)
    const list = storageOf(words, sk) + SK_STORAGE.list
    const first = words[list]
    // As an updater sees it that read the pointer before the last element went.
    words[list] = 0
    expect(fdUpdateElem(cpu, map, fd, one, BPF_EXIST)).toBe(ENOENT)
    expect(fdUpdateElem(cpu, map, fd, one, BPF_NOEXIST)).toBe(EAGAIN)
    expect(fdUpdateElem(cpu, map, fd, one, 0)).toBe(EAGAIN)
    words[list] = first
    expect(charged(words, sk)).toBe(168 + 136)
    expectLive(here, { ...REST, storage: 1, elem: 1 })
  })
})

describe.each(MODES)('an update under the lock ($mode)', ({ sanitize }) => {
  it('checks its flags again: what was there may be gone, and the reverse', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, map, second, fd, sk } = here
    fdUpdateElem(cpu, second, fd, two, 0)
    const lock = storageOf(words, sk) + SK_STORAGE.lock
    interrupt(
      'compareExchange',
      (at, expected) => at === lock && expected === 0,
      () => expect(fdUpdateElem(other, map, fd, two, 0)).toBe(0),
    )
    expect(fdUpdateElem(cpu, map, fd, one, BPF_NOEXIST)).toBe(EEXIST)
    interrupt(
      'compareExchange',
      (at, expected) => at === lock && expected === 0,
      () => expect(fdDeleteElem(other, map, fd)).toBe(0),
    )
    expect(fdUpdateElem(cpu, map, fd, one, BPF_EXIST)).toBe(ENOENT)
    expectLive(here, { ...REST, storage: 1, elem: 1 })
  })

  it('replaces the element, so that a reader has the old value or the new and at each step one of them', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, map, fd, sk } = here
    fdUpdateElem(cpu, map, fd, one, 0)
    const old = elemOf(words, sk, map)
    const seen = new Set<number>()
    rcuReadLock(other)
    for (const step of ['store', 'compareExchange'] as const) {
      onAtomics(step, () => seen.add(words[skStorageLookup(other, map, sk, false) + 1]))
    }
    expect(fdUpdateElem(cpu, map, fd, two, 0)).toBe(0)
    expect([...seen]).toEqual([1, 2])
    expect(words[old + SELEM.value]).toBe(1)
    rcuReadUnlock(other)
    expectOrder(here)
  })

  it('passes the charge of the old element on, and does not charge or uncharge on the way (C9)', () => {
    const { cpu, words, map, fd, sk } = setting({ sanitize, optmemMax: 168 + 136 + 1 })
    fdUpdateElem(cpu, map, fd, one, 0)
    const touched: number[] = []
    for (const step of ['add', 'sub'] as const) onAtomics(step, (at) => touched.push(at))
    for (let i = 0; i < 5; i++) expect(fdUpdateElem(cpu, map, fd, two, i % 2 === 0 ? BPF_ANY : BPF_EXIST)).toBe(0)
    expect(touched).not.toContain(sk + SOCK.omemAlloc)
    expect(charged(words, sk)).toBe(168 + 136)
  })

  it('links the new element to the map and then to the socket, and unlinks the old in the same order (C4)', () => {
    const { cpu, words, map, fd, sk } = setting({ sanitize })
    fdUpdateElem(cpu, map, fd, one, 0)
    const old = elemOf(words, sk, map)
    const storage = storageOf(words, sk)
    const steps: string[] = []
    onAtomics('store', (at, value) => {
      if (at === storage + SK_STORAGE.list && value !== 0) {
        const selem = value - SELEM.snode
        const onBucket = words[selem + SELEM.mapNode + HLIST_NODE.pprev] !== 0
        steps.push(`socket gets ${selem === old ? 'old' : 'new'}, on bucket: ${onBucket}`)
      }
    })
    const bucket = selemBucket(words, map, old)
    onAtomics('compareExchange', (at, expected) => {
      if (at !== bucket + BUCKET.lock || expected === 0 || words[old + SELEM.mapNode + HLIST_NODE.pprev] !== 0) return
      steps.push(`bucket loses old, on socket: ${words[old + SELEM.snode + HLIST_NODE.pprev] !== 0}`)
    })
    fdUpdateElem(cpu, map, fd, two, 0)
    expect(steps).toEqual(['socket gets new, on bucket: true', 'bucket loses old, on socket: true'])
    expect(words[old + SELEM.snode + HLIST_NODE.pprev]).toBe(0)
  })

  it('takes the storage’s lock before a bucket’s, never the reverse', () => {
    const here = setting({ sanitize })
    const { cpu, words, map, second, fd, sk } = here
    fdUpdateElem(cpu, map, fd, one, 0)
    const storage = storageOf(words, sk)
    const buckets = [0, 1].map((i) => words[map + MAP.buckets] + BUCKET.SIZE * i + BUCKET.lock)
    const held: boolean[] = []
    onAtomics('compareExchange', (at, expected) => {
      if (at === storage + SK_STORAGE.lock && expected === 0)
        expect(buckets.map((lock) => lockOwner(words, lock))).toEqual([-1, -1])
      if (buckets.includes(at) && expected === 0) held.push(lockOwner(words, storage + SK_STORAGE.lock) === 0)
    })
    fdUpdateElem(cpu, map, fd, two, 0)
    expect(held).toEqual([true, true])
    fdUpdateElem(cpu, second, fd, two, 0)
    fdDeleteElem(cpu, map, fd)
    fdClose(cpu, fd)
    expectOrder(here)
  })
})

describe.each(MODES)('an update with BPF_F_LOCK ($mode)', ({ sanitize }) => {
  it.each([BPF_F_LOCK, BPF_F_LOCK | BPF_EXIST])(
    'writes into the element that is there, without the storage’s lock (flags %i)',
    (flags) => {
      const here = setting({ sanitize })
      const { cpu, words, map, fd, sk } = here
      fdUpdateElem(cpu, map, fd, one, 0)
      const selem = elemOf(words, sk, map)
      const locks: number[] = []
      onAtomics('compareExchange', (at, expected) => expected === 0 && locks.push(at))
      expect(fdUpdateElem(cpu, map, fd, Int32Array.of(9, 77), flags)).toBe(0)
      expect(locks).toEqual([selem + SELEM.value + 1])
      expect(elemOf(words, sk, map)).toBe(selem)
      expect([...words.slice(selem + SELEM.value, selem + SELEM.value + 2)]).toEqual([9, 0])
      expectOrder(here)
    },
  )

  it('waits for the program that holds the value’s lock', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, map, fd, sk } = here
    fdUpdateElem(cpu, map, fd, one, 0)
    const value = elemOf(words, sk, map) + SELEM.value
    bpfSpinLock(other, value + 1)
    let waited = false
    onAtomics('load', (at) => {
      if (at !== value + 1 || waited) return
      waited = true
      expect(words[value]).toBe(1)
      bpfSpinUnlock(other, value + 1)
    })
    expect(fdUpdateElem(cpu, map, fd, two, BPF_F_LOCK)).toBe(0)
    expect([waited, words[value]]).toEqual([true, 2])
    expectOrder(here)
  })

  it('creates where there is nothing, unless it asks for what is there', () => {
    const here = setting({ sanitize })
    const { cpu, words, map, second, fd, sk } = here
    fdUpdateElem(cpu, second, fd, two, 0)
    expect(fdUpdateElem(cpu, map, fd, one, BPF_F_LOCK | BPF_EXIST)).toBe(ENOENT)
    expect(fdUpdateElem(cpu, map, fd, Int32Array.of(1, 5), BPF_F_LOCK)).toBe(0)
    expect(words[elemOf(words, sk, map) + SELEM.value + 1]).toBe(0)
    expectOrder(here)
  })

  it('finds its element created meanwhile under the storage’s lock, and writes into that', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, map, second, fd, sk } = here
    fdUpdateElem(cpu, second, fd, two, 0)
    let made = 0
    interrupt(
      'compareExchange',
      (at, expected) => at === storageOf(words, sk) + SK_STORAGE.lock && expected === 0,
      () => {
        fdUpdateElem(other, map, fd, two, BPF_NOEXIST)
        made = elemOf(words, sk, map)
      },
    )
    expect(fdUpdateElem(cpu, map, fd, one, BPF_F_LOCK)).toBe(0)
    expect(elemOf(words, sk, map)).toBe(made)
    expect(words[made + SELEM.value]).toBe(1)
    expect(charged(words, sk)).toBe(168 + 2 * 136)
    expectLive(here, { ...REST, storage: 1, elem: 2 })
  })

  it('may land in an element that is deleted meanwhile: it then came first', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, map, fd, sk } = here
    fdUpdateElem(cpu, map, fd, one, 0)
    const value = elemOf(words, sk, map) + SELEM.value
    interrupt(
      'compareExchange',
      (at, expected) => at === value + 1 && expected === 0,
      () => expect(fdDeleteElem(other, map, fd)).toBe(0),
    )
    expect(fdUpdateElem(cpu, map, fd, two, BPF_F_LOCK)).toBe(0)
    expect(fdLookupElem(cpu, map, fd, new Int32Array(2), 0)).toBe(ENOENT)
    expectLive(here, REST)
  })

  it('does not write into an element that it found cached but no longer linked', () => {
    const here = setting({ sanitize })
    const { cpu, words, map, second, fd, sk } = here
    fdUpdateElem(cpu, second, fd, two, 0)
    fdUpdateElem(cpu, map, fd, one, 0)
    fdLookupElem(cpu, map, fd, new Int32Array(2), 0)
    const selem = elemOf(words, sk, map)
    const pprev = selem + SELEM.snode + HLIST_NODE.pprev
    // As another CPU sees it between the two stores of a removal.
    const was = words[pprev]
    words[pprev] = 0
    const locks: number[] = []
    onAtomics('compareExchange', (at, expected) => expected === 0 && locks.push(at))
    fdUpdateElem(cpu, map, fd, two, BPF_F_LOCK)
    expect(locks[0]).toBe(storageOf(words, sk) + SK_STORAGE.lock)
    words[pprev] = was
    expectOrder(here)
  })
})

describe.each(MODES)('skStorageUpdate ($mode)', ({ sanitize }) => {
  it('returns the sdata of the element that now holds the value', () => {
    const { cpu, words, map, second, sk } = setting({ sanitize })
    const update = (of: BpfMap, value: Int32Array | null, flags: number) =>
      reading(cpu, () => skStorageUpdate(cpu, of, sk, value, flags))
    const sdata = (of: BpfMap) => elemOf(words, sk, of) + SELEM.sdata
    expect(update(map, one, BPF_NOEXIST)).toBe(sdata(map))
    expect(update(second, null, BPF_NOEXIST)).toBe(sdata(second))
    const first = sdata(map)
    expect(update(map, two, BPF_F_LOCK)).toBe(first)
    expect(update(map, two, BPF_ANY)).toBe(sdata(map))
    expect(sdata(map)).not.toBe(first)
  })

  it('refuses BPF_F_LOCK where the value has no lock, whoever calls', () => {
    const { cpu, words, sk } = setting({ sanitize })
    const plain = storageMap(cpu).map
    for (const flags of [BPF_F_LOCK, BPF_F_LOCK | BPF_NOEXIST])
      expect(reading(cpu, () => skStorageUpdate(cpu, plain, sk, one, flags))).toBe(EINVAL)
    expect([charged(words, sk), storageOf(words, sk)]).toEqual([0, 0])
  })

  it('spreads elements over the buckets by their addresses, and keeps them there', () => {
    const here = house({ sanitize, cpus: 8 })
    const { cpu, words } = here
    const { map } = storageMap(cpu)
    for (let i = 0; i < 200; i++) fdUpdateElem(cpu, map, socket(cpu).fd, Int32Array.of(i), 0)
    const used = new Set(elemsOfMap(words, map).map((selem) => selemBucket(words, map, selem)))
    expect(words[map + MAP.bucketLog]).toBe(3)
    expect(used.size).toBe(8)
    expectOrder(here)
  })
})
