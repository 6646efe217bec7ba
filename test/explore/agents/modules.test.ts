/**
 * Each thread has its own of the variables of modules, as each worker has, new in each execution.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import { loadInstrumentedText } from '../../../src/explore/load/load-text.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'
import { instrumented, withFiles } from '../support/source.ts'

const WORDS = 'setup: () => new Int32Array(new SharedArrayBuffer(16))'

function outcomesOf(scenario: Scenario<unknown>): string[] {
  const { violation, exhaustive, outcomes } = check(scenario)
  expect(violation).toBeNull()
  expect(exhaustive).toBe(true)
  return outcomes.map(({ outcome }) => outcome).sort()
}

describe('a variable of a module', () => {
  it('begins anew for each thread, in each execution', async () => {
    const { firstCall } = await instrumented(`
      let calls = 0
      export const firstCall = {
        ${WORDS},
        threads: [(w) => { calls++; Atomics.store(w, 0, calls) }, (w) => Atomics.load(w, 0)],
      }`)
    expect(outcomesOf(firstCall)).toEqual(['undefined | 0', 'undefined | 1'])
  })

  it('gives two threads the same slot, so that a mark is lost', async () => {
    const { slots } = await instrumented(`
      let nextSlot = 0
      const mark = (words) => {
        const slot = nextSlot++
        Atomics.store(words, slot, Atomics.load(words, slot) + 1)
      }
      export const slots = { ${WORDS}, threads: [mark, mark], after: (words) => words[0] === 2 }`)
    expect(check(slots).violation).toMatchObject({ kind: 'assertion' })
  })

  it('is one for all threads where only the top of the module stores to a member of a function', async () => {
    const { both } = await instrumented(`
      function F() { return 1 }
      F.named = 'F'
      F.prototype = { m() { return 1 } }
      class K { static named = 'K' }
      K.named = 'L'
      const same = ({ f, k }) => f === F && k === K
      export const both = {
        setup: () => ({ w: new Int32Array(new SharedArrayBuffer(4)), f: F, k: K }),
        threads: [(it) => { Atomics.add(it.w, 0, 1); return same(it) }, ({ w }) => Atomics.load(w, 0)],
      }`)
    expect(outcomesOf(both)).toEqual(['true | 0', 'true | 1'])
  })

  it('is one for all threads in what CommonJS exports', async () => {
    const { both } = await instrumented(
      `exports.n = 0
      const count = (w) => { Atomics.add(w, 0, 1); return ++exports.n }
      exports.both = { ${WORDS}, threads: [count, count] }`,
      {},
      'both.cjs',
    )
    expect(check(both).violation).toMatchObject({ kind: 'nondeterminism' })
  })

  it.each([
    [
      'a list',
      'const list = []; exports.add = () => list.push(1); exports.list = list',
      'lib.add(); return lib.list.length',
    ],
    ['an object', 'const s = { n: 0 }; module.exports = { s, add() { s.n++ } }', 'lib.add(); return lib.s.n'],
    [
      'what is in another',
      'const s = { n: 0 }, it = { s }; module.exports = it; it.add = () => s.n++',
      'lib.add(); return lib.s.n',
    ],
    ['a class', 'class K { static made = 0; id = ++K.made }; exports.K = K', 'new lib.K(); return lib.K.made'],
    ['a class with private names', 'class K { static #n = 0; id = ++K.#n }; module.exports = K', 'return new lib().id'],
    ['a function', 'function f() { return f.n++ } f.n = 0; module.exports = f', 'lib(); return lib.n'],
  ])('is one for all threads where CommonJS exports it, whoever changes it: %s', async (_, text, body) => {
    const main = `import lib from './lib.cjs'
      const thread = (w) => { Atomics.add(w, 0, 1); ${body} }
      export const both = { ${WORDS}, threads: [thread, thread] }`
    await withFiles({ 'lib.cjs': text, 'main.mjs': main }, async (folder) => {
      const { both } = (await loadInstrumented(join(folder, 'main.mjs'))) as { both: Scenario<unknown> }
      expect(check(both).violation).toMatchObject({ kind: 'nondeterminism' })
    })
  })

  it('is each thread’s own where CommonJS exports what it was, or functions that change it', async () => {
    const text = `let n = 0; const seen = new Map(); exports.first = n
      exports.count = () => seen.set(++n, 1).size * 10 + exports.first`
    const main = `import lib from './lib.cjs'
      const thread = (w) => { Atomics.add(w, 0, 1); lib.count(); return lib.count() }
      export const both = { ${WORDS}, threads: [thread, thread] }`
    await withFiles({ 'lib.cjs': text, 'main.mjs': main }, async (folder) => {
      const { both } = (await loadInstrumented(join(folder, 'main.mjs'))) as { both: Scenario<unknown> }
      expect(outcomesOf(both)).toEqual(['20 | 20'])
    })
  })

  it('is one for all threads where a package that is not followed gave it, awaited or not', async () => {
    const { both } = await instrumented(
      `const { default: path } = await import('node:path').catch(() => ({}))
      const count = (w) => { Atomics.add(w, 0, 1); return path.join('a', 'b') }
      export const both = { ${WORDS}, threads: [count, count] }`,
      {},
      'both.mjs',
    )
    expect(outcomesOf(both)).toEqual([`${join('a', 'b')} | ${join('a', 'b')}`])
  })

  it('of shared memory is the thread’s own, but for what setup returned', async () => {
    const { given, kept } = await instrumented(`
      const words = new Int32Array(new SharedArrayBuffer(4))
      const add = (w) => { Atomics.add(w, 0, 1); return Atomics.add(words, 0, 1) }
      export const given = { setup: () => words, threads: [add, add] }
      export const kept = { ${WORDS}, threads: [add, add] }`)
    expect(outcomesOf(given)).toEqual(['1 | 3', '2 | 3', '3 | 1', '3 | 2'])
    expect(outcomesOf(kept)).toEqual(['0 | 0'])
  })

  it('is the module’s own in setup, after, invariant and outcome', async () => {
    const { one } = await instrumented(`
      let calls = 10
      const call = () => ++calls
      export const one = {
        setup: () => { calls = 20; return new Int32Array(new SharedArrayBuffer(4)) },
        threads: [(w) => Atomics.add(w, 0, call()), (w) => Atomics.add(w, 0, call())],
        invariant: () => calls >= 20,
        after: (w) => calls === 20 && w[0] === 22,
        outcome: () => calls,
      }`)
    expect(outcomesOf(one)).toEqual(['20'])
  })
})

/** Each counts up to 1 in each thread, from what \`before\` declares. */
describe.each([
  ['let', 'let n = 0', '++n'],
  ['var, assigned in a pattern', 'var n = 0', '([n] = [n + 1], n)'],
  ['an object', 'const its = { n: 0 }', '++its.n'],
  ['an object within a frozen one', 'const its = Object.freeze({ deep: { n: 0 } })', '++its.deep.n'],
  ['an array', 'const list = []', 'list.push(1)'],
  ['an array that another variable holds', 'const list = [], its = { list }', '(its.list.push(1), list.length)'],
  ['a Map', 'const seen = new Map()', 'seen.set(seen.size, 1).size'],
  ['a WeakMap', 'const key = {}, seen = new WeakMap()', '(seen.set(key, (seen.get(key) ?? 0) + 1), seen.get(key))'],
  ['private memory', 'const view = new Int32Array(1)', '++view[0]'],
  ['a static field', 'class C { static n = 0 }', '++C.n'],
  ['a private static field', 'class C { static #n = 0; static next() { return ++C.#n } }', 'C.next()'],
  ['a static field that a method changes', 'class C { static n = 0; static next() { return ++this.n } }', 'C.next()'],
  ['a counter in a closure', 'const next = (() => { let n = 0; return () => ++n })()', 'next()'],
  ['a generator', 'const ids = (function* () { let n = 0; for (;;) yield ++n })()', 'ids.next().value'],
  ['a property of a function', 'function f() { return ++f.n }\nf.n = 0', 'f()'],
  ['what a statement adds', 'const list = []\nfor (const x of [1, 2]) list.push(x)', 'list.push(1) - 2'],
  ['what a function at the top adds', 'const list = []\nfunction add() { list.push(0) }\nadd()', 'list.push(1) - 1'],
  [
    'what only a function at the top changes',
    'let n = 0\nconst list = []\nfunction begin() { list.push((n = 1)) }\nbegin()',
    '++n - list.length',
  ],
  ['a pattern at the top', 'const { its, ...more } = { its: { n: 0 }, a: 1 }', '(more.a, ++its.n)'],
  ['an object with an accessor', 'const its = { n: 0, get next() { return ++this.n } }', 'its.next'],
  ['a proxy', 'const its = new Proxy({ n: 0 }, { get: (o, k) => ++o[k] })', 'its.n'],
  ['an expression of a pattern’s default', 'let n = 0', '(({ a = ++n }) => a)({})'],
  ['a constructor', 'let n = 0\nclass C { constructor() { this.id = ++n } }', 'new C().id'],
  ['a field', 'let n = 0\nclass C { id = ++n }', 'new C().id'],
  ['a getter', 'let n = 0\nclass C { get id() { return ++n } }', 'new C().id'],
  ['a native’s callback', 'let n = 0', '[1].map(() => ++n)[0]'],
  ['a shorthand', 'let n = 0', '(n++, { n }.n)'],
  ['new.target', 'let n = 0\nfunction C() { this.id = new.target === C ? ++n : 0 }', 'new C().id'],
  ['a compiled enum', 'enum E { A, B }\nconst its = { [E.B]: 0 }', '++its[E.B]'],
])('%s', (_, before, count) => {
  it('is each thread’s own', async () => {
    const { both } = await instrumented(`
      ${before}
      const count = (w) => { Atomics.add(w, 0, 1); return ${count} }
      export const both = { ${WORDS}, threads: [count, count] }`)
    expect(outcomesOf(both)).toEqual(['1 | 1'])
  })
})

