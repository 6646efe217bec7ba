import { describe, expect, it } from 'vitest'
import { fdClose, sockLookupRcu } from '../../src/shared/fd-table.ts'
import { HEADER, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import {
  BPF_SK_STORAGE_GET_F_CREATE,
  fdDeleteElem,
  fdGetNextKey,
  fdLookupElem,
  fdUpdateElem,
  skStorageDelete,
  skStorageGet,
} from '../../src/shared/sk-storage.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import { BPF_ANY, BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST } from '../../src/shared/update-flags.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import {
  COUNTER,
  charged,
  elemOf,
  elemsOf,
  expectLive,
  expectOrder,
  house,
  interrupt,
  MODES,
  online,
  reading,
  settle,
  socket,
  storageMap,
  storageOf,
} from './setting.ts'

const ENOENT = -2
const EBADF = -9
const ENOMEM = -12
const EEXIST = -17
const EINVAL = -22
const ENOTSOCK = -88
const CREATE = BPF_SK_STORAGE_GET_F_CREATE

/** Both numbers of a COUNTER's value as a syscall reads them, or the error. */
function look(here: ReturnType<typeof counter>, fd = here.fd, flags = 0): number | number[] {
  const out = new Int32Array(2)
  const err = fdLookupElem(here.cpu, here.map, fd, out, flags)
  return err === 0 ? [...out] : err
}

/** A map of counters and a socket. */
function counter(options = {}) {
  const here = house(options)
  const { fd: mapFd, map } = storageMap(here.cpu, COUNTER)
  return { ...here, mapFd, map, ...socket(here.cpu) }
}

describe.each(MODES)('the kernel’s own basic test ($mode)', ({ sanitize }) => {
  it('gets the kernel’s answers, step by step', () => {
    const here = counter({ sanitize })
    const { cpu, map, fd } = here
    const update = (cnt: number, flags: number) => fdUpdateElem(cpu, map, fd, Int32Array.of(cnt, 0), flags)
    expect(look(here)).toBe(ENOENT)
    expect(update(1, BPF_NOEXIST | BPF_F_LOCK)).toBe(0)
    expect(look(here, fd, BPF_F_LOCK)).toEqual([1, 0])
    expect(update(2, BPF_EXIST | BPF_F_LOCK)).toBe(0)
    expect(look(here, fd, BPF_F_LOCK)).toEqual([2, 0])
    expect(update(3, BPF_EXIST)).toBe(0)
    expect(look(here, fd, BPF_F_LOCK)).toEqual([3, 0])
    expect(update(4, BPF_NOEXIST | BPF_F_LOCK)).toBe(EEXIST)
    expect(look(here)).toEqual([3, 0])
    expect(update(4, BPF_NOEXIST)).toBe(EEXIST)
    expect(look(here)).toEqual([3, 0])
    expect(update(4, BPF_ANY)).toBe(0)
    expect(look(here)).toEqual([4, 0])
    expect(fdDeleteElem(cpu, map, fd)).toBe(0)
    expect(look(here, fd, BPF_F_LOCK)).toBe(ENOENT)
    expect(fdDeleteElem(cpu, map, fd)).toBe(ENOENT)
    expectOrder(here)
  })
})

describe.each(MODES)('the syscalls ($mode)', ({ sanitize }) => {
  it.each([
    [BPF_ANY, 0, 0],
    [BPF_NOEXIST, 0, EEXIST],
    [BPF_EXIST, ENOENT, 0],
    [BPF_F_LOCK, 0, 0],
    [BPF_F_LOCK | BPF_NOEXIST, 0, EEXIST],
    [BPF_F_LOCK | BPF_EXIST, ENOENT, 0],
    [3, EINVAL, EINVAL],
    [7, EINVAL, EINVAL],
    [8, EINVAL, EINVAL],
    [-1, EINVAL, EINVAL],
    [0x8000_0000, EINVAL, EINVAL],
    [2 ** 32, EINVAL, EINVAL],
    [0.5, EINVAL, EINVAL],
    [Number.NaN, EINVAL, EINVAL],
  ])('answer an update with flags %i: %i where there is none, %i where there is one', (flags, absent, present) => {
    const here = counter({ sanitize })
    const { cpu, map, fd } = here
    expect(fdUpdateElem(cpu, map, fd, Int32Array.of(1, 0), flags)).toBe(absent)
    expect(look(here)).toEqual(absent === 0 ? [1, 0] : ENOENT)
    // And where the socket has a storage, but of another map.
    fdDeleteElem(cpu, map, fd)
    expect(fdUpdateElem(cpu, storageMap(cpu).map, fd, Int32Array.of(9), 0)).toBe(0)
    expect(fdUpdateElem(cpu, map, fd, Int32Array.of(1, 0), flags)).toBe(absent)
    fdUpdateElem(cpu, map, fd, Int32Array.of(7, 0), BPF_ANY)
    expect(fdUpdateElem(cpu, map, fd, Int32Array.of(2, 0), flags)).toBe(present)
    expect(look(here)).toEqual(present === 0 ? [2, 0] : [7, 0])
    expectOrder(here)
  })

  it('refuse BPF_F_LOCK for a value without a lock, before they look at the descriptor', () => {
    const { cpu, fd } = counter({ sanitize })
    const { map } = storageMap(cpu)
    for (const key of [fd, 99, -1]) {
      expect(fdUpdateElem(cpu, map, key, Int32Array.of(1), BPF_F_LOCK)).toBe(EINVAL)
      expect(fdLookupElem(cpu, map, key, new Int32Array(1), BPF_F_LOCK)).toBe(EINVAL)
    }
  })

  it.each([1, 2, 3, 5, 8, -1, 0.5])('refuse to look up with flags %d', (flags) => {
    const here = counter({ sanitize })
    fdUpdateElem(here.cpu, here.map, here.fd, Int32Array.of(1, 0), 0)
    expect(look(here, here.fd, flags)).toBe(EINVAL)
  })

  it('look up under the lock of the value when told so, and wait for the program that holds it', () => {
    const here = counter({ sanitize })
    const { cpu, other, words, map, fd, sk } = here
    fdUpdateElem(cpu, map, fd, Int32Array.of(1, 0), 0)
    const value = elemOf(words, sk, map) + SELEM.value
    bpfSpinLock(online(other), value + 1)
    words[value] = 5
    expect(look(here)).toEqual([5, 0])
    interrupt(
      'load',
      (at) => at === value + 1,
      () => {
        words[value] = 6
        bpfSpinUnlock(other, value + 1)
      },
    )
    expect(look(here, fd, BPF_F_LOCK)).toEqual([6, 0])
  })

  it('are -EBADF for a descriptor that is not open and -ENOTSOCK for one of a map', () => {
    const { cpu, map, mapFd } = counter({ sanitize })
    const value = Int32Array.of(1, 0)
    for (const [fd, err] of [
      [99, EBADF],
      [-1, EBADF],
      [mapFd, ENOTSOCK],
    ]) {
      expect(fdLookupElem(cpu, map, fd, value, 0)).toBe(err)
      expect(fdUpdateElem(cpu, map, fd, value, 0)).toBe(err)
      expect(fdDeleteElem(cpu, map, fd)).toBe(err)
    }
  })

  it('look at the descriptor before they look at other flags of an update', () => {
    const { cpu, map } = counter({ sanitize })
    expect(fdUpdateElem(cpu, map, 99, Int32Array.of(1, 0), 8)).toBe(EBADF)
  })

  it('know no order to walk by', () => {
    expect(fdGetNextKey()).toBe(-524)
  })

  it('keep the values of every map and socket apart', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const maps = Array.from({ length: 20 }, () => storageMap(cpu).map)
    const fds = Array.from({ length: 10 }, () => socket(cpu).fd)
    for (const [m, map] of maps.entries())
      for (const [s, fd] of fds.entries()) expect(fdUpdateElem(cpu, map, fd, Int32Array.of(100 * m + s), 0)).toBe(0)
    const out = new Int32Array(1)
    for (const [m, map] of maps.entries())
      for (const [s, fd] of fds.entries()) {
        expect(fdLookupElem(cpu, map, fd, out, 0)).toBe(0)
        expect(out[0]).toBe(100 * m + s)
      }
    expectLive(here, { map: 20, buckets: 20, sock: 10, file: 30, storage: 10, elem: 200, overflow: 10 })
  })

  it('leave no reference behind, whatever they answer', () => {
    const here = counter({ sanitize })
    const { cpu, map, fd, mapFd } = here
    const value = Int32Array.of(1, 0)
    fdLookupElem(cpu, map, fd, value, 0)
    for (const flags of [1, 1, 0, 4, 2, 3, 8]) fdUpdateElem(cpu, map, fd, value, flags)
    fdLookupElem(cpu, map, fd, value, 0)
    fdDeleteElem(cpu, map, fd)
    fdDeleteElem(cpu, map, fd)
    fdClose(cpu, fd)
    fdClose(cpu, mapFd)
    expectLive(here)
  })

  it('copy a value out though its socket goes with the same call', () => {
    const here = counter({ sanitize })
    const { cpu, other, words, map, fd, sk } = here
    fdUpdateElem(cpu, map, fd, Int32Array.of(7, 0), 0)
    online(other)
    // While the lookup fills the cache another CPU closes the socket: the put of the lookup is the last.
    interrupt(
      'compareExchange',
      (at, expected) => at === storageOf(words, sk) + SK_STORAGE.lock && expected === 0,
      () => fdClose(other, fd),
    )
    expect(look(here)).toEqual([7, 0])
    expectLive(here, { map: 1, buckets: 1, file: 1 })
  })
})

