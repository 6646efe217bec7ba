import { describe, expect, it } from 'vitest'
import {
  fdClose,
  fdDeleteElem,
  fdLookupElem,
  fdUpdateElem,
  type MapRequest,
  mapCreate,
  mapGet,
  mapGetFdById,
  mapPut,
  rcuBarrier,
  runDeferredWork,
  type SocketRequest,
  sockAccept,
  socketCreate,
  sockfdLookup,
  sockPut,
} from '../../props/model.ts'
import {
  BPF_ANY,
  BPF_EXIST,
  BPF_F_CLONE,
  BPF_F_LOCK,
  BPF_F_NO_PREALLOC,
  BPF_MAP_TYPE_SK_STORAGE,
  BPF_NOEXIST,
  BPF_SK_STORAGE_GET_F_CREATE,
  createModel,
  E2BIG,
  EBADF,
  EEXIST,
  EINVAL,
  EMFILE,
  ENOENT,
  ENOMEM,
  ENOTSOCK,
  EOPNOTSUPP,
  type Model,
  omemAlloc,
} from '../../props/model-state.ts'
import { bpfSkStorageDelete, bpfSkStorageGet, elementsOf, skStorageLookup } from '../../props/model-storage.ts'

/** The map of the kernel's selftest: `struct { int cnt; struct bpf_spin_lock lock; }`. */
const locked: MapRequest = {
  type: BPF_MAP_TYPE_SK_STORAGE,
  keySize: 4,
  valueSize: 8,
  maxEntries: 0,
  flags: BPF_F_NO_PREALLOC,
  lockOffset: 4,
  btfKeyTypeId: 1,
  btfValueTypeId: 3,
}
const unlocked: MapRequest = { ...locked, lockOffset: -1 }
const cloned: MapRequest = { ...unlocked, flags: BPF_F_NO_PREALLOC | BPF_F_CLONE }
const listener: SocketRequest = { stream: true, listening: true, rcuFree: true }
const connected: SocketRequest = { stream: true, listening: false, rcuFree: false }
const datagram: SocketRequest = { stream: false, listening: false, rcuFree: true }

/** A model with one socket and one map, both held. */
function withOne(map: MapRequest, optmemMax = 20480): { model: Model; sock: number; sk: number; map: number } {
  const model = createModel({ optmemMax, maxFds: 16 })
  const sock = socketCreate(model, connected)
  return { model, sock, sk: sockfdLookup(model, sock), map: mapGet(model, mapCreate(model, map)) }
}

function charged(model: Model, sk: number): number {
  return omemAlloc(model, model.sockets.get(sk)!)
}

