/**
 * "exhaustive" is a proof: of what ran, and of what would run again in the same way.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../src/explore/explore.ts'
import { formatResult } from '../../src/explore/report/text.ts'
import type { Scenario } from '../../src/explore/scenario.ts'
import { instrumented, words } from './support/source.ts'

const SETUP = 'const setup = () => ({ w: new Int32Array(new SharedArrayBuffer(16)) })\n'
const ADD = '({ w }) => { Atomics.add(w, 0, 1) }'

/** Explores a scenario with these threads. `before` stands at the top of its module. */
async function explored(threads: readonly string[], before = '', rest = '') {
  const text = `${before}\n${SETUP}export const it = { setup, threads: [${threads.join(', ')}], ${rest} }`
  const { it } = await instrumented(text, {}, 'source.js')
  return check(it as Scenario<unknown>)
}

describe('an exploration in which no thread did anything visible', () => {
  it('is refused, with the files that were instrumented', async () => {
    const { exhaustive, violation } = await explored(['() => 1', '() => 2'])
    expect(exhaustive).toBe(false)
    expect(violation).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/nothing was explored.*source\.js/),
    })
  })
  it('is fine with one step of one thread', async () => {
    expect(await explored([ADD, '() => 2'])).toMatchObject({ exhaustive: true, violation: null })
  })
})

describe('an execution that does not repeat is nondeterminism and no proof', () => {
  // Variables of modules are each thread's own: what is left of an execution stands in a function of setup here.
  const KEEPS = `const setup = () => {
    let kept = 0
    return { w: new Int32Array(new SharedArrayBuffer(16)), keep: (value) => (kept = value), kept: () => kept }
  }`
  it.each([
    ['a counter is stored', '({ w, keep, kept }) => { keep(kept() + 1); Atomics.store(w, 0, kept()) }'],
    ['a flag goes to and fro', '({ w, keep, kept }) => { keep(kept() ^ 1); Atomics.store(w, 0, kept()) }'],
    ['a counter is returned', '({ w, keep, kept }) => { Atomics.load(w, 0); return keep(kept() + 1) }'],
    ['something is made ready once', '({ w, keep, kept }) => { Atomics.store(w, 0, kept()); keep(7) }'],
    [
      'an id decides what is stored',
      '({ w, keep, kept }) => { if (Atomics.load(w, 0) === 0) Atomics.store(w, 0, keep(kept() + 1)) }',
    ],
  ])('%s', async (_, thread) => {
    const { it } = await instrumented(`${KEEPS}\nexport const it = { setup, threads: [${thread}, ${ADD}] }`)
    const { exhaustive, violation } = check(it as Scenario<unknown>)
    expect(violation?.kind).toBe('nondeterminism')
    expect(exhaustive).toBe(false)
  })
  it('not even where only a later execution has changed what the first one did', async () => {
    const { scenario } = await instrumented(
      `${KEEPS}
      export const scenario = {
        setup,
        threads: [
          ({ w, kept }) => { Atomics.store(w, 0, Atomics.load(w, 1) === 0 ? kept() : 5) },
          ({ w }) => { Atomics.store(w, 1, 1) },
        ],
        after: ({ w, keep }) => { if (w[0] === 5) keep(1) },
      }`,
      {},
      'source.mjs',
    )
    const { exhaustive, violation } = check(scenario)
    expect(violation).toMatchObject({
      kind: 'nondeterminism',
      message: expect.stringMatching(
        /^the first schedule, .* step 2, .* by thread 0, was another or gave another value/,
      ),
    })
    expect(exhaustive).toBe(false)
  })
  it('but not where a module keeps what is the same each time', async () => {
    const table = 'const table = [1, 2, 3]\nlet cached\nconst sum = () => (cached ??= table.reduce((a, b) => a + b, 0))'
    const result = await explored(['({ w }) => { Atomics.store(w, 0, sum()) }', ADD], table)
    expect(result).toMatchObject({ exhaustive: true, violation: null })
  })
})

/** Node has it from 26 on. */
const { Temporal } = globalThis as { Temporal?: object }

