/**
 * Mutexes by `waitAsync` as two authors build them: of two states, with a wake at each unlock, and of three, with a
 * wake only where somebody may wait. Each is right, and each of the mistakes that are easily made in it is found.
 */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { LONG } from '../../share.ts'
import { instrumented, words } from '../support/source.ts'

const TWO_STATES = `
const lock = async (w) => {
  for (;;) {
    if (Atomics.compareExchange(w, 0, 0, 1) === 0) return
    const { async, value } = Atomics.waitAsync(w, 0, 1)
    if (async) await value
  }
}
const unlock = (w) => {
  if (Atomics.compareExchange(w, 0, 1, 0) !== 1) throw new Error('unlocked by two')
  Atomics.notify(w, 0, 1)
}`

const THREE_STATES = `
const lock = async (w) => {
  let seen = Atomics.compareExchange(w, 0, 0, 1)
  while (seen !== 0) {
    if (seen === 2 || Atomics.compareExchange(w, 0, 1, 2) !== 0) await Atomics.waitAsync(w, 0, 2).value
    seen = Atomics.compareExchange(w, 0, 0, 2)
  }
}
const unlock = (w) => {
  if (Atomics.sub(w, 0, 1) === 1) return
  Atomics.store(w, 0, 0)
  Atomics.notify(w, 0, 1)
}`

/** What `count` threads come to that each add 1 under the lock. */
async function added(mutex: string, count: number) {
  const { add } = await instrumented(
    `${mutex}
export const add = async (w) => {
  await lock(w)
  w[1]++
  unlock(w)
}`,
    {},
    'mutex.js',
  )
  const after = (w: Int32Array) => expect(w[1]).toBe(count)
  return check({ setup: () => words(2), threads: Array.from({ length: count }, () => add), after })
}

describe.each([
  ['two states', TWO_STATES, [2, 3]],
  // Of three threads there are many orders.
  ['three states', THREE_STATES, LONG ? [2, 3] : [2]],
])('a mutex of %s', (_, mutex, counts) => {
  it.each(counts)('loses nothing between %i threads, in all orders', async (count) => {
    const { violation, exhaustive, redundant, complete } = await added(mutex, count)
    expect({ violation, exhaustive, redundant }).toEqual({ violation: null, exhaustive: true, redundant: 0 })
    expect(complete).toBeGreaterThan(count)
  })

  it('that wakes nobody leaves a waiter for ever', async () => {
    expect((await added(mutex.replace(/Atomics\.notify.*/, ''), 2)).violation).toMatchObject({ kind: 'deadlock' })
  })

  it('that looks and then stores is taken by two', async () => {
    const looks = mutex.replace(
      'Atomics.compareExchange(w, 0, 0, 1)',
      '((old) => (old === 0 && Atomics.store(w, 0, 1), old))(Atomics.load(w, 0))',
    )
    expect(looks).not.toBe(mutex)
    expect((await added(looks, 2)).violation).toMatchObject({ kind: expect.stringMatching(/data-race|assertion/) })
  })
})

it('a mutex of three states that forgets who else may wait leaves the third thread for ever', async () => {
  const forgets = THREE_STATES.replace(
    'seen = Atomics.compareExchange(w, 0, 0, 2)',
    'seen = Atomics.compareExchange(w, 0, 0, 1)',
  )
  expect((await added(forgets, 2)).violation).toBeNull()
  expect((await added(forgets, 3)).violation).toMatchObject({ kind: 'deadlock' })
})
