import { describe, expect, it } from 'vitest'
import { FILE_MAP, fdClose, fdOpen, sockfdLookup } from '../../src/shared/fd-table.ts'
import { mapCreate, mapGet, mapGetFdById, mapGetNextId, mapInfo } from '../../src/shared/map.ts'
import type { MapOptions } from '../../src/shared/map-options.ts'
import { mapInc, mapIncNotZero, mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { HEADER, MAP } from '../../src/shared/records.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import { deferredWorkPending, runDeferredWork } from '../../src/sync/deferred-work.ts'
import { KernelBug } from '../../src/sync/kernel-bug.ts'
import {
  COUNTER,
  expectLive,
  expectOrder,
  house,
  interrupt,
  list,
  MODES,
  mapOf,
  online,
  SK_STORAGE_MAP,
  socket,
  storageMap,
} from './setting.ts'

const ENOENT = -2
const E2BIG = -7
const EBADF = -9
const ENOMEM = -12
const EINVAL = -22
const EMFILE = -24

/** What a working BPF_MAP_CREATE of a hash map asks for. */
const HASH: MapOptions = { type: 1, keySize: 4, valueSize: 4, maxEntries: 10, flags: 0 }

describe.each(MODES)('mapCreate ($mode)', ({ sanitize }) => {
  it.each([
    ['a type that is not here', { type: 3 }],
    ['type 0', { type: 0 }],
    ['a name of 16 bytes', { name: 'a234567890123456' }],
    ['a name with a blank', { name: 'egress cnt' }],
    ['a name with a slash', { name: 'a/b' }],
    ['a name with a letter outside ASCII', { name: 'zähler' }],
    ['a key size that is no whole number', { keySize: 4.5 }],
    ['a value size that is no number', { valueSize: Number.NaN }],
    ['a negative number of entries', { maxEntries: -1 }],
    ['flags beyond 32 bits', { flags: 2 ** 32 + 1 }],
    ['a lock that is not aligned', { valueSize: 12, lockOffset: 2 }],
    ['a lock that ends behind the value', { valueSize: 8, lockOffset: 8 }],
    ['a lock that is cut off by the value’s end', { valueSize: 6, lockOffset: 4 }],
    ['a lock before the value', { valueSize: 8, lockOffset: -4 }],
  ])('refuses %s with -EINVAL', (_, wrong) => {
    const here = house({ sanitize })
    expect(mapCreate(here.cpu, { ...SK_STORAGE_MAP, ...wrong })).toBe(EINVAL)
    expect(mapCreate(here.cpu, { ...HASH, ...wrong })).toBe(EINVAL)
    expectLive(here)
  })

  it('takes every name the kernel takes', () => {
    const { cpu } = house({ sanitize })
    for (const name of ['', 'a', 'egress_cnt', 'A.b.C', '_9', 'a23456789012345']) {
      expect(mapInfo(cpu, storageMap(cpu, { name }).map).name).toBe(name)
    }
  })

  it('cares for the type of a key only where it is sk storage', () => {
    const { cpu } = house({ sanitize })
    expect(mapCreate(cpu, { ...HASH, keyIsInt: false })).toBeGreaterThan(0)
    expect(mapCreate(cpu, { ...SK_STORAGE_MAP, keyIsInt: false })).toBe(EINVAL)
  })

  it('gives ids from 1 on and never one twice', () => {
    const { cpu } = house({ sanitize })
    const first = storageMap(cpu)
    const second = storageMap(cpu)
    expect([first, second].map(({ map }) => mapInfo(cpu, map).id)).toEqual([1, 2])
    fdClose(cpu, second.fd)
    runDeferredWork(cpu)
    expect(mapInfo(cpu, storageMap(cpu).map).id).toBe(3)
  })

  it('describes what it made', () => {
    const { cpu } = house({ sanitize })
    const { map } = storageMap(cpu, { ...COUNTER, flags: 513, name: 'egress_cnt' })
    expect(mapInfo(cpu, map)).toEqual({
      id: 1,
      type: 24,
      name: 'egress_cnt',
      keySize: 4,
      valueSize: 8,
      maxEntries: 0,
      flags: 513,
      btfId: 0,
      btfKeyTypeId: 1,
      btfValueTypeId: 3,
      lockOffset: 4,
      references: 1,
    })
    const hash = mapOf(cpu, mapCreate(cpu, HASH))
    expect(mapInfo(cpu, hash)).toEqual({
      ...HASH,
      id: 2,
      name: '',
      btfId: 0,
      btfKeyTypeId: 0,
      btfValueTypeId: 0,
      lockOffset: -1,
      references: 1,
    })
  })

  it('returns -EMFILE when the table is full, and the map goes again', () => {
    const here = house({ sanitize, maxFds: 4 })
    const { fd } = socket(here.cpu)
    expect(mapCreate(here.cpu, SK_STORAGE_MAP)).toBe(EMFILE)
    expect(mapCreate(here.cpu, HASH)).toBe(EMFILE)
    expect(list(here.words, HEADER.maps)).toEqual([])
    fdClose(here.cpu, fd)
    expectLive(here)
  })

  it('refuses a hash map that no memory could hold, and leaves memory as it was', () => {
    const here = house({ sanitize, cpus: 4 })
    for (const cpu of here.cpus) socket(online(cpu))
    const before = liveObjects(here.memory)
    for (const valueSize of [64, 1000, 65_535]) {
      const fd = mapCreate(here.cpu, { ...HASH, maxEntries: 1 << 24, valueSize })
      expect([valueSize, [E2BIG, ENOMEM].includes(fd)]).toEqual([valueSize, true])
    }
    // 2**32 + 2**10 words with the spare elements: as a 32-bit number a small array.
    const overflow = { ...HASH, maxEntries: 4_194_049, valueSize: 4064 }
    expect([E2BIG, ENOMEM]).toContain(mapCreate(here.cpu, overflow))
    expect(liveObjects(here.memory)).toEqual(before)
    expectOrder(here)
  })
})

describe.each(MODES)('mapGet ($mode)', ({ sanitize }) => {
  it('takes a reference on the map behind a descriptor', () => {
    const { cpu } = house({ sanitize })
    const { fd, map } = storageMap(cpu)
    expect(mapGet(cpu, fd)).toBe(map)
    expect(mapInfo(cpu, map).references).toBe(2)
    mapPut(cpu, map)
    expect(mapInfo(cpu, map).references).toBe(1)
  })

  it('is -EBADF for what is not open and -EINVAL for a socket, on which no reference stays behind', () => {
    const here = house({ sanitize })
    const { fd } = socket(here.cpu)
    expect(mapGet(here.cpu, fd)).toBe(EINVAL)
    expect(mapGet(here.cpu, fd + 1)).toBe(EBADF)
    expect(mapGet(here.cpu, -1)).toBe(EBADF)
    expect(sockfdLookup(here.cpu, fd)).toBeGreaterThan(0)
  })

  it('keeps the map alive after its descriptor is closed', () => {
    const here = house({ sanitize })
    const { fd, map } = storageMap(here.cpu)
    mapGet(here.cpu, fd)
    fdClose(here.cpu, fd)
    expectLive(here, { map: 1, buckets: 1 })
    mapPut(here.cpu, map)
    expectLive(here)
  })
})

describe.each(MODES)('mapGetFdById ($mode)', ({ sanitize }) => {
  it('opens another descriptor for the map', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const maps = [storageMap(cpu), storageMap(cpu), storageMap(cpu)]
    for (const { map, fd } of maps) {
      const again = mapGetFdById(cpu, mapInfo(cpu, map).id)
      expect(mapOf(cpu, again)).toBe(map)
      expect(mapInfo(cpu, map).references).toBe(2)
      fdClose(cpu, fd)
      expect(mapOf(cpu, again)).toBe(map)
    }
    expectLive(here, { map: 3, file: 3, buckets: 3 })
  })

  it('is -ENOENT for an id that was never given or is no more', () => {
    const { cpu } = house({ sanitize })
    const { fd } = storageMap(cpu)
    expect([mapGetFdById(cpu, 0), mapGetFdById(cpu, 2), mapGetFdById(cpu, -1)]).toEqual([ENOENT, ENOENT, ENOENT])
    fdClose(cpu, fd)
    expect(mapGetFdById(cpu, 1)).toBe(ENOENT)
  })

  it('is -ENOENT while the last reference is being dropped: the map is still on the list, with a count of zero', () => {
    const here = house({ sanitize })
    const { cpu, other } = here
    const { fd, map } = storageMap(cpu)
    online(other)
    interrupt(
      'compareExchange',
      (at, expected) => at === HEADER.mapsLock && expected === 0,
      () => {
        expect(cpu.words[map + MAP.refcount]).toBe(0)
        expect(list(cpu.words, HEADER.maps)).toHaveLength(1)
        expect(mapGetFdById(other, 1)).toBe(ENOENT)
      },
    )
    fdClose(cpu, fd)
    expectLive(here)
  })

  it('is -EMFILE when the table is full, without a reference left behind', () => {
    const here = house({ sanitize, maxFds: 5 })
    const { map } = storageMap(here.cpu)
    socket(here.cpu)
    expect(mapGetFdById(here.cpu, 1)).toBe(EMFILE)
    expect(mapInfo(here.cpu, map).references).toBe(1)
  })
})

