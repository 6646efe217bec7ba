import { describe, expect, it } from 'vitest'
import {
  FILE_MAP,
  FILE_SOCKET,
  fdClose,
  fdInstall,
  fdOpen,
  fdRelease,
  fdReserve,
  fget,
  fileObject,
  fput,
  sockfdLookup,
  sockLookupRcu,
} from '../../src/shared/fd-table.ts'
import type { File } from '../../src/shared/pointer.ts'
import { FILE, HEADER, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import { skAlloc, sockPut, TCP_LISTEN } from '../../src/shared/sock.ts'
import { socketCreate } from '../../src/shared/socket.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { expectLive, house, interrupt, MODES, online, settle, skOf, socket, storageMap, storageOf } from './setting.ts'

const EBADF = -9
const EMFILE = -24
const ENOTSOCK = -88

describe.each(MODES)('descriptors ($mode)', ({ sanitize }) => {
  it('begin at 3 and are always the lowest that is free', () => {
    const { cpu } = house({ sanitize })
    const open = () => socketCreate(cpu, {})
    expect([open(), open(), open(), open(), open()]).toEqual([3, 4, 5, 6, 7])
    for (const fd of [6, 4, 3]) expect(fdClose(cpu, fd)).toBe(0)
    expect([open(), open(), open(), open()]).toEqual([3, 4, 6, 8])
    fdClose(cpu, 7)
    fdClose(cpu, 5)
    expect([open(), open(), open()]).toEqual([5, 7, 9])
    for (const fd of [3, 8]) fdClose(cpu, fd)
    expect([open(), open(), open()]).toEqual([3, 8, 10])
  })

  it('are one table for all CPUs', () => {
    const { cpu, other } = house({ sanitize })
    expect(socketCreate(cpu, {})).toBe(3)
    expect(socketCreate(online(other), {})).toBe(4)
    expect(fdClose(other, 3)).toBe(0)
    expect(socketCreate(cpu, {})).toBe(3)
  })

  it('run out with -EMFILE; the caller then keeps its reference, and closing one helps', () => {
    const here = house({ sanitize, maxFds: 6 })
    const { cpu, words } = here
    for (let i = 0; i < 3; i++) expect(socketCreate(cpu, {})).toBe(3 + i)
    const sk = skAlloc(cpu, {})
    const behind = words[HEADER.fds] + 6
    expect(fdOpen(cpu, FILE_SOCKET, sk)).toBe(EMFILE)
    expect(fdOpen(cpu, FILE_SOCKET, sk)).toBe(EMFILE)
    expect([words[behind], words[HEADER.fdHint]]).toEqual([0, 6])
    expect(words[sk + SOCK.refcount]).toBe(1)
    fdClose(cpu, 4)
    expect(fdOpen(cpu, FILE_SOCKET, sk)).toBe(4)
    expectLive(here, { sock: 3, file: 3 })
  })

  it.each([
    ['never opened', 5],
    ['standard input', 0],
    ['negative', -1],
    ['so far below 0 that the cookies of the last CPU lie there', -16],
    ['behind the table', 4096],
    ['far behind the table', 2 ** 31],
    ['no number', Number.NaN],
    ['between two', 3.5],
  ])('that are %s are -EBADF everywhere', (_, fd) => {
    const { cpu, words } = house({ sanitize, cpus: 1 })
    socketCreate(cpu, {})
    const header = words.slice(0, HEADER.SIZE)
    expect([fget(cpu, fd), sockfdLookup(cpu, fd), fdClose(cpu, fd), sockLookupRcu(cpu, fd)]).toEqual([
      EBADF,
      EBADF,
      EBADF,
      0,
    ])
    expect(words.slice(0, HEADER.SIZE)).toEqual(header)
    expect(socketCreate(cpu, {})).toBe(4)
  })

  it('that were closed are -EBADF', () => {
    const { cpu } = house({ sanitize })
    const { fd } = socket(cpu)
    expect(fdClose(cpu, fd)).toBe(0)
    expect([fget(cpu, fd), sockfdLookup(cpu, fd), fdClose(cpu, fd)]).toEqual([EBADF, EBADF, EBADF])
  })

  it('of maps are -ENOTSOCK where a socket is asked for, and no reference stays behind', () => {
    const { cpu, words } = house({ sanitize })
    const { fd } = storageMap(cpu)
    expect(sockfdLookup(cpu, fd)).toBe(ENOTSOCK)
    const file = words[words[HEADER.fds] + fd]
    expect([words[file + FILE.kind], words[file + FILE.refcount]]).toEqual([FILE_MAP, 1])
  })

  it('of sockets lead to the socket, with a reference on the file', () => {
    const { cpu, words } = house({ sanitize })
    const { fd, sk } = socket(cpu)
    const file = sockfdLookup(cpu, fd) as File
    expect(fileObject(cpu, file)).toBe(sk)
    expect(words[file + FILE.refcount]).toBe(2)
    fput(cpu, file)
    expect(words[file + FILE.refcount]).toBe(1)
  })
})

describe.each(MODES)('a reserved descriptor ($mode)', ({ sanitize }) => {
  it('is taken, and refers to nothing yet', () => {
    const { cpu } = house({ sanitize })
    const fd = fdReserve(cpu)
    expect(fd).toBe(3)
    expect([fget(cpu, fd), sockfdLookup(cpu, fd), fdClose(cpu, fd), sockLookupRcu(cpu, fd)]).toEqual([
      EBADF,
      EBADF,
      EBADF,
      0,
    ])
    expect(socketCreate(cpu, {})).toBe(4)
    const sk = skAlloc(cpu, {})
    expect(fdInstall(cpu, fd, FILE_SOCKET, sk)).toBe(fd)
    expect(skOf(cpu, fd)).toBe(sk)
  })

  it('is passed over by whoever looks for a free one', () => {
    const { cpu } = house({ sanitize })
    expect([fdReserve(cpu), fdReserve(cpu), fdReserve(cpu)]).toEqual([3, 4, 5])
    fdRelease(cpu, 3)
    expect([fdReserve(cpu), fdReserve(cpu)]).toEqual([3, 6])
    // Given back from the lowest on, the lowest is still the next.
    for (const fd of [3, 5]) fdRelease(cpu, fd)
    expect([fdReserve(cpu), fdReserve(cpu), fdReserve(cpu)]).toEqual([3, 5, 7])
  })

  it('that is given back is the next to be given out', () => {
    const here = house({ sanitize, maxFds: 5 })
    const { cpu } = here
    expect([fdReserve(cpu), fdReserve(cpu), fdReserve(cpu)]).toEqual([3, 4, EMFILE])
    fdRelease(cpu, 4)
    fdRelease(cpu, 3)
    expect([fdReserve(cpu), fdReserve(cpu)]).toEqual([3, 4])
    fdRelease(cpu, 3)
    fdRelease(cpu, 4)
    expectLive(here)
  })
})

describe.each(MODES)('a file ($mode)', ({ sanitize }) => {
  it('closed while a syscall works with it keeps its socket until the syscall is done', () => {
    const here = house({ sanitize })
    const { memory, cpu, other } = here
    const { fd, sk } = socket(cpu)
    const file = sockfdLookup(online(other), fd) as File
    expect(fdClose(cpu, fd)).toBe(0)
    expect(sockfdLookup(cpu, fd)).toBe(EBADF)
    expect(liveObjects(memory).sock).toBe(1)
    expect(cpu.words[sk + SOCK.refcount]).toBe(1)
    fput(other, file)
    expect(liveObjects(memory).sock).toBe(0)
    expectLive(here)
  })

  it('keeps its socket while an update waits for the storage’s lock (C8)', () => {
    const here = house({ sanitize })
    const { cpu, other, words } = here
    const first = storageMap(cpu).map
    const second = storageMap(cpu).map
    const { fd, sk } = socket(cpu)
    fdUpdateElem(cpu, first, fd, Int32Array.of(1), 0)
    const storage = storageOf(words, sk)
    online(other)
    interrupt(
      'compareExchange',
      (at, expected) => at === storage + SK_STORAGE.lock && expected === 0,
      () => {
        expect(fdClose(other, fd)).toBe(0)
        expect(words[sk + SOCK.refcount]).toBe(1)
      },
    )
    // The element is added to a socket that is not dying yet, and dies with it.
    expect(fdUpdateElem(cpu, second, fd, Int32Array.of(2), 0)).toBe(0)
    expectLive(here, { map: 2, file: 2, buckets: 2 })
  })

  it('that is closed between the look at its slot and the reference is not brought back', () => {
    const here = house({ sanitize })
    const { cpu, other, words } = here
    const { fd } = socket(cpu)
    const file = words[words[HEADER.fds] + fd]
    online(other)
    interrupt(
      'compareExchange',
      (at) => at === file + FILE.refcount,
      () => fdClose(other, fd),
    )
    expect(sockfdLookup(cpu, fd)).toBe(EBADF)
    expectLive(here)
  })

  it('that took the place of a closed one meanwhile is the one that is found', () => {
    const here = house({ sanitize })
    const { cpu, other, words } = here
    const { fd } = socket(cpu)
    const file = words[words[HEADER.fds] + fd]
    online(other)
    let next = 0
    interrupt(
      'compareExchange',
      (at) => at === file + FILE.refcount,
      () => {
        fdClose(other, fd)
        next = socket(other).sk
      },
    )
    const found = sockfdLookup(cpu, fd) as File
    expect(fileObject(cpu, found)).toBe(next)
    fput(cpu, found)
    expectLive(here, { sock: 1, file: 1 })
  })

  it('is freed a grace period after its last reference', () => {
    const here = house({ sanitize })
    const { memory, cpu, other } = here
    const { fd } = socket(cpu)
    rcuReadLock(online(other))
    fdClose(cpu, fd)
    expect(liveObjects(memory)).toMatchObject({ sock: 0, file: 1 })
    rcuReadUnlock(other)
    settle(here)
    expect(liveObjects(memory)).toMatchObject({ sock: 0, file: 0 })
  })
})

describe.each(MODES)('sockLookupRcu ($mode)', ({ sanitize }) => {
  it('finds a listener without taking a reference', () => {
    const { cpu, words } = house({ sanitize })
    const { fd, sk } = socket(cpu, { state: TCP_LISTEN })
    rcuReadLock(cpu)
    expect(sockLookupRcu(cpu, fd)).toBe(sk)
    expect(words[sk + SOCK.refcount]).toBe(1)
    rcuReadUnlock(cpu)
  })

  it('finds neither a map nor a socket that may be gone at any moment', () => {
    const { cpu } = house({ sanitize })
    expect(sockLookupRcu(cpu, storageMap(cpu).fd)).toBe(0)
    expect(sockLookupRcu(cpu, socket(cpu).fd)).toBe(0)
  })

  it('gives a socket that stays readable until the section ends, though it dies meanwhile', () => {
    const here = house({ sanitize })
    const { memory, cpu, other } = here
    const { fd, sk } = socket(cpu, { state: TCP_LISTEN })
    rcuReadLock(online(other))
    expect(sockLookupRcu(other, fd)).toBe(sk)
    fdClose(cpu, fd)
    expect(liveObjects(memory).sock).toBe(1)
    expect(other.words[sk + SOCK.refcount]).toBe(0)
    rcuReadUnlock(other)
    expectLive(here)
  })

  it('leaves the count alone when a found socket is held and put by a program', () => {
    const { cpu, words } = house({ sanitize })
    const { fd, sk } = socket(cpu, { state: TCP_LISTEN })
    rcuReadLock(cpu)
    const found = sockLookupRcu(cpu, fd)
    words[found + SOCK.refcount]++
    sockPut(cpu, found)
    rcuReadUnlock(cpu)
    expect(words[sk + SOCK.refcount]).toBe(1)
  })
})
