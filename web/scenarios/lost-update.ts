/**
 * Two CPUs add one to the same word, each by a load and a store. Whoever stores last has forgotten the other.
 */

const COUNTER = 0

interface Shared {
  readonly words: Int32Array
}

function increment({ words }: Shared): void {
  const seen = Atomics.load(words, COUNTER)
  Atomics.store(words, COUNTER, seen + 1)
}

/** Fails in four of its six interleavings. */
export const lostUpdate = {
  setup: (): Shared => ({ words: new Int32Array(new SharedArrayBuffer(4)) }),
  threads: [increment, increment],
  placeName: () => 'counter',
  outcome: ({ words }: Shared) => `counter = ${words[COUNTER]}`,
  after({ words }: Shared) {
    if (words[COUNTER] !== 2) throw new Error(`two increments made ${words[COUNTER]}: one was lost`)
  },
}
