/**
 * How much of its numbers a judge takes: a share in `npm test`, all of them with LONG=1, as in `npm run test:long`.
 */

import { createRandom, nextBits } from '../src/random/random.ts'

/** All numbers, and not a share of them. */
export const LONG = process.env.LONG === '1'

/** What the choice of a share begins with: another one each run, or SEED. */
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)

/** So many of all, drawn at random, or all of them in the long mode. Prints how to draw the same ones again. */
export function shareOf<T>(what: string, all: readonly T[], most: number): readonly T[] {
  return LONG ? all : someOf(what, all, most, ', all of them with LONG=1')
}

/** So many of all, drawn at random, in the long mode too. Prints how to draw the same ones again. */
export function someOf<T>(what: string, all: readonly T[], most: number, rest = ''): readonly T[] {
  if (all.length <= most) return all
  console.log(`${what}: ${most} of ${all.length} with SEED=${SEED}${rest}`)
  const random = createRandom(SEED)
  const left = [...all]
  return Array.from({ length: most }, () => left.splice(nextBits(random) % left.length, 1)[0])
}

/** The seed of a judge that makes its own cases. Prints how to make the same ones again. */
export function seedOf(what: string): number {
  console.log(`${what} with SEED=${SEED}`)
  return SEED
}