describe('the sequential model', () => {
  it("passes the kernel's own basic test of the map", () => {
    const { model, sock, map } = withOne(locked)
    const update = (cnt: number, flags: number) => fdUpdateElem(model, map, sock, [cnt, 0], flags)
    const lookup = (flags: number) => fdLookupElem(model, map, sock, flags)
    expect(update(1, BPF_NOEXIST | BPF_F_LOCK)).toBe(0)
    expect(lookup(BPF_F_LOCK)).toEqual([1, 0])
    expect(update(2, BPF_EXIST | BPF_F_LOCK)).toBe(0)
    expect(lookup(BPF_F_LOCK)).toEqual([2, 0])
    expect(update(3, BPF_EXIST)).toBe(0)
    expect(lookup(0)).toEqual([3, 0])
    expect(update(4, BPF_NOEXIST | BPF_F_LOCK)).toBe(-EEXIST)
    expect(update(4, BPF_NOEXIST)).toBe(-EEXIST)
    expect(lookup(BPF_F_LOCK)).toEqual([3, 0])
    expect(update(5, BPF_ANY)).toBe(0)
    expect(lookup(BPF_F_LOCK)).toEqual([5, 0])
    expect(fdDeleteElem(model, map, sock)).toBe(0)
    expect(lookup(0)).toBe(-ENOENT)
    expect(fdDeleteElem(model, map, sock)).toBe(-ENOENT)
    expect(mapCreate(model, { ...locked, btfKeyTypeId: 0 })).toBe(-EINVAL)
    expect(mapCreate(model, { ...locked, maxEntries: 1 })).toBe(-EINVAL)
    expect(mapCreate(model, { ...locked, flags: 0 })).toBe(-EINVAL)
  })

  it("passes the kernel's test of inheritance: two cloned maps and one that is not", () => {
    const model = createModel({ optmemMax: 20480, maxFds: 16 })
    const server = socketCreate(model, listener)
    const client = socketCreate(model, connected)
    const maps = [cloned, { ...cloned, lockOffset: 4 }, unlocked].map((map) => mapGet(model, mapCreate(model, map)))
    for (const map of maps) expect(fdUpdateElem(model, map, server, [1, 1], BPF_NOEXIST)).toBe(0)
    const child = sockAccept(model, server)
    expect(maps.map((map) => fdLookupElem(model, map, server, 0))).toEqual([
      [1, 1],
      [1, 0],
      [1, 1],
    ])
    expect(maps.map((map) => fdLookupElem(model, map, child, 0))).toEqual([[1, 1], [1, 0], -ENOENT])
    expect(maps.map((map) => fdLookupElem(model, map, client, 0))).toEqual([-ENOENT, -ENOENT, -ENOENT])
    expect(fdUpdateElem(model, maps[0], child, [2, 2], BPF_EXIST)).toBe(0)
    expect(fdLookupElem(model, maps[0], server, 0)).toEqual([1, 1])
  })

  it('accepts a child that is no listener and frees at once what it has', () => {
    const model = createModel({ optmemMax: 20480, maxFds: 16 })
    const child = sockAccept(model, socketCreate(model, listener))
    expect(sockAccept(model, child)).toBe(-EINVAL)
    expect(fdClose(model, child)).toBe(0)
    expect(model.sockets.size).toBe(1)
  })

  it('hands out a copy of the value by fd, and the value itself to a program', () => {
    const { model, sock, sk, map } = withOne(unlocked)
    expect(fdUpdateElem(model, map, sock, [1], 0)).toBe(0)
    const copy = fdLookupElem(model, map, sock, 0) as number[]
    copy[0] = 2
    expect(fdLookupElem(model, map, sock, 0)).toEqual([1, 0])
    bpfSkStorageGet(model, map, sk, null, 0)!.words[0] = 3
    expect(fdLookupElem(model, map, sock, 0)).toEqual([3, 0])
  })

  it('skips a dying map when it clones', () => {
    const model = createModel({ optmemMax: 20480, maxFds: 16 })
    const server = socketCreate(model, listener)
    const fd = mapCreate(model, cloned)
    const map = mapGet(model, fd)
    expect(fdUpdateElem(model, map, server, [1], 0)).toBe(0)
    mapPut(model, map)
    fdClose(model, fd)
    const child = sockfdLookup(model, sockAccept(model, server))
    expect(charged(model, child)).toBe(0)
  })

  it('charges strictly below the limit: the element with its value, and the storage with the first', () => {
    const cost = 168 + 128 + 8
    for (const [optmemMax, first] of [
      [cost, -ENOMEM],
      [cost + 1, 0],
    ] as const) {
      const { model, sock, sk, map } = withOne(unlocked, optmemMax)
      expect(fdUpdateElem(model, map, sock, [1], 0)).toBe(first)
      expect(charged(model, sk)).toBe(first === 0 ? cost : 0)
    }
    for (const [optmemMax, second] of [
      [cost + 136, -ENOMEM],
      [cost + 137, 0],
    ] as const) {
      const { model, sock, sk, map } = withOne(unlocked, optmemMax)
      const other = mapGet(model, mapCreate(model, unlocked))
      expect(fdUpdateElem(model, map, sock, [1], 0)).toBe(0)
      expect(fdUpdateElem(model, map, sock, [2], 0)).toBe(0)
      expect(fdUpdateElem(model, other, sock, [1], 0)).toBe(second)
      expect(bpfSkStorageGet(model, other, sk, null, BPF_SK_STORAGE_GET_F_CREATE) === null).toBe(second < 0)
      expect(charged(model, sk)).toBe(second === 0 ? cost + 136 : cost)
    }
  })

  it('replaces an element at the limit without a second charge, and gives everything back with the last one', () => {
    const { model, sock, sk, map } = withOne(unlocked, 168 + 128 + 8 + 1)
    expect(fdUpdateElem(model, map, sock, [1], 0)).toBe(0)
    expect(fdUpdateElem(model, map, sock, [2], BPF_EXIST)).toBe(0)
    expect(fdDeleteElem(model, map, sock)).toBe(0)
    expect(charged(model, sk)).toBe(0)
  })

  it('says which error wins: lock flag, then fd, then the other flags, then presence, then memory', () => {
    const { model, sock, map } = withOne(unlocked, 1)
    const notSock = mapCreate(model, unlocked)
    const withLock = mapGet(model, mapCreate(model, locked))
    const update = (which: number, fd: number, flags: number) => fdUpdateElem(model, which, fd, [1], flags)
    expect(update(map, 99, BPF_F_LOCK)).toBe(-EINVAL)
    expect(update(withLock, 99, BPF_F_LOCK | 8)).toBe(-EBADF)
    expect(update(map, 99, 3)).toBe(-EBADF)
    expect(update(map, -1, 0)).toBe(-EBADF)
    expect(update(map, notSock, 3)).toBe(-ENOTSOCK)
    for (const flags of [3, 7, 8, 2 ** 31, 2 ** 32, -1]) expect(update(map, sock, flags), `${flags}`).toBe(-EINVAL)
    expect(update(map, sock, BPF_EXIST)).toBe(-ENOENT)
    expect(update(map, sock, BPF_NOEXIST)).toBe(-ENOMEM)
    expect(update(withLock, sock, BPF_F_LOCK)).toBe(-ENOMEM)
    expect(fdLookupElem(model, map, 99, 1)).toBe(-EINVAL)
    expect(fdLookupElem(model, map, 99, BPF_F_LOCK)).toBe(-EINVAL)
    expect(fdLookupElem(model, map, 99, 0)).toBe(-EBADF)
    expect(fdLookupElem(model, map, notSock, 0)).toBe(-ENOTSOCK)
    expect(fdDeleteElem(model, map, notSock)).toBe(-ENOTSOCK)
  })

  it('refuses a map that breaks a rule, the small print before the size', () => {
    const model = createModel({ optmemMax: 20480, maxFds: 4 })
    const refused = (change: Partial<MapRequest>) => mapCreate(model, { ...unlocked, ...change })
    for (const flags of [0, 2, 3, BPF_F_CLONE, 1024, 2 ** 31]) expect(refused({ flags }), `${flags}`).toBe(-EINVAL)
    for (const keySize of [0, 3, 8]) expect(refused({ keySize })).toBe(-EINVAL)
    expect(refused({ valueSize: 0 })).toBe(-EINVAL)
    expect(refused({ btfValueTypeId: 0 })).toBe(-EINVAL)
    expect(refused({ type: 99 })).toBe(-EINVAL)
    expect(refused({ valueSize: 65408 })).toBe(-E2BIG)
    expect(refused({ valueSize: 65408, maxEntries: 1 })).toBe(-EINVAL)
    for (const lockOffset of [-2, 2, 8]) expect(refused({ lockOffset })).toBe(-EINVAL)
    expect(refused({ lockOffset: 2, valueSize: 65408 })).toBe(-E2BIG)
    expect(refused({ valueSize: 65407 })).toBe(3)
    expect(refused({ valueSize: 65408 })).toBe(-E2BIG)
    expect(refused({})).toBe(-EMFILE)
  })

  it('numbers sockets and maps from one table, the lowest free fd first', () => {
    const model = createModel({ optmemMax: 20480, maxFds: 6 })
    expect(socketCreate(model, listener)).toBe(3)
    expect(mapCreate(model, unlocked)).toBe(4)
    expect(socketCreate(model, connected)).toBe(5)
    expect(socketCreate(model, connected)).toBe(-EMFILE)
    expect(sockAccept(model, 5)).toBe(-EMFILE)
    expect(fdClose(model, 4)).toBe(0)
    expect(fdClose(model, 4)).toBe(-EBADF)
    expect(fdClose(model, 0)).toBe(-EBADF)
    expect(sockAccept(model, 5)).toBe(-EINVAL)
    expect(socketCreate(model, datagram)).toBe(4)
    expect(fdClose(model, 3)).toBe(0)
    expect(sockAccept(model, 4)).toBe(-EOPNOTSUPP)
    expect(sockAccept(model, 3)).toBe(-EBADF)
    expect(mapGet(model, 4)).toBe(-EINVAL)
    expect(mapGet(model, 3)).toBe(-EBADF)
    expect(mapCreate(model, unlocked)).toBe(3)
    expect(sockAccept(model, 3)).toBe(-ENOTSOCK)
    expect(sockfdLookup(model, 3)).toBe(-ENOTSOCK)
  })

  it('keeps a closed map while a program holds it, then frees it as deferred work with every element', () => {
    const { model, sock, sk, map } = withOne(unlocked)
    const other = sockfdLookup(model, socketCreate(model, connected))
    expect(fdClose(model, 4)).toBe(0)
    expect(runDeferredWork(model)).toBe(0)
    expect(fdUpdateElem(model, map, sock, [7], 0)).toBe(0)
    expect(bpfSkStorageGet(model, map, other, [8], BPF_SK_STORAGE_GET_F_CREATE)?.words).toEqual([8, 0])
    expect(elementsOf(model, map)).toEqual(
      new Map([
        [sk, [7, 0]],
        [other, [8, 0]],
      ]),
    )
    mapPut(model, map)
    expect([charged(model, sk), charged(model, other)]).toEqual([304, 304])
    expect(runDeferredWork(model)).toBe(1)
    expect([charged(model, sk), charged(model, other)]).toEqual([0, 0])
    expect(runDeferredWork(model)).toBe(0)
  })

  it('opens a map again by its id, until it dies, and wastes an id on a map without an fd', () => {
    const model = createModel({ optmemMax: 20480, maxFds: 5 })
    expect(mapCreate(model, unlocked)).toBe(3)
    expect(mapGetFdById(model, 1)).toBe(4)
    expect(mapGetFdById(model, 1)).toBe(-EMFILE)
    expect(mapCreate(model, unlocked)).toBe(-EMFILE)
    fdClose(model, 3)
    expect(runDeferredWork(model)).toBe(0)
    expect(mapCreate(model, unlocked)).toBe(3)
    expect(mapGetFdById(model, 2)).toBe(-ENOENT)
    fdClose(model, 4)
    expect(mapGetFdById(model, 1)).toBe(-ENOENT)
    expect(mapGetFdById(model, 3)).toBe(4)
    expect(runDeferredWork(model)).toBe(1)
  })

  it('lets nothing be added to a dying socket, and nothing be deleted from it, until its grace period is over', () => {
    const model = createModel({ optmemMax: 20480, maxFds: 16 })
    const fd = socketCreate(model, datagram)
    const sk = sockfdLookup(model, fd)
    const [map, absent] = [unlocked, unlocked].map((map) => mapGet(model, mapCreate(model, map))) as [number, number]
    expect(fdUpdateElem(model, map, fd, [1, 2], 0)).toBe(0)
    expect(fdClose(model, fd)).toBe(0)
    expect(bpfSkStorageDelete(model, map, sk)).toBe(0)
    expect(bpfSkStorageGet(model, map, sk, [1, 2], BPF_SK_STORAGE_GET_F_CREATE)).not.toBeNull()
    sockPut(model, sk)
    expect(bpfSkStorageGet(model, map, sk, null, BPF_SK_STORAGE_GET_F_CREATE)?.words).toEqual([1, 2])
    expect(bpfSkStorageGet(model, absent, sk, null, BPF_SK_STORAGE_GET_F_CREATE)).toBeNull()
    expect(bpfSkStorageDelete(model, map, sk)).toBe(-ENOENT)
    rcuBarrier(model)
    expect(model.sockets.size).toBe(0)
  })

  it('shows an iterator no dying socket', () => {
    const model = createModel({ optmemMax: 20480, maxFds: 16 })
    const fd = socketCreate(model, datagram)
    const map = mapGet(model, mapCreate(model, unlocked))
    expect(fdUpdateElem(model, map, fd, [1], 0)).toBe(0)
    expect(elementsOf(model, map).size).toBe(1)
    fdClose(model, fd)
    expect(elementsOf(model, map).size).toBe(0)
    expect(model.sockets.size).toBe(1)
  })

  it('frees the elements of another kind of socket with its last reference', () => {
    const { model, sock, sk, map } = withOne(unlocked)
    expect(fdUpdateElem(model, map, sock, [1], 0)).toBe(0)
    fdClose(model, sock)
    expect(elementsOf(model, map).size).toBe(1)
    sockPut(model, sk)
    expect(elementsOf(model, map).size).toBe(0)
  })

  it('gives a program that holds a value the locked update, and lets it keep the value that was replaced', () => {
    const { model, sock, sk, map } = withOne(locked)
    const held = bpfSkStorageGet(model, map, sk, [1, 99], BPF_SK_STORAGE_GET_F_CREATE)!
    expect(held.words).toEqual([1, 0])
    expect(fdUpdateElem(model, map, sock, [2], BPF_F_LOCK)).toBe(0)
    expect(held.words).toEqual([2, 0])
    expect(fdUpdateElem(model, map, sock, [3], 0)).toBe(0)
    expect(held.words).toEqual([2, 0])
    expect(skStorageLookup(model, map, sk)?.words).toEqual([3, 0])
  })

  it('gives a program NULL for flags it does not know, even if the element is there', () => {
    const { model, sk, map } = withOne(unlocked)
    expect(bpfSkStorageGet(model, map, sk, null, 0)).toBeNull()
    expect(bpfSkStorageGet(model, map, sk, null, 1)?.words).toEqual([0, 0])
    expect(bpfSkStorageGet(model, map, sk, null, 0)).not.toBeNull()
    for (const flags of [2, 3, 2 ** 32, -1]) expect(bpfSkStorageGet(model, map, sk, null, flags), `${flags}`).toBeNull()
  })

  it('keeps a value of odd length without the bytes behind it', () => {
    const { model, sock, map } = withOne({ ...unlocked, valueSize: 5 })
    expect(fdUpdateElem(model, map, sock, [-1, -1], 0)).toBe(0)
    expect(fdLookupElem(model, map, sock, 0)).toEqual([-1, 255])
  })

  it('fails to clone only if the limit sank since, and leaves neither child nor fd', () => {
    const model = createModel({ optmemMax: 20480, maxFds: 16 })
    const server = socketCreate(model, listener)
    const maps = [cloned, cloned].map((map) => mapGet(model, mapCreate(model, map)))
    for (const map of maps) expect(fdUpdateElem(model, map, server, [1], 0)).toBe(0)
    model.optmemMax = 168 + 2 * 136
    expect(sockAccept(model, server)).toBe(-ENOMEM)
    expect(model.sockets.size).toBe(1)
    expect(model.fds.size).toBe(3)
    model.optmemMax++
    expect(sockAccept(model, server)).toBe(6)
  })
})
