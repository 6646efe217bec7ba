// A bounded queue of one producer and one consumer: a ring of numbers with a head and a tail, each stored by one side
// alone. In every interleaving: sk-storage explore examples/explorer/queue.js

const HEAD = 0 // the next to take; the consumer's
const TAIL = 1 // the next free place; the producer's
const PLACES = 2

/** Puts a number in, or returns false if the queue is full. */
function put(words, number) {
  const tail = Atomics.load(words, TAIL)
  if (tail - Atomics.load(words, HEAD) === PLACES) return false
  words[2 + (tail % PLACES)] = number // a plain store: nobody looks there until the tail says so
  Atomics.store(words, TAIL, tail + 1) // publishes it: pairs with the load of the tail in take
  return true
}

/** The same, but the place is shown before the number is there. */
function putTooEarly(words, number) {
  const tail = Atomics.load(words, TAIL)
  if (tail - Atomics.load(words, HEAD) === PLACES) return false
  Atomics.store(words, TAIL, tail + 1)
  words[2 + (tail % PLACES)] = number
  return true
}

/** Takes the oldest number out, or returns undefined if the queue is empty. */
function take(words) {
  const head = Atomics.load(words, HEAD)
  if (Atomics.load(words, TAIL) === head) return undefined
  const number = words[2 + (head % PLACES)]
  Atomics.store(words, HEAD, head + 1) // gives the place back: pairs with the load of the head in put
  return number
}

const scenario = (put) => ({
  setup: () => new Int32Array(new SharedArrayBuffer(4 * (2 + PLACES))),
  threadNames: ['producer', 'consumer'],
  threads: [
    (words) => [10, 20, 30].filter((number) => put(words, number)),
    (words) => [take(words), take(words), take(words)].filter((number) => number !== undefined),
  ],
  // What came out is the beginning of what went in.
  after: (_, [sent, got]) => got.every((number, i) => number === sent[i]),
})

export const queue = scenario(put)
export const shownTooEarly = scenario(putTooEarly)
