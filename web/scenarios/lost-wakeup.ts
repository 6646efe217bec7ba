/**
 * A mutex whose waiters sleep: a word that is 0 when it is free, 1 when it is held, 2 when it is held and somebody may
 * be asleep.
 */

const MUTEX = 0
const COUNTER = 1
const FREE = 0
const HELD = 1
const WAITED_FOR = 2

interface Shared {
  readonly words: Int32Array
  readonly names: readonly string[]
}

function lock(words: Int32Array): void {
  if (Atomics.compareExchange(words, MUTEX, FREE, HELD) === FREE) return
  while (Atomics.exchange(words, MUTEX, WAITED_FOR) !== FREE) Atomics.wait(words, MUTEX, WAITED_FOR)
}

function unlock(words: Int32Array): void {
  if (Atomics.exchange(words, MUTEX, FREE) === WAITED_FOR) Atomics.notify(words, MUTEX, 1)
}

function add({ words }: Shared): void {
  lock(words)
  words[COUNTER] += 1
  unlock(words)
}

/** Nobody sleeps for ever, and nothing is lost. */
export const lostWakeup = {
  setup: (): Shared => ({ words: new Int32Array(new SharedArrayBuffer(8)), names: ['mutex', 'counter'] }),
  threads: [add, add],
  placeName: (index: number) => (index === MUTEX ? 'mutex' : 'counter'),
  outcome: ({ words }: Shared) => `counter = ${words[COUNTER]}`,
  after({ words }: Shared) {
    if (words[COUNTER] !== 2) throw new Error(`two additions made ${words[COUNTER]}`)
  },
}
