import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import { mapCreate } from '../../src/shared/map.ts'
import type { MapOptions } from '../../src/shared/map-options.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import { BUCKET, MAP, SELEM, SK_STORAGE } from '../../src/shared/records.ts'
import { fdLookupElem, fdUpdateElem, skStorageGet } from '../../src/shared/sk-storage.ts'
import { selemUnlink } from '../../src/shared/sk-storage-elem.ts'
import {
  MAX_VALUE_SIZE,
  mapSweepCallback,
  skStorageMapCheck,
  skStorageMapFree,
} from '../../src/shared/sk-storage-map.ts'
import { skStorageUpdate } from '../../src/shared/sk-storage-update.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import { PERCPU } from '../../src/sync/cpu.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { pushGracePeriod } from '../../src/sync/grace-period.ts'
import { rcuOffline, rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadLockHeld, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { GRACE_PERIOD_STEP, RCU } from '../../src/sync/rcu-layout.ts'
import {
  charged,
  elemOf,
  elemsOf,
  elemsOfMap,
  expectLive,
  expectOrder,
  house,
  interrupt,
  list,
  MODES,
  onAtomics,
  online,
  reading,
  SK_STORAGE_MAP,
  socket,
  storageMap,
  storageOf,
  whileParked,
} from './setting.ts'

const E2BIG = -7
const EPERM = -1
const EINVAL = -22

describe.each(MODES)('the check of a new map ($mode)', ({ sanitize }) => {
  const cases: [string, Partial<MapOptions>, number][] = [
    ['without BPF_F_NO_PREALLOC', { flags: 0 }, EINVAL],
    ['with BPF_F_CLONE alone', { flags: 512 }, EINVAL],
    ['with a flag that it does not know', { flags: 3 }, EINVAL],
    ['with such a flag in the highest bit', { flags: 0x8000_0001 }, EINVAL],
    ['with max_entries', { maxEntries: 1 }, EINVAL],
    ['with a key of 8 bytes', { keySize: 8 }, EINVAL],
    ['with a key of no bytes', { keySize: 0 }, EINVAL],
    ['with a value of no bytes', { valueSize: 0 }, EINVAL],
    ['without a key type', { btfKeyTypeId: 0 }, EINVAL],
    ['without a value type', { btfValueTypeId: 0 }, EINVAL],
    ['with a key type that is a struct', { keyIsInt: false }, EINVAL],
    ['with a value one byte too large', { valueSize: MAX_VALUE_SIZE + 1 }, E2BIG],
    ['with a value of 4 GiB', { valueSize: 2 ** 32 - 1 }, E2BIG],
    // In the kernel's order: what is wrong with the flags, keys and types comes before the size.
    ['with a value too large and a wrong flag', { valueSize: 1 << 20, flags: 0 }, EINVAL],
    ['with a value too large and a wrong key', { valueSize: 1 << 20, keySize: 8 }, EINVAL],
    ['with a value too large and no key type', { valueSize: 1 << 20, btfKeyTypeId: 0 }, EINVAL],
    ['with a value too large and a key type that is a struct', { valueSize: 1 << 20, keyIsInt: false }, E2BIG],
    ['with a value too large and a lock out of place', { valueSize: 1 << 20, lockOffset: 2 }, E2BIG],
  ]

  it.each(cases)('refuses one %s', (_, wrong, err) => {
    const here = house({ sanitize })
    expect(mapCreate(here.cpu, { ...SK_STORAGE_MAP, ...wrong })).toBe(err)
    expectLive(here)
  })

  it('is refused to a caller without the capability: behind what can not be, before what is too large', () => {
    const here = house({ sanitize })
    const errors = [{}, { valueSize: 1 << 20 }, { flags: 0 }, { name: 'bad-name' }].map((wrong) =>
      mapCreate(here.cpu, { ...SK_STORAGE_MAP, ...wrong }, false),
    )
    expect(errors).toEqual([EPERM, EPERM, EINVAL, EPERM])
    expectLive(here)
  })

  it('takes BPF_F_CLONE, and the largest value there is: 65 407 bytes', () => {
    expect(MAX_VALUE_SIZE).toBe(65_407)
    expect(skStorageMapCheck({ ...SK_STORAGE_MAP, flags: 513 })).toBe(0)
    const here = house({ sanitize })
    const { cpu } = here
    const { map } = storageMap(cpu, { valueSize: MAX_VALUE_SIZE })
    const { fd } = socket(cpu)
    const value = Int32Array.from({ length: 16_352 }, (_, i) => i)
    expect(fdUpdateElem(cpu, map, fd, value, 0)).toBe(0)
    const out = new Int32Array(16_352)
    expect(fdLookupElem(cpu, map, fd, out, 0)).toBe(0)
    expect(out).toEqual(value)
    fdClose(cpu, fd)
    expectLive(here, { map: 1, buckets: 1, file: 1 })
  })
})

describe.each(MODES)('map free ($mode)', ({ sanitize }) => {
  /** `sockets` sockets, each with an element of two maps; the first of them is closed but not freed yet. */
  function dying(sockets: number) {
    const here = house({ sanitize })
    const { cpu } = here
    const doomed = storageMap(cpu)
    const kept = storageMap(cpu)
    const socks = Array.from({ length: sockets }, () => socket(cpu))
    for (const { fd } of socks)
      for (const { map } of [doomed, kept]) expect(fdUpdateElem(cpu, map, fd, Int32Array.of(fd), 0)).toBe(0)
    fdClose(cpu, doomed.fd)
    return { ...here, map: doomed.map, kept: kept.map, socks }
  }

  it.each([0, 1, 63, 64, 65, 300])('takes the elements of %i sockets that live on, and their charges', (count) => {
    const here = dying(count)
    const { cpu, words, kept, socks } = here
    expectLive(here, {
      map: 1,
      buckets: 1,
      sock: count,
      file: count + 1,
      storage: count,
      elem: count,
    })
    for (const { fd, sk } of socks) {
      expect(charged(words, sk)).toBe(168 + 132)
      const out = new Int32Array(1)
      expect(fdLookupElem(cpu, kept, fd, out, 0)).toBe(0)
      expect(out[0]).toBe(fd)
    }
  })

  it('takes sixteen elements off a bucket at a time, and lets a grace period end in between', () => {
    const here = dying(300)
    const { cpu, words, map, other } = here
    const buckets = [0, 1].map((i) => words[map + MAP.buckets] + i * BUCKET.SIZE)
    const batches = buckets.map((bucket) => Math.floor(list(words, bucket + BUCKET.list).length / 16))
    skStorageMapFree(cpu, map)
    const reported = () => words[cpu.base + PERCPU.quiescent]
    const visits = [0, 0]
    const gaveWay = [0, 0]
    let last = reported()
    onAtomics('compareExchange', (at, expected) => {
      const i = buckets.findIndex((bucket) => at === bucket + BUCKET.lock)
      if (i < 0 || expected !== 0) return
      if (visits[i]++ > 0 && reported() !== last) gaveWay[i]++
      // CPU 1, which is offline, wants a grace period at each visit.
      pushGracePeriod(other)
      last = reported()
    })
    mapSweepCallback(cpu, map + MAP.work)
    expect(batches[0] + batches[1]).toBeGreaterThanOrEqual(17)
    expect(visits).toEqual(batches.map((count) => count + 1))
    expect(gaveWay).toEqual(batches)
  })

  it('takes the storage where its elements were the only ones', () => {
    const here = house({ sanitize })
    const { cpu, words } = here
    const { fd, map } = storageMap(cpu)
    const socks = Array.from({ length: 20 }, () => socket(cpu))
    for (const sock of socks) fdUpdateElem(cpu, map, sock.fd, Int32Array.of(1), 0)
    fdClose(cpu, fd)
    expectLive(here, { sock: 20, file: 20 })
    expect(socks.filter(({ sk }) => storageOf(words, sk) !== 0)).toEqual([])
  })

  it('begins when the last of all references is gone', () => {
    const here = house({ sanitize })
    const { cpu, words } = here
    const { fd, map } = storageMap(cpu)
    const sock = socket(cpu)
    fdUpdateElem(cpu, map, sock.fd, Int32Array.of(1), 0)
    words[map + MAP.refcount]++
    fdClose(cpu, fd)
    expect(runDeferredWork(cpu)).toBe(0)
    expect(elemsOf(words, sock.sk)).toHaveLength(1)
    mapPut(cpu, map)
    expectLive(here, { sock: 1, file: 1 })
  })

  it('first waits for every read section: one that began before may still add an element (C11)', () => {
    const here = dying(3)
    const { cpu, other, words, map } = here
    const late = socket(cpu)
    rcuReadLock(online(other))
    let waits = 0
    whileParked((at) => {
      expect(at).toBe(other.base + PERCPU.quiescent)
      if (waits++ > 0) return
      // Nothing is swept yet, and a program that found the map before its last reference went adds one more.
      expect(elemsOfMap(words, map)).toHaveLength(3)
      expect(skStorageUpdate(other, map, late.sk, Int32Array.of(9), 0)).toBeGreaterThan(0)
      rcuReadUnlock(other)
      rcuOffline(other)
    })
    runDeferredWork(cpu)
    expect(waits).toBeGreaterThan(0)
    expect([charged(words, late.sk), storageOf(words, late.sk)]).toEqual([0, 0])
    expectLive(here, { map: 1, buckets: 1, sock: 4, file: 5, storage: 3, elem: 3 })
  })

  it('waits once more after the sweep: a dying socket may still read the map’s sizes (C13)', () => {
    const here = dying(3)
    const { memory, cpu, other, words, map } = here
    rcuReadLock(online(other))
    const live: number[][] = []
    whileParked(() => {
      const { map: maps, buckets } = liveObjects(memory)
      if (live.length < 2) live.push([elemsOfMap(words, map).length, maps, buckets, words[map + MAP.elemSize]])
      rcuReadUnlock(other)
      rcuQuiescentState(other)
      rcuReadLock(other)
    })
    runDeferredWork(cpu)
    // Swept at the second wait, but neither the buckets nor the map are gone.
    expect(live).toEqual([
      [3, 2, 2, 132],
      [0, 2, 2, 132],
    ])
    expect(liveObjects(memory)).toMatchObject({ map: 1, buckets: 1 })
    rcuReadUnlock(other)
    expectLive(here, { map: 1, buckets: 1, sock: 3, file: 4, storage: 3, elem: 3 })
  })

  it('shares its elements with the sockets that die meanwhile: each is removed and uncharged once (C12)', () => {
    const here = dying(200)
    const { cpu, other, words, map, socks } = here
    const buckets = words[map + MAP.buckets]
    const bySelem = new Map(socks.map(({ fd, sk }) => [elemOf(words, sk, map), fd]))
    const victims = elemsOfMap(words, map).map((selem) => bySelem.get(selem) as number)
    const locks = elemsOfMap(words, map).map((selem) => words[selem + SELEM.storage] + SK_STORAGE.lock)
    // When the sweep is about to take the first bucket's lock CPU 1 closes the two sockets it is at. Then, twice, when
    // it is about to take a socket's lock, with elements in hand that are off the bucket, CPU 1 closes that socket and
    // the next.
    let closed = 0
    let closing = false
    onAtomics('compareExchange', (at, expected) => {
      if (closing || closed === 6 || expected !== 0) return
      const next = at >= buckets && at < buckets + 2 * BUCKET.SIZE ? 0 : locks.indexOf(at)
      if (next < closed) return
      closing = true
      // What it is about to look at may be freed by others at any moment.
      expect(rcuReadLockHeld(cpu)).toBe(true)
      online(other)
      for (const fd of victims.slice(next, next + 2)) fdClose(other, fd)
      rcuOffline(other)
      closed = next + 2
      closing = false
    })
    runDeferredWork(cpu)
    expect(closed).toBe(6)
    expectLive(here, { map: 1, buckets: 1, sock: 194, file: 195, storage: 194, elem: 194 })
  })

  it('does not touch a socket again whose storage it has just taken (C2)', () => {
    const here = house({ sanitize })
    const { cpu, other, words } = here
    const { fd, map } = storageMap(cpu)
    const sock = socket(cpu)
    fdUpdateElem(cpu, map, sock.fd, Int32Array.of(1), 0)
    fdClose(cpu, fd)
    const storage = storageOf(words, sock.sk)
    // Just before the release of the lock the pointer is NULL already: the socket may be closed, and is gone at once.
    interrupt(
      'compareExchange',
      (at, expected) => at === storage + SK_STORAGE.lock && expected !== 0,
      () => {
        online(other)
        fdClose(other, sock.fd)
        expect(liveObjects(here.memory).sock).toBe(0)
        rcuOffline(other)
      },
    )
    runDeferredWork(cpu)
    expectLive(here)
  })

  it('leaves elements readable for a grace period after it removed them', () => {
    const here = house({ sanitize })
    const { memory, cpu, other, words } = here
    const { fd, map } = storageMap(cpu)
    const sock = socket(cpu)
    fdUpdateElem(cpu, map, sock.fd, Int32Array.of(77), 0)
    const selem = elemOf(words, sock.sk, map)
    rcuReadLock(online(other))
    const value = skStorageGet(other, map, sock.sk, null, 0)
    reading(cpu, () => selemUnlink(cpu, selem))
    for (let i = 0; i < 4; i++) rcuQuiescentState(cpu)
    expect(words[value]).toBe(77)
    expect(words[selem + SELEM.sdata]).toBe(map)
    expect(liveObjects(memory).elem).toBe(1)
    rcuReadUnlock(other)
    fdClose(cpu, fd)
    expectLive(here, { sock: 1, file: 1 })
  })

  it('of many maps at once waits for no more grace periods than that of one', () => {
    const [one, many] = [1, 20].map((count) => {
      const here = house({ sanitize })
      const { cpu, words } = here
      const maps = Array.from({ length: count }, () => storageMap(cpu))
      const sock = socket(cpu)
      for (const { map } of maps) fdUpdateElem(cpu, map, sock.fd, Int32Array.of(1), 0)
      for (const { fd } of maps) fdClose(cpu, fd)
      const before = words[cpu.rcu + RCU.completed]
      expect(runDeferredWork(cpu)).toBeGreaterThanOrEqual(count)
      const periods = (words[cpu.rcu + RCU.completed] - before) / GRACE_PERIOD_STEP
      expectLive(here, { sock: 1, file: 1 })
      return periods
    })
    expect(one).toBeGreaterThanOrEqual(2)
    expect(many).toBe(one)
  })

  it('of many maps at once leaves the sockets without anything', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const maps = Array.from({ length: 20 }, () => storageMap(cpu))
    const socks = Array.from({ length: 10 }, () => socket(cpu))
    for (const { map } of maps) for (const { fd } of socks) fdUpdateElem(cpu, map, fd, Int32Array.of(1), 0)
    for (const { fd } of maps) fdClose(cpu, fd)
    expectLive(here, { sock: 10, file: 10 })
    expectOrder(here)
  })
})
