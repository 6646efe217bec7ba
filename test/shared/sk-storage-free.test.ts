import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { BUCKET, HLIST_NODE, SELEM, SK_STORAGE } from '../../src/shared/records.ts'
import { fdLookupElem, fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { selemBucket, selemUnlink } from '../../src/shared/sk-storage-elem.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import type { SockOptions } from '../../src/shared/sock.ts'
import { lockOwner } from '../../src/sync/lock-word.ts'
import { rcuReadLock, rcuReadLockHeld, rcuReadUnlock } from '../../src/sync/rcu.ts'
import {
  elemsOf,
  elemsOfMap,
  expectLive,
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

/** A socket with an element of each of `count` maps. */
function setting(count: number, options: { sanitize: boolean }, sock: SockOptions = {}) {
  const here = house(options)
  const { cpu, words } = here
  const maps = Array.from({ length: count }, () => storageMap(cpu))
  const { fd, sk } = socket(cpu, sock)
  for (const { map } of maps) fdUpdateElem(cpu, map, fd, Int32Array.of(1), 0)
  return { ...here, maps, fd, sk, storage: storageOf(words, sk) }
}

describe.each(MODES)('the end of a socket’s storage ($mode)', ({ sanitize }) => {
  it.each([
    [0, {}],
    [1, {}],
    [5, {}],
    [40, {}],
    [1, { rcuFree: true }],
    [40, { rcuFree: true }],
  ])('takes the elements of %i maps, cached or not, of a socket made with %o (H17)', (count, sock) => {
    const here = setting(count, { sanitize }, sock)
    const { cpu, maps, fd, words } = here
    for (const { map } of maps.slice(0, 10)) fdLookupElem(cpu, map, fd, new Int32Array(1), 0)
    expect(fdClose(cpu, fd)).toBe(0)
    // The destruction itself throws where a charge is left over.
    expectLive(here, { map: count, buckets: count, file: count })
    for (const { map } of maps) expect(elemsOfMap(words, map)).toEqual([])
  })

  it('takes each element off its map before it takes it off the socket (C4)', () => {
    const { cpu, words, fd, sk } = setting(3, { sanitize })
    const selems = elemsOf(words, sk)
    const locks = selems.map((selem) => selemBucket(words, words[selem + SELEM.sdata] as BpfMap, selem) + BUCKET.lock)
    const linked = (selem: number, node: number) => words[selem + node + HLIST_NODE.pprev] !== 0
    // At each release of a bucket's lock: which elements are on no bucket and still on the socket.
    const between: number[][] = []
    onAtomics('compareExchange', (at, expected) => {
      if (expected === 0 || !locks.includes(at)) return
      between.push(selems.filter((selem) => !linked(selem, SELEM.mapNode) && linked(selem, SELEM.snode)))
    })
    fdClose(cpu, fd)
    expect(between).toEqual(selems.map((selem) => [selem]))
    expect(selems.map((selem) => linked(selem, SELEM.snode))).toEqual([false, false, false])
  })

  it('holds the storage’s lock all the while and frees the storage after it (C3)', () => {
    const here = setting(3, { sanitize })
    const { memory, cpu, words, fd, sk, storage } = here
    const owners: number[] = []
    onAtomics('store', (at, value) => {
      if (value === 0 && at === sk) owners.push(lockOwner(words, storage + SK_STORAGE.lock))
    })
    fdClose(cpu, fd)
    expect(owners).toEqual([0])
    expect(lockOwner(words, storage + SK_STORAGE.lock)).toBe(-1)
    expect(liveObjects(memory)).toMatchObject({ sock: 0, storage: 1, elem: 3 })
    settle(here)
    expect(liveObjects(memory)).toMatchObject({ sock: 0, storage: 0, elem: 0 })
  })

  it('leaves to readers what they found, until their sections end', () => {
    const here = setting(2, { sanitize })
    const { memory, cpu, other, words, fd, sk, storage } = here
    const selem = elemsOf(words, sk)[0]
    rcuReadLock(online(other))
    fdClose(cpu, fd)
    expect(words[selem + SELEM.value]).toBe(1)
    expect(words[storage + SK_STORAGE.sk]).toBe(0)
    expect(liveObjects(memory)).toMatchObject({ storage: 1, elem: 2 })
    rcuReadUnlock(other)
    expectLive(here, { map: 2, buckets: 2, file: 2 })
  })

  it('finds nothing left when map free has taken everything before (C10)', () => {
    const here = setting(2, { sanitize })
    const { cpu, maps, fd, words, sk } = here
    for (const map of maps) fdClose(cpu, map.fd)
    settle(here)
    expect(storageOf(words, sk)).toBe(0)
    fdClose(cpu, fd)
    expectLive(here)
  })

  it.each([
    [1, 'all'],
    [3, 'all'],
    [3, 'some'],
  ])('of %i elements may find %s of them gone when it has the lock: map free was faster (C10)', (count, which) => {
    const here = setting(count, { sanitize })
    const { memory, cpu, other, words, fd, sk, storage } = here
    const selems = elemsOf(words, sk)
    online(other)
    interrupt(
      'compareExchange',
      (at, expected) => at === storage + SK_STORAGE.lock && expected === 0,
      () =>
        reading(other, () => {
          // The storage that CPU 0 is about to lock may be freed at any moment.
          expect(rcuReadLockHeld(cpu)).toBe(true)
          for (const selem of which === 'all' ? selems : selems.slice(1)) selemUnlink(other, selem)
        }),
    )
    fdClose(cpu, fd)
    expect(liveObjects(memory)).toMatchObject({ sock: 0, storage: 1, elem: count })
    expectLive(here, { map: count, buckets: count, file: count })
  })

  it('in the middle of map free’s removal leaves that nothing to do (C10, C12)', () => {
    const here = setting(1, { sanitize })
    const { cpu, other, words, fd, sk, storage } = here
    const selem = elemsOf(words, sk)[0]
    rcuReadLock(cpu)
    online(other)
    interrupt(
      'compareExchange',
      (at, expected) => at === storage + SK_STORAGE.lock && expected === 0,
      () => fdClose(other, fd),
    )
    selemUnlink(cpu, selem)
    rcuReadUnlock(cpu)
    expectLive(here, { map: 1, buckets: 1, file: 1 })
  })
})
