/**
 * Random numbers that repeat: the same seed gives the same numbers on every machine. Whatever draws at random here
 * draws from this one generator, so that samples, workloads and benchmarks can be run again.
 *
 * Its 32 bits of state count up by the golden ratio (a Weyl sequence); a number is the state, finished as MurmurHash3
 * finishes a hash. Replays of samples depend on the sequence: it stays as it is.
 */

/** A generator: the state, which `nextBits` steps on. */
export interface Random {
  state: number
}

/** Begins at that seed. */
export function createRandom(seed: number): Random {
  return { state: seed | 0 }
}

/** One of the many sequences of a seed. Those that differ in seed or stream begin far from each other. */
export function createStream(seed: number, stream: number): Random {
  return createRandom(finish(seed ^ Math.imul(stream + 1, 0x9e3779b1)))
}

/** The next 32 bits, as an unsigned integer. */
export function nextBits(random: Random): number {
  random.state = (random.state + 0x9e3779b9) | 0
  return finish(random.state)
}

/** Lets every bit depend on every other. */
function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A number from 0 up to, but not, 1. */
export function fraction(random: Random): number {
  return nextBits(random) / 0x1_0000_0000
}

/** An integer from 0 to `n` - 1. */
export function below(random: Random, n: number): number {
  return Math.floor(fraction(random) * n)
}

/** True once in `n` times. */
export function oneIn(random: Random, n: number): boolean {
  return below(random, n) === 0
}
