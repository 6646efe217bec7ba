/**
 * The same two increments, made of one atomic step that looks and stores: it stores only if nobody was faster.
 */

import { cmpxchg } from '../../src/sync/cmpxchg.ts'

const COUNTER = 0

interface Shared {
  readonly words: Int32Array
}

/** Adds one, and says how often it had to try. */
function increment({ words }: Shared): number {
  for (let tries = 1; ; tries++) {
    const seen = Atomics.load(words, COUNTER)
    if (cmpxchg(words, COUNTER, seen, seen + 1) === seen) return tries
  }
}

/** Never loses an increment. */
export const increments = {
  setup: (): Shared => ({ words: new Int32Array(new SharedArrayBuffer(4)) }),
  threads: [increment, increment],
  placeName: () => 'counter',
  outcome: ({ words }: Shared, tries: readonly unknown[]) =>
    `counter = ${words[COUNTER]}, tries ${tries.join(' and ')}`,
  after({ words }: Shared) {
    if (words[COUNTER] !== 2) throw new Error(`two increments made ${words[COUNTER]}: one was lost`)
  },
}
