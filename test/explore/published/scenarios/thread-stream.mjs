import './thread-stream-world.cjs'
import ThreadStream from 'thread-stream'
import { wait } from 'thread-stream/lib/wait.js'

const [SEQ, WRITE, READ] = [2, 4, 8]

/** A stream as it is on its own thread: the same memory, and private state of its own. */
const own = (stream) => {
  const impl = Object.getOwnPropertySymbols(stream).find(({ description }) => description === 'kImpl')
  const mine = Object.assign(Object.create(ThreadStream.prototype), stream)
  mine[impl] = { ...stream[impl], buf: [] }
  return mine
}
/** What its lib/worker.js does until it has so many bytes, in our words. */
const reads =
  (length) =>
  ({ state, data }) => {
    let text = ''
    while (text.length < length) {
      let seq, from, to
      do {
        seq = Atomics.load(state, SEQ)
        from = Atomics.load(state, READ)
        to = Atomics.load(state, WRITE)
      } while (seq % 2 === 1 || seq !== Atomics.load(state, SEQ))
      if (from === to) Atomics.wait(state, SEQ, seq)
      else {
        text += String.fromCharCode(...data.subarray(from, to))
        Atomics.store(state, READ, to)
        Atomics.notify(state, READ)
      }
    }
    return text
  }
const written = (...parts) => ({
  setup: () => {
    const stream = new ThreadStream({ filename: '/none.js', bufferSize: 4, sync: true })
    const { stateBuf, dataBuf } = stream.worker.given
    return { stream, state: new Int32Array(stateBuf), data: new Uint8Array(dataBuf) }
  },
  threads: [
    ({ stream }) => {
      const mine = own(stream)
      for (const part of parts) mine.write(part)
      mine.flushSync()
    },
    reads(parts.join('').length),
  ],
  after: (_, [, seen]) => seen === parts.join(''),
})

export const oneWrite = written('ab')
export const twoWrites = written('ab', 'c')
/** More than fits: it waits for the reader, and begins anew. */
export const wrapped = written('abcde')

/** What `flush` waits by: until the reader is there, or for 10 ms. */
const waits = (milliseconds) => ({
  setup: () => new Int32Array(new SharedArrayBuffer(4)),
  threads: [
    (state) => new Promise((done) => wait(state, 0, 1, milliseconds, (_, how) => done(how))),
    (state) => {
      Atomics.store(state, 0, 1)
      Atomics.notify(state, 0)
    },
  ],
})
export const waitFor = waits(Number.POSITIVE_INFINITY)
export const waitForTenMs = waits(10)
/** Nobody comes. */
export const waitInVain = { ...waits(10), threads: [waits(10).threads[0], (state) => Atomics.load(state, 0)] }
