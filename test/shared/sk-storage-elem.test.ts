import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import { BUCKET, HLIST_NODE, MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { fdDeleteElem, fdUpdateElem } from '../../src/shared/sk-storage.ts'
import {
  ELEM_CHARGE,
  omemCharge,
  omemUncharge,
  STORAGE_CHARGE,
  sdataOf,
  selemAlloc,
  selemBucket,
  selemFreeUnlinked,
  selemOf,
  selemUnlink,
} from '../../src/shared/sk-storage-elem.ts'
import { MAX_VALUE_SIZE } from '../../src/shared/sk-storage-map.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import { PERCPU } from '../../src/sync/cpu.ts'
import { lockOwner } from '../../src/sync/lock-word.ts'
import {
  charged,
  elemOf,
  elemsOf,
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

const ENOMEM = -12

function zeroes(bytes: number): Int32Array {
  return new Int32Array(Math.ceil(bytes / 4))
}

describe.each(MODES)('the charge ($mode)', ({ sanitize }) => {
  it('is that of the kernel on x86-64: 168 for the storage, 128 and the value for each element', () => {
    expect([STORAGE_CHARGE, ELEM_CHARGE]).toEqual([168, 128])
    const here = house({ sanitize, optmemMax: 1 << 20 })
    const { cpu, words } = here
    const { fd, sk } = socket(cpu)
    let expected = 168
    const maps = [1, 4, 7, 8, 100, 4096, MAX_VALUE_SIZE].map((valueSize) => {
      const { map } = storageMap(cpu, { valueSize })
      expect(fdUpdateElem(cpu, map, fd, zeroes(valueSize), 0)).toBe(0)
      expected += 128 + valueSize
      expect(charged(words, sk)).toBe(expected)
      return map
    })
    for (const map of maps) {
      fdDeleteElem(cpu, map, fd)
      expected -= words[map + MAP.elemSize]
      expect(charged(words, sk)).toBe(elemsOf(words, sk).length === 0 ? 0 : expected)
    }
    expect(charged(words, sk)).toBe(0)
    expectOrder(here)
  })

  it.each([
    // The element alone, then the element and the storage: each sum must stay below the limit, not reach it.
    [0, ENOMEM],
    [135, ENOMEM],
    [136, ENOMEM],
    [137, ENOMEM],
    [303, ENOMEM],
    [304, ENOMEM],
    [305, 0],
  ])('of a first element of 8 bytes, with optmemMax %i, is answered %i: strictly below', (optmemMax, answer) => {
    const here = house({ sanitize, optmemMax })
    const { cpu, words } = here
    const { map } = storageMap(cpu, { valueSize: 8 })
    const { fd, sk } = socket(cpu)
    expect(fdUpdateElem(cpu, map, fd, zeroes(8), 0)).toBe(answer)
    expect(charged(words, sk)).toBe(answer === 0 ? 304 : 0)
    expectLive(here, { map: 1, buckets: 1, sock: 1, file: 2, ...(answer === 0 ? { storage: 1, elem: 1 } : {}) })
  })

  it.each([
    [439, ENOMEM],
    [440, ENOMEM],
    [441, 0],
  ])('of a second element, with optmemMax %i, is answered %i', (optmemMax, answer) => {
    const here = house({ sanitize, optmemMax })
    const { cpu, words } = here
    const [first, second] = [0, 1].map(() => storageMap(cpu, { valueSize: 8 }).map)
    const { fd, sk } = socket(cpu)
    expect(fdUpdateElem(cpu, first, fd, zeroes(8), 0)).toBe(0)
    expect(fdUpdateElem(cpu, second, fd, zeroes(8), 0)).toBe(answer)
    expect(charged(words, sk)).toBe(answer === 0 ? 440 : 304)
    // At the limit a replacement still goes: it is charged nothing.
    expect(fdUpdateElem(cpu, first, fd, zeroes(8), 0)).toBe(0)
    expectOrder(here)
  })

  it('of each socket is its own', () => {
    const here = house({ sanitize, optmemMax: 305 })
    const { cpu } = here
    const { map } = storageMap(cpu, { valueSize: 8 })
    for (let i = 0; i < 10; i++) expect(fdUpdateElem(cpu, map, socket(cpu).fd, zeroes(8), 0)).toBe(0)
    expectOrder(here)
  })

  it('is refused only by what was looked at for sure: a glance may have seen what is long given back', () => {
    const { cpu, words } = house({ sanitize, optmemMax: 300 })
    const { sk } = socket(cpu)
    // Both what reaches the limit and what goes far beyond it.
    for (const stale of [200, 299]) {
      words[sk + SOCK.omemAlloc] = stale
      interrupt(
        'load',
        (at) => at === sk + SOCK.omemAlloc,
        () => {
          words[sk + SOCK.omemAlloc] = 0
        },
      )
      expect(omemCharge(cpu, sk, 100)).toBe(true)
      expect(charged(words, sk)).toBe(100)
    }
  })

  it('is added only to what was looked at: of two racing chargers the second is refused when there is room for one', () => {
    const here = house({ sanitize, optmemMax: 300 })
    const { cpu, other, words } = here
    const { sk } = socket(cpu)
    interrupt(
      'compareExchange',
      (at) => at === sk + SOCK.omemAlloc,
      () => expect(omemCharge(other, sk, 200)).toBe(true),
    )
    expect(omemCharge(cpu, sk, 200)).toBe(false)
    expect(charged(words, sk)).toBe(200)
    expect(omemCharge(cpu, sk, 1)).toBe(true)
    omemUncharge(cpu, sk, 201)
    expect(omemCharge(cpu, sk, 301)).toBe(false)
    expect(charged(words, sk)).toBe(0)
  })
})

describe('a fresh element', () => {
  it('begins where its memory begins: the word in front of it is somebody else’s', () => {
    const { cpu, words } = house()
    const { map } = storageMap(cpu, { valueSize: 8 })
    const { sk } = socket(cpu)
    const size = 128 + 8
    const first = selemAlloc(cpu, map, sk, null, size)
    words[first - 1] = 4711
    selemFreeUnlinked(cpu, map, sk, first, size)
    expect(selemAlloc(cpu, map, sk, null, size)).toBe(first)
    expect(words[first - 1]).toBe(4711)
    selemFreeUnlinked(cpu, map, sk, first, size)
  })
})

describe.each(MODES)('the removal of an element ($mode)', ({ sanitize }) => {
  /** A socket with one element of each of two maps. */
  function setting() {
    const here = house({ sanitize })
    const { cpu, words } = here
    const maps = [0, 1].map(() => storageMap(cpu, { valueSize: 8 }).map)
    const { fd, sk } = socket(cpu)
    for (const map of maps) fdUpdateElem(cpu, map, fd, zeroes(8), 0)
    online(here.other)
    return { ...here, maps, fd, sk, storage: storageOf(words, sk) }
  }
  const REST = { map: 2, buckets: 2, sock: 1, file: 3 }

  it('takes it off its map first, then off its socket: the second is what frees it (C4)', () => {
    const { cpu, words, maps, fd, sk } = setting()
    const selem = elemOf(words, sk, maps[0])
    const linked = () => [SELEM.mapNode, SELEM.snode].map((node) => words[selem + node + HLIST_NODE.pprev] !== 0)
    const bucket = selemBucket(words, maps[0], selem)
    let between: boolean[] = []
    interrupt(
      'compareExchange',
      (at, expected) => at === bucket + BUCKET.lock && expected !== 0,
      () => {
        between = linked()
      },
    )
    fdDeleteElem(cpu, maps[0], fd)
    expect(between).toEqual([false, true])
    expect(linked()).toEqual([false, false])
  })

  it('takes the bucket’s lock and the storage’s one after the other, not nested', () => {
    const { cpu, words, maps, fd, sk, storage } = setting()
    const bucket = selemBucket(words, maps[0], elemOf(words, sk, maps[0])) + BUCKET.lock
    const taken: number[] = []
    onAtomics('compareExchange', (at, expected) => {
      if (expected !== 0 || (at !== bucket && at !== storage + SK_STORAGE.lock)) return
      expect([bucket, storage + SK_STORAGE.lock].map((lock) => lockOwner(words, lock))).toEqual([-1, -1])
      taken.push(at)
    })
    fdDeleteElem(cpu, maps[0], fd)
    expect(taken).toEqual([bucket, storage + SK_STORAGE.lock])
  })

  it('gives every charge back before the last unlink, and leaves the socket alone from then on (C2)', () => {
    const here = setting()
    const { cpu, words, maps, fd, sk } = here
    fdDeleteElem(cpu, maps[1], fd)
    let gone = false
    const afterwards: number[] = []
    const note = (at: number) => gone && at >= sk && at < sk + SOCK.SIZE && afterwards.push(at - sk)
    for (const step of ['add', 'sub', 'load', 'compareExchange', 'exchange'] as const) onAtomics(step, note)
    onAtomics('store', (at, value) => {
      note(at)
      if (at !== sk + SOCK.storage || value !== 0) return
      expect(charged(words, sk)).toBe(0)
      gone = true
    })
    // The helper's own reference is put afterwards, so the element is removed without one.
    reading(cpu, () => selemUnlink(cpu, elemOf(words, sk, maps[0])))
    expect([gone, afterwards]).toEqual([true, []])
    expectLive(here, REST)
  })

  it('sets the socket’s pointer to NULL under the storage’s lock (C6)', () => {
    const { cpu, words, maps, fd, sk, storage } = setting()
    fdDeleteElem(cpu, maps[1], fd)
    interrupt(
      'store',
      (at) => at === sk + SOCK.storage,
      () => {
        expect(lockOwner(words, storage + SK_STORAGE.lock)).toBe(0)
        expect(words[storage + SK_STORAGE.sk]).toBe(0)
      },
    )
    fdDeleteElem(cpu, maps[0], fd)
  })

  it('frees the storage after the last element only, and not before its lock is released (C3)', () => {
    const here = setting()
    const { memory, cpu, words, maps, fd, storage } = here
    fdDeleteElem(cpu, maps[1], fd)
    expect(lastCallback()).not.toBe(storage + SK_STORAGE.rcu)
    const queued: boolean[] = []
    onAtomics('compareExchange', (at, expected) => {
      if (at === storage + SK_STORAGE.lock && expected !== 0) queued.push(lastCallback() === storage + SK_STORAGE.rcu)
    })
    /** The head that this CPU queued last. */
    function lastCallback(): number {
      return words[cpu.base + PERCPU.nextTail]
    }
    fdDeleteElem(cpu, maps[0], fd)
    expect(queued).toEqual([false])
    expect(lastCallback()).toBe(storage + SK_STORAGE.rcu)
    expect(liveObjects(memory)).toMatchObject({ storage: 1, elem: 2 })
    expectLive(here, REST)
  })

  it('done by two CPUs at once happens once, whichever list the second is late at', () => {
    for (const lock of ['bucket', 'storage'] as const) {
      const here = setting()
      const { cpu, other, words, maps, sk, storage } = here
      const selem = elemOf(words, sk, maps[0])
      const at = lock === 'storage' ? storage + SK_STORAGE.lock : selemBucket(words, maps[0], selem) + BUCKET.lock
      interrupt(
        'compareExchange',
        (word, expected) => word === at && expected === 0,
        () => reading(other, () => selemUnlink(other, selem)),
      )
      reading(cpu, () => selemUnlink(cpu, selem))
      expect(charged(words, sk)).toBe(168 + 136)
      expectLive(here, { ...REST, storage: 1, elem: 1 })
    }
  })

  it('done again finds nothing to do, and does not even take the storage’s lock', () => {
    const here = setting()
    const { cpu, words, maps, sk } = here
    const selem = elemOf(words, sk, maps[0])
    reading(cpu, () => {
      selemUnlink(cpu, selem)
      onAtomics('compareExchange', (at) => expect(at).not.toBe(here.storage + SK_STORAGE.lock))
      for (let i = 0; i < 3; i++) selemUnlink(cpu, selem)
    })
    expect(charged(words, sk)).toBe(168 + 136)
    expectLive(here, { ...REST, storage: 1, elem: 1 })
  })

  it('of the elements of two maps may run into the socket’s end', () => {
    const here = setting()
    const { cpu, other, words, maps, fd, sk, storage } = here
    const selem = elemOf(words, sk, maps[0])
    // CPU 0 removes an element for map free, without a reference; CPU 1 destroys the socket in the middle of it.
    interrupt(
      'compareExchange',
      (at, expected) => at === storage + SK_STORAGE.lock && expected === 0,
      () => fdClose(other, fd),
    )
    reading(cpu, () => selemUnlink(cpu, selem))
    expectLive(here, { map: 2, buckets: 2, file: 2 })
  })
})

describe('an element', () => {
  it('and its sdata lead to each other', () => {
    const { cpu, words } = house()
    const { map } = storageMap(cpu)
    const { fd, sk } = socket(cpu)
    fdUpdateElem(cpu, map, fd, Int32Array.of(1), 0)
    const selem = elemOf(words, sk, map)
    expect(selemOf(sdataOf(selem))).toBe(selem)
    expect(sdataOf(selem) - selem).toBe(SELEM.sdata)
  })

  it.each([1, 2, 3, 4, 7, 64, 256])('has a bucket of the map, on %i CPUs, wherever it lies (H01)', (cpus) => {
    const { cpu, words } = house({ cpus, bytes: 16 << 20 })
    const { map } = storageMap(cpu)
    const buckets = words[map + MAP.buckets]
    const count = 1 << words[map + MAP.bucketLog]
    expect(count).toBe(Math.max(2, 2 ** Math.ceil(Math.log2(cpus))))
    const used = new Set<number>()
    for (let selem = 4096; selem < 4096 + 16 * 20 * count; selem += 16) {
      const index = (selemBucket(words, map, selem as never) - buckets) / BUCKET.SIZE
      expect(Number.isInteger(index) && index >= 0 && index < count).toBe(true)
      used.add(index)
    }
    expect(used.size).toBe(count)
    for (const selem of [2 ** 30, 2 ** 31 - 16]) {
      const index = (selemBucket(words, map, selem as never) - buckets) / BUCKET.SIZE
      expect(index >= 0 && index < count).toBe(true)
    }
  })
})
