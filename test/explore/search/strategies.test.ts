/** What search.ts asks of every strategy, of each in the table. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createExecution } from '../../../src/explore/engine/state.ts'
import { litmus } from '../../../src/explore/litmus.ts'
import { nextExecution } from '../../../src/explore/search/search.ts'
import { STRATEGIES, STRATEGY_NAMES, strategyNamed } from '../../../src/explore/search/strategies.ts'
import { answering } from '../support/counting.ts'
import { everyInterleaving, fingerprint } from '../support/naive.ts'

const PROGRAM = 'W x 1; R y | L m; W y 1; U m; R x | L m; A x 1; U m'

/** The schedules and traces of the next executions of a strategy, up to `most`; then where it stands. */
function explore(name: keyof typeof STRATEGIES, seed: number, most: number, saved?: string) {
  const x = createExecution(litmus(PROGRAM).threads, [])
  return answering(x, () => {
    const search = STRATEGIES[name].create(x, { seed, depth: 3 })
    if (saved !== undefined) search.restore!(JSON.parse(saved))
    const schedules: string[] = []
    const traces: string[] = []
    while (schedules.length < most) {
      const ending = nextExecution(x, search)
      if (ending === undefined) break
      expect(ending).toBe('complete')
      schedules.push(x.trace.thread.subarray(0, x.trace.n).join(''))
      traces.push(fingerprint(x.trace))
    }
    return { schedules, traces, saved: JSON.stringify(search.save?.()), progress: search.progress() }
  })
}

const every = () => {
  const x = createExecution(litmus(PROGRAM).threads, [])
  const traces = new Set<string>()
  answering(x, () => everyInterleaving(x, () => traces.add(fingerprint(x.trace)) !== undefined))
  return [...traces].sort()
}

describe.each(STRATEGY_NAMES)('the strategy %s', (name) => {
  const { exact } = STRATEGIES[name]

  it('does the same again with the same seed', () => {
    expect(explore(name, 5, 100).schedules).toEqual(explore(name, 5, 100).schedules)
    if (!exact) expect(explore(name, 5, 100).schedules).not.toEqual(explore(name, 6, 100).schedules)
  })

  it(exact ? 'runs every trace once, and ends' : 'finds every trace of a small program some time', () => {
    const { traces, progress } = explore(name, 1, 2_000)
    expect(exact ? traces.sort() : [...new Set(traces)].sort()).toEqual(every())
    expect(progress).toBe(exact ? 1 : 0)
  })

  it('goes on from where it was saved', () => {
    const whole = explore(name, 3, 20).schedules
    for (const first of [1, 7]) {
      const { saved } = explore(name, 3, first)
      expect(explore(name, 3, 20 - first, saved).schedules).toEqual(whole.slice(first))
    }
  })
})

describe('the table of strategies', () => {
  it('refuses a name that it does not have', () => {
    expect(() => strategyNamed('toString')).toThrow("strategy: got 'toString', expected 'optimal', 'random'")
  })

  it('is what docs/explore.md names', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../docs/explore.md'), 'utf8')
    const line = /^- `--strategy[^:]*?sample/m.exec(page)?.[0] ?? ''
    const told = [...line.matchAll(/`(?:--strategy )?(\w+)`/g)].map(([, name]) => name)
    expect(told.sort()).toEqual(STRATEGY_NAMES.filter((name) => !STRATEGIES[name].exact).sort())
  })
})
