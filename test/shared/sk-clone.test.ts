import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import type { Sk } from '../../src/shared/pointer.ts'
import { BUCKET, CACHE_SIZE, HEADER, MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { skClone, sockAccept } from '../../src/shared/sk-clone.ts'
import { fdDeleteElem, fdLookupElem, fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { selemBucket } from '../../src/shared/sk-storage-elem.ts'
import { bpfIterSkStorageMap } from '../../src/shared/sk-storage-iter.ts'
import {
  AF_INET6,
  SOCK_DGRAM,
  SOCK_RCU_FREE,
  sockCookie,
  sockPut,
  TCP_ESTABLISHED,
  TCP_LISTEN,
} from '../../src/shared/sock.ts'
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
  mapOf,
  onAtomics,
  online,
  reading,
  settle,
  skOf,
  socket,
  storageMap,
  storageOf,
} from './setting.ts'

const CLONE = 1 | 512
const EBADF = -9
const ENOMEM = -12
const EINVAL = -22
const EMFILE = -24
const ENOTSOCK = -88
const EOPNOTSUPP = -95

/** A listener with elements of two maps that are cloned and, between them, one that is not. */
function setting(options = {}) {
  const here = house(options)
  const { cpu } = here
  const cloned = storageMap(cpu, { ...COUNTER, flags: CLONE })
  const plain = storageMap(cpu, COUNTER)
  const second = storageMap(cpu, { flags: CLONE, valueSize: 100 })
  const listener = socket(cpu, { state: TCP_LISTEN, family: AF_INET6, saddr: [1, 2, 3, 4], sport: 443 })
  expect(fdUpdateElem(cpu, cloned.map, listener.fd, Int32Array.of(5, 0), 0)).toBe(0)
  expect(fdUpdateElem(cpu, plain.map, listener.fd, Int32Array.of(6, 0), 0)).toBe(0)
  expect(fdUpdateElem(cpu, second.map, listener.fd, new Int32Array(25).fill(7), 0)).toBe(0)
  return { ...here, cloned, plain, second, listener }
}

/** What the setting itself is made of. */
const REST = { map: 3, buckets: 3, sock: 1, file: 4, storage: 1, elem: 3 }
/** What the child's two copies are charged with. */
const CHILD_CHARGE = 168 + 136 + 228

describe.each(MODES)('sockAccept ($mode)', ({ sanitize }) => {
  it('gives the child copies of the elements of BPF_F_CLONE maps and of no others', () => {
    const here = setting({ sanitize })
    const { cpu, words, cloned, plain, second, listener } = here
    const fd = sockAccept(cpu, listener.fd)
    const child = skOf(cpu, fd)
    const out = new Int32Array(25)
    expect(fdLookupElem(cpu, cloned.map, fd, out, 0)).toBe(0)
    expect([...out.slice(0, 2)]).toEqual([5, 0])
    expect(fdLookupElem(cpu, plain.map, fd, out, 0)).toBe(-2)
    expect(fdLookupElem(cpu, second.map, fd, out, 0)).toBe(0)
    expect([...out]).toEqual(Array(25).fill(7))
    expect(charged(words, child)).toBe(CHILD_CHARGE)
    expect(charged(words, listener.sk)).toBe(168 + 136 + 136 + 228)
    expectLive(here, { ...REST, sock: 2, file: 5, storage: 2, elem: 5 })
  })

  it('makes the copies independent of the listener’s', () => {
    const here = setting({ sanitize })
    const { cpu, cloned, listener } = here
    const fd = sockAccept(cpu, listener.fd)
    fdUpdateElem(cpu, cloned.map, listener.fd, Int32Array.of(50, 0), 0)
    const out = new Int32Array(2)
    fdLookupElem(cpu, cloned.map, fd, out, 0)
    expect(out[0]).toBe(5)
    fdUpdateElem(cpu, cloned.map, fd, Int32Array.of(60, 0), 4)
    fdLookupElem(cpu, cloned.map, listener.fd, out, 0)
    expect(out[0]).toBe(50)
    fdClose(cpu, listener.fd)
    expectLive(here, { map: 3, buckets: 3, sock: 1, file: 4, storage: 1, elem: 2 })
  })

  it('makes a child that is established, freed at once, with a cookie of its own and the listener’s addresses', () => {
    const { cpu, words, listener } = setting({ sanitize })
    const child = skOf(cpu, sockAccept(cpu, listener.fd))
    expect(words[child + SOCK.state]).toBe(TCP_ESTABLISHED)
    expect(words[child + SOCK.flags] & SOCK_RCU_FREE).toBe(0)
    expect(words[child + SOCK.refcount]).toBe(1)
    expect(sockCookie(cpu, child)).not.toBe(sockCookie(cpu, listener.sk))
    for (const field of [SOCK.family, SOCK.type, SOCK.ports, SOCK.saddr, SOCK.saddr + 3])
      expect(words[child + field]).toBe(words[listener.sk + field])
  })

  it('gives a child of a listener without elements, or without cloned ones, no storage at all', () => {
    const here = house({ sanitize })
    const { cpu, words } = here
    const { map } = storageMap(cpu)
    const listener = socket(cpu, { state: TCP_LISTEN })
    for (let i = 0; i < 2; i++) {
      const child = skOf(cpu, sockAccept(cpu, listener.fd))
      expect([storageOf(words, child), charged(words, child)]).toEqual([0, 0])
      fdUpdateElem(cpu, map, listener.fd, Int32Array.of(1), 0)
    }
    expectOrder(here)
  })

  it('never lets the child have the listener’s storage, and a child’s end leaves the listener whole (H02, H03)', () => {
    const here = setting({ sanitize })
    const { cpu, words, listener, cloned } = here
    const storage = storageOf(words, listener.sk)
    const child = sockAccept(cpu, listener.fd)
    expect(storageOf(words, skOf(cpu, child))).not.toBe(storage)
    expect(words[storageOf(words, skOf(cpu, child)) + SK_STORAGE.sk]).toBe(skOf(cpu, child))
    fdClose(cpu, child)
    expect(fdLookupElem(cpu, cloned.map, listener.fd, new Int32Array(2), 0)).toBe(0)
    expectLive(here, REST)
  })

  it.each([
    ['a descriptor that is not open', EBADF, () => 99],
    ['a map', ENOTSOCK, ({ cloned }: ReturnType<typeof setting>) => cloned.fd],
    ['an established socket', EINVAL, ({ cpu }: ReturnType<typeof setting>) => socket(cpu).fd],
    ['a datagram socket', EOPNOTSUPP, ({ cpu }: ReturnType<typeof setting>) => socket(cpu, { type: SOCK_DGRAM }).fd],
  ])('refuses %s with %i', (_, err, fdOf) => {
    const here = setting({ sanitize })
    expect(sockAccept(here.cpu, fdOf(here))).toBe(err)
    expectOrder(here)
  })

  it('is -EMFILE before anything is made, and before what the socket is matters', () => {
    const here = setting({ sanitize, maxFds: 8 })
    const { cpu, listener } = here
    const datagram = socket(cpu, { type: SOCK_DGRAM })
    expect(datagram.fd).toBe(7)
    expect(sockAccept(cpu, datagram.fd)).toBe(EMFILE)
    expect(sockAccept(cpu, listener.fd)).toBe(EMFILE)
    fdClose(cpu, datagram.fd)
    expectLive(here, REST)
    expect(sockAccept(cpu, listener.fd)).toBe(7)
    expectOrder(here)
  })

  it('gives its descriptor back on every error', () => {
    const { cpu, listener } = setting({ sanitize, optmemMax: 1000 })
    cpu.words[HEADER.optmemMax] = 200
    const established = socket(cpu)
    expect(sockAccept(cpu, established.fd)).toBe(EINVAL)
    expect(sockAccept(cpu, listener.fd)).toBe(ENOMEM)
    expect(socket(cpu).fd).toBe(established.fd + 1)
  })
})

describe.each(MODES)('skClone ($mode)', ({ sanitize }) => {
  it.each([1, 136, 304, 136 + 168, CHILD_CHARGE - 1, CHILD_CHARGE])(
    'with room for %i bytes at the child makes none, and leaves nothing of it',
    (optmemMax) => {
      const here = setting({ sanitize })
      const { cpu, words, listener } = here
      words[HEADER.optmemMax] = optmemMax
      expect(skClone(cpu, listener.sk)).toBe(0)
      expect(charged(words, listener.sk)).toBe(168 + 136 + 136 + 228)
      expectLive(here, REST)
    },
  )

  it('with room for one byte more than the copies take makes one', () => {
    const here = setting({ sanitize })
    const { cpu, words, listener } = here
    words[HEADER.optmemMax] = CHILD_CHARGE + 1
    const child = skClone(cpu, listener.sk)
    expect(charged(words, child)).toBe(CHILD_CHARGE)
    sockPut(cpu, child)
    expectLive(here, REST)
  })

  it('copies a value under its lock, and the copy’s lock is free', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, cloned, listener } = here
    const value = elemOf(words, listener.sk, cloned.map) + SELEM.value
    bpfSpinLock(other, value + 1)
    words[value] = 1000
    let waited = false
    // CPU 1 is in the middle of a change when CPU 0 first finds the lock taken.
    onAtomics('load', (at) => {
      if (at !== value + 1 || waited) return
      waited = true
      words[value] = 8
      bpfSpinUnlock(other, value + 1)
    })
    const child = skClone(cpu, listener.sk)
    const copy = elemOf(words, child, cloned.map) + SELEM.value
    expect([waited, words[copy], words[copy + 1]]).toEqual([true, 8, 0])
    expect(lockOwner(words, value + 1)).toBe(-1)
    sockPut(cpu, child)
    expectLive(here, REST)
  })

  it('skips a map whose last reference is gone: map free may have swept its buckets already (C15, H05)', () => {
    const here = setting({ sanitize })
    const { cpu, words, cloned, second, listener } = here
    fdClose(cpu, cloned.fd)
    const child = skClone(cpu, listener.sk)
    expect(elemsOf(words, child).map((selem) => words[selem + SELEM.sdata])).toEqual([second.map])
    expect(elemsOfMap(words, cloned.map)).toHaveLength(1)
    expect(charged(words, child)).toBe(168 + 228)
    sockPut(cpu, child)
    expectLive(here, { map: 2, buckets: 2, sock: 1, file: 3, storage: 1, elem: 2 })
  })

  it('holds a map while it copies, and is the one who frees it if the last descriptor goes meanwhile (C15)', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, cloned, listener } = here
    const buckets = words[cloned.map + MAP.buckets]
    online(other)
    interrupt(
      'compareExchange',
      (at, expected) => expected === 0 && at >= buckets && at < buckets + 2 * BUCKET.SIZE,
      () => {
        fdClose(other, cloned.fd)
        expect(words[cloned.map + MAP.refcount]).toBe(1)
      },
    )
    const child = skClone(cpu, listener.sk)
    expect(words[cloned.map + MAP.refcount]).toBe(0)
    expect(elemsOf(words, child)).toHaveLength(2)
    settle(here)
    // Map free then finds the copy, too.
    expect(elemsOf(words, child)).toHaveLength(1)
    sockPut(cpu, child)
    expectLive(here, { map: 2, buckets: 2, sock: 1, file: 3, storage: 1, elem: 2 })
  })

  it('leaves no reference on any map behind', () => {
    const here = setting({ sanitize })
    const { cpu, words, cloned, plain, second, listener } = here
    for (let i = 0; i < 5; i++) sockAccept(cpu, listener.fd)
    words[HEADER.optmemMax] = 200
    for (let i = 0; i < 5; i++) expect(sockAccept(cpu, listener.fd)).toBe(ENOMEM)
    for (const { map } of [cloned, plain, second]) expect(words[map + MAP.refcount]).toBe(1)
    expectLive(here, { ...REST, sock: 6, file: 9, storage: 6, elem: 13 })
  })

  it('keeps the count at zero until the storage is complete, so that no iterator takes hold of the child', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, cloned, listener } = here
    let child = 0
    let refcount = 0
    onAtomics('store', (at, value) => {
      // The first zero that is stored is the new socket's count.
      if (refcount === 0 && value === 0) {
        refcount = at
        child = at - SOCK.refcount
      }
    })
    const shown: number[] = []
    let copies = 0
    interrupt(
      'store',
      (at, value) => refcount !== 0 && at === refcount && value === 1,
      () => {
        copies = elemsOfMap(words, cloned.map).length
        bpfIterSkStorageMap(online(other), cloned.map, (_, sk) => {
          shown.push(sk)
          return true
        })
      },
    )
    const made = skClone(cpu, listener.sk)
    expect(made).toBe(child)
    expect(copies).toBe(2)
    expect(shown).toEqual([listener.sk])
    shown.length = 0
    bpfIterSkStorageMap(other, cloned.map, (_, sk) => {
      shown.push(sk)
      return true
    })
    expect(shown.sort()).toEqual([listener.sk, made].sort())
    sockPut(cpu, made)
    expectLive(here, REST)
  })

  it('goes on when the element it stands on is deleted from the listener', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, cloned, plain, second, listener } = here
    online(other)
    const buckets = words[second.map + MAP.buckets]
    // While the newest is copied, all the listener's elements go.
    interrupt(
      'compareExchange',
      (at, expected) => expected === 0 && at >= buckets && at < buckets + 2 * BUCKET.SIZE,
      () => {
        for (const { map } of [plain, second, cloned]) expect(fdDeleteElem(other, map, listener.fd)).toBe(0)
      },
    )
    const child = skClone(cpu, listener.sk)
    // A removed element keeps its way on, and what it leads to stays readable: the clone has both.
    expect(elemsOf(words, child)).toHaveLength(2)
    expect(charged(words, child)).toBe(CHILD_CHARGE)
    expect(charged(words, listener.sk)).toBe(0)
    sockPut(cpu, child)
    expectLive(here, { map: 3, buckets: 3, sock: 1, file: 4 })
  })

  it('copies one of two elements of a map: while one is replaced both are on the listener’s list', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, cloned, listener } = here
    const { map } = cloned
    const old = elemOf(words, listener.sk, map)
    online(other)
    let child = 0 as Sk
    interrupt(
      'compareExchange',
      (at, expected) => at === selemBucket(words, map, old) + BUCKET.lock && expected === 0 && twoOfMap(),
      () => {
        child = reading(other, () => skClone(other, listener.sk))
      },
    )
    function twoOfMap(): boolean {
      return elemsOf(words, listener.sk).filter((selem) => words[selem + SELEM.sdata] === map).length === 2
    }
    expect(fdUpdateElem(cpu, map, listener.fd, Int32Array.of(50, 0), 0)).toBe(0)
    expect(words[elemOf(words, child, map) + SELEM.value]).toBe(50)
    expect(charged(words, child)).toBe(CHILD_CHARGE)
    // Nobody has looked anything up at the child yet.
    const cache = storageOf(words, child) + SK_STORAGE.cache
    expect([...words.slice(cache, cache + CACHE_SIZE)]).toEqual(Array(CACHE_SIZE).fill(0))
    sockPut(other, child)
    expectLive(here, REST)
  })

  it('works from a listener found under RCU that dies meanwhile', () => {
    const here = setting({ sanitize })
    const { cpu, other, words, listener } = here
    rcuReadLock(online(other))
    fdClose(cpu, listener.fd)
    const child = skClone(other, listener.sk)
    rcuReadUnlock(other)
    expect(elemsOf(words, child)).toHaveLength(2)
    sockPut(other, child)
    expectLive(here, { map: 3, buckets: 3, file: 3 })
  })

  it('copies from a map that has further descriptors', () => {
    const { cpu, words, cloned, listener } = setting({ sanitize })
    const child = reading(cpu, () => skClone(cpu, listener.sk))
    expect(mapOf(cpu, cloned.fd)).toBe(cloned.map)
    expect(words[elemOf(words, child, cloned.map) + SELEM.storage]).toBe(storageOf(words, child))
  })
})
