/**
 * Modules that await at their tops: each thread evaluates them before it begins, in Node's order.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'
import { withFiles } from '../support/source.ts'

const WORDS = 'setup: () => new Int32Array(new SharedArrayBuffer(16))'

async function scenarioOf(files: Record<string, string>): Promise<Scenario<unknown>> {
  const all = await withFiles(files, (folder) => loadInstrumented(join(folder, 'main.mjs')))
  return (all as { both: Scenario<unknown> }).both
}

/** What each thread gives, which is the same in every execution. */
async function given(files: Record<string, string>): Promise<string> {
  const { violation, exhaustive, outcomes } = check(await scenarioOf(files))
  expect(violation?.message).toBeUndefined()
  expect(exhaustive).toBe(true)
  expect(outcomes).toHaveLength(1)
  return outcomes[0].outcome
}

const both = (gives: string): string => `
  const count = (w) => { Atomics.add(w, 0, 1); return ${gives} }
  export const both = { ${WORDS}, threads: [count, count] }`

describe('a variable that a module makes of what it awaits', () => {
  it.each([
    ['a value', 'const its = await { n: 0 }', '++its.n'],
    ['an async function of the module', 'const make = async () => ({ n: 0 })\nconst its = await make()', '++its.n'],
    ['a pattern', 'const [{ its }] = await Promise.all([{ its: { n: 0 } }])', '++its.n'],
    ['a primitive that changes', 'let n = await 0', '++n'],
    ['a timer', 'const its = await new Promise((done) => setTimeout(done, 10, { n: 0 }))', '++its.n'],
    ['an effect', 'const its = { n: 5 }\nits.n = await 0', '++its.n'],
    ['for await', 'const list = []\nfor await (const x of [Promise.resolve(1), 2]) list.push(x)', 'list.push(0) - 2'],
    [
      'a sleep of Node’s',
      "import { setTimeout as sleep } from 'node:timers/promises'\nconst its = await sleep(5, { n: 0 })",
      '++its.n',
    ],
    ['a default export', "import its from './its.mjs'", '++its.n'],
    ['an import', "import { other } from './other.mjs'\nconst its = await other()", '++its.n'],
  ])('is each thread’s own: %s', async (_, before, count) => {
    const files = {
      'its.mjs': 'export default await { n: 0 }',
      'other.mjs': 'export const other = async () => ({ n: 0 })',
      'main.mjs': before + both(count),
    }
    expect(await given(files)).toBe('1 | 1')
  })

  it('is there where the module of the thread itself awaits nothing', async () => {
    const files = {
      'deep.mjs': 'export const its = await { n: 0 }\nexport const next = () => ++its.n',
      'lib.mjs': "export { next } from './deep.mjs'",
      'main.mjs': `import { next } from './lib.mjs'${both('next()')}`,
    }
    expect(await given(files)).toBe('1 | 1')
  })

  it('of a thread that gives a promise, or what only looks like one, is there as well', async () => {
    const files = {
      'main.mjs': `let n = await 0
        export const both = { ${WORDS}, threads: [
          async (w) => { Atomics.add(w, 0, 1); await null; return ++n },
          (w) => { Atomics.add(w, 0, 1); return { then: ++n } },
        ] }`,
    }
    expect(await given(files)).toBe('1 | {"then":1}')
  })

  it('is waited for beside other threads, who go on meanwhile', async () => {
    const files = {
      'main.mjs': `const its = await new Promise((done) => setTimeout(done, 10, { n: 0 }))
        export const both = { ${WORDS}, threads: [(w) => Atomics.add(w, 0, ++its.n), (w) => Atomics.load(w, 0)] }`,
    }
    const scenario = await scenarioOf(files)
    const { violation, outcomes, exhaustive } = check(scenario)
    expect(violation).toBeNull()
    expect(exhaustive).toBe(true)
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['0 | 0', '0 | 1'])
  })

  it('is refused where it comes from outside, as soon as a thread asks for it', async () => {
    const text = (gives: string) => `import { readFile } from 'node:fs/promises'
      const its = { text: await readFile(import.meta.filename ?? new URL(import.meta.url)) }
      let n = 0
      export const never = () => { its.text = '' }${both(gives)}`
    expect(await given({ 'main.mjs': text('++n') })).toBe('1 | 1')
    expect(check(await scenarioOf({ 'main.mjs': text("its.text = '1'") })).violation).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/a module that awaits at its top .* \(\S+main\.mjs:2\)/),
    })
  })

  it.each([
    ['a method of a class', 'class C { run(w) { return count(w) } }', 'new C().run'],
    ['bound', '', 'count.bind(null)'],
  ])('is refused where the function of the thread is %s', async (_, before, thread) => {
    const text = `${before}
      let its = await { n: 0 }
      const count = (w) => { Atomics.add(w, 0, 1); return ++its.n }
      export const both = { ${WORDS}, threads: [${thread}] }`
    expect(check(await scenarioOf({ 'main.mjs': text })).violation).toMatchObject({ kind: 'refused' })
  })

  it('is not waited for again where it makes what all threads share', async () => {
    const text = `const late = await new Promise((done) => setTimeout(done, 5, 7))
      let n = await 0${both('performance.now() + ++n + late')}`
    expect(await given({ 'main.mjs': text })).toBe('8 | 8')
  })

  it('that is rejected in a thread is what the thread throws', async () => {
    const files = {
      'main.mjs': `const its = await (${'async () => { if (globalThis.evaluatedOnce) throw new Error("no"); return { n: 0 } }'})()
        globalThis.evaluatedOnce = true${both('++its.n')}`,
    }
    try {
      expect(check(await scenarioOf(files)).violation).toMatchObject({
        kind: 'assertion',
        message: expect.stringMatching(/^thread 0 threw: no/),
      })
    } finally {
      Reflect.deleteProperty(globalThis, 'evaluatedOnce')
    }
  })
})