describe.each(MODES)('mapGetNextId ($mode)', ({ sanitize }) => {
  it('walks the ids in ascending order, whatever ids have gone, and ends with -ENOENT', () => {
    const { cpu } = house({ sanitize })
    expect(mapGetNextId(cpu, 0)).toBe(ENOENT)
    const maps = Array.from({ length: 7 }, () => storageMap(cpu))
    for (const gone of [0, 3, 6]) fdClose(cpu, maps[gone].fd)
    const next = [0, 1, 2, 3, 4, 5, 6, 7].map((id) => mapGetNextId(cpu, id))
    expect(next).toEqual([2, 2, 3, 5, 5, 6, ENOENT, ENOENT])
  })
})

describe.each(MODES)('references on a map ($mode)', ({ sanitize }) => {
  it('are taken only while there is one', () => {
    const { cpu } = house({ sanitize })
    const { fd, map } = storageMap(cpu)
    expect(mapIncNotZero(cpu, map)).toBe(true)
    mapPut(cpu, map)
    fdClose(cpu, fd)
    expect(mapIncNotZero(cpu, map)).toBe(false)
    expect(() => mapInc(cpu, map)).toThrow(
      new KernelBug(
        'refcount-from-zero',
        `refcountInc at word ${map + MAP.refcount}: the count was 0, the object is already dying`,
      ),
    )
  })

  it('end in deferred work, since freeing sleeps: the map leaves the list of ids at once and memory later', () => {
    const here = house({ sanitize })
    const { memory, cpu, words } = here
    const { fd } = storageMap(cpu)
    const pending = deferredWorkPending(cpu)
    fdClose(cpu, fd)
    expect(list(words, HEADER.maps)).toEqual([])
    expect(deferredWorkPending(cpu)).toBe(pending + 1)
    expect(liveObjects(memory)).toMatchObject({ map: 1, buckets: 1 })
    expect(runDeferredWork(cpu)).toBe(1)
    expect(deferredWorkPending(cpu)).toBe(0)
    expect(liveObjects(memory)).toMatchObject({ map: 0, buckets: 0 })
  })

  it('of several descriptors count as many', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const { fd, map } = storageMap(cpu)
    mapInc(cpu, map)
    const second = fdOpen(cpu, FILE_MAP, map as BpfMap)
    expect(mapInfo(cpu, map).references).toBe(2)
    fdClose(cpu, fd)
    expectLive(here, { map: 1, file: 1, buckets: 1 })
    fdClose(cpu, second)
    expectLive(here)
  })
})
