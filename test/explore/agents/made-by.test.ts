/**
 * Whatever statement at the top makes a variable, it makes it for each thread.
 */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { instrumented } from '../support/source.ts'

const WORDS = 'setup: () => new Int32Array(new SharedArrayBuffer(16))'
describe('a variable that each thread has for itself', () => {
  it.each([
    ['a computed name of a class', 'var seen; class Key { [(seen = new Map(), "m")]() {} }'],
    ['a computed name of a class in an expression', 'var seen; const Key = class { [(seen = new Map(), "m")]() {} }'],
    ['a static field', 'let seen; class Key { static n = (seen = new Map(), 1) }'],
    ['a static block', 'let seen; class Key { static { seen = new Map() } }'],
    ['a class a module gives by default', 'let seen; export default class { [(seen = new Map(), "m")]() {} }'],
    ['a named class by default', 'let seen; export default class Key { [(seen = new Map(), "m")]() {} }'],
    ['another variable that is a primitive', 'let seen; const n = (seen = new Map(), 1)'],
    ['another that is a function', 'let seen; const f = (seen = new Map(), () => 1)'],
    ['a superclass', 'let seen; class Key extends (seen = new Map(), Object) {}'],
    ['a pattern', 'let seen; const { n = (seen = new Map(), 1) } = {}'],
    ['an object of primitives', 'let seen; const o = { [(seen = new Map(), "m")]: 1 }'],
    [
      'a function called for a constant',
      'let seen; const make = () => { seen = new Map(); return 1 }; const n = make()',
    ],
    [
      'a function declared, called for a constant',
      'let seen; function make() { seen = new Map(); return 1 } const n = make()',
    ],
    ['a loop', 'let seen; for (let i = 0; i < 1; i++) seen = new Map()'],
    ['a for-of head', 'let seen; for (seen of [new Map()]);'],
    ['a for-var-of', 'for (var seen of [new Map()]);'],
    ['a for-var-in', 'let seen = {n: new Map()}; for (var k in seen) ;seen = seen[k]'],
    ['a block', 'var seen; { seen = new Map() }'],
    ['a block with var', '{ var seen = new Map() }'],
    ['a try', 'let seen; try { seen = new Map() } catch {}'],
    ['an export let', 'export let seen; seen = new Map()'],
    ['logical', 'let seen; seen ??= new Map()'],
    ['iife', 'let seen; (() => { seen = new Map() })()'],
    ['iife for const', 'let seen; const n = (() => { seen = new Map(); return 1 })()'],
    ['destructured', 'let seen; [seen] = [new Map()]'],
    ['export default expression', 'let seen; export default (seen = new Map(), 1)'],
    ['namespace-like', 'let seen; (function (s) { seen = s })(new Map())'],
    ['getter called', 'let seen; const o = { get a() { seen = new Map(); return 1 } }; const n = o.a'],
    ['method called', 'let seen; const o = { a() { seen = new Map(); return 1 } }; const n = o.a()'],
    ['constructor', 'let seen; class K { constructor() { seen = new Map() } } const k = new K()'],
    ['static method', 'let seen; class K { static go() { seen = new Map() } } K.go()'],
  ])('is made by %s', async (_, made) => {
    const { it: scenario } = await instrumented(`${made}
      const count = (w) => { Atomics.add(w, 0, 1); seen.set('n', (seen.get('n') ?? 0) + 1); return seen.get('n') }
      export const it = { ${WORDS}, threads: [count, count] }`)
    const { violation, exhaustive, outcomes } = check(scenario)
    expect(violation).toBeNull()
    expect(exhaustive).toBe(true)
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['1 | 1'])
  })
})
