// A mutex whose waiters sleep: a word that is 0 when it is free, 1 when it is held, 2 when it is held and somebody may
// be asleep. In every interleaving: sk-storage explore examples/explorer/mutex.js

const FREE = 0
const HELD = 1
const WAITED_FOR = 2

function lock(words) {
  if (Atomics.compareExchange(words, 0, FREE, HELD) === FREE) return
  while (Atomics.exchange(words, 0, WAITED_FOR) !== FREE) Atomics.wait(words, 0, WAITED_FOR)
}

function unlock(words) {
  if (Atomics.exchange(words, 0, FREE) === WAITED_FOR) Atomics.notify(words, 0, 1)
}

/** Believes that nobody sleeps where it found nobody asleep: a waiter that comes in between is never woken. */
function unlockByLooking(words) {
  const isWaitedFor = Atomics.load(words, 0) === WAITED_FOR
  Atomics.store(words, 0, FREE)
  if (isWaitedFor) Atomics.notify(words, 0, 1)
}

const scenario = (unlock) => {
  // A plain counter: that nothing is lost, and that there is no data race, is the lock's doing.
  const add = (words) => {
    lock(words)
    words[1]++
    unlock(words)
  }
  return {
    setup: () => new Int32Array(new SharedArrayBuffer(8)),
    threads: [add, add],
    after: (words) => words[1] === 2 && words[0] === FREE,
    placeName: (index) => ['mutex', 'counter'][index],
  }
}

export const mutex = scenario(unlock)
export const sleepsForEver = scenario(unlockByLooking)