const COUNTER = `
  export let n = 0
  export const its = { n: 0 }
  export const next = () => ++n
  export default { n: 0 }
  export class Store { static made = 0; constructor() { this.id = ++Store.made } }`

describe.each([
  ['a function', "import { next } from './n.js'", 'next()'],
  ['a variable that changes over there', "import { n, next } from './n.js'", '(next(), n)'],
  ['an object', "import { its } from './n.js'", '++its.n'],
  ['another name', "import { its as mine } from './n.js'", '++mine.n'],
  ['a default', "import its from './n.js'", '++its.n'],
  ['a namespace', "import * as all from './n.js'", '(all.next(), all.n)'],
  ['a class', "import { Store } from './n.js'", 'new Store().id'],
  ['what is passed on', "import { n, next } from './all.js'", '(next(), n)'],
  ['what is passed on under a name', "import { more } from './all.js'", 'more()'],
  ['an object that a module changes on the way', "import { its } from './n.js'\nits.n = 5", '++its.n - 5'],
  ['what another module has changed', "import './changes.js'\nimport { its } from './n.js'", '++its.n - 7'],
])('an import of %s', (_, from, count) => {
  it('is each thread’s own', async () => {
    const files = {
      'n.js': COUNTER,
      'all.js': "export * from './n.js'\nimport { next } from './n.js'\nexport { next as more }",
      'changes.js': "import { its } from './n.js'\nits.n = 7",
      'both.js': `${from}
        const count = (w) => { Atomics.add(w, 0, 1); return ${count} }
        export const both = { ${WORDS}, threads: [count, count] }`,
    }
    await withFiles(files, async (folder) => {
      const { both } = await loadInstrumented(join(folder, 'both.js'))
      expect(outcomesOf(both as Scenario<unknown>)).toEqual(['1 | 1'])
    })
  })
})

