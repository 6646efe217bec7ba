import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import type { BpfMap, Sk } from '../../src/shared/pointer.ts'
import { CACHE_SIZE, HEADER, MAP, SELEM, SK_STORAGE } from '../../src/shared/records.ts'
import { fdDeleteElem, fdLookupElem, fdUpdateElem, skStorageGet } from '../../src/shared/sk-storage.ts'
import { sdataOf, selemOf } from '../../src/shared/sk-storage-elem.ts'
import { skStorageLookup, skStorageLookupLocked } from '../../src/shared/sk-storage-lookup.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { lookup, socketWithMaps } from './many-maps.ts'
import {
  elemOf,
  expectLive,
  expectOrder,
  house,
  interrupt,
  MODES,
  onAtomics,
  online,
  reading,
  settle,
  socket,
  storageMap,
  storageOf,
} from './setting.ts'

/** What each of a socket's cache slots points to. */
function cacheOf(words: Int32Array, sk: Sk): number[] {
  const cache = storageOf(words, sk) + SK_STORAGE.cache
  return [...words.slice(cache, cache + CACHE_SIZE)]
}

function slotOf(words: Int32Array, map: BpfMap): number {
  return words[map + MAP.cacheIdx]
}

describe.each(MODES)('the slots of maps ($mode)', ({ sanitize }) => {
  it('are dealt out from 0 to 15 and then again: the least used, the lowest of several', () => {
    const { cpu, words } = house({ sanitize })
    const maps = Array.from({ length: 20 }, () => storageMap(cpu).map)
    expect(maps.map((map) => slotOf(words, map))).toEqual([...Array(16).keys(), 0, 1, 2, 3])
  })

  it('come free when map free begins, and the next map takes them', () => {
    const { cpu, words } = house({ sanitize })
    const maps = Array.from({ length: 16 }, () => storageMap(cpu))
    for (const i of [11, 5]) fdClose(cpu, maps[i].fd)
    // Not yet: the map is only queued.
    expect(slotOf(words, storageMap(cpu).map)).toBe(0)
    runDeferredWork(cpu)
    expect([1, 2, 3].map(() => slotOf(words, storageMap(cpu).map))).toEqual([5, 11, 1])
  })

  it('are counted right while maps come and go', () => {
    const here = house({ sanitize })
    const { cpu, words } = here
    const usage = () => [...words.slice(HEADER.cacheUsage, HEADER.cacheUsage + CACHE_SIZE)]
    const maps = Array.from({ length: 40 }, () => storageMap(cpu))
    expect(usage()).toEqual([...Array(8).fill(3), ...Array(8).fill(2)])
    for (const { fd } of maps) fdClose(cpu, fd)
    settle(here)
    expect(usage()).toEqual(Array(16).fill(0))
  })
})

