import { describe, expect, it } from 'vitest'
import { BPF_MAP_TYPE_HASH } from '../../src/shared/map-options.ts'
import type { BpfMap, Sk } from '../../src/shared/pointer.ts'
import { HEADER } from '../../src/shared/records.ts'
import { bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import {
  bpfMapDeleteElem,
  bpfMapLookupElem,
  bpfMapUpdateElem,
  bpfSkStorageDelete,
  bpfSkStorageGet,
  bpfSpinLockAcquire,
} from '../../src/workers/helpers.ts'
import { syscallsOf } from '../../src/workers/syscalls.ts'
import type { VerifierRule } from '../../src/workers/verifier-error.ts'
import { COUNTER, expectOrder, house, mapOf, reading, socket, storageMap } from '../shared/setting.ts'

/** A CPU with a map of each type, whose values have a lock in word 1, and a socket. */
function setting() {
  const at = house()
  const { cpu } = at
  const storage = storageMap(cpu, COUNTER)
  const hashFd = syscallsOf(cpu).mapCreate({
    type: BPF_MAP_TYPE_HASH,
    keySize: 8,
    maxEntries: 4,
    flags: 0,
    ...COUNTER,
  })
  return { at, cpu, storage, hash: { fd: hashFd, map: mapOf(cpu, hashFd) }, socket: socket(cpu) }
}

type Call = (cpu: Cpu, map: BpfMap, sk: Sk) => unknown

const KEY = Int32Array.of(1, 2)
const VALUE = Int32Array.of(7, 0)

/** What a program that makes this call ends with. */
function ruleOf(call: () => unknown): VerifierRule | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    expect(error).toHaveProperty('name', 'VerifierError')
    return (error as { code: VerifierRule }).code
  }
}

describe('a map of another type', () => {
  it.each<[string, Call]>([
    ['bpf_sk_storage_get', (cpu, map, sk) => bpfSkStorageGet(cpu, map, sk, null, 0)],
    ['bpf_sk_storage_get with create', (cpu, map, sk) => bpfSkStorageGet(cpu, map, sk, null, 1)],
    ['bpf_sk_storage_get with other flags', (cpu, map, sk) => bpfSkStorageGet(cpu, map, sk, null, 2)],
    ['bpf_sk_storage_delete', (cpu, map, sk) => bpfSkStorageDelete(cpu, map, sk)],
  ])('is refused by %s, whatever the socket has, and nothing changes', (_, call) => {
    const { at, cpu, storage, hash, socket } = setting()
    for (let round = 0; round < 2; round++) {
      expect(reading(cpu, () => ruleOf(() => call(cpu, hash.map, socket.sk)))).toBe('map-type')
      reading(cpu, () => bpfSkStorageGet(cpu, storage.map, socket.sk, null, 1))
    }
    expectOrder(at)
  })

  it.each<[string, Call]>([
    ['bpf_map_lookup_elem', (cpu, map) => bpfMapLookupElem(cpu, map, KEY, 0)],
    ['bpf_map_update_elem', (cpu, map) => bpfMapUpdateElem(cpu, map, KEY, 0, VALUE, 0)],
    ['bpf_map_delete_elem', (cpu, map) => bpfMapDeleteElem(cpu, map, KEY, 0)],
  ])('is refused by %s, and nothing changes', (_, call) => {
    const { at, cpu, storage, socket } = setting()
    reading(cpu, () => bpfSkStorageGet(cpu, storage.map, socket.sk, null, 1))
    expect(reading(cpu, () => ruleOf(() => call(cpu, storage.map, socket.sk)))).toBe('map-type')
    expectOrder(at)
  })

  it('is said with both types', () => {
    const { cpu, storage } = setting()
    expect(() => bpfMapLookupElem(cpu, storage.map, KEY, 0)).toThrow(
      `bpf_map_lookup_elem on CPU 0 of a map at word ${storage.map}: got type 24, expected 1`,
    )
  })
})

