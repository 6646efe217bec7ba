import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explore } from 'every-order'
import { createIds } from './id.js'

test('gives no number twice', () => {
  const take = (words) => {
    const id = createIds(words, 2)
    return [id(), id(), id()]
  }
  const { exhaustive } = explore({
    setup: () => new Int32Array(new SharedArrayBuffer(4)),
    threads: [take, take],
    after: (_, [mine, yours]) => assert.equal(new Set([...mine, ...yours]).size, 6),
  })
  assert(exhaustive)
})