describe.each(MODES)('skStorageGet ($mode)', ({ sanitize }) => {
  it('is NULL where there is nothing and creation is not asked for', () => {
    const { cpu, map, sk } = counter({ sanitize })
    expect(reading(cpu, () => skStorageGet(cpu, map, sk, null, 0))).toBe(0)
    expect(reading(cpu, () => skStorageGet(cpu, map, sk, Int32Array.of(1, 0), 0))).toBe(0)
  })

  it('creates with the value given, or with zeroes, and then finds what it made', () => {
    const here = counter({ sanitize })
    const { cpu, words, map, sk } = here
    const zeroes = storageMap(cpu, COUNTER).map
    rcuReadLock(cpu)
    const value = skStorageGet(cpu, map, sk, Int32Array.of(5, 77), CREATE)
    expect([words[value], words[value + 1]]).toEqual([5, 0])
    expect(skStorageGet(cpu, map, sk, Int32Array.of(6, 0), CREATE)).toBe(value)
    expect(skStorageGet(cpu, map, sk, null, 0)).toBe(value)
    const second = skStorageGet(cpu, zeroes, sk, null, CREATE)
    expect([words[second], words[second + 1]]).toEqual([0, 0])
    words[value]++
    rcuReadUnlock(cpu)
    expect(look(here)).toEqual([6, 0])
    expectLive(here, { map: 2, buckets: 2, sock: 1, file: 3, storage: 1, elem: 2 })
  })

  it.each([2, 3, -1, 2 ** 31])('is NULL for flags %i, whether there is an element or not', (flags) => {
    const here = counter({ sanitize })
    const { cpu, map, fd, sk } = here
    const get = () => reading(cpu, () => skStorageGet(cpu, map, sk, null, flags))
    expect(get()).toBe(0)
    expect(storageOf(here.words, sk)).toBe(0)
    fdUpdateElem(cpu, map, fd, Int32Array.of(1, 0), 0)
    expect(get()).toBe(0)
  })

  it('returns values on even words, so that 64-bit fields are aligned', () => {
    const { cpu, sk } = counter({ sanitize })
    for (const valueSize of [1, 4, 8, 24, 100, 1000]) {
      const { map } = storageMap(cpu, { valueSize })
      expect(reading(cpu, () => skStorageGet(cpu, map, sk, null, CREATE)) % 2).toBe(0)
    }
  })

  it('adds nothing to a socket that is dying, yet still finds what it has (C14)', () => {
    const here = house({ sanitize })
    const { cpu, other, words } = here
    const { map } = storageMap(cpu)
    const late = storageMap(cpu).map
    const { fd, sk } = socket(cpu, { rcuFree: true })
    fdUpdateElem(cpu, map, fd, Int32Array.of(1), 0)
    rcuReadLock(online(other))
    expect(sockLookupRcu(other, fd)).toBe(sk)
    fdClose(cpu, fd)
    expect(skStorageGet(other, late, sk, null, CREATE)).toBe(0)
    expect(skStorageGet(other, map, sk, null, CREATE)).toBeGreaterThan(0)
    expect(elemsOf(words, sk)).toHaveLength(1)
    expect(charged(words, sk)).toBe(168 + 132)
    rcuReadUnlock(other)
    expectLive(here, { map: 2, buckets: 2, file: 2 })
  })

  it('whose creation outlives the last other reference hands out a value that is good until the section ends (C8, C14)', () => {
    const here = house({ sanitize })
    const { memory, cpu, other, words } = here
    const { map } = storageMap(cpu)
    const { fd, sk } = socket(cpu, { rcuFree: true })
    online(other)
    // Between the reference taken by the helper and the publication of the storage, CPU 1 closes the socket.
    interrupt(
      'compareExchange',
      (at, expected, next) => at === sk + SOCK.storage && expected === 0 && next !== 0,
      () => fdClose(other, fd),
    )
    rcuReadLock(cpu)
    const value = skStorageGet(cpu, map, sk, Int32Array.of(42), CREATE)
    expect(words[sk + SOCK.refcount]).toBe(0)
    expect(words[value]).toBe(42)
    rcuReadUnlock(cpu)
    settle(here)
    expect(liveObjects(memory)).toMatchObject({ sock: 0, elem: 0, storage: 0 })
  })

  it('is NULL at the socket’s limit and without memory, and finds once there is room', () => {
    const here = counter({ sanitize, optmemMax: 168 + 136 })
    const { cpu, map, sk } = here
    expect(reading(cpu, () => skStorageGet(cpu, map, sk, null, CREATE))).toBe(0)
    expect(charged(here.words, sk)).toBe(0)
    expectOrder(here)
  })
})

