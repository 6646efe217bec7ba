/** What a report shows of all executions that fail: the fewest preemptions, and the fewest steps among those. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { violationLine } from '../../../src/explore/report/json.ts'
import { formatViolation } from '../../../src/explore/report/text.ts'
import type { Options, Scenario } from '../../../src/explore/scenario.ts'
import { runAlong, schedule } from '../../../src/explore/schedule-arbitrary.ts'
import { instrumented, words } from '../support/source.ts'

async function violationOf(source: string, options: Options = {}) {
  const { after, ...exports } = await instrumented(source, {}, 'source.js')
  const threads = Object.keys(exports)
    .sort()
    .map((name) => exports[name])
  return check({ setup: () => words(8), threads, after }, options).violation!
}

const increment = `
  function increment(w) { const seen = Atomics.load(w, 0); Atomics.store(w, 0, seen + 1) }
  export function after(w, results) { if (w[0] !== results.filter((each) => each === 'counted').length) throw new Error('lost') }
`

describe('of two ways to fail', () => {
  it('the one with fewer preemptions is shown, though it is longer', async () => {
    const source = `
      export function a(w) {
        const before = Atomics.load(w, 1)
        if (before !== Atomics.load(w, 1)) throw new Error('changed')
        if (before === 1) { for (let i = 0; i < 9; i++) Atomics.add(w, 2, 1); throw new Error('late') }
      }
      export function b(w) { Atomics.store(w, 1, 1) }`
    for (const strategy of ['optimal', 'random'] as const) {
      const violation = await violationOf(source, { strategy, seed: 3 })
      expect(violation).toMatchObject({ message: 'thread 0 threw: late', preemptions: 0 })
      expect(violation.steps).toHaveLength(12)
    }
  })

  it('with as many preemptions the shorter one is shown, though the longer one is met first', async () => {
    const source = `${increment}
      export function a(w) { increment(w); return 'counted' }
      export function b(w) {
        if (Atomics.load(w, 1) === 1) for (let i = 0; i < 6; i++) Atomics.add(w, 2, 1)
        increment(w)
        return 'counted'
      }
      export function c(w) { Atomics.store(w, 1, 1) }`
    const first = await violationOf(source, { shrink: false })
    expect(first.steps.length).toBeGreaterThan(6)
    const violation = await violationOf(source)
    expect(violation).toMatchObject({ message: 'lost', preemptions: 1, found: { steps: first.steps.length } })
    // Both increments, the look at word 1 and the store to it.
    expect(violation.steps).toHaveLength(6)
  })
})

describe('a long schedule that a sample found', () => {
  const long = 'for (let i = 0; i < 40; i++) Atomics.add(w, 3, 1)'
  const source = `
    export function a(w) {
      ${long}
      const seen = [0, 1, 2].map(() => { Atomics.add(w, 3, 1); return Atomics.load(w, 0) })
      ${long}
      if (seen.join() === '0,1,2') throw new Error('saw each')
    }
    export function b(w) { ${long}; Atomics.store(w, 0, 1); ${long} }
    export function c(w) { ${long}; Atomics.store(w, 0, 2); ${long} }`
  const options = { strategy: 'random', seed: 1, maxExecutions: 20_000 } as const

  it('is joined together to as few preemptions as it needs, though no search could try all others', async () => {
    const violation = await violationOf(source, options)
    expect(violation.found.preemptions).toBeGreaterThan(50)
    expect(violation).toMatchObject({ message: 'thread 0 threw: saw each', preemptions: 2 })
  })

  it('is left as it was found when shrinking is off', async () => {
    const violation = await violationOf(source, { ...options, shrink: false })
    expect(violation.preemptions).toBe(violation.found.preemptions)
    expect(violation.preemptions).toBeGreaterThan(50)
  })
})

describe('a program that is drawn', () => {
  const programs = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 4 })
  const SEEDS = [1, 2, 3, 4, 5]

  /** Each thread takes so many tickets; a ticket may be given once. */
  async function scenarios() {
    const { take } = await instrumented(
      `const ticket = (w) => { const seen = Atomics.load(w, 0); Atomics.store(w, 0, seen + 1); return seen }
       export const take = (count) => (w) => { const mine = []; for (let i = 0; i < count; i++) mine.push(ticket(w)); return mine }`,
      {},
      'source.js',
    )
    return (program: readonly number[]): Scenario<Int32Array> => ({
      setup: () => words(1),
      threads: program.map(take),
      after: (_, all) => {
        const given = all.flat()
        if (new Set(given).size < given.length) throw new Error('given twice')
      },
    })
  }

  it('together with a schedule shrinks to few operations and switches, as far as single steps lead', async () => {
    const scenarioOf = await scenarios()
    for (const seed of SEEDS) {
      const property = fc.property(
        programs,
        schedule(),
        (program, switches) => runAlong(scenarioOf(program), switches) === null,
      )
      const [program, switches] = fc.check(property, { seed, numRuns: 500 }).counterexample!
      expect(program.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(4)
      expect(switches.length).toBeLessThanOrEqual(2)
    }
  })

  it('together with a bound on preemptions shrinks to the fewest operations, then preemptions, then steps', async () => {
    const scenarioOf = await scenarios()
    for (const seed of SEEDS) {
      const property = fc.property(
        programs,
        fc.nat({ max: 2 }),
        (program, maxPreemptions) =>
          check(scenarioOf(program), { maxPreemptions, maxExecutions: 500 }).violation === null,
      )
      const [program, bound] = fc.check(property, { seed, numRuns: 500 }).counterexample!
      expect([program, bound]).toEqual([[1, 1], 1])
      const violation = check(scenarioOf(program), { maxPreemptions: bound }).violation!
      expect(violation).toMatchObject({ preemptions: 1, schedule: expect.stringMatching(/^S0P1-S0$|^S1P0-S1$/) })
    }
  })
})

