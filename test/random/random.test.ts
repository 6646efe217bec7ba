import { describe, expect, it } from 'vitest'
import { below, createRandom, createStream, fraction, nextBits, oneIn } from '../../src/random/random.ts'

const take = <T>(count: number, draw: () => T) => Array.from({ length: count }, draw)

describe('random numbers', () => {
  it('stay what they are for a seed: samples are drawn again from it', () => {
    const random = createRandom(5)
    expect(take(4, () => nextBits(random))).toEqual([1478832577, 3186062026, 3537421946, 387527240])
  })

  it('repeat with their seed and stream, and only then', () => {
    const first = (seed: number, stream: number) => {
      const random = createStream(seed, stream)
      return take(8, () => nextBits(random))
    }
    expect(first(1, 0)).toEqual(first(1, 0))
    const all = [first(1, 0), first(2, 0), first(1, 1), first(0, 0), first(-1, 0)].map((numbers) => numbers.join())
    expect(new Set(all).size).toBe(all.length)
  })

  it('are as often in one part of their range as in another', () => {
    const random = createRandom(1)
    const counts = new Int32Array(10)
    for (let k = 0; k < 100_000; k++) counts[below(random, 10)]++
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
    const mean = take(10_000, () => fraction(random)).reduce((sum, drawn) => sum + drawn) / 10_000
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02)
    const once = take(80_000, () => oneIn(random, 8)).filter(Boolean).length
    expect(Math.abs(once - 10_000)).toBeLessThan(500)
  })
})
