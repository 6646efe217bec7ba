/**
 * Under Vite all modules of a process count as those of one program. In a process of its own, since it shows what that
 * does to others.
 */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { next } from './counting.ts'

const thread = (words: Int32Array): number => {
  Atomics.add(words, 0, 1)
  return next()
}
const counted = { setup: () => new Int32Array(new SharedArrayBuffer(4)), threads: [thread, thread] }

it('is refused since a module of nobody there can’t be evaluated anew', async () => {
  expect(check(counted)).toMatchObject({ violation: null, exhaustive: true })
  const { change } = await import('./made-once.ts')
  expect(change()).toBe(43)
  expect(check(counted).violation).toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/what is compiled from a string can't be followed .*made-once\.ts/),
  })
})
