/**
 * Natives that call back, plainly and in a twin: results, errors, the order of calls, and what is left behind.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LONG } from '../../share.ts'
import { runPlain, runTwin } from '../support/alone.ts'
import { expectTheSame } from '../support/same.ts'
import { instrumented, untouched, words } from '../support/source.ts'

const BODIES = {
  'sort, by what is shared': `
    const order = []; const list = [4, 1, 3, 0, 2]
    const given = list.sort((a, b) => (order.push([a, b]), w[a]++, w[a] + w[b] > 9 ? 1 : a - b)); return [list, order, given === list]`,
  'sort, with a pattern for parameters': `
    const list = [[2], [1], [3]]; list.sort(([a], [b]) => a - b + 0 * w[0]++); return list`,
  'sort of a list with holes': `
    const list = [3, , 1, undefined, 2]; list.sort((a, b) => a - b + 0 * w[0]++); return [list, list.length, 4 in list]`,
  'sort of a private view, and toSorted': `
    const view = new Int8Array([3, 1, 2]); view.sort((a, b) => b - a + 0 * w[0]++)
    return [[...view], [5, 4].toSorted?.((a, b) => a - b + 0 * w[1]++) ?? [4, 5]]`,
  'a comparator that throws': `
    const list = [3, 1, 2]; try { list.sort((a) => { if (w[0]++ === 4) throw new RangeError('no'); return a }) } catch (e) { return [e.message, w[0]] }`,
  'a comparator that is none': `
    w[0]++
    return [2, 1].sort(5)`,
  replace: `
    return ['a-b-c'.replace(/[a-z]/g, (m, at) => m + at + w[0]++), 'xx'.replaceAll('x', () => w[1]++), 'k'.replace('k', ({ length }) => length + w[2]++)]`,
  'replace, with a sticky expression': `
    const r = /a/y; const out = []
    for (let i = 0; i < 4; i++) out.push('aab'.replace(r, () => w[0]++), r.lastIndex)
    return out`,
  'JSON.parse with a reviver': `
    const seen = []
    return [JSON.parse('{"a":[1,2,{"b":null}],"c":"x"}', function (k, v) { seen.push(k); w[0]++; if (k === 'c') return undefined; if (k === '0') this[1] = 7; return v }), seen]`,
  'JSON.stringify with toJSON, a replacer and getters': `
    class P { constructor(n) { this.n = n } toJSON(key) { return key + this.n + w[0]++ } get more() { return 1 } }
    class Q { get x() { return w[1]++ } }
    const own = { toJSON() { return w[3]++ } }
    return JSON.stringify({ a: new P(1), b: [new P(2)], q: Object.assign(Object.create(null), { z: new Q() }), own }, (k, v) => { w[2]++; return v }, 1)`,
  'forEach of collections': `
    const out = []; const map = new Map([[1, 2], [3, 4]]), set = new Set([5])
    map.forEach(function (v, k, m) { out.push([this.t, v, k, m === map, w[0]++]); if (k === 1) m.set(9, 8) }, { t: 1 })
    set.forEach((v, k, s) => { out.push([v, k, w[1]++]); if (v < 7) s.add(v + 1) }); return out`,
  'collections of generators': `
    function* pairs() { yield ['a', w[0]++]; yield ['b', w[0]++] }
    function* keys() { yield {}; yield {} }
    return [[...new Map(pairs())], Object.fromEntries(pairs()), [...new Set(pairs())].length, new Int8Array([...pairs()].map(([, n]) => n)).length, new WeakSet(keys()) instanceof WeakSet]`,
  'an iterator that is closed': `
    const out = []
    const It = class { constructor(n) { this.n = n } [Symbol.iterator]() { return this } next() { out.push('next'); return { value: this.n++ + 0 * w[0]++, done: this.n > 3 } } return() { out.push('return'); w[1]++; return {} } }
    try { new Map(new It(0)) } catch (e) { out.push(e.constructor.name) }
    try { new Set(new It(0)); out.push('all') } catch (e) { out.push(e.message) }
    return out`,
  'Object.assign between accessors': `
    const log = []
    class S { get a() { log.push('get a'); return w[0]++ } }
    const from = { get b() { log.push('get b'); return w[1]++ }, c: 1 }
    const to = { set b(v) { log.push('set b' + v); w[2] = v }, get c() { return 5 }, set c(v) { log.push('set c'); w[3] = v } }
    Object.assign(to, from, null, 'xy', new S()); return [log, Object.keys(to), to[0]]`,
  'text of objects': `
    class T { toString() { return 'T' + w[0]++ } }
    class V { get [Symbol.toStringTag]() { return 'tag' + w[1]++ } }
    return [[new T(), new T()].join('-'), String(new T()), [new V()].join()]`,
  'methods of classes that one function made': `
    const make = (n) => class { toJSON() { return n + w[0]++ } get x() { return n * 10 + w[1]++ } static toString() { return 'k' + n + w[2]++ } }
    const A = make(1), B = make(2), a = new A(), b = new B()
    return [JSON.stringify([a, b, new A()]), [A, B].join(), Object.assign({}, { x: a.x + b.x })]`,
  'callbacks that touch nothing shared, beside some that do': `
    class P { toJSON() { return w[0]++ } }
    let seen = 0; const text = JSON.stringify([new P(), 1, new P()], (k, v) => { seen++; return v })
    let calls = 0; const list = [3, 1, 2].sort((a, b) => { calls++; return a - b })
    return [text, seen, calls, list]`,
  'entries and values with getters': `
    class G { constructor() { Object.defineProperty(this, 'x', { get: () => w[0]++, enumerable: true }); this.y = 2 } }
    const o = new G(); return [Object.entries(o), Object.values(o)]`,
}

describe('a native that calls back, in a twin, does what it does plainly', () => {
  it.each(Object.entries(BODIES))('%s', (_, body) => expectTheSame(body))

  it('generated lists, comparators, replacers and revivers', async () => {
    const text = `export function run(w, list, table, json) {
      const log = []
      const note = (...all) => { log.push(all); w[all.length] = w[all.length] + 1; if (log.length === table.at(-1)) throw new Error('enough') }
      const sorted = () => [...list].sort((a, b) => { note(a, b); return table[(a * 7 + b) & 7] })
      const replaced = () => json.replace(/[a-z0-9]/g, (m, at) => { note(m); return at & 1 ? m + table[at & 7] : '' })
      const revived = () => JSON.parse(json, function (k, v) { note(k); return table[k.length & 7] > 2 && k !== '' ? undefined : v })
      const printed = () => JSON.stringify(JSON.parse(json), (k, v) => { note(k); return typeof v === 'number' ? v + table[v & 7] : v })
      return [sorted, replaced, revived, printed].map((make) => { try { return JSON.stringify(make()) } catch (e) { return e.message } }).concat(JSON.stringify(log))
    }`
    const [twins, plain] = [await instrumented(text, {}, 'source.mjs'), await untouched(text)]
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 9 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 8, maxLength: 8 }),
        fc.integer({ min: 1, max: 60 }),
        fc.json({ maxDepth: 3 }),
        (list, table, end, json) => {
          const [mine, theirs] = [words(8), words(8)]
          const found = runTwin(twins.run, [mine, list, [...table, end], json])
          const { value, error } = runPlain(plain.run, [theirs, list, [...table, end], json])
          expect({ value: found.value, error: found.error, words: [...mine] }).toEqual({
            value,
            error,
            words: [...theirs],
          })
        },
      ),
      { numRuns: LONG ? 5000 : 100 },
    )
  })
})
