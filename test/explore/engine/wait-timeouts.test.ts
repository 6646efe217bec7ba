/** `Atomics.wait` with a timeout: a wait that ends by itself, if the scenario says that time may run out. */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import type { Options } from '../../../src/explore/scenario.ts'
import { instrumented } from '../support/source.ts'

const text = (timeout: string): string => `
  export const sleep = ({ words }) => Atomics.wait(words, 0, 0${timeout})
  export const wake = ({ words }) => Atomics.notify(words, 0, 1)
  export const change = ({ words }) => { Atomics.store(words, 0, 1); return Atomics.notify(words, 0) }
  export const twice = ({ words }) => [Atomics.wait(words, 0, 0, 5), Atomics.wait(words, 0, 0, 5)].join()
`

async function outcomes(names: string[], timeout: string, timeouts: boolean, options: Options = {}) {
  const module = await instrumented(text(timeout), {}, 'sleep.js')
  const result = check(
    {
      setup: () => ({ words: new Int32Array(new SharedArrayBuffer(4)) }),
      threads: names.map((name) => module[name]),
      timeouts,
    },
    { keepGoing: true, ...options, detect: { deadlocks: false } },
  )
  expect(result).toMatchObject({ exhaustive: true, redundant: 0, failing: 0 })
  return Object.fromEntries(result.outcomes.map(({ outcome, count }) => [outcome, count]))
}

describe('a wait with a timeout', () => {
  it('sleeps for ever by default', async () => {
    expect(await outcomes(['sleep'], ', 10', false)).toEqual({ '(blocked)': 1 })
  })

  it('ends by itself if timeouts are on', async () => {
    expect(await outcomes(['sleep'], ', 10', true)).toEqual({ 'timed-out': 1 })
    expect(await outcomes(['sleep'], ', 0', true)).toEqual({ 'timed-out': 1 })
    expect(await outcomes(['sleep'], ', -3', true)).toEqual({ 'timed-out': 1 })
  })

  it('of no time at all only looks, with timeouts on or off', async () => {
    for (const none of [', 0', ', -3', ', -Infinity']) {
      expect(await outcomes(['sleep'], none, false)).toEqual({ 'timed-out': 1 })
      expect(await outcomes(['sleep', 'change'], none, false)).toEqual({ 'timed-out | 0': 1, 'not-equal | 0': 1 })
    }
  })

  it('never does when the time is endless or no number', async () => {
    for (const endless of ['', ', undefined', ', Infinity', ', NaN'])
      expect(await outcomes(['sleep'], endless, true)).toEqual({ '(blocked)': 1 })
  })

  it('against a notify has three traces: notified too early, in time, too late', async () => {
    expect(await outcomes(['sleep', 'wake'], ', 10', true)).toEqual({ 'timed-out | 0': 2, 'ok | 1': 1 })
    expect(await outcomes(['sleep', 'change'], ', 10', true)).toEqual({
      'not-equal | 0': 1,
      'timed-out | 0': 1,
      'ok | 1': 1,
    })
  })

  it('leaves the queue when its time has run out, so that a notify reaches the next in line', async () => {
    const seen = await outcomes(['sleep', 'sleep', 'wake'], ', 10', true)
    expect(Object.keys(seen).sort()).toEqual(['ok | timed-out | 1', 'timed-out | ok | 1', 'timed-out | timed-out | 0'])
    // The count may not depend on the order in which the threads stand.
    expect(seen).toEqual(await outcomes(['wake', 'sleep', 'sleep'], ', 10', true).then(turned))
  })

  it('can be waited for again', async () => {
    expect(await outcomes(['twice', 'wake'], '', true)).toEqual({
      'timed-out,timed-out | 0': 3,
      'ok,timed-out | 1': 1,
      'timed-out,ok | 1': 1,
    })
  })

  it('is no preemption: all traces are within a bound of none', async () => {
    expect(await outcomes(['sleep', 'wake'], ', 10', true, { maxPreemptions: 0 })).toEqual({
      'timed-out | 0': 2,
      'ok | 1': 1,
    })
  })
})

/** Outcomes of threads 1, 2, 0 as those of 0, 1, 2. */
const turned = (seen: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(seen).map(([outcome, count]) => {
      const [first, ...rest] = outcome.split(' | ')
      return [[...rest, first].join(' | '), count]
    }),
  )
