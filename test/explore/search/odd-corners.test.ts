/**
 * Corners that a scenario of somebody else's reached first: threads that end before their first step, computed names
 * that are no elements.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'
import { readReplayLine } from '../../../src/explore/schedule/replay-line.ts'
import { instrumented, words } from '../support/source.ts'

/** Two threads that run this function body, each with the view `w`. */
async function twoOf(body: string): Promise<Scenario<Int32Array>> {
  const { run } = await instrumented(
    `const first = (w) => Atomics.load(w, 0)\nexport function run(w) { ${body} }`,
    {},
    'source.js',
  )
  return { setup: () => words(2, [7, 8]), threads: [run, run] }
}

describe('a thread that throws before its first step', () => {
  it('leaves a replay line without a schedule, which can be read and replayed', async () => {
    const scenario = await twoOf("throw new Error('at once')")
    const { violation } = check(scenario)
    expect(violation).toMatchObject({ kind: 'assertion', schedule: '' })
    expect(violation!.replay).toMatch(/ -$/)
    expect(readReplayLine(violation!.replay)).toMatchObject({ schedule: { threads: [], preempted: [] }, kinds: '' })
    expect(replay(scenario, violation!.replay).violation).toMatchObject({ message: violation!.message })
  })
})

describe('a computed name', () => {
  it.each([
    ['a symbol', 'const it = w[Symbol.iterator](); return it.next().value', '7 | 7'],
    ['the name of a property', "const key = 'length'; return w[key]", '2 | 2'],
    ['an index that is out of bounds', 'return w[2] === undefined', 'true | true'],
    ['an index as a string', "return w['1']", '8 | 8'],
  ])('that is %s reads what plain code reads', async (_, body, outcome) => {
    const result = check(await twoOf(`Atomics.load(w, 0); ${body}`))
    expect(result.violation).toBeNull()
    expect(result.outcomes.map((each) => each.outcome)).toEqual([outcome])
  })

  it.each([
    ['a fraction', 'w[0.5] = 1; return w[0.5] === undefined', 'true | true'],
    ['a string that is no way to write an index', "w['01'] = 1; return w['01']", '1 | 1'],
    ['a boolean', 'return w[true] === undefined', 'true | true'],
  ])('that is %s is no element, and no event', async (_, body, outcome) => {
    const result = check(await twoOf(`Atomics.load(w, 0); ${body}`))
    expect(result).toMatchObject({ violation: null, executions: 1, steps: 2 })
    expect(result.outcomes.map((each) => each.outcome)).toEqual([outcome])
  })

  it('that is a fraction means for Atomics the element below it', async () => {
    const result = check(await twoOf('return Atomics.add(w, 1.5, 1)'))
    expect(result).toMatchObject({ violation: null, complete: 2, steps: 4 })
    expect(result.outcomes.map((each) => each.outcome)).toEqual(['8 | 9', '9 | 8'])
    expect(check(await twoOf('w[1]; return Atomics.add(w, 1.5, 1)')).violation).toMatchObject({ kind: 'data-race' })
  })

  it('that is an index as a string races like the index itself', async () => {
    expect(check(await twoOf("w['1'] = 5")).violation).toMatchObject({ kind: 'data-race' })
  })
})

describe('a thread that is no plain function', () => {
  const setup = () => words(1)

  it('but async is one like any other', async () => {
    const { run } = await instrumented('export async function run(w) { await 0; return w[0] }', {}, 'source.js')
    const { violation, outcomes } = check({ setup, threads: [run] })
    expect([violation, outcomes[0].outcome]).toEqual([null, '0'])
  })
})

it('what is refused before the first step of a thread names the thread alone', async () => {
  const { violation } = check(await twoOf("return w + ''"))
  expect(violation).toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/^thread 0: a view of shared memory becomes a string here, [^()]*$/),
    sites: [],
  })
})

it('a callee behind a comma is called', async () => {
  const result = check(await twoOf('return (0, first)(w)'))
  expect(result.outcomes.map((each) => each.outcome)).toEqual(['7 | 7'])
})
