import * as published from '../scenarios/await-sync.mjs'
import { posted } from '../scenarios/await-sync-world.mjs'

/** A notify may be a late one, of the chunk before. */
const AGAIN = 'while (Atomics.load(int32, 0) === 0) Atomics.wait(int32, 0, 0)'
/** The reader takes the count atomically, and gives a chunk back by storing 0, not by a notify alone. */
const edits = [
  { file: 'await-sync/mod.js', from: 'let bytesLeft = int32[0]', to: 'let bytesLeft = Atomics.load(int32, 0)' },
  {
    file: 'await-sync/mod.js',
    from: 'Atomics.notify(int32, 0)\n',
    to: 'Atomics.store(int32, 0, 0); Atomics.notify(int32, 0)\n',
  },
  { file: 'await-sync/mod.js', from: 'Atomics.wait(int32, 0, bytesLeft)', to: AGAIN },
]

/** The writer's end, repaired: the count is stored atomically, and behind the bytes. */
const answer =
  (size) =>
  ({ ab }) => {
    const data = new Uint8Array(ab, 8)
    const words = new Int32Array(ab, 0, 2)
    Atomics.wait(posted, 0, 0)
    words[1] = 1
    for (let left = size, chunk = 1; ; chunk++) {
      const count = Math.min(left, data.length)
      data.fill(chunk, 0, count)
      Atomics.store(words, 0, left)
      Atomics.notify(words, 0)
      if (left === count) return
      while (Atomics.load(words, 0) === left) Atomics.wait(words, 0, left)
      left -= count
    }
  }
const repaired = ({ threads: [reads], ...scenario }, size) => ({ ...scenario, threads: [reads, answer(size)], edits })

export const oneChunk = repaired(published.oneChunk, 1)
export const twoChunks = repaired(published.twoChunks, 8185)
