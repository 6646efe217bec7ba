import { describe, expect, it } from 'vitest'
import {
  arrayMapGetNextKey,
  arrayMapLookupCopy,
  arrayMapLookupElem,
  arrayMapSyscallWords,
  arrayMapUpdateCopy,
  arrayMapUpdateElem,
} from '../../src/shared/array-map.ts'
import { describeWord } from '../../src/shared/describe.ts'
import { fdClose } from '../../src/shared/fd-table.ts'
import { checkInvariants } from '../../src/shared/invariants.ts'
import { mapCreate } from '../../src/shared/map.ts'
import type { MapOptions } from '../../src/shared/map-options.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import { expectLive, house, MODES, mapOf, online, reading } from './setting.ts'

const ENOENT = -2
const E2BIG = -7
const ENOMEM = -12
const EEXIST = -17
const EINVAL = -22

const ARRAY: MapOptions = { type: 2, keySize: 4, valueSize: 8, maxEntries: 3, flags: 0 }
const PERCPU: MapOptions = { ...ARRAY, type: 6 }

function setting(wanted: Partial<MapOptions> = {}, options = {}) {
  const here = house(options)
  const { cpu, words } = here
  const fd = mapCreate(cpu, { ...ARRAY, ...wanted })
  expect(fd).toBeGreaterThan(0)
  const map = mapOf(cpu, fd)
  return {
    ...here,
    fd,
    map,
    set: (index: number, value: number[], flags = 0) =>
      arrayMapUpdateCopy(cpu, map, Int32Array.of(index), Int32Array.from(value), flags),
    get: (index: number, flags = 0) => {
      const out = new Int32Array(arrayMapSyscallWords(words, map))
      const err = arrayMapLookupCopy(cpu, map, index, out, flags)
      return err === 0 ? [...out] : err
    },
    at: (index: number, on = cpu) => reading(on, () => arrayMapLookupElem(on, map, Int32Array.of(index), 0)),
    next: (key: number | null) => {
      const out = new Int32Array(1)
      const err = arrayMapGetNextKey(cpu, map, key === null ? null : Int32Array.of(key), out)
      return err === 0 ? out[0] : err
    },
  }
}

