/** `Atomics.wait` with a timeout: a wait that ends by itself, if the scenario says that time may run out. */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { resultLine } from '../../../src/explore/report/json.ts'
import { formatResult } from '../../../src/explore/report/text.ts'
import type { Options, Scenario } from '../../../src/explore/scenario.ts'
import { instrumented } from '../support/source.ts'

const text = (timeout: string): string => `
  export const sleep = ({ words }) => Atomics.wait(words, 0, 0${timeout})
  export const wake = ({ words }) => Atomics.notify(words, 0, 1)
  export const change = ({ words }) => { Atomics.store(words, 0, 1); return Atomics.notify(words, 0) }
  export const twice = ({ words }) => [Atomics.wait(words, 0, 0, 5), Atomics.wait(words, 0, 0, 5)].join()
  export const wakeLater = ({ words }) => { Atomics.wait(words, 1, 0${timeout}); return Atomics.notify(words, 0, 1) }
  export const wakeThenStore = ({ words }) => {
    const woken = Atomics.notify(words, 0, 1)
    Atomics.store(words, 0, 1)
    Atomics.notify(words, 0, 1)
    return woken
  }
  export const longer = ({ words }) => Atomics.wait(words, 0, 0, 1e9)
  export const poll = ({ words }) => { while (Atomics.load(words, 0) === 0) Atomics.wait(words, 0, 0${timeout}) }
  export const store = ({ words }) => { Atomics.store(words, 0, 1) }
  export const take = ({ words }) => {
    while (Atomics.compareExchange(words, 0, 0, 1) !== 0) Atomics.wait(words, 1, 0${timeout})
    const seen = Atomics.add(words, 2, 1)
    Atomics.store(words, 0, 0)
    return seen
  }
  export const pollTwo = ({ words }) => { for (;;) { if (Atomics.load(words, 0) === 1) return; Atomics.wait(words, 1, 0, 7) } }
`

async function outcomes(names: string[], timeout: string, timeouts: 'idle' | boolean, options: Options = {}) {
  const module = await instrumented(text(timeout), {}, 'sleep.js')
  const result = check(
    {
      setup: () => ({ words: new Int32Array(new SharedArrayBuffer(12)) }),
      threads: names.map((name) => module[name]),
      timeouts,
    },
    { keepGoing: true, ...options, detect: { deadlocks: false } },
  )
  expect(result).toMatchObject({ exhaustive: true, redundant: 0, failing: 0 })
  return Object.fromEntries(result.outcomes.map(({ outcome, count }) => [outcome, count]))
}

