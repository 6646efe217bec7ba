/**
 * How a worker thread that has a part in a search is reached: a port for words, and shared words for what it asks at
 * each execution. It never comes back to its event loop, so it looks at both by itself.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { runtime } from '../runtime/runtime.ts'
import type { Hand } from './share-state.ts'
import type { Link, Order, Word } from './words.ts'

/** What a worker gets to be reached by. */
export interface Line {
  readonly port: MessagePort
  /** The part to leave off, the part that a piece of is wanted, and how often it was called. */
  readonly calls: Int32Array
}

const STOP = 0
const ASK = 1
const CALLS = 2
/** Milliseconds after which a worker that waits gives a sign of life. */
const PATIENCE = 100

export const createCalls = (): Int32Array => new Int32Array(new SharedArrayBuffer(12))

/** A worker, from the thread that has the other end of its port. */
export const handOn = (port: MessagePort, calls: Int32Array): Hand => ({
  tell(order) {
    port.postMessage(order)
    Atomics.add(calls, CALLS, 1)
    Atomics.notify(calls, CALLS)
  },
  stop(part) {
    Atomics.store(calls, STOP, part)
  },
  ask(part) {
    Atomics.store(calls, ASK, part)
  },
})

// Kept: the author's code may put others in their place.
const { load, store, wait } = Atomics

/** The others, from a worker. */
export const linkOver = ({ port, calls }: Line): Link => ({
  next() {
    for (;;) {
      const seen = load(calls, CALLS)
      const received = receiveMessageOnPort(port)
      if (received !== undefined) return received.message as Order
      wait(calls, CALLS, seen, PATIENCE)
      if (runtime.pulse !== null) runtime.pulse[0]++
    }
  },
  tell: (word: Word) => port.postMessage(word),
  isAsked: (part) => load(calls, ASK) === part,
  given() {
    store(calls, ASK, 0)
  },
  isStopped: (part) => load(calls, STOP) === part,
})
