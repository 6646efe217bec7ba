/** The row of the event at which an execution was stopped, and outcomes of executions that came to no end. */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { instrumented, words } from '../support/source.ts'

async function scenarioOf(source: string) {
  const { outcome, ...threads } = await instrumented(source, {}, 'source.js')
  return {
    setup: () => words(8),
    threads: Object.keys(threads)
      .sort()
      .map((name) => threads[name]),
    outcome,
  }
}

describe('the value that the last row stores is shown', () => {
  it.each<[string, string, readonly [string, string]]>([
    ['the first store of a thread', 'w[0] = 8', ['0', '8']],
    ['a later one', 'Atomics.store(w, 1, 1); w[0] = 8; w[3] = 1', ['0', '8']],
    ['with a throw behind it', 'w[0] = 8; throw new Error("later")', ['0', '8']],
    ['one that changes what is there', 'w[0] += 5', ['0', '5']],
  ])('%s', async (_, store, [before, after]) => {
    const scenario = await scenarioOf(`
      export function a(w) { Atomics.load(w, 0) }
      export function b(w) { ${store} }`)
    for (const shrink of [false, true]) {
      const violation = check(scenario, { shrink }).violation!
      expect(violation).toMatchObject({ kind: 'data-race' })
      expect(violation.steps.at(-1)).toMatchObject({ operation: 'write', before, after })
      const again = replay(scenario, violation.replay)
      expect(again).toMatchObject({ diverged: undefined, violation: { kind: 'data-race', message: violation.message } })
    }
  })

  it('and the next execution begins where each does', async () => {
    const scenario = await scenarioOf(`
      export function a(w) { Atomics.load(w, 0) }
      export function b(w) { w[0] = w[0] + 8 }`)
    const first = check(scenario).violation
    expect(check(scenario).violation).toEqual(first)
  })
})

describe('an outcome', () => {
  const STUCK = `
    export function a(w) { if (Atomics.load(w, 1) === 0) Atomics.wait(w, 0, 0); return { seen: 1 } }
    export function b(w) { Atomics.store(w, 1, 1); return { seen: 2 } }
    export const outcome = (w, [a, b]) => `

  it('that does not reckon with a thread that is stuck is what the others returned', async () => {
    const result = check(await scenarioOf(`${STUCK} a.seen + b.seen`), { keepGoing: true })
    expect(result.violation?.kind).toBe('deadlock')
    const told = result.outcomes.map(({ outcome }) => outcome).sort()
    expect(told).toEqual(['3', 'undefined | {"seen":2} (blocked)'])
  })

  it('that does is asked', async () => {
    const result = check(await scenarioOf(`${STUCK} (a ? 'both' : 'one')`), { keepGoing: true })
    expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['both', 'one (blocked)'])
  })

  it('that throws where all threads have ended is told in one sentence', async () => {
    const source = 'export const a = (w) => Atomics.add(w, 0, 1), b = a\nexport const outcome = () => null.x'
    expect(await scenarioOf(source).then((scenario) => () => check(scenario))).toThrow(
      /^explore: outcome threw: Cannot read/,
    )
  })
})
