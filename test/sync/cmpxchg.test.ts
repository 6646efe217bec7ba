import { afterEach, expect, it, vi } from 'vitest'
import { atomicAdd, atomicRead, atomicSub, cmpxchg, cpuRelax, xchg } from '../../src/sync/cmpxchg.ts'

const AT = 3
function word(n: number): Int32Array {
  const words = new Int32Array(new SharedArrayBuffer(64))
  words[AT] = n
  return words
}

afterEach(() => vi.unstubAllGlobals())

it('cmpxchg replaces what it expects and returns it', () => {
  const words = word(1)
  expect(cmpxchg(words, AT, 1, 2)).toBe(1)
  expect(words[AT]).toBe(2)
})

it('cmpxchg leaves anything else and returns that', () => {
  const words = word(7)
  expect(cmpxchg(words, AT, 1, 2)).toBe(7)
  expect(words[AT]).toBe(7)
})

it('xchg stores and returns what was there', () => {
  const words = word(7)
  expect(xchg(words, AT, -2)).toBe(7)
  expect(words[AT]).toBe(-2)
})

it('atomicAdd and atomicSub wrap at 32 bits, and atomicRead sees it', () => {
  const words = word(0x7fff_ffff)
  atomicAdd(words, AT, 2)
  expect(atomicRead(words, AT)).toBe(-0x7fff_ffff)
  atomicSub(words, AT, 3)
  expect(atomicRead(words, AT)).toBe(0x7fff_fffe)
})

it('cpuRelax is Atomics.pause where the engine has one, and nothing elsewhere', async () => {
  cpuRelax()
  const pause = vi.fn()
  const { compareExchange, exchange, add, sub, load } = Atomics
  vi.stubGlobal('Atomics', { compareExchange, exchange, add, sub, load, pause })
  vi.resetModules()
  const fresh = await import('../../src/sync/cmpxchg.ts')
  fresh.cpuRelax()
  expect(pause).toHaveBeenCalledOnce()

  vi.stubGlobal('Atomics', { compareExchange, exchange, add, sub, load })
  vi.resetModules()
  const without = await import('../../src/sync/cmpxchg.ts')
  expect(() => without.cpuRelax()).not.toThrow()
})
