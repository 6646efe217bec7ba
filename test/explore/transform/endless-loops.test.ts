/** Loops that never end and take no step: the explorer says so, where it would hang otherwise. */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { shareOf } from '../../share.ts'
import { instrumented, words } from '../support/source.ts'

async function exploring(source: string) {
  const { setup, after, a, b } = await instrumented(source, {}, 'endless.js')
  return check({ setup: setup ?? (() => words(4)), threads: [a, b], after })
}
const SPINS = /^thread 0: a loop without a visible step, still going on after millions of turns \(.*endless\.js:3\)$/

describe('a loop without a visible step is refused, by its place', () => {
  it.each<[what: string, source: string]>([
    ['in a thread', 'export function a(w) { Atomics.store(w, 0, 1); let done = false\n\nwhile (!done) {} }'],
    ['before its first step', 'export function a(w) {\n\nfor (;;); }'],
    [
      'that would take steps',
      'export function a(w) { let go = false\n\ndo { if (go) Atomics.load(w, 0) } while (true) }',
    ],
    [
      'in a function that touches nothing',
      'function spin(n) {\n\nwhile (n === n) n++ }\nexport function a(w) { spin(Atomics.load(w, 0) + 0.5) }',
    ],
    [
      'that nobody can catch',
      'export function a(w) { Atomics.load(w, 0); const f = () => {\n\nfor (;;); }; for (;;) { try { f() } catch {} } }',
    ],
    ['with a label', 'export function a(w) { Atomics.load(w, 0); outer:\n\nfor (;;) { for (;;) continue outer } }'],
  ])('%s', async (_, source) => {
    const { violation, exhaustive } = await exploring(`${source}\nexport function b(w) { Atomics.load(w, 0) }`)
    expect(violation).toMatchObject({ kind: 'refused', message: expect.stringMatching(SPINS) })
    expect(exhaustive).toBe(false)
  })

  const ITERATORS: readonly (readonly [what: string, declared: string])[] = [
    ['a generator', 'const endless = () => (function* () { for (;;) yield [1, 1] })()'],
    [
      'an iterator',
      'const it = { [Symbol.iterator]: () => it, next: () => ({ value: [1, 1], done: false }) }; const endless = () => it',
    ],
    [
      'an iterator of a class',
      'class It { #n = 0; [Symbol.iterator]() { return this } next() { this.#n++; return { value: [1, 1], done: false } } }; const endless = () => new It()',
    ],
  ]
  const USES = [
    'for (const x of endless()) x',
    'for (const [x] of endless()) { let y = x }',
    'for (const { length } of endless()) length',
    'let o = {}; for (o.x of endless());',
    'outer: for (const x of endless()) { for (const y of [1]) continue outer }',
    '[...endless()]',
    'Math.max(...endless())',
    'new Array(...endless())',
    'const [...all] = endless()',
    '(([...all]) => all)(endless())',
    'Array.from(endless())',
    'Array.from(endless(), (x) => x)',
    'Object.fromEntries(endless())',
    'const g = (function* () { yield* endless() })(); for (const x of g);',
    'for (;;) [2, 1].sort((x, y) => Number(Object.is(endless, y)))',
    'class A { constructor() { for (const x of endless()) x } }; new A()',
    '({ get a() { for (const x of endless()) x } }).a',
  ]
  const all = ITERATORS.flatMap(([what, declared]) => USES.map((use) => [use, what, declared] as const))

  describe.each(shareOf('uses', all, 2))('%s of %s', (use, _, declared) => {
    const REASON = /(a loop|calls) without a visible step/
    const later = 'export const b = (w) => { Atomics.load(w, 0) }'

    it('in a thread', async () => {
      const text = `${declared}\nexport function a(w) { Atomics.store(w, 0, 1); ${use} }\n${later}`
      const { violation, exhaustive } = await exploring(text)
      expect(violation).toMatchObject({ kind: 'refused', message: expect.stringMatching(REASON) })
      expect(exhaustive).toBe(false)
    })
  })

  // Sixteen times as many turns, since setup runs but once.
  it.each(shareOf('uses in setup', USES.slice(0, 5), 1))('%s in setup', async (use) => {
    const text = `${ITERATORS[1][1]}\nexport const setup = () => { ${use} }\nexport const a = () => {}, b = a`
    await expect(exploring(text)).rejects.toThrow(/a loop without a visible step/)
  })

  it('in setup', async () => {
    const source = 'export const setup = () => { for (;;); }\nexport const a = () => {}, b = a'
    await expect(exploring(source)).rejects.toThrow(/a loop without a visible step, .* turns \(.*endless\.js:1\)$/)
  })

  it('in what runs after an execution', async () => {
    const source = `
      export const a = (w) => Atomics.add(w, 0, 1), b = a
      export const after = () => { for (;;); }`
    const { violation } = await exploring(source)
    expect(violation).toMatchObject({
      kind: 'assertion',
      message: expect.stringMatching(/: a loop without a visible step/),
    })
  })
})

