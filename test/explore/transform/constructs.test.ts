/**
 * Each construct of the language, in the dialect: the twin does what the author's text does, and announces it.
 */

import { describe, expect, it } from 'vitest'
import { runPlain, runTwin } from '../support/alone.ts'
import { instrumented, untouched, words } from '../support/source.ts'

interface Case {
  what: string
  source: string
  /** What the twin announces. */
  events: string
  /** Values of the shared array at the start. */
  from?: number[]
}

/** Every source exports `run(w)`, where w is a shared Int32Array of 8 elements. */
const cases: Case[] = [
  { what: 'reads an element', source: 'export function run(w) { return w[1] }', events: 'read 1' },
  { what: 'writes an element', source: 'export function run(w) { return (w[1] = 7.9) }', events: 'write 1' },
  {
    what: 'reads and then writes in a compound assignment',
    source: 'export function run(w) { return [w[1] += 2, w[2] **= 2, w[3] >>>= 1] }',
    events: 'read 1, write 1, read 2, write 2, read 3, write 3',
  },
  {
    what: 'reads the left side of a compound assignment before the right side',
    source: 'export function run(w) { return w[1] += w[2]++ + --w[3] }',
    events: 'read 1, read 2, write 2, read 3, write 3, write 1',
  },
  {
    what: 'writes in a logical assignment only if it has to',
    source: 'export function run(w) { return [w[0] ||= 5, w[1] ||= 6, w[0] &&= 7, w[1] ??= 8] }',
    events: 'read 0, write 0, read 1, read 0, write 0, read 1',
    from: [0, 3],
  },
  {
    what: 'gives the old value of a postfix and the new value of a prefix operator',
    source: 'export function run(w) { return [w[1]++, ++w[1], w[1]--, --w[1]] }',
    events: 'read 1, write 1, read 1, write 1, read 1, write 1, read 1, write 1',
  },
  {
    what: 'evaluates the operands of an access once and in order',
    source: `export function run(w) {
      const log = []; const a = (x) => (log.push(x), x); const o = (x) => (log.push('o' + x), w)
      o(1)[a(2)] = a(3); o(4)[a(5)]++; o(6)[a(7)] += a(1)
      let i = 0; w[i++] = i++; w[i] = w[i = 3]
      return [log.join(), i]
    }`,
    events: 'write 2, read 5, write 5, read 7, write 7, write 0, read 3, write 2',
  },
  {
    what: 'knows Atomics',
    source: `export function run(w) { return [Atomics.load(w, 1), Atomics.store(w, 1, 5), Atomics.add(w, 1, 2),
      Atomics.sub(w, 1, 1), Atomics.and(w, 1, 6), Atomics.or(w, 1, 1), Atomics.xor(w, 1, 3), Atomics.exchange(w, 1, 9),
      Atomics.compareExchange(w, 1, 9, 10), Atomics.compareExchange(w, 1, 9, 11), Atomics.notify(w, 1), w[1]] }`,
    events: 'load 1, store 1, rmw 1, rmw 1, rmw 1, rmw 1, rmw 1, rmw 1, cas 1 9 10, cas 1 9 11, notify 1, read 1',
  },
  {
    what: 'knows Atomics under an alias',
    source: `const A = Atomics; const { load, store: put } = A; const add = A.add
      export function run(w) { const B = A; const f = B.load; const m = 'load'
        return [load(w, 1), put(w, 1, 3), add(w, 1, 1), f(w, 1), B.load(w, 2), Atomics[m](w, 3), Reflect.apply(A.load, A, [w, 4])] }`,
    events: 'load 1, store 1, rmw 1, load 1, load 2, load 3, load 4',
  },
  {
    what: 'knows when Atomics is something else',
    source: 'export function run(w) { const Atomics = { load: (v, i) => v[i] + 1 }; return Atomics.load(w, 1) }',
    events: 'read 1',
  },
  {
    what: 'follows closures that share a variable',
    source: `export function run(w) { let n = 0; const up = () => { n += w[n]; return n }; const twice = (f) => f() + f(); return twice(up) }`,
    events: 'read 0, read 1',
    from: [1, 2, 3],
  },
  {
    what: 'evaluates default parameters, in order, when they touch shared memory',
    source: `export function run(w) { function f(a = w[1], b = a + w[2], ...rest) { return [a, b, rest, arguments.length] }
      return [f(), f(1), f(1, 2, 3, 4), f(undefined, null)] }`,
    events: 'read 1, read 2, read 2, read 1',
  },
  {
    what: 'destructures parameters, declarations and assignments',
    source: `export function run(w) {
      const f = ({ a, b: [c, ...d], ...e }, [g] = w) => [a, c, d, e, g]
      const { 1: one, [1 + 1]: two, x = w[3] } = w
      const [p, , q = w[5], [r] = [w[6]]] = w.subarray(0, 2)
      let s, t; [s, w[0], ...t] = [w[1], 9, 8, 7]; ({ s, t: w[7] } = { s: 3, t: 4 })
      return [f({ a: 1, b: w, z: 3 }), one, two, x, p, q, r, s, t]
    }`,
    events:
      'read 1, read 2, read 3, read 0, read 1, read 5, read 6, read 1, write 0, write 7, read 0, read 1, read 2, read 3, read 4, read 5, read 6, read 7, read 0',
    from: [1, 2, 3, 4, 5, 6, 7, 8],
  },
  {
    what: 'leaves labelled loops where they say',
    source: `export function run(w) { const out = []
      outer: for (let i = 0; i < 3; i++) { for (const j of [0, 1, 2]) { if (w[j] === i) continue outer; if (i === 2) break outer; out.push(i * 10 + j) } }
      again: for (const x of [1, 2, 3]) { for (;;) { if (x === 2) continue again; if (w[x]) break again; break } out.push(x) }
      block: { if (w[0]) break block; out.push('not left') }
      return out }`,
    events: 'read 0, read 1, read 0, read 0, read 1, read 3, read 0',
    from: [1, 0, 5],
  },
  {
    what: 'runs switch and its fall through',
    source: `export function run(w) { const out = []; for (let i = 0; i < 4; i++) switch (w[i]) { case w[4]: out.push('a'); case 2: out.push('b'); break; default: out.push('c') } return out }`,
    events: 'read 0, read 4, read 1, read 4, read 2, read 4, read 3, read 4',
    from: [1, 2, 3, 1, 1],
  },
  {
    what: 'runs finally on every way out',
    source: `export function run(w) {
      const out = []
      const f = (how) => { try { if (how === 1) return w[1]; if (how === 2) throw new Error('x' + w[2]); out.push('fell') } catch (e) { out.push(e.message); return w[3] } finally { out.push(w[4]++); if (how === 3) return 'over' } return 'end' }
      for (const how of [0, 1, 2, 3]) out.push(f(how))
      return out }`,
    events: 'read 4, write 4, read 1, read 4, write 4, read 2, read 3, read 4, write 4, read 4, write 4',
  },
  {
    what: 'touches nothing behind an optional link that ends',
    source: `export function run(w) { const no = null; const o = { f(i) { return w[i] }, g: null, v: w, self() { return this } }
      return [no?.[w[0]], no?.f(w[1]).x.y, o?.f(2), o.g?.(w[3]), o.h?.[0], o?.v[4], o.v?.[5], o.self?.().f?.(6), (o?.self)() === o] }`,
    events: 'read 2, read 4, read 5, read 6',
  },
  {
    what: 'spreads shared arrays, generators and iterables',
    source: `export function run(w) { const sum = (...xs) => xs.reduce((a, b) => a + b, 0); function* g() { yield w[1]; yield* [w[2]] }
      return [[...w.subarray(0, 2), ...g()], sum(...g(), ...[1, 2]), Math.max(...w), { ...w.subarray(0, 1), a: 1 }, [...'ab', ...new Set([1])], new Array(...[1, 2])] }`,
    events: 'range read 0..2, read 1, read 2, read 1, read 2, range read 0..8, range read 0..1',
    from: [4, 5, 6],
  },
  {
    what: 'calls template tags with the same strings each time',
    source: `const seen = []; const tag = (s, ...v) => { seen.push(s); return s.raw.join('|') + v.join() }
      export function run(w) { const go = () => tag\`a\${w[1]}\\n\${w[2]}}\`; const o = { tag, n: 1 }; go(); return [go(), seen.length > 1 && seen[seen.length - 1] === seen[seen.length - 2], o.tag\`x\`] }`,
    events: 'read 1, read 2, read 1, read 2',
  },
  {
    what: 'recurses',
    source: 'export function run(w, n = 7) { return n === 0 ? w[0] : run(w, n - 1) * 2 + w[n] }',
    events: 'read 0, read 1, read 2, read 3, read 4, read 5, read 6, read 7',
    from: [1, 2, 3, 4, 5, 6, 7, 8],
  },
  {
    what: 'binds the name of a function expression to the function',
    source: `export function run(w) { const f = function g(n) { return n ? g(n - 1) + w[n] : g === f }; return f(2) }`,
    events: 'read 1, read 2',
  },
  {
    what: 'keeps this, arguments and new.target of arrow functions',
    source: `function F(w) { const g = () => [this.x, arguments.length, new.target === F, w[1]]; this.x = 1; this.out = [g(), [1].map(() => this.x + w[2])] }
      export function run(w) { function h() { const k = () => () => [arguments[0], this?.y, w[3]]; return k()() } return [h.call({ y: 2 }, 5), h(6)] }`,
    events: 'read 3, read 3',
  },
  {
    what: 'runs methods, static methods, private methods and private fields, and super',
    source: `class A { constructor(w) { this.w = w } get(i) { return this.w[i] } static of(w) { return new this(w) } }
      class B extends A { #n = 1; #w; constructor(w) { super(w); this.#w = w } #peek(i) { return this.#w[i + this.#n] } get(i) { return super.get(i) + this.#peek(i) + (() => super.get(i))() }
        static #secret(w) { return w[6] } static all(w) { return B.#secret(w) } take() { const f = this.#peek; return f.call(this, 0) } ['computed' + 1](i) { return this.#w[i] } set(v) { this.#w[0] = v; return this.#n++ } }
      export function run(w) { const b = B.of(w); return [b.get(1), B.all(w), b.take(), b.computed1(5), b.set(4), b.set(5), b instanceof A, Object.getOwnPropertyNames(B.prototype)] }`,
    events: 'read 1, read 2, read 1, read 6, read 1, read 5, write 0, write 0',
    from: [1, 2, 3, 4, 5, 6, 7],
  },
  {
    what: 'runs methods of objects, and getters where they are written',
    source: `export function run(w) { const o = { at: 2, get(i) { return w[i] + this.at }, ['x' + 1](i) { return w[i] }, fn: function () { return w[this.at] }, get size() { return w[5] }, ...{ k: 1 } }
      class C { get v() { return w[6] } static get s() { return w[7] } } const { get } = o; return [o.get(1), o.x1(3), o.fn(), o.size, new C().v, C.s, Object.keys(o), get.call({ at: 1 }, 4)] }`,
    events: 'read 1, read 3, read 2, read 5, read 6, read 7, read 4',
  },
  {
    what: 'runs generators, with values sent in, early return and errors',
    source: `export function run(w) { const out = []
      function* g(a = w[0]) { try { const x = yield a; out.push(x, w[1]); const y = yield* inner(); out.push(y); yield w[2] } catch (e) { out.push(e); yield w[3] } finally { out.push(w[4]) } }
      function* inner() { const z = yield 'in'; return z + w[5] }
      const a = g(); out.push(a.next(), a.next(10), a.next(20), a.next(), a.next(), a[Symbol.iterator]() === a, Object.prototype.toString.call(a))
      const b = g(7); b.next(); out.push(b.throw('bad'), b.return('bye'), b.next())
      for (const x of g()) { out.push(x); break }
      const [first] = g(); out.push(first)
      return out }`,
    events: 'read 0, read 1, read 5, read 2, read 4, read 3, read 4, read 0, read 4, read 0, read 4',
    from: [1, 2, 3, 4, 5, 6, 7],
  },
  {
    what: 'runs iterators that touch shared memory',
    source: `export function run(w) { const closed = []
      const range = { [Symbol.iterator]() { let i = 0; return { next: () => (i < 3 ? { value: w[i++], done: false } : { value: 1, done: true }), return() { closed.push(w[7]); return {} } } } }
      const out = []; for (const x of range) out.push(x); for (const x of range) { if (x) break } 
      try { for (const x of range) throw x } catch (e) { out.push(e) }
      const f = () => { for (const x of range) return x }; const [p, q] = range
      return [out, closed, f(), p, q, [...range], Array.from(range, (x) => x + w[6])] }`,
    events:
      'read 0, read 1, read 2, read 0, read 1, read 7, read 0, read 7, read 0, read 1, read 7, read 0, read 7, read 0, read 1, read 2, read 0, read 6, read 1, read 6, read 2, read 6',
    from: [0, 1, 2],
  },
  {
    what: 'iterates a shared array element by element',
    source: `export function run(w) { const out = []; for (const x of w.subarray(2, 5)) { if (x === 4) w[4] = 9; out.push(x) } for (const [i, x] of w.subarray(0, 2).entries()) out.push(i, x); for (w[7] of [1, 2]); for (const i in [5, 6]) out.push(w[i]); return out }`,
    events: 'read 0, read 1, write 4, read 2, read 0, read 1, write 7, write 7, read 0, read 1',
    from: [1, 2, 3, 4, 5],
  },
  {
    what: 'calls back from array methods with shared memory in hand',
    source: `export function run(w) { const ids = [0, 1, 2]; const out = []
      ids.forEach((i) => w[i]++); out.push(ids.map((i) => w[i] * 2), ids.filter((i) => w[i] > 2), ids.reduce((a, i) => a + w[i], 0), ids.some((i) => w[i] === 3), ids.every((i) => w[i] < 9), ids.find((i) => w[i] === 3), ids.findIndex((i) => w[i] === 9), ids.flatMap((i) => [i, w[i]]))
      return out }`,
    events:
      'read 0, write 0, read 1, write 1, read 2, write 2, read 0, read 1, read 2, read 0, read 1, read 2, read 0, read 1, read 2, read 0, read 1, read 0, read 1, read 2, read 0, read 1, read 0, read 1, read 2, read 0, read 1, read 2',
    from: [1, 2, 3],
  },
  {
    what: 'announces natives that touch many elements as ranges',
    source: `export function run(w) { const v = w.subarray(2, 6); const out = []
      out.push(w.slice(1, 3), w.indexOf(3), w.includes(9), w.join(), v.findIndex((x) => x === 4), Array.from(v), v.at(-1), String.fromCharCode.apply(null, v), Array.prototype.indexOf.call(w, 2), new Uint8Array(v), [].concat(v).length, JSON.stringify(v), w.map((x) => x + 1), v.length)
      w.fill(7, 1, 3); w.copyWithin(0, 2, 4); w.set([1, 2], 5); w.set(v, 0); new Int32Array(2).set(v.subarray(0, 2)); w.reverse(); w.sort()
      const bytes = new Uint8Array(w.buffer, 0, 4); bytes.set([72, 105, 33, 33]); out.push(new TextDecoder().decode(bytes)); new TextEncoder().encodeInto('ab', bytes); w.sort((a, b) => b - a)
      return out }`,
    events:
      'range read 1..3, range read 0..8, range read 0..8, range read 0..8, range read 0..4, read 0, read 1, read 2, read 3, read 3, range read 0..4, range read 0..8, range read 0..4, range read 0..4, range read 0..8, range write 1..3, range read 2..4, range write 0..2, range write 5..7, range read 0..4, range write 0..4, range read 0..2, range read 0..8, range write 0..8, range read 0..8, range write 0..8, range write 0..4, range read 0..4, range write 0..4, range read 0..8, range write 0..8',
    from: [1, 2, 3, 4, 5, 6, 7, 8],
  },
  {
    what: 'knows typed arrays of every kind, DataView, and views reached through fields',
    source: `export function run(w) { const b = w.buffer; const o = { views: { f: new Float64Array(b), big: new BigInt64Array(b), u: [new Uint16Array(b)] } }; const d = new DataView(b, 4)
      o.views.f[0] = 0.5; o.views.big[1] += 3n; o.views.big[1]++; o.views.u[0][9] = 70000; d.setInt16(2, -2, true); d.setFloat64(4, 1.5)
      return [o.views.f[0], o.views.big[1], Atomics.add(o.views.big, 1, 1n), o.views.u[0][9], d.getUint16(2, true), d.getFloat64(4), d.getBigUint64(4), d.byteLength] }`,
    events:
      'write 0, read 1, write 1, read 1, write 1, write 9, write 2, write 4, read 0, read 1, rmw 1, read 9, read 2, read 4, read 4',
  },
  {
    what: 'throws what the author would have thrown, in the order of the author',
    source: `export function run(w) { const out = []; const tries = [() => { undefined.x[w[0]] }, () => w.nope(w[1]), () => { null[w[2]] }, () => { const [a] = 5 }, () => { const { a } = null }, () => Atomics.load(w, 99), () => Atomics.load([], 0), () => { throw w[3] }, () => new (class { constructor() { throw new RangeError('r') } })(), () => (0, w[4])(), () => { const c = 1; c = 2 }, () => { x; let x }]
      for (const f of tries) try { f() } catch (e) { out.push(typeof e === 'object' ? e.name : e) } return out }`,
    events: 'read 1, read 2, read 3, read 4',
    from: [0, 1, 2, 3, 4],
  },
  {
    what: 'leaves private arrays, objects and strings alone',
    source: `export function run(w) { const a = [1, 2, 3]; const o = { a }; const m = new Map([['k', a]]); const f = new Float32Array(2); f[0] = 1; a[1] += 5; o['a'][0]++; 'abc'[1]; f.fill(2); return [a, m.get('k')[2], f[1], 'abc'[1], delete a[0], a, 0 in a, typeof o.a[5]] }`,
    events: '',
  },
  {
    what: 'hoists functions, also in blocks, and calls them before they stand',
    source: `export function run(w) { const a = early(1); { const b = inner(2); function inner(i) { return w[i] } return [a, b, typeof late] } function early(i) { return w[i] } var late }`,
    events: 'read 1, read 2',
  },
  {
    what: 'passes calls through call, apply, bind and Reflect',
    source: `export function run(w) { function f(a, b) { return [this?.n, w[a], w[b]] } const g = f.bind({ n: 1 }, 1); return [f.call({ n: 2 }, 1, 2), f.apply({ n: 3 }, [3, 4]), g(5), Reflect.apply(f, { n: 4 }, [6, 7])] }`,
    events: 'read 1, read 2, read 3, read 4, read 1, read 5, read 6, read 7',
  },
  {
    what: 'makes classes and functions inside a thread',
    source: `export function run(w) { class K { static t; static { this.t = 4; const w = [K]; w[0].t++ } m(i) { return w[i] } static s = 3; f = (i) => w[i] + this.g; g = 2; *it() { yield w[4] } *[Symbol.iterator]() { yield w[5] } } const k = new K(); const mk = (i) => () => w[i]; return [k.m(1), k.f(2), mk(3)(), [...k.it(), ...k], K.s, K.t, K.name, mk.name, k.f.name, mk.length] }`,
    events: 'read 1, read 2, read 3, read 4, read 5',
  },
]

describe('a twin', () => {
  it.each(cases)('$what', async ({ source, events, from = [] }) => {
    const plain = await untouched(source)
    const twins = await instrumented(source, {}, 'source.js')
    const expected = words(8, from)
    const got = words(8, from)
    const outcome = runTwin(twins.run, [got])
    expect({ ...outcome, events: outcome.events.join(', ') }).toEqual({ ...runPlain(plain.run, [expected]), events })
    expect(got).toEqual(expected)
    // The plain form of the instrumented text is the author's, too.
    const again = words(8, from)
    runPlain(twins.run, [again])
    expect(again).toEqual(expected)
  })
})
