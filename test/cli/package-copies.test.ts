/**
 * The package loaded anew in one process, or twice, as when a bundler takes one copy and Node another. In a process of
 * their own, since what a copy leaves behind is there for all tests.
 */

import { expect, it, vi } from 'vitest'
import { check } from '../../src/explore/explore.ts'
import { instrumented } from '../explore/support/source.ts'

const SOURCE = `
const lock = async (words) => {
  while (Atomics.compareExchange(words, 0, 0, 1) !== 0) {
    const result = Atomics.waitAsync(words, 0, 1)
    if (result.async) await result.value
  }
}
const once = async (words) => {
  await lock(words)
  Atomics.store(words, 0, 0)
  Atomics.notify(words, 0)
}
const forgets = async (words) => {
  await lock(words)
  Atomics.store(words, 0, 0)
}
export const stuck = { setup: () => new Int32Array(new SharedArrayBuffer(8)), threads: [forgets, forgets] }
export const two = { setup: () => new Int32Array(new SharedArrayBuffer(8)), threads: [once, once] }
`

it('explores async code with either copy', async () => {
  const { two, stuck } = await instrumented(SOURCE, {}, 'lock.js')
  const first = check(two)
  expect(first).toMatchObject({ violation: null, exhaustive: true })
  const told = /^stuck: .* awaits a promise that nobody settles at .*lock\.js:14$/
  expect(check(stuck).violation!.message).toMatch(told)
  vi.resetModules()
  const second = await import('../../src/explore/explore.ts')
  expect(second.check).not.toBe(check)
  // Those that the second copy loaded, and those that the first one did, by both.
  const { instrumented: anew } = await import('../explore/support/source.ts')
  const again = await anew(SOURCE, {}, 'lock.js')
  for (const each of [second.check, check]) {
    for (const loaded of [again, { two, stuck }]) {
      expect(each(loaded.two)).toMatchObject({ violation: null, exhaustive: true, complete: first.complete })
      expect(each(loaded.stuck).violation?.message).toMatch(told)
    }
  }
})

it('says once in a process that a search was cut, and never that a sample is one', async () => {
  vi.resetModules()
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { explore } = await import('../../src/explore/explore.ts')
  const { two } = await instrumented(SOURCE, {}, 'lock.js')
  explore(two)
  explore(two, { strategy: 'random', maxExecutions: 1 })
  expect(warn).not.toHaveBeenCalled()
  explore(two, { maxExecutions: 1 })
  explore(two, { maxExecutions: 1 })
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^explore: a search ended before all .*prove\(\) makes it an error$/)],
  ])
})

it('refuses natives that the other copy has changed, and never says that it saw them', async () => {
  vi.resetModules()
  const { check: second } = await import('../../src/explore/explore.ts')
  const { instrumented: anew } = await import('../explore/support/source.ts')
  const reads = `const iterator = Symbol.iterator
export const reads = {
  setup: () => new Int32Array(new SharedArrayBuffer(8)),
  threads: [(w) => w[iterator]().next().value, (w) => { w[0] = 1 }],
}`
  for (const [load, explored] of [
    [instrumented, second],
    [anew, second],
    [anew, check],
  ] as const) {
    const { reads: each } = await load(reads, {}, 'reads.js')
    expect(explored(each).violation?.kind).toMatch(/^(refused|data-race)$/)
  }
})
