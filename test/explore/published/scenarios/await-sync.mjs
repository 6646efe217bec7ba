// First: the package looks for a worker when it is loaded.
import './await-sync-world.mjs'
import { createWorker } from 'await-sync'
import { posted, posts } from './await-sync-world.mjs'

/** What `write` of its worker.js does with so many bytes, in our words. */
const answer =
  (size) =>
  ({ ab }) => {
    Atomics.wait(posted, 0, 0)
    const data = new Uint8Array(ab, 8)
    const words = new Int32Array(ab, 0, 2)
    words[1] = 1
    for (let left = size, chunk = 1; ; chunk++) {
      words[0] = left
      const count = Math.min(left, data.length)
      data.fill(chunk, 0, count)
      Atomics.notify(words, 0)
      if (left === count) return
      Atomics.wait(words, 0, left)
      left -= count
    }
  }
const answered = (size, expected) => ({
  setup: () => {
    posts.length = 0
    posted[0] = 0
    const run = createWorker()((bytes) => bytes)
    return { run, ab: posts[0].ab }
  },
  threads: [
    ({ run }) => {
      const bytes = run()
      return `${bytes[0]} ${bytes[size - 1]}`
    },
    answer(size),
  ],
  after: (_, [seen]) => seen === expected,
})

export const oneChunk = answered(1, '1 1')
export const twoChunks = answered(8185, '1 2')