describe('a long execution', () => {
  it('is cut down, but not by the step at which all was lost', async () => {
    const source = `${increment}
      const alone = (w, at) => { for (let i = 0; i < 30; i++) Atomics.add(w, at, 1) }
      export function a(w) { increment(w); alone(w, 1); return 'counted' }
      export function b(w) { alone(w, 2); increment(w); alone(w, 2); return 'counted' }`
    const violation = await violationOf(source)
    expect(violation.steps).toHaveLength(94)
    const text = formatViolation(violation, { colours: false })
    const row = text.split('\n').find((line) => line.startsWith(`${violation.inflection}`.padStart(4)))
    expect(row).toMatch(/load .* = 0 .*<- lost here$/)
    expect(text.split('\n').length).toBeLessThan(60)
  })
})

describe('a loop that stores as long as it waits', () => {
  it('is no step after which all is lost: in another order the loop would have ended', async () => {
    const source = `
      export function after() {}
      export function a(w) { while (Atomics.load(w, 0) === 0) Atomics.add(w, 1, 1) }
      export function b(w) { Atomics.store(w, 0, 1) }`
    const violation = await violationOf(source, { maxSteps: 200 })
    expect(violation).toMatchObject({ kind: 'livelock', inflection: undefined })
  })
})

describe('seconds', () => {
  const long = 'for (let i = 0; i < 40; i++) Atomics.add(w, 3, 1)'
  const source = `${increment}
    export function a(w) { increment(w); ${long}; return 'counted' }
    export function b(w) { increment(w); ${long}; return 'counted' }`
  // Fails in the first execution, before a look at the clock could end it.
  const sample = { strategy: 'random', seed: 2, maxExecutions: 1 } as const

  it('that are over leave what was found as it was, and the report says so', async () => {
    const violation = await violationOf(source, { ...sample, seconds: 0 })
    expect(violation.found).toEqual({ steps: violation.steps.length, preemptions: violation.preemptions })
    expect(violation).toMatchObject({ message: 'lost', outOfTime: true, inflection: undefined })
    expect(formatViolation(violation)).toMatch(/^not shrunk to the end, since the time was over/m)
    expect(violationLine(violation)).toMatchObject({ outOfTime: true })
  })

  it('that suffice change nothing', async () => {
    const violation = await violationOf(source, sample)
    expect(violation).toMatchObject({ preemptions: 1, outOfTime: false })
    const { schedule, inflection } = violation
    expect(await violationOf(source, { ...sample, seconds: 1e6 })).toMatchObject({ schedule, inflection })
    expect(formatViolation(violation)).not.toContain('time')
    expect(violationLine(violation)).not.toHaveProperty('outOfTime')
  })

  it('are looked at before each execution that shrinks', async () => {
    // A clock of its own, which every look at it moves on.
    let now = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => ++now)
    const looks = async (seconds: number) => {
      now = 0
      const violation = await violationOf(source, { ...sample, seconds })
      return { now, violation }
    }
    const most = await looks(1e6)
    const some = await looks(0.05)
    clock.mockRestore()
    expect(most.now).toBeGreaterThan(200)
    // It began at 1.
    expect(some.now).toBe(51)
    expect(some.violation.outOfTime).toBe(true)
    expect(some.violation.preemptions).toBeLessThan(some.violation.found.preemptions)
    expect(most.violation.outOfTime).toBe(false)
  })
})
