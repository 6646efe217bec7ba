import { describe, expect, it } from 'vitest'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { KasanError } from '../../src/shared/sanitizer.ts'
import { kfree, kmalloc } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import {
  cloneValue,
  copyValueIn,
  copyValueInLocked,
  copyValueOut,
  copyValueOutLocked,
  initValue,
  mapValueHasSpinLock,
  valueLock,
  valueWords,
} from '../../src/shared/value.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { house, interrupt, MODES, onAtomics, storageMap } from './setting.ts'

describe.each(MODES)('values ($mode)', ({ sanitize }) => {
  /** A map whose values are four words with the lock in the third, and one such value. */
  function locked(): { cpu: Cpu; words: Int32Array; map: BpfMap; value: number; lock: number } {
    const { cpu, words } = house({ sanitize })
    const { map } = storageMap(cpu, { valueSize: 16, lockOffset: 8 })
    const value = kmalloc(cpu, KIND.elem, 4)
    initValue(cpu, map, value, Int32Array.of(1, 2, 3, 4))
    return { cpu, words, map, value, lock: value + 2 }
  }

  it.each([
    [1, 1],
    [4, 1],
    [5, 2],
    [16, 4],
    [65_407, 16_352],
  ])('of %i bytes take %i words', (valueSize, count) => {
    const { cpu, words } = house({ sanitize })
    expect(valueWords(words, storageMap(cpu, { valueSize }).map)).toBe(count)
  })

  it('have a lock where the map says so', () => {
    const { words, map, value, lock, cpu } = locked()
    expect(mapValueHasSpinLock(words, map)).toBe(true)
    expect(valueLock(words, map, value)).toBe(lock)
    expect(mapValueHasSpinLock(words, storageMap(cpu).map)).toBe(false)
    const first = storageMap(cpu, { valueSize: 8, lockOffset: 0 }).map
    expect(mapValueHasSpinLock(words, first)).toBe(true)
    expect(valueLock(words, first, value)).toBe(value)
  })

  it('are born with the lock free, whatever stood in the user’s bytes (H15)', () => {
    const { words, map, value, cpu } = locked()
    expect([...words.slice(value, value + 4)]).toEqual([1, 2, 0, 4])
    initValue(cpu, map, value, null)
    expect([...words.slice(value, value + 4)]).toEqual([0, 0, 0, 0])
  })

  it('are copied in around the lock, which keeps its owner (H15)', () => {
    const { words, map, value, lock, cpu } = locked()
    words[lock] = 2
    copyValueIn(cpu, map, value, Int32Array.of(5, 6, 7, 8))
    expect([...words.slice(value, value + 4)]).toEqual([5, 6, 2, 8])
  })

  it('read 0 where the lock is when copied out', () => {
    const { words, map, value, lock, cpu } = locked()
    words[lock] = 2
    const out = new Int32Array(4).fill(-1)
    copyValueOut(cpu, map, value, out)
    expect([...out]).toEqual([1, 2, 0, 4])
  })

  it('are copied whole where there is no lock', () => {
    const { cpu, words } = house({ sanitize })
    const { map } = storageMap(cpu, { valueSize: 13 })
    const value = kmalloc(cpu, KIND.elem, 4)
    initValue(cpu, map, value, Int32Array.of(9, 8, 7, 6))
    const out = new Int32Array(4)
    copyValueOut(cpu, map, value, out)
    expect([...out]).toEqual([9, 8, 7, 6])
    copyValueIn(cpu, map, value, Int32Array.of(1, 2, 3, 4))
    expect([...words.slice(value, value + 4)]).toEqual([1, 2, 3, 4])
  })

  it.each([
    ['in', copyValueInLocked],
    ['out', copyValueOutLocked],
  ])('copied %s under their lock are locked before the first word and free afterwards', (_, copy) => {
    const { words, map, value, lock, cpu } = locked()
    const bytes = Int32Array.of(5, 6, 7, 8)
    const atRelease: number[][] = []
    interrupt(
      'compareExchange',
      (at, expected, next) => at === lock && expected === cpu.id + 1 && next === 0,
      () => atRelease.push([...words.slice(value, value + 4)], [...bytes]),
    )
    copy(cpu, map, value, bytes)
    // At the release everything had been copied, and the lock was ours.
    expect(atRelease[0][2]).toBe(cpu.id + 1)
    expect(atRelease[0].with(2, 0)).toEqual(atRelease[1].with(2, 0))
    expect(words[lock]).toBe(0)
  })

  it('are copied out and cloned to their last word and no further', () => {
    const { words, map, value, cpu } = locked()
    const out = new Int32Array(6).fill(9)
    copyValueOut(cpu, map, value, out)
    expect([...out]).toEqual([1, 2, 0, 4, 9, 9])
    const copy = kmalloc(cpu, KIND.elem, 6)
    words.fill(9, copy, copy + 6)
    cloneValue(cpu, map, value, copy)
    expect([...words.slice(copy, copy + 6)]).toEqual([1, 2, 0, 4, 9, 9])
  })

  it('are cloned under a lock that is their first word, and without one where they have none', () => {
    const { cpu, words } = house({ sanitize })
    const first = storageMap(cpu, { valueSize: 8, lockOffset: 0 }).map
    const plain = storageMap(cpu, { valueSize: 8 }).map
    const [value, copy] = [0, 1].map(() => kmalloc(cpu, KIND.elem, 4) + 2)
    for (const map of [first, plain]) {
      initValue(cpu, map, value, Int32Array.of(0, 4))
      const locked: number[] = []
      onAtomics('compareExchange', (at, expected) => expected === 0 && locked.push(at))
      cloneValue(cpu, map, value, copy)
      expect(locked).toEqual(map === first ? [value] : [])
      expect([...words.slice(copy, copy + 2)]).toEqual([0, 4])
      expect(words[value]).toBe(0)
    }
  })

  it('are cloned under the lock of the one that others see, into one whose lock is free', () => {
    const { words, map, value, lock, cpu } = locked()
    const copy = kmalloc(cpu, KIND.elem, 4)
    let ownerAtRelease = 0
    interrupt(
      'compareExchange',
      (at, expected) => at === lock && expected !== 0,
      () => {
        ownerAtRelease = words[lock]
        expect(words[copy + 3]).toBe(4)
      },
    )
    cloneValue(cpu, map, value, copy)
    expect(ownerAtRelease).toBe(cpu.id + 1)
    expect([...words.slice(copy, copy + 4)]).toEqual([1, 2, 0, 4])
    expect(words[lock]).toBe(0)
  })
})

describe('values, sanitized', () => {
  it('are reported when copied in, out or cloned after they were freed', () => {
    const { cpu } = house({ sanitize: true })
    const { map } = storageMap(cpu, { valueSize: 16 })
    const value = kmalloc(cpu, KIND.elem, 4)
    const copy = kmalloc(cpu, KIND.elem, 4)
    kfree(cpu, KIND.elem, 4, value)
    expect(() => copyValueIn(cpu, map, value, new Int32Array(4))).toThrow(KasanError)
    expect(() => copyValueOut(cpu, map, value, new Int32Array(4))).toThrow(KasanError)
    expect(() => cloneValue(cpu, map, value, copy)).toThrow(KasanError)
  })
})