describe('a constant that nothing could change', () => {
  it.each(['next() | 0', 'Number(next())', '-next()', '"" + next()', 'Object.freeze([next()])', 'next() === 1'])(
    'is made anew where that changes a variable: %s',
    async (made) => {
      const { both } = await instrumented(
        `let n = 0
        const next = () => ++n
        const made = ${made}
        const look = (w) => { Atomics.add(w, 0, 1); return n++ + (made === undefined) }
        export const both = { ${WORDS}, threads: [look, look] }`,
      )
      expect(outcomesOf(both)).toEqual(['1 | 1'])
    },
  )
})

describe('those of a program', () => {
  const ONCE = `let answer = new Function('return 42')()`
  const COUNTS = `let n = 0
    const count = (w) => { Atomics.add(w, 0, 1); return ++n }
    const both = { ${WORDS}, threads: [count, count] }`

  it('are made without those of another that was loaded before: CommonJS', async () => {
    await instrumented(`${ONCE}\nexports.next = () => ++answer`, {}, 'once.cjs')
    const { both } = await instrumented(`${COUNTS}\nexports.both = both`, {}, 'counts.cjs')
    expect(outcomesOf(both)).toEqual(['1 | 1'])
  })

  it('are made without those of another that was loaded before: texts', async () => {
    await loadInstrumentedText(`${ONCE}\nexport const next = () => ++answer`, 'once')
    const { both } = await loadInstrumentedText(`${COUNTS}\nexport { both }`, 'counts')
    expect(outcomesOf(both as Scenario<unknown>)).toEqual(['1 | 1'])
  })

  it('are made together where one asks where it stands', async () => {
    const files = {
      'count.mjs': 'export let n = 0; export const next = () => ++n',
      'asks.mjs': `import { n, next } from './count.mjs'
        export let here = import.meta.url
        const look = (w) => { Atomics.add(w, 0, 1); here += next(); return n }
        export const both = { ${WORDS}, threads: [look, look] }`,
    }
    const { both } = await withFiles(files, (folder) => loadInstrumented(join(folder, 'asks.mjs')))
    expect(outcomesOf(both as Scenario<unknown>)).toEqual(['1 | 1'])
  })

  it('are made together, be they ES modules or CommonJS', async () => {
    const files = {
      'list.cjs': 'const list = []; exports.add = (x) => list.push(x); exports.size = () => list.length',
      'adds.mjs': `import { add, size } from './list.cjs'
        let n = add('first')
        const look = (w) => { Atomics.add(w, 0, 1); return size() + '/' + n++ }
        export const both = { ${WORDS}, threads: [look, look] }`,
    }
    const { both } = await withFiles(files, (folder) => loadInstrumented(join(folder, 'adds.mjs')))
    expect(outcomesOf(both as Scenario<unknown>)).toEqual(['1/1 | 1/1'])
  })
})
