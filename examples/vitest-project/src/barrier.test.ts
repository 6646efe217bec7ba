import { explore } from 'every-order'
import { expect, it } from 'vitest'
import { barrier } from './barrier.ts'

it('lets nobody go before all have come', () => {
  const come = (thread: number) => (words: Int32Array) => {
    for (let round = 1; round <= 2; round++) {
      Atomics.store(words, 2 + thread, round)
      barrier(words, 2)
      if (Atomics.load(words, 2 + (1 - thread)) < round) throw new Error(`thread ${thread} went alone`)
    }
  }
  const { exhaustive } = explore({
    setup: () => new Int32Array(new SharedArrayBuffer(16)),
    threads: [come(0), come(1)],
  })
  expect(exhaustive).toBe(true)
})
