/**
 * Threads that sleep and wake each other under a memory model; and what else asks for elements by an index.
 */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import type { Options } from '../../../src/explore/scenario.ts'
import { createStepper } from '../../../src/explore/stepper.ts'
import { scenarioOf } from './scenario-of.ts'

const arm = { memory: 'arm' } as const

describe('a scenario with waits under a memory model', () => {
  const sleeps = (rest: string) => `return Atomics.wait(words, 0, 0${rest})`
  const wakes = 'Atomics.store(words, 0, 1); return Atomics.notify(words, 0)'
  /** A lock that sleeps, around a plain add. */
  const LOCKS = `
    const lock = (words) => {
      while (Atomics.exchange(words, 0, 1) !== 0) Atomics.wait(words, 0, 1)
    }
    /** @explore lock words[at] */
    function lockAt(words, at) {}
    const unlock = (words) => {
      Atomics.store(words, 0, 0)
      Atomics.notify(words, 0, 1)
    }`
  const adds = 'lock(words); words[1]++; const now = words[1]; unlock(words); return now'

  it.each([
    ['a wait and a notify', [sleeps(''), wakes], ''],
    ['one that may come too late', [sleeps(''), 'return Atomics.notify(words, 0)'], ''],
    ['two that wait, of whom one is woken', [sleeps(''), sleeps(''), 'return Atomics.notify(words, 0, 1)'], ''],
    ['a timeout at any moment', [sleeps(', 5'), wakes], 'timeouts: true'],
    ['a timeout that never runs out', [sleeps(', 5'), 'return Atomics.notify(words, 0)'], 'timeouts: false'],
    ['no time', [sleeps(', 0'), wakes], ''],
    ['small words and private ones', ['return Atomics.notify(new Int32Array(4), 0)', 'words[0] = 1'], ''],
    ['a lock that sleeps', [adds, adds], ''],
    ['indexes that are rounded', ['Atomics.store(words, 0.5, 3)', "return Atomics.load(words, '0')"], ''],
    ['names of elements, and of none', ["words['0'] = 3; words['00'] = 4", 'return words[0]'], 'after: () => true'],
    ['names of private fields', ["const own = { a: 1 }; words[0] = own['a']", "return ({ b: 2 })['b'] + words[0]"], ''],
    ['an element outside', ['return words[99]', 'words[99] = 1; words[0] = 1'], ''],
  ])('has the outcomes of interleavings with %s', async (_, threads, rest) => {
    const scenario = await scenarioOf(threads, rest, LOCKS)
    const ends = (options: Options) =>
      [...new Set(check(scenario, { keepGoing: true, ...options }).outcomes.map(({ outcome }) => outcome))].sort()
    const known = ends({})
    expect(known.length).toBeGreaterThan(0)
    expect(ends({ memory: 'ecma' })).toEqual(known)
  })

  it.each([
    ['a notify outside', 'Atomics.notify(words, 99)', 'threw: Invalid atomic access index'],
    ['a wait on small elements', 'Atomics.wait(bytes, 0, 0)', 'threw: [object Uint8Array]'],
    ['a lock outside', 'lockAt(words, 99)', 'threw: @explore: got a lock at element 99, 1 long, in a view of 16'],
  ])('throws as interleavings do: %s', async (_, statement, message) => {
    const scenario = await scenarioOf(['words[0] = 1', statement], '', LOCKS)
    const known = check(scenario, { detect: { dataRaces: false } }).violation!
    expect(known.message).toContain(message)
    expect(check(scenario, arm).violation).toMatchObject({ kind: known.kind, message: known.message })
  })

  it('is ordered by a notify, and by nothing that a waiter does alone', async () => {
    const told = ['words[1] = 7; return Atomics.notify(words, 0)', `${sleeps('')} === 'ok' ? words[1] : -1`]
    const safe = 'after: (_, [, read]) => read !== 0'
    expect(check(await scenarioOf(told, `${safe}, daemons: [1]`), { memory: 'ecma' })).toMatchObject({
      violation: null,
      exhaustive: true,
      memory: { races: [] },
    })
    const timed = [told[0], `${sleeps(', 5')} !== '' ? words[1] : -1`]
    const late = check(await scenarioOf(timed, `${safe}, timeouts: true`), { memory: 'arm' })
    expect(late).toMatchObject({ violation: { kind: 'assertion' }, memory: { violates: 'sc' } })
  })

  it('tells who sleeps, and replays and steps it', async () => {
    const scenario = await scenarioOf([sleeps(''), 'return Atomics.notify(words, 0)'])
    const result = check(scenario, { ...arm, keepGoing: true })
    expect(result).toMatchObject({ violation: { kind: 'deadlock' }, exhaustive: true, blocked: 1 })
    expect(replay(scenario, result.violation!.replay).violation!.message).toBe(result.violation!.message)
    const steps = result.violation!.steps.map(({ operation, place, before, after }) => [
      operation,
      place,
      before,
      after,
    ])
    expect(steps).toContainEqual(['wait', 'waiters of words[0]', '', 'thread 0'])
    const stepper = createStepper(scenario, arm)
    const [sleeper, waker] = stepper.at(['0', '0', '0']).threads
    expect(sleeper).toMatchObject({ status: 'blocked', why: 'sleeps on words[0]' })
    expect(waker.next!.mayRead).toMatchObject([{ step: 3, value: 'thread 0', isLatest: true }])
    expect(stepper.at(['0']).threads[1]).toMatchObject({
      why: 'waits until another thread has looked at the waiters of words[0]',
    })
    expect(stepper.at(['0', '0', '0', '1', '0']).threads[0]).toMatchObject({ status: 'ended', result: 'ok' })
  })
})
