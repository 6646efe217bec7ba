/**
 * An order that looks like none, the same in each run, so that two runs compare.
 */

import { below, type Random } from '../src/random/random.ts'

/** The numbers 0 to `count` - 1 in random order. Fisher and Yates. */
export function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = below(random, i + 1)
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}