/** What modules print, by Node and in a thread. */
const ORDERS: readonly (readonly [name: string, files: Record<string, string>])[] = [
  [
    'siblings go on beside each other',
    {
      'a.mjs': "import { log } from './log.mjs'\nlog.push('a1')\nawait log\nlog.push('a2')\nawait log\nlog.push('a3')",
      'b.mjs': "import { log } from './log.mjs'\nlog.push('b1')\nawait log\nlog.push('b2')",
      'c.mjs': "import { log } from './log.mjs'\nlog.push('c')",
    },
  ],
  [
    'who imports one waits for it, and others do not',
    {
      'a.mjs': "import './d.mjs'\nimport { log } from './log.mjs'\nlog.push('a')",
      'b.mjs': "import { log } from './log.mjs'\nlog.push('b')\nqueueMicrotask(() => log.push('job'))",
      'c.mjs': "import './d.mjs'\nimport { log } from './log.mjs'\nlog.push('c1')\nawait log\nlog.push('c2')",
      'd.mjs': "import { log } from './log.mjs'\nlog.push('d1')\nfor (let n = 0; n < 3; n++) await log\nlog.push('d2')",
    },
  ],
  [
    'ticks, timers and jobs of the modules come in between',
    {
      'a.mjs': `import { log } from './log.mjs'
        process.nextTick(() => log.push("tick")); setTimeout(() => log.push('timer'), 1)
        await new Promise((done) => setTimeout(done, 5)); log.push('a')`,
      'b.mjs':
        "import { log } from './log.mjs'\nconst its = await (async () => { await log; log.push('b1') })()\nlog.push('b2', its)",
      'c.mjs': "import './a.mjs'\nimport { log } from './log.mjs'\nlog.push('c')",
    },
  ],
]

describe('modules that await are evaluated in a thread as in Node', () => {
  it.each(ORDERS)('%s', async (_, parts) => {
    const files = {
      ...parts,
      'log.mjs': 'export const log = []',
      'main.mjs': `import { log } from './log.mjs'
        import './a.mjs'; import './b.mjs'; import './c.mjs'
        const print = (w) => { Atomics.add(w, 0, 1); return log.join() }
        export const both = { ${WORDS}, threads: [print] }
        if (process.argv.includes('print')) console.log(print(both.setup()))`,
    }
    const expected = await withFiles(files, async (folder) => {
      const child = spawnSync(process.execPath, [join(folder, 'main.mjs'), 'print'], { encoding: 'utf8' })
      expect(child.stderr).toBe('')
      return child.stdout.trim()
    })
    expect(await given(files)).toBe(expected)
  })
})
