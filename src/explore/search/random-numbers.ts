/**
 * Random numbers from a seed: the same seed gives the same schedules on every machine.
 */

export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** An integer in [0, below). */
  integer(below: number): number
}

/** A generator with 32 bits of state, whose steps are a Weyl sequence and a finalizer of multiplications and shifts. */
export function createRandom(seed: number): Random {
  let state = seed | 0
  const next = () => {
    state = (state + 0x9e3779b9) | 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return ((z ^ (z >>> 16)) >>> 0) / 0x1_0000_0000
  }
  return { next, integer: (below) => Math.floor(next() * below) }
}
