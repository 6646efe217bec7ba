/**
 * Samples of the executions of a memory model: whatever the strategy, the stores that loads read are drawn as well.
 */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { litmusScenario } from '../../../src/explore/litmus.ts'
import { formatResult } from '../../../src/explore/report/text.ts'
import { STRATEGY_NAMES } from '../../../src/explore/search/strategies.ts'
import { LONG } from '../../share.ts'

const SAMPLING = STRATEGY_NAMES.filter((name) => name !== 'optimal')

const PROGRAMS = [
  'w x 1; w p &x | d p; r x',
  'w x 1; r y | w y 1; r x',
  'w x 1; w y 2 | w y 1; w x 2',
  'W x 1; w y 1 | r y; W x 2; R x',
  '(; r x; r y; ) | w y 1; GP; w x 1',
  'L m; w x 1; U m | L m; r x; U m; r x',
]

const table = (text: string, options: object): string[] =>
  check(litmusScenario(text), { memory: 'ecma', keepGoing: true, ...options })
    .outcomes.map(({ outcome, model }) => `${model} ${outcome}`)
    .sort()

describe('a sample of the executions of a memory model', () => {
  it.each(PROGRAMS)('by chance alone has all outcomes of %s in the end', (text) => {
    expect(table(text, { strategy: 'random', seed: 1, maxExecutions: 300 })).toEqual(table(text, {}))
  })

  it.each(SAMPLING)('by %s has executions of the model alone, and such as no interleaving has', (strategy) => {
    for (const memory of ['x86', 'arm', 'ecma'] as const) {
      for (const text of PROGRAMS) {
        const all = table(text, { memory })
        for (const outcome of table(text, { memory, strategy, seed: 2, maxExecutions: LONG ? 1000 : 60 }))
          expect(all, text).toContain(outcome)
      }
    }
    const result = check(litmusScenario('w x 1; w y 1 | r y; r x exists (1:y=1 /\\ 1:x=0)'), {
      memory: 'arm',
      strategy,
      seed: 3,
      maxExecutions: 300,
    })
    expect(result).toMatchObject({ exhaustive: false, seed: 3, memory: { violates: 'arm' } })
    expect(formatResult(result)).toContain(`(memory arm, ${strategy}, seed 3)`)
  })

  it('is the same for the same seed, and its violations replay', () => {
    const scenario = litmusScenario('w x 1; w y 1; w z 1 | r z; r y; r x exists (1:z=1 /\\ 1:x=0)')
    const options = { memory: 'arm', strategy: 'random', maxExecutions: 200, shrink: false } as const
    const [a, b, c] = [5, 5, 6].map((seed) => check(scenario, { ...options, seed }))
    expect(a.outcomes).toEqual(b.outcomes)
    expect(a.outcomes).not.toEqual(c.outcomes)
    expect(replay(scenario, a.violation!.replay)).toMatchObject({
      diverged: undefined,
      violation: { message: a.violation!.message, schedule: a.violation!.schedule },
    })
  })
})
