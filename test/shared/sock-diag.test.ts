import { describe, expect, it } from 'vitest'
import { mapCreate, mapGet, mapInfo } from '../../src/shared/map.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap, Sk } from '../../src/shared/pointer.ts'
import { CACHE_SIZE, SK_STORAGE } from '../../src/shared/records.ts'
import { fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { skStorageDiagAlloc, skStorageDiagFree, skStorageDiagPut } from '../../src/shared/sk-storage-diag.ts'
import {
  AF_INET,
  AF_INET6,
  SOCK_DGRAM,
  SOCK_STREAM,
  sockCookie,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_LISTEN,
} from '../../src/shared/sock.ts'
import { type DiagSocket, sockDiagDump } from '../../src/shared/sock-diag.ts'
import { socketCreate } from '../../src/shared/socket.ts'
import { house, MODES, mapOf, skOf, storageOf } from './setting.ts'

const STORAGE = { type: 24, keySize: 4, maxEntries: 0, flags: 1, btfKeyTypeId: 1, btfValueTypeId: 2 }
/** Bytes of the attribute that holds one storage with a value of 8 bytes: four headers, the id, the value. */
const ONE = 4 + 4 + 8 + 12

describe.each(MODES)('a dump of sockets ($mode)', ({ sanitize }) => {
  function setting() {
    const here = house({ sanitize })
    const { cpu } = here
    const maps = [-1, 4].map((lockOffset) => mapCreate(cpu, { ...STORAGE, valueSize: 8, lockOffset }))
    const [listener, closed, udp] = [
      { state: TCP_LISTEN },
      { state: TCP_CLOSE },
      { type: SOCK_DGRAM as typeof SOCK_DGRAM },
    ].map((options) => socketCreate(cpu, options)) as [number, number, number]
    for (const fd of [listener, udp]) {
      for (const map of maps) {
        const smap = mapGet(cpu, map) as BpfMap
        expect(fdUpdateElem(cpu, smap, fd, Int32Array.of(7, 9), 0)).toBe(0)
        mapPut(cpu, smap)
      }
    }
    const ask = (fds: readonly number[] | null, type: 1 | 2 = SOCK_STREAM, length = 4, capable = true) => {
      const shown: DiagSocket[] = []
      const storages = fds === null ? null : fds.map((fd) => ({ type: 1, length, fd }))
      const err = sockDiagDump(cpu, { type, storages, room: 0, capable }, (socket) => shown.push(socket))
      return { err, shown }
    }
    return { ...here, maps, listener, closed, udp, ask }
  }

  it('shows what listens or is connected, with the storages that were asked for, the lock as 0', () => {
    const { maps, listener, ask } = setting()
    const values = (fds: readonly number[] | null) =>
      ask(fds).shown.map(({ fd, storages }) => [fd, storages.map(({ value }) => [...value])])
    expect(values(null)).toEqual([[listener, []]])
    expect(values([maps[0]])).toEqual([[listener, [[7, 9]]]])
    expect(values([maps[1]])).toEqual([[listener, [[7, 0]]]])
    expect(ask([]).shown[0].storages.length).toBe(2)
  })

  it('shows a socket’s addresses and ports, its state and its cookie, and the id and size of each storage', () => {
    const { cpu, maps, listener, ask } = setting()
    const [saddr, daddr] = [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]
    const fd = socketCreate(cpu, { family: AF_INET6, saddr, daddr, sport: 51_234, dport: 443 })
    const smap = mapGet(cpu, maps[1]) as BpfMap
    fdUpdateElem(cpu, smap, fd, Int32Array.of(5, 0), 0)
    const sk = skOf(cpu, fd)
    const [first, second] = ask([]).shown
    expect(first).toMatchObject({ fd: listener, family: AF_INET, state: TCP_LISTEN, sport: 0, dport: 0 })
    const cookie = sockCookie(cpu, sk)
    const addresses = { family: AF_INET6, sport: 51_234, dport: 443, saddr, daddr }
    const storages = [{ map: smap, mapId: 2, size: 8, value: Int32Array.of(5, 0) }]
    expect(second).toEqual({ fd, sk, cookie, state: TCP_ESTABLISHED, ...addresses, storages })
    mapPut(cpu, smap)
  })

  it('shows nothing of maps that a socket has no element of, and takes up no slot of its cache', () => {
    const here = setting()
    const { cpu, words, maps, ask } = here
    const bare = socketCreate(cpu, {})
    const fd = socketCreate(cpu, {})
    const [first, second] = maps.map((map) => mapOf(cpu, map)) as [BpfMap, BpfMap]
    for (const map of [first, second]) fdUpdateElem(cpu, map, fd, Int32Array.of(1, 0), 0)
    const other = mapCreate(cpu, { ...STORAGE, valueSize: 8 })
    const storage = storageOf(words, skOf(cpu, fd))
    const cache = words.subarray(storage + SK_STORAGE.cache, storage + SK_STORAGE.cache + CACHE_SIZE).fill(0)
    const storages = (fds: readonly number[]) =>
      ask(fds).shown.map(({ fd, storages }) => [fd, storages.map(({ map }) => map)])
    expect(storages([maps[1], other]).slice(1)).toEqual([
      [bare, []],
      [fd, [second]],
    ])
    expect(storages([]).slice(1)).toEqual([
      [bare, []],
      [fd, [second, first]],
    ])
    expect(cache).toEqual(new Int32Array(CACHE_SIZE))
    expect(skStorageDiagPut(cpu, { maps: [] }, skOf(cpu, bare), 0)).toEqual({ err: 0, size: 0, storages: [] })
    expect(skStorageDiagPut(cpu, { maps: [second] }, skOf(cpu, bare), 0)).toEqual({ err: 0, size: 0, storages: [] })
  })

  it('passes over attributes of other kinds and descriptors of other things, and keeps no map', () => {
    const { cpu, maps } = setting()
    // The word of a map's record where a socket has its type and where it has its state.
    mapCreate(cpu, { ...STORAGE, valueSize: 8, lockOffset: SOCK_STREAM })
    const shown: DiagSocket[] = []
    const storages = [
      { type: 2, length: 8, fd: 4000 },
      { type: 1, length: 4, fd: maps[0] },
    ]
    expect(sockDiagDump(cpu, { type: SOCK_STREAM, storages }, (socket) => shown.push(socket))).toBe(0)
    expect(shown.map(({ storages }) => storages.map(({ mapId }) => mapId))).toEqual([[1]])
    expect(mapInfo(cpu, mapOf(cpu, maps[0])).references).toBe(1)
  })

  it('shows storages, but not sockets, only to a capable caller', () => {
    const { maps, listener, ask } = setting()
    expect(ask([], SOCK_STREAM, 4, false)).toEqual({ err: -1, shown: [] })
    // Before anything that is wrong with the request.
    expect(ask([maps[0]], SOCK_STREAM, 2, false).err).toBe(-1)
    expect(ask(null, SOCK_STREAM, 4, false).shown.map(({ fd }) => fd)).toEqual([listener])
  })

  it('shows datagram sockets without storages', () => {
    const { udp, ask } = setting()
    expect(ask([], SOCK_DGRAM).shown.map(({ fd, storages }) => [fd, storages])).toEqual([[udp, []]])
  })

  it('refuses maps that are named twice, are no maps of storages, or are named in another length, and keeps none of them', () => {
    const { cpu, maps, listener, ask } = setting()
    const hash = mapCreate(cpu, { type: 1, keySize: 4, valueSize: 4, maxEntries: 1, flags: 0 })
    expect(ask([maps[0], maps[1], maps[0]]).err).toBe(-17)
    expect(ask([maps[0], hash]).err).toBe(-22)
    expect(ask([maps[0], listener]).err).toBe(-22)
    expect(ask([maps[0], 4000]).err).toBe(-9)
    expect(ask([4000], SOCK_STREAM, 2).err).toBe(-22)
    const map = mapGet(cpu, maps[0]) as BpfMap
    expect(mapInfo(cpu, map).references).toBe(2)
    mapPut(cpu, map)
  })

  it('says -EMSGSIZE and the size that would do where there is too little room', () => {
    const { cpu, maps, ask } = setting()
    const sk = ask(null).shown[0].sk as Sk
    const [one, both] = [[maps[0]], maps].map((fds) =>
      skStorageDiagAlloc(
        cpu,
        fds.map((fd) => ({ type: 1, length: 4, fd })),
      ),
    )
    for (const [diag, size] of [
      [one, ONE],
      [both, 2 * ONE - 4],
    ] as const) {
      if (typeof diag === 'number') throw new Error(`refused: ${diag}`)
      expect(skStorageDiagPut(cpu, diag, sk, size - 1)).toEqual({ err: -90, size, storages: [] })
      expect(skStorageDiagPut(cpu, diag, sk, size)).toMatchObject({ err: 0, size })
      skStorageDiagFree(cpu, diag)
    }
  })
})