describe.each(MODES)('an array ($mode)', ({ sanitize }) => {
  it('has all its values from the beginning, zero and apart', () => {
    const { get, set, at } = setting({ valueSize: 12 }, { sanitize })
    expect([get(0), get(2)]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect(set(1, [1, 2, 3])).toBe(0)
    expect([get(0), get(1), get(2)]).toEqual([
      [0, 0, 0],
      [1, 2, 3],
      [0, 0, 0],
    ])
    // Each value begins on 8 bytes.
    expect([at(1) - at(0), at(2) - at(1), at(0) % 2]).toEqual([4, 4, 0])
  })

  it('goes with its last descriptor, and leaves nothing', () => {
    for (const type of [2, 6]) {
      const here = setting({ type }, { sanitize })
      expectLive(here, { map: 1, arrayValues: 1, file: 1 })
      fdClose(here.cpu, here.fd)
      expectLive(here)
    }
  })
})

describe('an array', () => {
  it('ends behind its last index', () => {
    const { get, set, at } = setting()
    expect([get(3), get(-1), get(2 ** 31 - 1)]).toEqual([ENOENT, ENOENT, ENOENT])
    expect([set(3, [1, 2]), set(-1, [1, 2])]).toEqual([E2BIG, E2BIG])
    expect([at(3), at(-1)]).toEqual([0, 0])
  })

  it('walks its indices, from the first for one that is none', () => {
    const { next } = setting()
    expect([next(null), next(0), next(1), next(2), next(3), next(-1)]).toEqual([0, 1, 2, ENOENT, 0, 0])
  })

  it('refuses to create, always: -E2BIG before -EEXIST, -EINVAL before both', () => {
    const { set } = setting()
    expect([set(1, [1, 1], 1), set(3, [1, 1], 1), set(1, [1, 1], 2), set(1, [1, 1], 3), set(3, [1, 1], 8)]).toEqual([
      EEXIST,
      E2BIG,
      0,
      EINVAL,
      EINVAL,
    ])
  })

  it('copies under the lock of its value if it is told to, and never touches the lock', () => {
    const { set, get, at, cpu, words, memory } = setting({ lockOffset: 4 })
    expect(set(1, [7, 9], 4)).toBe(0)
    expect([get(1), get(1, 4)]).toEqual([
      [7, 0],
      [7, 0],
    ])
    const lock = at(1) + 1
    bpfSpinLock(cpu, lock)
    expect(checkInvariants(cpu)).toContain(
      `the lock of value 1 of array 1 at word ${lock} holds ${words[lock]}, expected 0`,
    )
    expect(describeWord(memory, lock)).toBe('the bpf_spin_lock in value 1 of map 1')
    expect(set(1, [8, 8])).toBe(0)
    expect(words[lock]).not.toBe(0)
    bpfSpinUnlock(cpu, lock)
    expect(checkInvariants(cpu)).toEqual([])
  })

  it('knows no lock where its value has none', () => {
    const { set, get } = setting()
    expect([set(1, [1, 1], 4), set(9, [1, 1], 4), get(1, 4), get(1, 1)]).toEqual([EINVAL, EINVAL, EINVAL, EINVAL])
  })

  it.each<[Partial<MapOptions>, number]>([
    [{ maxEntries: 0 }, EINVAL],
    [{ keySize: 8 }, EINVAL],
    [{ keySize: 0 }, EINVAL],
    [{ valueSize: 0 }, EINVAL],
    [{ flags: 1 }, EINVAL],
    [{ flags: 512 }, EINVAL],
    [{ flags: (1 << 7) | (1 << 8) }, EINVAL],
    [{ type: 6, flags: 1 << 10 }, EINVAL],
    [{ type: 3 }, EINVAL],
    [{ valueSize: 2 ** 31 }, E2BIG],
    [{ type: 6, valueSize: (32 << 10) + 1 }, E2BIG],
    [{ valueSize: 2 ** 31 - 1 }, ENOMEM],
    [{ maxEntries: 2 ** 32 - 1 }, ENOMEM],
    [{ maxEntries: 1 << 24 }, ENOMEM],
  ])('is not made with %j', (wanted, err) => {
    const here = house()
    expect(mapCreate(here.cpu, { ...ARRAY, ...wanted })).toBe(err)
    expectLive(here)
  })

  it.each([1 << 7, 1 << 8, 1 << 10, (1 << 10) | (1 << 7)])('is made with flags %d', (flags) => {
    expect(mapCreate(house().cpu, { ...ARRAY, flags })).toBeGreaterThan(0)
  })
})

describe('a per-CPU array', () => {
  it('has a value for each CPU, and the syscalls see all of them, each on 8 bytes', () => {
    const { cpus, words, map, set, get, at, other } = setting({ ...PERCPU, valueSize: 4 }, { cpus: 3 })
    online(other)
    expect(arrayMapSyscallWords(words, map)).toBe(2 * cpus.length)
    expect(set(1, [1, 99, 2, 99, 3, 99])).toBe(0)
    expect(get(1)).toEqual([1, 0, 2, 0, 3, 0])
    expect([words[at(1)], words[at(1, other)]]).toEqual([1, 2])
    // No two CPUs write to one cache line.
    expect(at(0, other) - at(2) >= 16 || at(0, other) % 16 === 0).toBe(true)
  })

  it('gives programs their own CPU’s value alone', () => {
    const { cpu, other, map, get } = setting(PERCPU)
    online(other)
    const key = Int32Array.of(2)
    expect(reading(other, () => arrayMapUpdateElem(other, map, key, 0, Int32Array.of(5, 6), 0))).toBe(0)
    expect(get(2)).toEqual([0, 0, 5, 6])
    expect(reading(cpu, () => arrayMapUpdateElem(cpu, map, key, 0, Int32Array.of(7, 8), 1))).toBe(EEXIST)
  })
})
