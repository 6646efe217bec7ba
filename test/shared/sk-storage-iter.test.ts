import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import type { Sk } from '../../src/shared/pointer.ts'
import { MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { fdUpdateElem, skStorageDelete } from '../../src/shared/sk-storage.ts'
import { selemBucket } from '../../src/shared/sk-storage-elem.ts'
import { bpfIterSkStorageMap } from '../../src/shared/sk-storage-iter.ts'
import { PERCPU } from '../../src/sync/cpu.ts'
import { deferredWorkPending } from '../../src/sync/deferred-work.ts'
import { lockOwner } from '../../src/sync/lock-word.ts'
import { rcuReadLock, rcuReadLockHeld, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import {
  elemOf,
  elemsOf,
  elemsOfMap,
  expectLive,
  expectOrder,
  type House,
  house,
  interrupt,
  MODES,
  online,
  reading,
  socket,
  storageMap,
  storageOf,
} from './setting.ts'

/** A map with an element at each of `count` sockets, the value being the socket's number. */
function setting(count: number, options = {}) {
  const here = house(options)
  const { cpu } = here
  const { fd: mapFd, map } = storageMap(cpu)
  const socks = Array.from({ length: count }, () => socket(cpu))
  for (const [i, { fd }] of socks.entries()) fdUpdateElem(cpu, map, fd, Int32Array.of(i), 0)
  return { ...here, mapFd, map, socks }
}

/** Values shown, in the order of showing. */
function values({ cpu, words, map }: House & { map: ReturnType<typeof storageMap>['map'] }): number[] {
  const shown: number[] = []
  const count = bpfIterSkStorageMap(cpu, map, (_, __, value) => {
    shown.push(words[value])
    return true
  })
  expect(count).toBe(shown.length)
  return shown
}

describe.each(MODES)('the iterator ($mode)', ({ sanitize }) => {
  it.each([0, 1, 3, 63, 64, 65, 128, 500])('shows each of %i elements once', (count) => {
    const here = setting(count, { sanitize })
    expect(values(here).sort((a, b) => a - b)).toEqual([...Array(count).keys()])
    expectOrder(here)
  })

  it('shows a map’s elements and no other map’s', () => {
    const here = setting(20, { sanitize })
    const second = storageMap(here.cpu).map
    for (const { fd } of here.socks.slice(0, 5)) fdUpdateElem(here.cpu, second, fd, Int32Array.of(99), 0)
    expect(values(here)).not.toContain(99)
    expect(values({ ...here, map: second })).toEqual(Array(5).fill(99))
  })

  it('hands out a held socket, inside a read section, with no lock held (H07)', () => {
    const here = setting(5, { sanitize })
    const { cpu, words, map } = here
    bpfIterSkStorageMap(cpu, map, (on, sk, value) => {
      expect(on).toBe(cpu)
      expect(words[sk + SOCK.refcount]).toBe(2)
      expect(rcuReadLockHeld(cpu)).toBe(true)
      expect(words[value - SELEM.value + SELEM.sdata]).toBe(map)
      const bucket = selemBucket(words, map, (value - SELEM.value) as never)
      expect([lockOwner(words, bucket + 1), lockOwner(words, storageOf(words, sk) + SK_STORAGE.lock)]).toEqual([-1, -1])
      return true
    })
    for (const { sk } of here.socks) expect(words[sk + SOCK.refcount]).toBe(1)
  })

  it('shows elements whose values may be written', () => {
    const here = setting(10, { sanitize })
    bpfIterSkStorageMap(here.cpu, here.map, (_, __, value) => {
      here.words[value] += 100
      return true
    })
    expect(values(here).sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => 100 + i))
  })

  it('stops when show says so, also in the middle of a later batch', () => {
    for (const stopAfter of [1, 2, 64, 65, 100]) {
      const here = setting(150, { sanitize })
      let left = stopAfter
      expect(bpfIterSkStorageMap(here.cpu, here.map, () => --left > 0)).toBe(stopAfter)
      expectOrder(here)
    }
  })

  it('goes on when show returns nothing', () => {
    const here = setting(7, { sanitize })
    expect(bpfIterSkStorageMap(here.cpu, here.map, () => undefined)).toBe(7)
  })

  it('shows every element once though show deletes each (H07)', () => {
    const here = setting(60, { sanitize })
    const { cpu, map } = here
    const shown = new Set<number>()
    bpfIterSkStorageMap(cpu, map, (_, sk) => {
      shown.add(sk)
      expect(skStorageDelete(cpu, map, sk)).toBe(0)
      return true
    })
    expect(shown.size).toBe(60)
    expectLive(here, { map: 1, buckets: 1, sock: 60, file: 61 })
  })

  it('may miss elements behind a batch when show deletes, but repeats none and ends', () => {
    const here = setting(300, { sanitize })
    const { cpu, words, map } = here
    const shown: number[] = []
    bpfIterSkStorageMap(cpu, map, (_, sk) => {
      shown.push(sk)
      skStorageDelete(cpu, map, sk)
      return true
    })
    expect(new Set(shown).size).toBe(shown.length)
    expect(shown.length + elemsOfMap(words, map).length).toBe(300)
    expect(shown.length).toBeGreaterThanOrEqual(64)
    expectOrder(here)
  })

  it('goes on when show deletes the element it would show next', () => {
    const here = setting(20, { sanitize })
    const { cpu, words, map } = here
    const all = elemsOfMap(words, map)
    const sks = all.map((selem) => words[words[selem + SELEM.storage] + SK_STORAGE.sk] as Sk)
    const shown: number[] = []
    bpfIterSkStorageMap(cpu, map, (_, sk) => {
      shown.push(sk)
      if (shown.length === 1) skStorageDelete(cpu, map, sks[1])
      return true
    })
    expect(shown).not.toContain(sks[1])
    expect(shown).toHaveLength(19)
    expectOrder(here)
  })

  it('keeps the map when show closes its last descriptor (H08)', () => {
    const here = setting(100, { sanitize })
    const { cpu, words, map, mapFd } = here
    let shown = 0
    bpfIterSkStorageMap(cpu, map, () => {
      if (shown++ === 0) {
        expect(fdClose(cpu, mapFd)).toBe(0)
        expect(deferredWorkPending(cpu)).toBe(0)
        expect(words[map + MAP.refcount]).toBe(1)
      }
      return true
    })
    expect(shown).toBe(100)
    expect(deferredWorkPending(cpu)).toBe(1)
    expectLive(here, { sock: 100, file: 100 })
  })

  it('leaves no reference on the map behind', () => {
    const here = setting(3, { sanitize })
    values(here)
    bpfIterSkStorageMap(here.cpu, here.map, () => false)
    expect(here.words[here.map + MAP.refcount]).toBe(1)
  })

  it('skips a socket that is dying', () => {
    const here = house({ sanitize })
    const { cpu, other } = here
    const { map } = storageMap(cpu)
    const socks = Array.from({ length: 6 }, () => socket(cpu, { rcuFree: true }))
    for (const [i, { fd }] of socks.entries()) fdUpdateElem(cpu, map, fd, Int32Array.of(i), 0)
    rcuReadLock(online(other))
    for (const i of [1, 4]) fdClose(cpu, socks[i].fd)
    expect(elemsOfMap(cpu.words, map)).toHaveLength(6)
    expect(values({ ...here, map }).sort()).toEqual([0, 2, 3, 5])
    rcuReadUnlock(other)
    expectLive(here, { map: 1, buckets: 1, sock: 4, file: 5, storage: 4, elem: 4 })
  })

  it('may be the last to hold a socket: closed while it is shown, it goes when show is done', () => {
    const here = setting(3, { sanitize })
    const { cpu, words, map, socks } = here
    bpfIterSkStorageMap(cpu, map, (_, sk) => {
      fdClose(cpu, socks.find((each) => each.sk === sk)?.fd as number)
      expect(words[sk + SOCK.refcount]).toBe(1)
      expect(elemsOf(words, sk)).toHaveLength(1)
      return true
    })
    expectLive(here, { map: 1, buckets: 1, file: 1 })
  })

  it('does not take a socket that dies while it waits for the storage’s lock, nor reads its pointer twice (H32)', () => {
    const here = setting(1, { sanitize })
    const { other, words, socks } = here
    const storage = storageOf(words, socks[0].sk)
    online(other)
    interrupt(
      'compareExchange',
      (at, expected) => at === storage + SK_STORAGE.lock && expected === 0,
      () => fdClose(other, socks[0].fd),
    )
    expect(values(here)).toEqual([])
    expectLive(here, { map: 1, buckets: 1, file: 1 })
  })

  it('shows an element that is replaced while it stands on it: the old one is still there to read', () => {
    const here = setting(1, { sanitize })
    const { cpu, other, words, map, socks } = here
    const old = elemOf(words, socks[0].sk, map)
    const storage = storageOf(words, socks[0].sk)
    online(other)
    interrupt(
      'compareExchange',
      (at, expected) => at === storage + SK_STORAGE.lock && expected === 0,
      () => fdUpdateElem(other, map, socks[0].fd, Int32Array.of(50), 0),
    )
    const shown: number[] = []
    bpfIterSkStorageMap(cpu, map, (_, __, value) => {
      shown.push(value, words[value])
      return true
    })
    // The new one is shown as well where its bucket, which follows from its address, lies behind.
    const now = elemOf(words, socks[0].sk, map)
    const behind = selemBucket(words, map, now) > selemBucket(words, map, old)
    expect(shown).toEqual([old + SELEM.value, 0, ...(behind ? [now + SELEM.value, 50] : [])])
    expectOrder(here)
  })

  it('gives way between batches, unless it was called in a read section, which then lasts', () => {
    const here = setting(200, { sanitize })
    const { cpu, other, words, map } = here
    online(other)
    const reports = () => words[cpu.base + PERCPU.quiescent]
    // CPU 1 wants a grace period: CPU 0 reports between its batches.
    words[cpu.rcu + RCU.started] += 2
    const before = reports()
    let inFirstBatch = 0
    bpfIterSkStorageMap(cpu, map, () => {
      if (reports() === before) inFirstBatch++
      return true
    })
    expect(reports()).toBe(before + 2)
    expect(inFirstBatch).toBe(64)
    words[cpu.rcu + RCU.started] += 2
    reading(cpu, () => bpfIterSkStorageMap(cpu, map, () => true))
    expect(reports()).toBe(before + 2)
    expect(rcuReadLockHeld(cpu)).toBe(false)
  })

  it('nested in show walks on its own', () => {
    const here = setting(5, { sanitize })
    let inner = 0
    const outer = bpfIterSkStorageMap(here.cpu, here.map, () => {
      inner += bpfIterSkStorageMap(here.cpu, here.map, () => true)
      return true
    })
    expect([outer, inner]).toEqual([5, 25])
    expectOrder(here)
  })
})