describe.each(MODES)('skStorageDelete ($mode)', ({ sanitize }) => {
  it('removes what is there, once', () => {
    const here = counter({ sanitize })
    const { cpu, map, fd, sk, words } = here
    fdUpdateElem(cpu, map, fd, Int32Array.of(1, 0), 0)
    expect(reading(cpu, () => skStorageDelete(cpu, map, sk))).toBe(0)
    expect(reading(cpu, () => skStorageDelete(cpu, map, sk))).toBe(ENOENT)
    expect([charged(words, sk), storageOf(words, sk), words[sk + SOCK.refcount]]).toEqual([0, 0, 1])
    expectLive(here, { map: 1, buckets: 1, sock: 1, file: 2 })
  })

  it('is -ENOENT for a dying socket, which keeps what it has for its own destruction', () => {
    const here = house({ sanitize })
    const { cpu, other, words } = here
    const { map } = storageMap(cpu)
    const { fd, sk } = socket(cpu, { rcuFree: true })
    fdUpdateElem(cpu, map, fd, Int32Array.of(1), 0)
    rcuReadLock(online(other))
    fdClose(cpu, fd)
    expect(skStorageDelete(other, map, sk)).toBe(ENOENT)
    expect(elemsOf(words, sk)).toHaveLength(1)
    rcuReadUnlock(other)
    expectLive(here, { map: 1, buckets: 1, file: 1 })
  })

  it('leaves the other maps’ elements, and the storage with them', () => {
    const here = counter({ sanitize })
    const { cpu, map, fd, sk, words } = here
    const kept = storageMap(cpu).map
    fdUpdateElem(cpu, map, fd, Int32Array.of(1, 0), 0)
    fdUpdateElem(cpu, kept, fd, Int32Array.of(8), 0)
    reading(cpu, () => skStorageDelete(cpu, map, sk))
    expect(charged(words, sk)).toBe(168 + 132)
    const out = new Int32Array(1)
    expect(fdLookupElem(cpu, kept, fd, out, 0)).toBe(0)
    expect(out[0]).toBe(8)
    expectOrder(here)
  })

  it('of two CPUs at the same element succeeds on both, and removes, uncharges and frees it once', () => {
    const here = counter({ sanitize })
    const { cpu, other, map, fd, sk, words } = here
    fdUpdateElem(cpu, map, fd, Int32Array.of(1, 0), 0)
    const storage = storageOf(words, sk)
    online(other)
    let answer = 1
    interrupt(
      'compareExchange',
      (at, expected) => at === storage + SK_STORAGE.lock && expected === 0,
      () => {
        answer = reading(other, () => skStorageDelete(other, map, sk))
      },
    )
    expect(reading(cpu, () => skStorageDelete(cpu, map, sk))).toBe(0)
    expect(answer).toBe(0)
    expect(charged(words, sk)).toBe(0)
    expectLive(here, { map: 1, buckets: 1, sock: 1, file: 2 })
  })

  it('leaves the value readable to whoever found it, until the section ends', () => {
    const here = counter({ sanitize })
    const { memory, cpu, other, map, fd, sk, words } = here
    fdUpdateElem(cpu, map, fd, Int32Array.of(31, 0), 0)
    rcuReadLock(online(other))
    const value = skStorageGet(other, map, sk, null, 0)
    expect(fdDeleteElem(cpu, map, fd)).toBe(0)
    expect(fdUpdateElem(cpu, map, fd, Int32Array.of(32, 0), 0)).toBe(0)
    expect(words[value]).toBe(31)
    expect(liveObjects(memory)).toMatchObject({ elem: 2, storage: 2 })
    rcuReadUnlock(other)
    expectLive(here, { map: 1, buckets: 1, sock: 1, file: 2, elem: 1, storage: 1 })
  })
})

describe.each(MODES)('a limit that was lowered ($mode)', ({ sanitize }) => {
  it('returns -ENOMEM, not a wrong charge', () => {
    const here = counter({ sanitize })
    const { cpu, words, map, fd, sk } = here
    fdUpdateElem(cpu, map, fd, Int32Array.of(1, 0), 0)
    words[HEADER.optmemMax] = 10
    expect(fdUpdateElem(cpu, storageMap(cpu).map, fd, Int32Array.of(1), 0)).toBe(ENOMEM)
    expect(fdUpdateElem(cpu, map, fd, Int32Array.of(2, 0), 0)).toBe(0)
    expect(charged(words, sk)).toBe(168 + 136)
    expectOrder(here)
  })
})