describe('a key or value that is too short', () => {
  it.each<[string, (cpu: Cpu, hash: BpfMap, storage: BpfMap, sk: Sk) => unknown]>([
    ['to look up', (cpu, hash) => bpfMapLookupElem(cpu, hash, KEY, 1)],
    ['to look up, before its array', (cpu, hash) => bpfMapLookupElem(cpu, hash, KEY, -1)],
    ['to update', (cpu, hash) => bpfMapUpdateElem(cpu, hash, Int32Array.of(1), 0, VALUE, 0)],
    ['to update with', (cpu, hash) => bpfMapUpdateElem(cpu, hash, KEY, 0, Int32Array.of(7), 0)],
    ['to delete', (cpu, hash) => bpfMapDeleteElem(cpu, hash, KEY, 1)],
    ['to create with', (cpu, _, storage, sk) => bpfSkStorageGet(cpu, storage, sk, Int32Array.of(7), 1)],
  ])('%s is refused', (_, call) => {
    const { at, cpu, storage, hash, socket } = setting()
    expect(reading(cpu, () => ruleOf(() => call(cpu, hash.map, storage.map, socket.sk)))).toBe('out-of-bounds')
    expectOrder(at)
  })

  it('is enough from where it begins', () => {
    const { cpu, hash } = setting()
    const keys = Int32Array.of(0, 1, 2)
    expect(reading(cpu, () => bpfMapUpdateElem(cpu, hash.map, keys, 1, VALUE, 0))).toBe(0)
    expect(reading(cpu, () => bpfMapLookupElem(cpu, hash.map, KEY, 0))).toBeGreaterThan(0)
  })
})

describe('bpf_spin_lock', () => {
  it('takes the lock in a value of sk storage and of a hash map, of one and then of the other', () => {
    const { at, cpu, storage, hash, socket } = setting()
    const more = storageMap(cpu, { valueSize: 12, lockOffset: 8 })
    reading(cpu, () => bpfMapUpdateElem(cpu, hash.map, KEY, 0, VALUE, 0))
    for (let round = 0; round < 3; round++) {
      reading(cpu, () => {
        const values = [
          bpfSkStorageGet(cpu, storage.map, socket.sk, null, 1) + 1,
          bpfMapLookupElem(cpu, hash.map, KEY, 0) + 1,
          bpfSkStorageGet(cpu, more.map, socket.sk, null, 1) + 2,
        ]
        for (const lock of values) {
          bpfSpinLockAcquire(cpu, lock)
          bpfSpinUnlock(cpu, lock)
        }
      })
    }
    expectOrder(at)
  })

  it('takes no other word: of a value, of its element, of a map without a lock, of the header, NULL', () => {
    const { at, cpu, storage, hash, socket } = setting()
    const plain = storageMap(cpu)
    reading(cpu, () => bpfMapUpdateElem(cpu, hash.map, KEY, 0, VALUE, 0))
    const words = reading(cpu, () => {
      const value = bpfSkStorageGet(cpu, storage.map, socket.sk, null, 1)
      const inHash = bpfMapLookupElem(cpu, hash.map, KEY, 0)
      const without = bpfSkStorageGet(cpu, plain.map, socket.sk, null, 1)
      return [value, value + 2, value - 1, inHash, inHash + 2, without, without + 1, HEADER.mapsLock, 0, 1, -1, 2 ** 31]
    })
    for (const word of words)
      expect([word, reading(cpu, () => ruleOf(() => bpfSpinLockAcquire(cpu, word)))]).toEqual([word, 'not-a-lock'])
    expectOrder(at)
  })

  it('takes no lock in a value of a map that is gone', () => {
    const { at, cpu, storage, socket } = setting()
    const lock = reading(cpu, () => bpfSkStorageGet(cpu, storage.map, socket.sk, null, 1) + 1)
    reading(cpu, () => bpfSpinLockAcquire(cpu, lock))
    bpfSpinUnlock(cpu, lock)
    syscallsOf(cpu).close(storage.fd)
    expectOrder(at)
    expect(reading(cpu, () => ruleOf(() => bpfSpinLockAcquire(cpu, lock)))).toBe('not-a-lock')
  })
})

describe('the syscalls', () => {
  it.each([
    ['lookup', (sys, fd, key) => sys.mapLookup(fd, key)],
    ['update', (sys, fd, key) => sys.mapUpdate(fd, key, VALUE)],
    ['delete', (sys, fd, key) => sys.mapDelete(fd, key)],
  ] as [string, (sys: ReturnType<typeof syscallsOf>, fd: number, key: never) => unknown][])(
    '%s refuses a key of the other type, or of another size',
    (_, call) => {
      const { cpu, storage, hash, socket } = setting()
      const sys = syscallsOf(cpu)
      for (const key of [socket.fd, Int32Array.of(1), Int32Array.of(1, 2, 3), '12', undefined])
        expect(() => call(sys, hash.fd, key as never)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
      for (const key of [KEY, new Int32Array(0), `${socket.fd}`, undefined])
        expect(() => call(sys, storage.fd, key as never)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
    },
  )

  it('take a key of sk storage as the four bytes it is, too', () => {
    const { cpu, storage, socket } = setting()
    const sys = syscallsOf(cpu)
    sys.mapUpdate(storage.fd, Int32Array.of(socket.fd), VALUE)
    expect(sys.mapLookup(storage.fd, socket.fd)).toEqual(VALUE)
  })
})
