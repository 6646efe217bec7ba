/**
 * Scenarios under a memory model: what is told of them, and what is refused.
 */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { litmusScenario } from '../../../src/explore/litmus.ts'
import { resultLine } from '../../../src/explore/report/json.ts'
import { formatResult } from '../../../src/explore/report/text.ts'
import { BEGIN } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Options, Scenario } from '../../../src/explore/scenario.ts'
import { instrumented } from '../support/source.ts'
import { scenarioOf } from './scenario-of.ts'

const arm = { memory: 'arm' } as const

/** A function that is not followed and reads what it is given. */
const HIDDEN = "const hidden = new Function('words', 'return words[1]')"

describe('a scenario under a memory model', () => {
  it('is judged by what after throws in any of its executions, and named by the strongest model', async () => {
    const published = ['words[1] = 7; words[0] = 1', 'if (words[0] === 1) return words[1]']
    const after = 'after: (_, [, read]) => read !== 0'
    const scenario = await scenarioOf(published, after)
    expect(check(scenario, { memory: 'x86' })).toMatchObject({ violation: null, exhaustive: true, executions: 2 })
    const result = check(scenario, arm)
    expect(result).toMatchObject({ violation: { kind: 'assertion' }, exhaustive: true, executions: 3 })
    expect(result.memory).toMatchObject({ model: 'arm', violates: 'arm', loadBuffering: [] })
    expect(result.outcomes.map(({ outcome, model }) => [model, outcome])).toEqual([
      ['sc', ''],
      ['sc', 'undefined | 7'],
      ['arm', 'undefined | 0'],
    ])
    expect(resultLine(result)).toMatchObject({ memory: { violates: 'arm' }, outcomes: result.outcomes })
    expect(formatResult(result)).toContain('step 4 reads words[1] = 0, though thread 0 stored 7 at step 1')
  })

  it('holds where each publication is atomic and each of its loads as well', async () => {
    const published = ['words[1] = 7; Atomics.store(words, 0, 1)', 'if (Atomics.load(words, 0) === 1) return words[1]']
    const scenario = await scenarioOf(published, 'after: (_, [, read]) => read !== 0')
    expect(check(scenario, { memory: 'ecma' })).toMatchObject({ violation: null, exhaustive: true, executions: 2 })
  })

  it('stops at what an interleaving has, and goes on with keepGoing', async () => {
    const scenario = await scenarioOf(['words[0] = 1', 'return words[0]'], 'after: () => false')
    expect(check(scenario, arm)).toMatchObject({ exhaustive: false, executions: 1, memory: { violates: 'sc' } })
    expect(check(scenario, { ...arm, keepGoing: true })).toMatchObject({ exhaustive: true, executions: 2, failing: 2 })
  })

  it('may end with what a thread throws, or with one that waits for ever', async () => {
    const thrown = await scenarioOf(['words[0] = 1', "if (words[0] === 1) throw new Error('seen')"])
    expect(check(thrown, arm).violation).toMatchObject({ kind: 'assertion', message: 'thread 1 threw: seen' })
    const stuck = check(litmusScenario('L m | L m'), arm)
    expect(stuck).toMatchObject({ blocked: 1, violation: { kind: 'deadlock' } })
    const daemon = { ...litmusScenario('W x 1 | AWAIT x==2'), daemons: [1] }
    expect(check(daemon, arm)).toMatchObject({ blocked: 1, violation: null, exhaustive: true })
  })

  it.each([
    ['Atomics.wait(words, 0, 2, 5)', 'a wait with a timeout, where the scenario does not say timeouts: true or false'],
    ['words.fill(1)', 'a range write'],
    ['view.getInt32(5)', 'an access by a DataView to bytes that are not aligned'],
    ['new SharedArrayBuffer(4)', 'a shared buffer that a thread makes'],
    ['while (Atomics.load(words, 0) !== 1);', 'more than 1000 steps: loops that wait are not followed'],
  ])('is refused with %s', async (statement, why) => {
    const result = check(await scenarioOf(['words[0] = 2', statement]), arm)
    expect(result).toMatchObject({ violation: { kind: 'refused' }, exhaustive: false })
    expect(result.violation!.message).toContain(why)
  })

  it.each([
    ['/** @explore barrier */', 'later(words)', 'a callback barrier'],
    ['/** @explore pause */', 'later(words)', 'a pause'],
    ['/** @explore lock words[0] body=run */', 'later(words)', 'a tag with body=run'],
    ['/** @explore deref words[0] */', 'later(floats)', "a dereference of a Float64Array's element"],
    [
      '/** @explore await words[0] until=(value)=>value===2 */',
      'new Uint8Array(words.buffer)[1] = 1; later(words)',
      'an await of a word that others overlap or that may be torn',
    ],
  ])('is refused with what is tagged %s', async (tag, statement, why) => {
    const tagged = `${tag}\nexport function later(words, run) { words[2] = 1 }`
    const result = check(await scenarioOf(['words[0] = 2', statement], '', tagged), arm)
    expect(result).toMatchObject({ violation: { kind: 'refused' }, exhaustive: false })
    expect(result.violation!.message).toContain(why)
  })

  it('lets the expressions of a tag read what their own thread saw and stored', async () => {
    const tagged = '/** @explore lock words[0] returns=words[1] */\nexport function later(words) {}'
    const scenario = await scenarioOf(['words[1] = 5; return later(words)', 'words[1] = 9'], '', tagged)
    const result = check(scenario, arm)
    expect(result).toMatchObject({ violation: null, exhaustive: true })
    expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['5 | undefined'])
  })

  const RCU = `
    /** @explore read-enter */ export function enter() {}
    /** @explore read-exit */ export function exit() {}
    /** @explore callback run(words) */ export function later(words, run) {}
    function poison(words) { words[1] = 66 }
    function again(words) { later(words, poison) }
  `
  const READ = 'const old = words[0] === 0; const seen = words[1]; return old && seen === 66'
  const SAFE = 'after: (_, [freed]) => !freed'

  it.each([
    ['poison', 6],
    ['again', 8],
  ])('runs callbacks when the sections before them have ended: %s', async (run, executions) => {
    const free = `Atomics.store(words, 0, 1); later(words, ${run})`
    const held = await scenarioOf([`enter(); ${READ.replace('return', 'exit(); return')}`, free], SAFE, RCU)
    expect(check(held, { memory: 'ecma' })).toMatchObject({ violation: null, exhaustive: true, executions })
    const bare = await scenarioOf([READ, free], SAFE, RCU)
    expect(check(bare, arm)).toMatchObject({ violation: { kind: 'assertion' }, memory: { violates: 'sc' } })
    const end = await scenarioOf(['words[2] = 1', free], 'outcome: ({ words }) => words[1]', RCU)
    expect(check(end, arm).outcomes).toMatchObject([{ outcome: '66', model: 'sc' }])
  })

  it('lets each thread draw the numbers that it draws in interleavings, and says so', async () => {
    const draws = 'const a = Math.random(); Atomics.add(words, 0, 1); const b = Math.random(); return [a, b]'
    const scenario = await scenarioOf([draws, draws])
    const known = check(scenario)
    const result = check(scenario, arm)
    expect(result).toMatchObject({ executions: 2, drawn: ['Math.random'] })
    expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(known.outcomes.map(({ outcome }) => outcome))
    expect(known.outcomes).toHaveLength(1)
    expect(formatResult(result)).toContain('not explored: other answers of Math.random')
  })

  it.each([
    ['Atomics.store(words, 0, -1)', 'new Uint32Array(words.buffer)', '0xffffffff'],
    ['Atomics.store(new Uint32Array(words.buffer), 0, 0xffffffff)', 'words', '-1'],
    [
      'Atomics.store(new BigInt64Array(words.buffer), 0, -1n)',
      'new BigUint64Array(words.buffer)',
      '0xffffffffffffffffn',
    ],
    ['Atomics.store(bytes, 0, 255)', 'new Int8Array(words.buffer)', '-1'],
  ])('compares by the view that compares, where another sign was stored: %s', async (store, view, expected) => {
    const five = expected.endsWith('n') ? '5n' : '5'
    const exchange = `Atomics.compareExchange(its, 0, ${expected}, ${five})`
    const compares = `const its = ${view}; return [${exchange} === ${expected}, String(Atomics.load(its, 0))]`
    const scenario = await scenarioOf([store, compares])
    const table = (options: Options) =>
      check(scenario, options)
        .outcomes.map(({ outcome, count }) => `${count} ${outcome}`)
        .sort()
    expect(table(arm)).toEqual(table({ keepGoing: true }))
    expect(table(arm)).toContain('1 undefined | [true,"5"]')
  })

  it('waits for a value as the view of who waits has it', async () => {
    const tagged = '/** @explore await its[0] until=v=>v===0xffffffff */\nexport function later(its) {}'
    const waits = 'const its = new Uint32Array(words.buffer); return later(its)'
    const scenario = await scenarioOf(['Atomics.store(words, 0, -1)', waits], '', tagged)
    expect(check(scenario, arm)).toMatchObject({ violation: null, outcomes: [{ outcome: 'undefined | 4294967295' }] })
  })

  it('is refused where interleavings are: with what does not repeat, and with accesses that nobody announces', async () => {
    // What is left of an execution stands in a function of setup.
    const { counting } = await instrumented(`export const counting = {
      setup() {
        let kept = 0
        return { words: new Int32Array(new SharedArrayBuffer(8)), count: () => ++kept }
      },
      threads: [({ words, count }) => { words[0] = 1; return count() }, ({ words }) => words[0]],
    }`)
    expect(check(counting as Scenario<unknown>, arm)).toMatchObject({
      violation: { kind: 'nondeterminism' },
      exhaustive: false,
    })
    const nothing = await scenarioOf(['return 1', 'return 2'])
    expect(check(nothing, arm)).toMatchObject({ violation: { kind: 'refused' }, memory: { violates: 'sc' } })
    const unseen = await scenarioOf(['words[0] = 1; return hidden(words)', 'words[1] = 2'], '', HIDDEN)
    expect(check(unseen).violation!.kind).toBe('refused')
    expect(check(unseen, arm)).toMatchObject({ violation: { kind: 'refused' }, exhaustive: false })
  })

  it('is refused with a history', () => {
    const scenario: Scenario<unknown> = {
      setup: () => 0,
      threads: [
        function* (): Generator {
          runtime.op(BEGIN, 0) || (yield)
        },
      ],
    }
    expect(check(scenario, arm).violation).toMatchObject({ kind: 'refused' })
  })

  it.each([
    [{ maxPreemptions: 1 }, 'maxPreemptions: got memory as well'],
    [{ detect: { leaks: false } }, 'detect: got memory as well'],
    [{ coverage: true }, 'coverage: got memory as well'],
    [{ memory: 'power' }, `memory: got "power", expected 'x86', 'arm' or 'ecma'`],
  ])('refuses the options %j', (options, why) => {
    const given = { ...arm, ...options } as Options
    expect(() => check(litmusScenario('W x 1 | R x'), given)).toThrow(why)
  })

  it('refuses an invariant', async () => {
    const scenario = await scenarioOf(['words[0] = 1'], 'invariant: () => true')
    expect(() => check(scenario, arm)).toThrow('memory: got a scenario with an invariant')
  })

  it('ends by its budgets, and says so', () => {
    const many = litmusScenario('w x 1; w y 1; r z | w y 2; w z 2; r x | w z 3; w x 3; r y')
    expect(check(many, { ...arm, maxExecutions: 5 })).toMatchObject({
      executions: 5,
      budget: 'executions',
      exhaustive: false,
    })
    expect(check(many, { ...arm, seconds: 0 })).toMatchObject({ budget: 'time', exhaustive: false })
  })
})