describe.each(MODES)('the cache ($mode)', ({ sanitize }) => {
  it('is empty until a lookup that may fill it, and then holds what that found', () => {
    const here = socketWithMaps(2, { sanitize })
    const { words, maps, sk } = here
    const empty = Array(16).fill(0)
    expect(cacheOf(words, sk)).toEqual(empty)
    const found = lookup(here, maps[1], sk, false)
    expect(selemOf(found)).toBe(elemOf(words, sk, maps[1]))
    expect(cacheOf(words, sk)).toEqual(empty)
    expect(lookup(here, maps[1], sk, true)).toBe(found)
    expect(cacheOf(words, sk)).toEqual(empty.with(1, found))
    expect(lookup(here, maps[0], sk, true)).not.toBe(found)
    expect(cacheOf(words, sk)).toEqual(empty.with(1, found).with(0, sdataOf(elemOf(words, sk, maps[0]))))
  })

  it('is filled by the lookup syscall and by skStorageGet, not by updates and deletes', () => {
    const { cpu, words, maps, fd, sk } = socketWithMaps(4, { sanitize })
    fdUpdateElem(cpu, maps[0], fd, Int32Array.of(1), 0)
    fdLookupElem(cpu, maps[1], fd, new Int32Array(1), 0)
    reading(cpu, () => skStorageGet(cpu, maps[2], sk, null, 0))
    fdDeleteElem(cpu, maps[3], fd)
    expect(cacheOf(words, sk).map((sdata) => sdata !== 0)).toEqual([false, true, true, ...Array(13).fill(false)])
  })

  it('answers without touching the list or the lock', () => {
    const here = socketWithMaps(1, { sanitize })
    const { words, maps, sk } = here
    const found = lookup(here, maps[0], sk)
    const list = storageOf(words, sk) + SK_STORAGE.list
    const first = words[list]
    words[list] = 0
    const touched: number[] = []
    for (const step of ['load', 'store', 'compareExchange', 'add', 'sub', 'exchange'] as const)
      onAtomics(step, (at) => touched.push(at))
    expect(lookup(here, maps[0], sk)).toBe(found)
    expect(touched.filter((at) => at === list || at === storageOf(words, sk) + SK_STORAGE.lock)).toEqual([])
    words[list] = first
  })

  it('shared by two maps in one slot gives each its own element, and keeps the one that came first', () => {
    const here = socketWithMaps(17, { sanitize })
    const { words, maps, sk } = here
    expect(slotOf(words, maps[0])).toBe(slotOf(words, maps[16]))
    for (const map of [maps[0], maps[16], maps[0], maps[16], maps[16], maps[0]]) {
      const found = lookup(here, map, sk)
      expect(words[selemOf(found) + SELEM.sdata]).toBe(map)
      expect(words[found + 1]).toBe(maps.indexOf(map))
      expect(cacheOf(words, sk)[0]).toBe(sdataOf(elemOf(words, sk, maps[0])))
    }
    expectOrder(here)
  })

  it('forgets an element that is deleted (C1)', () => {
    const here = socketWithMaps(2, { sanitize })
    const { cpu, words, maps, fd, sk } = here
    lookup(here, maps[0], sk)
    const other = lookup(here, maps[1], sk)
    fdDeleteElem(cpu, maps[0], fd)
    expect(cacheOf(words, sk)).toEqual(Array(16).fill(0).with(1, other))
    expect(lookup(here, maps[0], sk)).toBe(0)
    expectOrder(here)
  })

  it('forgets an element that is replaced, and the next lookup finds the new one', () => {
    const here = socketWithMaps(2, { sanitize })
    const { cpu, words, maps, fd, sk } = here
    const old = lookup(here, maps[0], sk)
    fdUpdateElem(cpu, maps[0], fd, Int32Array.of(50), 0)
    expect(cacheOf(words, sk)).toEqual(Array(16).fill(0))
    const found = lookup(here, maps[0], sk)
    expect(found).not.toBe(old)
    expect(words[found + 1]).toBe(50)
    expectOrder(here)
  })

  it('keeps the element of another map in the slot when one is deleted that is not cached', () => {
    const here = socketWithMaps(17, { sanitize })
    const { cpu, words, maps, fd, sk } = here
    const kept = lookup(here, maps[16], sk)
    fdDeleteElem(cpu, maps[0], fd)
    expect(cacheOf(words, sk)[0]).toBe(kept)
    expectOrder(here)
  })

  it('forgets the elements of a map that is freed', () => {
    const here = socketWithMaps(3, { sanitize })
    const { cpu, words, maps, mapFds, sk } = here
    for (const map of maps) lookup(here, map, sk)
    fdClose(cpu, mapFds[1])
    settle(here)
    expect(cacheOf(words, sk).filter((sdata) => sdata !== 0)).toHaveLength(2)
    expectOrder(here)
  })

  it('does not take an element that was deleted while the lookup waited for the lock (C1)', () => {
    const here = socketWithMaps(2, { sanitize })
    const { cpu, other, words, maps, fd, sk } = here
    const selem = elemOf(words, sk, maps[0])
    online(other)
    interrupt(
      'compareExchange',
      (at, expected) => at === storageOf(words, sk) + SK_STORAGE.lock && expected === 0,
      () => expect(fdDeleteElem(other, maps[0], fd)).toBe(0),
    )
    // The lookup came first and may still return it: its memory lasts as long as the read section.
    expect(selemOf(lookup(here, maps[0], sk))).toBe(selem)
    expect(cacheOf(words, sk)).toEqual(Array(16).fill(0))
    settle(here)
    expect(fdLookupElem(cpu, maps[0], fd, new Int32Array(1), 0)).toBe(-2)
    expectOrder(here)
  })

  it('does not take an element of a storage that emptied while the lookup waited for the lock (C1)', () => {
    const here = socketWithMaps(1, { sanitize })
    const { cpu, other, words, maps, fd, sk } = here
    const storage = storageOf(words, sk)
    online(other)
    interrupt(
      'compareExchange',
      (at, expected) => at === storage + SK_STORAGE.lock && expected === 0,
      () => expect(fdDeleteElem(other, maps[0], fd)).toBe(0),
    )
    reading(cpu, () => {
      expect(skStorageLookup(cpu, maps[0], sk, true)).toBeGreaterThan(0)
      expect(words[storage + SK_STORAGE.cache]).toBe(0)
    })
    expectLive(here, { map: 1, buckets: 1, sock: 1, file: 2 })
  })

  it('is filled under the storage’s lock', () => {
    const here = socketWithMaps(1, { sanitize })
    const { words, maps, sk } = here
    const storage = storageOf(words, sk)
    interrupt(
      'store',
      (at) => at === storage + SK_STORAGE.cache,
      () => expect(words[storage + SK_STORAGE.lock]).toBe(1),
    )
    lookup(here, maps[0], sk)
  })
})

describe.each(MODES)('the walk of the list ($mode)', ({ sanitize }) => {
  it('finds each of many maps’ elements, with and without the lock', () => {
    const here = socketWithMaps(40, { sanitize })
    const { cpu, words, maps, sk } = here
    const storage = storageOf(words, sk)
    for (const [i, map] of maps.entries()) {
      const found = lookup(here, map, sk, i % 3 === 0)
      expect(words[found + 1]).toBe(i)
      expect(skStorageLookupLocked(cpu, map, storage)).toBe(found)
    }
    expectOrder(here)
  })

  it('finds nothing where there is nothing: no storage, or no element of the map', () => {
    const here = socketWithMaps(1, { sanitize })
    const { cpu, words, sk } = here
    const absent = storageMap(cpu).map
    expect(lookup(here, absent, sk)).toBe(0)
    expect(skStorageLookupLocked(cpu, absent, storageOf(words, sk))).toBe(0)
    expect(lookup(here, absent, socket(cpu).sk)).toBe(0)
  })

  it('goes on from an element that is removed under it', () => {
    const here = socketWithMaps(3, { sanitize })
    const { cpu, words, maps, fd, sk } = here
    const middle = elemOf(words, sk, maps[1])
    reading(cpu, () => {
      fdDeleteElem(cpu, maps[1], fd)
      // A reader that stood on it finds the element behind.
      expect(words[middle + SELEM.snode]).toBe(elemOf(words, sk, maps[0]) + SELEM.snode)
    })
    expectOrder(here)
  })
})