describe('a wait with a timeout', () => {
  it('sleeps for ever if the scenario says that time never runs out', async () => {
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

  it('comes to no end of traces in a loop that looks again: one that slept and saw nothing new waits for news', async () => {
    expect(await outcomes(['poll', 'store'], ', 10', true)).toEqual({ '': 3 })
    expect(await outcomes(['take', 'take'], ', 10', true)).toEqual({ '0 | 1': 2, '1 | 0': 2 })
  })

  it('lets one who counts sleepers see a poll asleep, whatever its turn', async () => {
    const seen = await outcomes(['poll', 'wakeThenStore'], ', 10', true)
    expect(Object.keys(seen).sort()).toEqual(['undefined | 0', 'undefined | 1'])
  })

  it('is a livelock where a poll looks for what nobody will ever store', async () => {
    for (const names of [['poll'], ['poll', 'poll'], ['poll', 'pollTwo']]) {
      const { violation, steps } = await result(names, true)
      expect(violation?.kind).toBe('livelock')
      expect(violation?.message).toMatch(/^livelock: .*thread 0 sleeps until its timeout in each turn$/)
      expect(steps).toBeLessThan(200)
    }
  })

  it('is no preemption: all traces are within a bound of none', async () => {
    expect(await outcomes(['sleep', 'wake'], ', 10', true, { maxPreemptions: 0 })).toEqual({
      'timed-out | 0': 2,
      'ok | 1': 1,
    })
  })
})

/** What a search finds, all detectors on, of threads whose waits have this timeout. */
async function result(
  names: string[],
  timeouts?: 'idle' | boolean,
  more: Partial<Scenario<{ words: Int32Array }>> = {},
) {
  const module = await instrumented(text(', 10'), {}, 'sleep.js')
  const setup = () => ({ words: new Int32Array(new SharedArrayBuffer(12)) })
  return check({
    setup,
    threads: names.map((name) => module[name]),
    ...(timeouts !== undefined && { timeouts }),
    ...more,
  })
}

describe('time that passes when nobody can go on', () => {
  it('ends a sleep that nobody else ends, and is the default', async () => {
    for (const timeouts of [undefined, 'idle'] as const) {
      const found = await result(['sleep'], timeouts)
      expect(found).toMatchObject({ exhaustive: true, complete: 1, violation: null, timeouts: 'idle' })
      expect(found.outcomes).toMatchObject([{ outcome: 'timed-out' }])
    }
  })

  it('does not pass while somebody can go on: the notify always comes in time', async () => {
    expect(await outcomes(['sleep', 'change'], ', 10', 'idle')).toEqual({ 'not-equal | 0': 1, 'ok | 1': 1 })
    expect(await outcomes(['sleep', 'wake'], ', 10', 'idle')).toEqual({ 'timed-out | 0': 1, 'ok | 1': 1 })
  })

  it('ends the earliest sleep first, and all that end together in every order', async () => {
    expect(await outcomes(['longer', 'wakeLater'], ', 10', 'idle')).toEqual({ 'ok | 1': 1 })
    const together = { 'timed-out | 0': 1, 'ok | 1': 1 }
    expect(await outcomes(['sleep', 'wakeLater'], ', 10', 'idle')).toEqual(together)
    expect(await outcomes(['wakeLater', 'sleep'], ', 10', 'idle')).toEqual({ '0 | timed-out': 1, '1 | ok': 1 })
  })

  it('never ends a sleep without a timeout', async () => {
    expect((await result(['sleep', 'pollTwo'], 'idle')).violation?.kind).toBe('livelock')
    expect(await outcomes(['sleep'], '', 'idle')).toEqual({ '(blocked)': 1 })
  })

  it('lets a poll look again, so that a missed notify is no fault', async () => {
    const found = await result(['poll', 'store'])
    expect(found).toMatchObject({ exhaustive: true, blocked: 0, violation: null, timeouts: 'idle' })
    expect(formatResult(found)).toMatch(/^exhaustive, timeouts only when idle: 3 traces, 0 blocked \(optimal\)/)
    expect(resultLine(found)).toMatchObject({ timeouts: 'idle' })
    const { violation } = await result(['poll', 'store'], false)
    expect(violation?.message).toBe(
      'stuck: thread 0 sleeps on words[0], with a timeout that never runs out, since the scenario says timeouts: false',
    )
    expect(resultLine(await result(['store'])).timeouts).toBeUndefined()
  })

  it('makes a sleep a pause: a lock that backs off so is clean', async () => {
    const found = await result(['take', 'take'], undefined, { after: ({ words }) => words[2] === 2 })
    expect(found).toMatchObject({ exhaustive: true, blocked: 0, violation: null, timeouts: 'idle' })
    expect(found.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['0 | 1', '1 | 0'])
  })

  it('finds at once that a poll looks for what nobody will ever store', async () => {
    for (const names of [['poll'], ['poll', 'poll'], ['poll', 'pollTwo']]) {
      const { violation, steps } = await result(names)
      expect(violation?.kind).toBe('livelock')
      expect(violation?.message).toMatch(/lead back to where they began/)
      expect(steps).toBeLessThan(200)
    }
  })

  it('does not pass for daemons alone', async () => {
    const found = await result(['poll', 'sleep'], undefined, { daemons: [0] })
    expect(found).toMatchObject({ exhaustive: true, blocked: 0, violation: null, daemons: ['0'] })
  })

  it('is a step in reports, which replays', async () => {
    const module = await instrumented(text(', 10'), {}, 'sleep.js')
    const scenario = {
      setup: () => ({ words: new Int32Array(new SharedArrayBuffer(12)) }),
      threads: [module.sleep, module.wakeLater],
      after: (_: unknown, results: readonly unknown[]) => results[0] === 'timed-out',
    }
    const { violation } = check(scenario)
    expect(violation).toMatchObject({ kind: 'assertion' })
    expect(violation!.steps.map(({ operation }) => operation)).toContain('time passes')
    const again = replay(scenario, violation!.replay)
    expect(again).toMatchObject({ stale: false, violation: { kind: 'assertion' } })
    expect(again.diverged).toBeUndefined()
  })

  it('is found by samples, too, and within a bound of no preemptions', async () => {
    for (const strategy of ['random', 'pct', 'pos', 'surw'] as const) {
      const module = await instrumented(text(', 10'), {}, 'sleep.js')
      const setup = () => ({ words: new Int32Array(new SharedArrayBuffer(12)) })
      const sampled = check(
        { setup, threads: [module.sleep, module.wakeLater] },
        { strategy, seed: 1, maxExecutions: 100 },
      )
      expect(sampled.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['ok | 1', 'timed-out | 0'])
    }
    const bounded = await outcomes(['sleep', 'wakeLater'], ', 10', 'idle', { maxPreemptions: 0 })
    expect(bounded).toEqual({ 'timed-out | 0': 1, 'ok | 1': 1 })
  })

  it('may be set to nothing else', async () => {
    await expect(result(['sleep'], 'never' as never)).rejects.toThrow(
      `explore: timeouts: got "never", expected 'idle', true or false`,
    )
  })
})

describe('a clock in a thread', () => {
  const clocks = [
    'Date.now()',
    'performance.now()',
    'Number(process.hrtime.bigint()) / 1e6',
    'process.hrtime()[1] / 1e6',
  ]
  const source = (clock: string) => `
    const now = () => ${clock}
    export const until = (w) => {
      const begun = now()
      while (now() - begun < 25) if (Atomics.wait(w, 0, 0, 10) !== 'timed-out') return 'woken'
      return Math.round(now() - begun)
    }
    export const wake = (w) => { Atomics.store(w, 0, 1); Atomics.notify(w, 0) }`

  it.each(clocks)('goes on by the sleeps that have run out: %s', async (clock) => {
    const { until, wake } = await instrumented(source(clock), {}, 'clock.js')
    const setup = () => new Int32Array(new SharedArrayBuffer(8))
    for (const timeouts of ['idle', true] as const) {
      const alone = check({ setup, threads: [until], timeouts })
      expect(alone).toMatchObject({ exhaustive: true, violation: null, outcomes: [{ outcome: '30' }] })
      const result = check({ setup, threads: [until, wake], timeouts })
      expect(result).toMatchObject({ exhaustive: true, violation: null, redundant: 0 })
      const seen = new Set(result.outcomes.map(({ outcome }) => outcome.split(' | ')[0]))
      expect(seen).toEqual(new Set(timeouts === 'idle' ? ['woken'] : ['woken', '30']))
    }
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