// biome-ignore lint/suspicious/noTemplateCurlyInString: a text
const TAG = 'const t = (s, n) => (n < 2 ? n : t`${n - 1}` + t`${n - 2}`)'
const RECURSIONS: readonly (readonly [what: string, declared: string, use: string])[] = [
  ['a function', 'function fib(n) {\n\nreturn n < 2 ? n : fib(n - 1) + fib(n - 2) }', 'fib(70)'],
  ['an arrow function', 'const fib = (n) =>\n\nn < 2 ? n : fib(n - 1) + fib(n - 2)', 'fib(70)'],
  [
    'two that call each other',
    'function f(n) { return n < 2 ? n : g(n - 1) + g(n - 2) }\nfunction g(n) { return f(n) }',
    'f(70)',
  ],
  ['a function that is handed itself', 'const fix = (f, n) => (n < 2 ? n : f(f, n - 1) + f(f, n - 2))', 'fix(fix, 70)'],
  ['a method', 'class A { fib(n) { return n < 2 ? n : this.fib(n - 1) + this.fib(n - 2) } }', 'new A().fib(70)'],
  [
    'a private method',
    'class A { #f(n) { return n < 2 ? n : this.#f(n - 1) + this.#f(n - 2) } run() { this.#f(70) } }',
    'new A().run()',
  ],
  ['a constructor', 'class A { constructor(n) { if (n > 0) { new A(n - 1); new A(n - 2) } } }', 'new A(70)'],
  ['a getter', 'const of = (n) => ({ get a() { return n < 2 ? n : of(n - 1).a + of(n - 2).a } })', 'of(70).a'],
  [
    'what an operator asks',
    'class V { constructor(n) { this.n = n } valueOf() { return this.n < 2 ? this.n : new V(this.n - 1) + new V(this.n - 2) } }',
    '+new V(70)',
  ],
  ['a generator', 'function* all(n) { if (n > 1) { yield* all(n - 1); yield* all(n - 2) } }', '[...all(70)]'],
  [
    'an iterator that a pattern steps',
    'const of = (n) => ({ *[Symbol.iterator]() { if (n > 1) { const [] = of(n - 1), [a] = of(n - 1), [b] = of(n - 2) } } })',
    '(([a]) => a)(of(70))',
  ],
  ['callbacks of natives', 'const f = (n) => (n < 2 ? [n] : [1, 2].map((k) => f(n - k)))', 'f(70)'],
  ['a tag of a template', TAG, 't(0, 70)'],
]

describe('calls without a visible step are refused, by their place', () => {
  // Sixteen times as many calls, since setup runs but once.
  it('in setup', async () => {
    const [, declared, use] = RECURSIONS[0]
    const text = `${declared}\nexport const setup = () => { ${use} }\nexport const a = () => {}, b = a`
    await expect(exploring(text)).rejects.toThrow(/calls without a visible step, .* \(.*endless\.js:1\)$/)
  })

  it.each(shareOf('recursions', RECURSIONS, 2))('%s: %s, %s', async (_, declared, use) => {
    const text = `${declared}
      export const a = (w) => { Atomics.store(w, 0, 1); ${use} }, b = (w) => Atomics.load(w, 0)`
    const { violation, exhaustive } = await exploring(text)
    const REASON =
      /(a loop|calls) without a visible step, still going on after millions of (turns|them) \(.*endless\.js/
    expect(violation).toMatchObject({ kind: 'refused', message: expect.stringMatching(REASON) })
    expect(exhaustive).toBe(false)
  })
})

it('loops that end are none, however often many executions turn them, and mean what they say', async () => {
  const source = `
    function sum(n) {
      let s = 0
      outer: for (let i = 0; ; i++) {
        let j = 0
        do { if (j === 3) continue outer; if (i * 10 === n) break outer; j++; s++ } while (j < 10)
        while (j > 0) j--
      }
      const made = []
      for (let k = 0; k < 3; k++) made.push(() => k)
      return s + made.map((f) => f()).join('')
    }
    export const a = (w) => { Atomics.add(w, 0, 1); return sum(1000000) }
    export const b = a`
  const result = await exploring(source)
  expect(result).toMatchObject({ violation: null, exhaustive: true, complete: 2 })
  expect(result.outcomes).toMatchObject([{ outcome: '300000012 | 300000012' }])
})