describe('chance and clocks answer all executions alike, and the verdict says so', () => {
  it.each([
    ['Math.random', 'Math.random()'],
    ['Math.random', '(0, Math).random.call(Math)'],
    ['Date.now', 'Date.now()'],
    ['Date.now', 'new Date().getTime()'],
    ['performance.now', 'performance.now()'],
    ['process.hrtime', 'process.hrtime()[1]'],
    ['process.hrtime.bigint', 'String(process.hrtime.bigint())'],
    ['crypto.randomUUID', 'crypto.randomUUID()'],
    ['crypto.getRandomValues', 'crypto.getRandomValues(new Uint16Array(4)).join()'],
    ['crypto.randomUUID', "process.getBuiltinModule('node:crypto').randomUUID()"],
    ['crypto.randomBytes', "process.getBuiltinModule('node:crypto').randomBytes(8).toString('hex')"],
    ['crypto.randomInt', "process.getBuiltinModule('node:crypto').randomInt(5, 1e9)"],
    [
      'crypto.randomFillSync',
      "process.getBuiltinModule('node:crypto').randomFillSync(new Uint16Array(8), 1, 3).join()",
    ],
    ...(Temporal === undefined
      ? []
      : [
          ['Temporal.Now.instant', 'Temporal.Now.instant().epochMilliseconds'],
          ['Temporal.Now.plainTimeISO', 'String(Temporal.Now.plainTimeISO())'],
          ['Temporal.Now.plainDateISO', "Temporal.Now.plainDateISO('UTC').year - 2025"],
          ['Temporal.Now.zonedDateTimeISO', 'String(Temporal.Now.zonedDateTimeISO())'],
          ['Temporal.Now.plainDateTimeISO', 'String(Temporal.Now.plainDateTimeISO())'],
        ]),
  ])('%s in %s', async (name, text) => {
    const result = await explored([`({ w }) => { Atomics.load(w, 0); return ${text} }`, ADD])
    expect(result).toMatchObject({ exhaustive: true, violation: null, drawn: [name] })
    expect(formatResult(result)).toContain(`not explored: other answers of ${name}, which`)
  })
  it('each thread draws its own numbers, the same in every order', async () => {
    const draw = '({ w }) => { Atomics.add(w, 0, 1); return Math.random() }'
    const { outcomes } = await explored([draw, draw])
    expect(outcomes).toHaveLength(1)
    const [first, second] = outcomes[0].outcome.split(' | ')
    expect(first).not.toBe(second)
  })
  it('a scenario’s seed says which numbers these are', async () => {
    const draw = `({ w }) => { Atomics.add(w, 0, 1); return [crypto.randomUUID(), Math.random(),
      process.getBuiltinModule('node:crypto').randomInt(5, 10)].join() }`
    const { threads } = await instrumented(`export const threads = [${draw}, ${draw}]`, {}, 'draw.js')
    const given = (seed?: number) => {
      const { outcomes } = check({ setup: () => ({ w: words(1) }), threads, ...(seed !== undefined && { seed }) })
      expect(outcomes).toHaveLength(1)
      return outcomes[0].outcome
    }
    expect(given()).toBe(given(1))
    expect(given(2)).not.toBe(given(1))
    const [id, fraction, int] = given(7).split(/[,|]/)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(Number(fraction)).toBeLessThan(1)
    expect([5, 6, 7, 8, 9]).toContain(Number(int))
    expect(() => given(0.5)).toThrow(/seed: got 0\.5, expected an integer from 0 to 2147483647/)
  })
  it('what chance is handed wrongly throws as in Node', async () => {
    const caught = (text: string) =>
      `(() => { try { return ${text} } catch (error) { return error.name + error.code } })()`
    const { outcomes } = await explored([
      `({ w }) => { Atomics.load(w, 0); return [${[
        caught('crypto.getRandomValues(new Float32Array(1))'),
        caught("process.getBuiltinModule('node:crypto').randomInt(5, 4)"),
        caught("process.getBuiltinModule('node:crypto').randomBytes(-1)"),
      ].join()}].join() }`,
      ADD,
    ])
    expect(outcomes.map(({ outcome }) => outcome.split(' | ')[0])).toEqual([
      'TypeMismatchError17,RangeErrorERR_OUT_OF_RANGE,RangeErrorERR_OUT_OF_RANGE',
    ])
  })
  it('nothing is said where setup alone asks', async () => {
    const result = await explored([ADD, ADD], 'const id = Math.random() + Date.now()')
    expect(result.drawn).toEqual([])
  })
})

