/**
 * Random choices that repeat: xorshift32 (Marsaglia 2003), one generator a CPU, seeded.
 */

/** The state of a generator; never 0. */
export interface Random {
  state: number
}

/** A generator for one CPU in one phase. Seeds that differ in any part give sequences that have nothing in common. */
export function random(seed: number, phase: number): Random {
  // A multiply and a shift each (the finisher of murmur3), so that neighbouring seeds part at once.
  let h = Math.imul(seed ^ Math.imul(phase + 1, 0x9e3779b1), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  h ^= h >>> 16
  return { state: h === 0 ? 1 : h }
}

/** The next 32 bits, signed. */
export function next(random: Random): number {
  let x = random.state
  x ^= x << 13
  x ^= x >>> 17
  x ^= x << 5
  random.state = x
  return x
}

/** A number from 0 to `n` - 1. */
export function below(random: Random, n: number): number {
  return (next(random) >>> 0) % n
}

/** True once in `n` times. */
export function oneIn(random: Random, n: number): boolean {
  return (next(random) >>> 0) % n === 0
}
