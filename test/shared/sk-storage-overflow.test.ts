import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import type { BpfMap, Sk } from '../../src/shared/pointer.ts'
import { HEADER, MAP, OVERFLOW, PLACES, SELEM, SK_STORAGE } from '../../src/shared/records.ts'
import { failslab } from '../../src/shared/sanitizer.ts'
import { fdDeleteElem, fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { sdataOf } from '../../src/shared/sk-storage-elem.ts'
import { skStorageLookupLocked } from '../../src/shared/sk-storage-lookup.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { lookup, socketWithMaps } from './many-maps.ts'
import {
  elemOf,
  expectLive,
  expectOrder,
  house,
  interrupt,
  MODES,
  online,
  settle,
  socket,
  storageMap,
  storageOf,
} from './setting.ts'

/** A socket with an element of each of `count` maps, all looked up once. */
function setting(count: number, options = {}) {
  const here = socketWithMaps(count, options)
  for (const map of here.maps) lookup(here, map, here.sk)
  return here
}

/** A socket with a table that was made for this place. */
function withTableFor(place: number, options = {}) {
  const here = socketWithMaps(place + 1, options)
  lookup(here, here.maps[place % 16], here.sk)
  lookup(here, here.maps[place], here.sk)
  return here
}

/** What stands at the beginning of the memory and never changes: where a write through NULL would land. */
function headerOf(words: Int32Array): number[] {
  return [...words.slice(0, HEADER.fdLock)]
}

/** The table of the socket's storage. */
function tableOf(words: Int32Array, sk: Sk): number {
  return words[storageOf(words, sk) + SK_STORAGE.overflow]
}

/** What a map's entry in that table points to. */
function entryOf(words: Int32Array, sk: Sk, map: BpfMap): number {
  return words[tableOf(words, sk) + OVERFLOW.entries + words[map + MAP.place]]
}

describe.each(MODES)('the places of maps ($mode)', ({ sanitize }) => {
  const places = (words: Int32Array, maps: readonly BpfMap[]) => maps.map((map) => words[map + MAP.place])

  it('are dealt out from 0, each to one map, and come free when map free begins', () => {
    const { cpu, words } = house({ sanitize })
    const maps = Array.from({ length: 70 }, () => storageMap(cpu))
    const all = maps.map(({ map }) => map)
    expect(places(words, all)).toEqual([...all.keys()])
    for (const i of [31, 64, 5]) fdClose(cpu, maps[i].fd)
    runDeferredWork(cpu)
    expect([1, 2, 3, 4].map(() => words[storageMap(cpu).map + MAP.place])).toEqual([5, 31, 64, 70])
  })

  it('are all given back in the end', () => {
    const here = house({ sanitize })
    const maps = Array.from({ length: 40 }, () => storageMap(here.cpu))
    for (const { fd } of maps) fdClose(here.cpu, fd)
    settle(here)
    expect([...here.words.slice(HEADER.places, HEADER.places + PLACES / 32)]).toEqual(Array(PLACES / 32).fill(0))
  })

  it('that a map does not have are not given back: the words in front of them are somebody else’s', () => {
    const here = house({ sanitize })
    const { cpu, words } = here
    words.fill(-1, HEADER.places, HEADER.places + PLACES / 32)
    const { fd } = storageMap(cpu)
    words[HEADER.places - 1] = -1
    fdClose(cpu, fd)
    settle(here)
    expect([...words.slice(HEADER.places - 1, HEADER.places + PLACES / 32)]).toEqual(Array(1 + PLACES / 32).fill(-1))
  })

  it('may run out: then an element that finds its slot taken is found on the list', () => {
    const here = house({ sanitize })
    const { cpu, words } = here
    words.fill(-1, HEADER.places, HEADER.places + PLACES / 32)
    const maps = Array.from({ length: 17 }, () => storageMap(cpu).map)
    expect(places(words, maps)).toEqual(Array(17).fill(-1))
    const { fd, sk } = socket(cpu)
    for (const map of maps) fdUpdateElem(cpu, map, fd, Int32Array.of(1), 0)
    for (let round = 0; round < 2; round++) {
      for (const map of maps) expect(lookup(here, map, sk)).toBe(sdataOf(elemOf(words, sk, map)))
    }
    expect(tableOf(words, sk)).toBe(0)
    expectOrder(here)
  })
})

describe.each(MODES)('the overflow table ($mode)', ({ sanitize }) => {
  it('is not there before an element finds its slot taken', () => {
    const { words, sk } = setting(16, { sanitize })
    expect(tableOf(words, sk)).toBe(0)
  })

  it('answers for the elements without a slot, with and without the lock, and without the list', () => {
    const here = setting(40, { sanitize })
    const { cpu, words, maps, sk } = here
    const storage = storageOf(words, sk)
    const expected = maps.map((map) => sdataOf(elemOf(words, sk, map)))
    const first = words[storage + SK_STORAGE.list]
    words[storage + SK_STORAGE.list] = 0
    expect(maps.map((map) => lookup(here, map, sk))).toEqual(expected)
    expect(maps.map((map) => skStorageLookupLocked(cpu, map, storage))).toEqual(expected)
    words[storage + SK_STORAGE.list] = first
    expectOrder(here)
  })

  it('is made once and stays as long as there is room in it', () => {
    const here = socketWithMaps(20, { sanitize })
    const { words, maps, sk } = here
    // NULL is no table, whatever the number that stands where its count would be.
    words[OVERFLOW.count] = 1 << 20
    const header = headerOf(words)
    for (const map of maps.slice(0, 17)) lookup(here, map, sk)
    const table = tableOf(words, sk)
    for (const map of maps.slice(17)) lookup(here, map, sk)
    expect(tableOf(words, sk)).toBe(table)
    const entries = words.slice(table + OVERFLOW.entries, table + OVERFLOW.entries + words[table + OVERFLOW.count])
    expect([...entries.entries()].filter(([, entry]) => entry !== 0)).toEqual(
      [16, 17, 18, 19].map((place) => [place, sdataOf(elemOf(words, sk, maps[place]))]),
    )
    expect(headerOf(words)).toEqual(header)
    words[OVERFLOW.count] = 0
    expectOrder(here)
  })

  it('has an entry for the very first place as for any other', () => {
    const here = socketWithMaps(17, { sanitize })
    const { cpu, words, maps, fd, sk } = here
    // The last map comes first to the slot that they share.
    lookup(here, maps[16], sk)
    const first = lookup(here, maps[0], sk)
    expect(entryOf(words, sk, maps[0])).toBe(first)
    const list = storageOf(words, sk) + SK_STORAGE.list
    const node = words[list]
    words[list] = 0
    expect(lookup(here, maps[0], sk)).toBe(first)
    words[list] = node
    fdDeleteElem(cpu, maps[0], fd)
    expect(entryOf(words, sk, maps[0])).toBe(0)
    expectOrder(here)
  })

  it('is of 32 words or the power of two behind that has the place', () => {
    for (const [place, size] of [
      [31 - OVERFLOW.entries, 32],
      [32 - OVERFLOW.entries, 64],
      [63 - OVERFLOW.entries, 64],
    ]) {
      const { words, sk } = withTableFor(place, { sanitize })
      expect([place, words[tableOf(words, sk) + OVERFLOW.count]]).toEqual([place, size - OVERFLOW.entries])
    }
  })

  it('ends where its memory ends: what lies behind is neither found nor cleared', () => {
    const here = withTableFor(16, { sanitize })
    const { cpu, words, fd, sk } = here
    const place = words[tableOf(words, sk) + OVERFLOW.count]
    const map = Array.from({ length: place - 16 }, () => storageMap(cpu).map)[place - 17]
    expect(words[map + MAP.place]).toBe(place)
    const other = socket(cpu)
    for (const each of [fd, other.fd]) fdUpdateElem(cpu, map, each, Int32Array.of(1), 0)
    const own = sdataOf(elemOf(words, sk, map))
    const behind = tableOf(words, sk) + OVERFLOW.entries + place
    const was = words[behind]
    words[behind] = sdataOf(elemOf(words, other.sk, map))
    expect(lookup(here, map, sk, false)).toBe(own)
    expect(skStorageLookupLocked(cpu, map, storageOf(words, sk))).toBe(own)
    words[behind] = own
    fdDeleteElem(cpu, map, fd)
    expect(words[behind]).toBe(own)
    words[behind] = was
    expectOrder(here)
  })

  it('begins where its entries begin: a map without a place has none, and what lies in front is neither found nor cleared', () => {
    const here = withTableFor(16, { sanitize })
    const { cpu, words, fd, sk } = here
    words.fill(-1, HEADER.places, HEADER.places + PLACES / 32)
    const { map } = storageMap(cpu)
    const other = socket(cpu)
    for (const each of [fd, other.fd]) fdUpdateElem(cpu, map, each, Int32Array.of(1), 0)
    const own = sdataOf(elemOf(words, sk, map))
    const front = tableOf(words, sk) + OVERFLOW.entries - 1
    words[front] = sdataOf(elemOf(words, other.sk, map))
    expect(lookup(here, map, sk, false)).toBe(own)
    words[front] = own
    fdDeleteElem(cpu, map, fd)
    expect(words[front]).toBe(own)
  })

  it('grows with the highest place and keeps its entries; the smaller one goes a grace period later', () => {
    const here = setting(20, { sanitize })
    const { cpu, words, maps, fd, sk } = here
    const small = tableOf(words, sk)
    const late = Array.from({ length: 60 }, () => storageMap(cpu).map)
    const last = late[late.length - 1]
    fdUpdateElem(cpu, last, fd, Int32Array.of(99), 0)
    lookup(here, last, sk)
    expect(tableOf(words, sk)).not.toBe(small)
    expect(entryOf(words, sk, last)).toBe(sdataOf(elemOf(words, sk, last)))
    expect(entryOf(words, sk, maps[16])).toBe(sdataOf(elemOf(words, sk, maps[16])))
    expectLive(here, { map: 80, buckets: 80, sock: 1, file: 81, storage: 1, elem: 21, overflow: 1 })
  })

  it('forgets an element that is deleted (C1)', () => {
    const here = setting(17, { sanitize })
    const { cpu, words, maps, fd, sk } = here
    expect(entryOf(words, sk, maps[16])).not.toBe(0)
    fdDeleteElem(cpu, maps[16], fd)
    expect(entryOf(words, sk, maps[16])).toBe(0)
    expect(lookup(here, maps[16], sk)).toBe(0)
    expectOrder(here)
  })

  it('does not take an element that was deleted while the lookup waited for the lock (C1)', () => {
    const here = setting(17, { sanitize })
    const { cpu, other, words, maps, fd, sk } = here
    fdUpdateElem(cpu, maps[16], fd, Int32Array.of(5), 0)
    online(other)
    interrupt(
      'compareExchange',
      (at, expected) => at === storageOf(words, sk) + SK_STORAGE.lock && expected === 0,
      () => expect(fdDeleteElem(other, maps[16], fd)).toBe(0),
    )
    expect(lookup(here, maps[16], sk)).toBeGreaterThan(0)
    expect(entryOf(words, sk, maps[16])).toBe(0)
    expectOrder(here)
  })

  it('does not take the element of a freed map for that of the next one at its place', () => {
    const here = setting(17, { sanitize })
    const { cpu, words, maps, mapFds, fd, sk } = here
    const place = words[maps[16] + MAP.place]
    const old = entryOf(words, sk, maps[16])
    // The last put gives the place away, and only then are the elements swept.
    fdClose(cpu, mapFds[16])
    words[HEADER.places + (place >> 5)] &= ~(1 << (place & 31))
    const { map } = storageMap(cpu)
    expect(words[map + MAP.place]).toBe(place)
    expect(lookup(here, map, sk)).toBe(0)
    fdUpdateElem(cpu, map, fd, Int32Array.of(7), 0)
    const found = lookup(here, map, sk)
    expect(words[found - SELEM.sdata + SELEM.sdata]).toBe(map)
    expect(entryOf(words, sk, map)).not.toBe(old)
  })

  it('goes with its storage, whoever removes the last element', () => {
    const here = setting(20, { sanitize })
    const { cpu, mapFds, fd } = here
    for (const each of mapFds) fdClose(cpu, each)
    expectLive(here, { sock: 1, file: 1 })
    fdClose(cpu, fd)
    expectLive(here)
    const again = setting(20, { sanitize })
    fdClose(again.cpu, again.fd)
    expectLive(again, { map: 20, buckets: 20, file: 20 })
  })
})

it('that there is no memory for is only a longer way', () => {
  const here = setting(16, { sanitize: true })
  const { cpu, words, fd, sk } = here
  const header = headerOf(words)
  const { map } = storageMap(cpu)
  fdUpdateElem(cpu, map, fd, Int32Array.of(3), 0)
  const front = words.slice(0, HEADER.heap)
  failslab(words, 1)
  expect(lookup(here, map, sk)).toBe(sdataOf(elemOf(words, sk, map)))
  expect(tableOf(words, sk)).toBe(0)
  expect(words.slice(0, HEADER.heap)).toEqual(front)
  expect(lookup(here, map, sk)).toBe(sdataOf(elemOf(words, sk, map)))
  expect(tableOf(words, sk)).not.toBe(0)
  expectOrder(here)
  expect(headerOf(words)).toEqual(header)
})

it('that there is no memory to grow for stays as it is', () => {
  const here = setting(17, { sanitize: true })
  const { cpu, words, maps, fd, sk } = here
  const table = tableOf(words, sk)
  const late = Array.from({ length: 60 }, () => storageMap(cpu).map)[59]
  fdUpdateElem(cpu, late, fd, Int32Array.of(3), 0)
  const found = sdataOf(elemOf(words, sk, late))
  lookup(here, maps[76 % 16], sk)
  failslab(words, 1)
  expect(lookup(here, late, sk)).toBe(found)
  expect(tableOf(words, sk)).toBe(table)
  expect(entryOf(words, sk, maps[16])).toBe(sdataOf(elemOf(words, sk, maps[16])))
  expect(lookup(here, late, sk)).toBe(found)
  expect(tableOf(words, sk)).not.toBe(table)
  expectOrder(here)
})