describe('a thread that changes what everybody relies on is refused', () => {
  it.each([
    'Array.prototype.push = () => 0',
    'Object.prototype.kind = 1',
    'delete Map.prototype.get',
    'Math.max = () => 0',
  ])('%s', async (change) => {
    // Put back at once, since this test runs on the same objects.
    const saved = ['push', 'kind', 'get', 'max'].map((key, i) => {
      const object = [Array.prototype, Object.prototype, Map.prototype, Math][i]
      return [object, key, Object.getOwnPropertyDescriptor(object, key)] as const
    })
    const { it } = await instrumented(
      `${SETUP}export const it = { setup, threads: [({ w }) => { Atomics.load(w, 0); ${change} }, ${ADD}] }`,
      {},
      'source.js',
    )
    let violation: { kind: string; message: string } | null = null
    try {
      violation = check(it as Scenario<unknown>, { shrink: false }).violation
    } finally {
      for (const [object, key, descriptor] of saved) {
        if (descriptor) Object.defineProperty(object, key, descriptor)
        else Reflect.deleteProperty(object, key)
      }
    }
    expect(violation).toMatchObject({ kind: 'refused', message: expect.stringContaining('a thread changed') })
  })

  it.each([
    ['globalThis.shared', 'globalThis.shared = 1'],
    ['globalThis.setTimeout', 'setTimeout = () => 0'],
    ['process.env.SHARED', "process.env.SHARED = '1'"],
    ['process.env.HOME', 'delete process.env.HOME'],
    ['process.exitCode', 'process.exitCode = 3'],
  ])('and so is one that changes %s, which a worker has for itself', async (name, change) => {
    const { HOME } = process.env
    const { exitCode } = process
    const { setTimeout } = globalThis
    process.env.HOME ??= '/'
    try {
      const { violation, exhaustive } = await explored([`({ w }) => { Atomics.add(w, 0, 1); ${change} }`, ADD])
      expect([violation?.kind, exhaustive]).toEqual(['refused', false])
      expect(violation?.message).toMatch(`a thread changed ${name}, which all threads here have in common`)
    } finally {
      process.exitCode = exitCode
      Object.assign(globalThis, { setTimeout })
      Reflect.deleteProperty(globalThis, 'shared')
      delete process.env.SHARED
      if (HOME === undefined) delete process.env.HOME
      else process.env.HOME = HOME
    }
  })

  it('but not for what after changes there, nor setup', async () => {
    const { it } = await instrumented(
      `export const it = {
        setup: () => { globalThis.ofSetup = 1; return { w: new Int32Array(new SharedArrayBuffer(4)) } },
        threads: [${ADD}, ${ADD}],
        after: () => { globalThis.ofAfter = 1 },
      }`,
      {},
      'source.js',
    )
    try {
      expect(check(it as Scenario<unknown>)).toMatchObject({ violation: null, exhaustive: true })
    } finally {
      Reflect.deleteProperty(globalThis, 'ofSetup')
      Reflect.deleteProperty(globalThis, 'ofAfter')
    }
  })

  it('but not for what was changed before, between two explorations', async () => {
    await explored([ADD, ADD])
    const { random } = Math
    Math.random = () => 0.5
    try {
      expect((await explored([ADD, ADD])).violation).toBeNull()
    } finally {
      Math.random = random
    }
    expect((await explored([ADD, ADD])).violation).toBeNull()
  })
})

it('is none where an execution goes elsewhere when it is run again, though the search goes on', async () => {
  const text = `export const setup = () => {
      let done = false
      return { w: new Int32Array(new SharedArrayBuffer(16)), again: () => done || !(done = true) }
    }
    export const threads = [({ w }) => Atomics.store(w, 0, 1), ({ w, again }) => {
      if (Atomics.load(w, 0) === 0) return
      if (again()) Atomics.store(w, 2, 1)
      else Atomics.load(w, 1)
    }]`
  const { setup, threads } = await instrumented(text, {}, 'source.js')
  const { violation, exhaustive } = check({ setup, threads }, { keepGoing: true })
  expect(violation).toMatchObject({ kind: 'nondeterminism' })
  expect(exhaustive).toBe(false)
})

describe('after', () => {
  it('does not hold if it returns false', async () => {
    expect((await explored([ADD, ADD], '', 'after: () => false')).violation).toMatchObject({
      kind: 'assertion',
      message: 'after does not hold',
    })
    expect((await explored([ADD, ADD], '', 'after: () => true')).violation).toBeNull()
  })
})