describe('the notation', () => {
  it.each([
    ['w x', "expected the form 'w x v'"],
    ['r x 1', "expected the form 'r x'"],
    ['( x', "expected the form '('"],
    ['W p &', "'&' is no number"],
    ['A p &x', "'&x' is no number"],
    ['R x exists', "exists: got '', which is no such part; expected parts like 0:x=1"],
    ['R x exists 1:x=1', 'exists: got thread 1, expected one of 0 to 0'],
    ['R x exists 0:y=1', "exists: got '0:y', which thread 0 does not load"],
    ['R x exists 0:x[2]=1', "exists: got '0:x[2]', which thread 0 does not load"],
    ['R x exists y=1', "exists: got 'y', expected a word of the program"],
    ['R x exists 0:x=&z', "exists: got '&z', expected a word of the program"],
    ['R x exists 0:x=1 \\/ 0:x=2', 'which is no such part'],
  ])('%s is no program', (text, why) => {
    expect(() => litmusScenario(text)).toThrow(why)
  })

  it('is explored in interleavings too, with races of plain accesses and what exists asks for', () => {
    expect(check(litmusScenario('w x 1 | r x')).violation).toMatchObject({ kind: 'data-race' })
    const asked = litmusScenario('W x 1; R y | W y 1; R x exists (0:y=1 /\\ 1:x=1)')
    expect(check(asked).violation!.message).toBe('reached: exists (0:y=1 /\\ 1:x=1)')
    const never = litmusScenario('W x 1; R y | W y 1; R x exists (0:y=0 /\\ 1:x=0)')
    expect(check(never)).toMatchObject({ violation: null, exhaustive: true, complete: 3 })
    expect(check(litmusScenario('(; R x; ) | W x 1; GP; W x 2'))).toMatchObject({ violation: null, exhaustive: true })
  })
})
