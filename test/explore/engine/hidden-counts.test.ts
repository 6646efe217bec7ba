/**
 * Loops that give up after some turns. Whatever counts the turns, and wherever the count stands, no such loop waits:
 * what follows its last turn is reached, too.
 */

import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { instrumented, words } from '../support/source.ts'

/** Bodies of functions that give a function which counts: what it gives is 3 or more some time. */
const COUNTS: Readonly<Record<string, string>> = {
  field: 'const o = { n: 0 }; return () => ++o.n',
  priv: 'class A { #n = 0; up() { return ++this.#n } } const a = new A(); return () => a.up()',
  setter: 'const o = { _n: 0, get n() { return this._n }, set n(v) { this._n = v } }; return () => ++o.n',
  getterCounts: 'let n = 0; const o = { get n() { return ++n } }; return () => o.n',
  array: 'const a = [0]; return () => ++a[0]',
  push: 'const a = []; return () => a.push(1)',
  length: 'const a = []; return () => ++a.length',
  mapSet: 'const m = new Map(); return () => { m.set(m.size, 1); return m.size }',
  setAdd: 'const m = new Set(); return () => m.add(m.size).size',
  weakmap: 'const m = new WeakMap(), k = {}; return () => { m.set(k, (m.get(k) ?? 0) + 1); return m.get(k) }',
  typed: 'const p = new Int32Array(1); return () => ++p[0]',
  typedAtomics: 'const p = new Int32Array(1); return () => Atomics.add(p, 0, 1) + 1',
  typedSet: 'const p = new Int32Array(1); return () => { p.set([p[0] + 1]); return p[0] }',
  dataview:
    'const p = new DataView(new ArrayBuffer(8)); return () => { p.setInt8(0, p.getInt8(0) + 1); return p.getInt8(0) }',
  resize:
    'const b = new ArrayBuffer(0, { maxByteLength: 100 }); return () => { b.resize(b.byteLength + 1); return b.byteLength }',
  regex: `const r = /a/g; return () => { r.exec('aaaaaaaaaaaaaaaaaa'); return r.lastIndex }`,
  regexReplaceSticky: `const r = /a/y; return () => { 'aaaaaaaaaaaaaaaaaa'.replace(r, 'b'); return r.lastIndex }`,
  regexMatch: `const r = /a/y; return () => { 'aaaaaaaaaaaaaaaaaa'.match(r); return r.lastIndex }`,
  nativeIter: 'const it = [1, 2, 3, 4, 5, 6, 7, 8, 9].values(); return () => it.next().value',
  mapIter: 'const it = new Map([[1, 1], [2, 1], [3, 1], [4, 1], [5, 1]]).keys(); return () => it.next().value',
  generator: 'const it = (function* () { let n = 0; for (;;) yield ++n })(); return () => it.next().value',
  spreadIter:
    'const it = { n: 0, [Symbol.iterator]() { const o = this; let d = false; return { next: () => d ? { done: true } : (d = true, { value: ++o.n, done: false }) } } }; return () => [...it][0]',
  assign: 'const o = { n: 0 }; return () => Object.assign(o, { n: o.n + 1 }).n',
  define: `const o = { n: 0 }; return () => { Object.defineProperty(o, 'n', { value: o.n + 1 }); return o.n }`,
  reflectSet: `const o = { n: 0 }; return () => { Reflect.set(o, 'n', o.n + 1); return o.n }`,
  destrMember: 'const o = { n: 0 }; return () => { [o.n] = [o.n + 1]; return o.n }',
  forOfMember: 'const o = { n: 0 }; return () => { for (o.n of [o.n + 1]); return o.n }',
  forInMember: `const o = { n: '' }; return () => { for (o.n in { [o.n + 'a']: 1 }); return o.n.length }`,
  forInObjPattern: `const o = { n: 0 }; return () => { for ({ length: o.n } in { ['x'.repeat(o.n + 1)]: 1 }); return o.n }`,
  forInPattern: `const o = { n: '' }; return () => { for ([o.n] in { [o.n === '' ? 'b' : o.n === 'b' ? 'c' : 'd']: 1 }); return o.n === 'd' ? 3 : 0 }`,
  forInPriv: `class A { #n = ''; up() { for (this.#n in { [this.#n + 'a']: 1 }); return this.#n.length } } const a = new A(); return () => a.up()`,
  forInSetter: 'let k = 0; const o = { set n(v) { k++ } }; return () => { for (o.n in { a: 1 }); return k }',
  del: 'const o = { a: 1, b: 1, c: 1, d: 1, e: 1 }; return () => { delete o[Object.keys(o)[0]]; return 5 - Object.keys(o).length }',
  proto: 'const o = {}; return () => { Object.setPrototypeOf(o, { n: (o.n ?? 0) + 1 }); return o.n }',
  fn: 'function f() {} f.n = 0; return () => ++f.n',
  shift: 'const a = [1, 2, 3, 4, 5, 6]; return () => a.shift()',
  reverse: 'const a = [1, 9]; return () => a.reverse()[0]',
  splice: 'const a = [1, 2, 3, 9]; return () => a.splice(0, 1)[0]',
  date: 'const d = new Date(0); return () => d.setTime(d.getTime() + 1)',
  buffer: 'const b = Buffer.alloc(4); return () => { b.writeInt32LE(b.readInt32LE(0) + 1, 0); return b[0] }',
  encodeInto:
    'const b = new Uint8Array(1); const t = new TextEncoder(); return () => { t.encodeInto(String.fromCharCode(b[0] + 1), b); return b[0] }',
  decoderOnly:
    'const d = new TextDecoder(); d.decode(new Uint8Array([0xf0]), { stream: true }); const b = new Uint8Array([0x90]); const s = { stream: true }; return () => d.decode(b, s).length ? 3 : 0',
  bigint: 'let n = 0n; return () => Number(++n)',
  string: `let s = ''; return () => (s += 'a').length`,
  closure: 'let f = () => 0; return () => { const g = f; f = () => g() + 1; return f() }',
  linked: 'let l = null; return () => { l = { l }; let n = 0; for (let k = l; k; k = k.l) n++; return n }',
  paramDefault: 'let n = 0; const f = (a = ++n) => a; return () => f()',
  catchThrow: `let e = new Error(''); return () => { try { throw new Error(e.message + 'a') } catch (x) { e = x } return e.message.length }`,
  logical: 'const o = { n: 0 }; return () => { o.n &&= o.n + 1; o.n ||= 1; return o.n }',
  superSet:
    'class A {} class B extends A { up() { super.n = (this.n ?? 0) + 1; return this.n } } const b = new B(); return () => b.up()',
  proxySet: 'const p = new Proxy({ n: 0 }, {}); return () => ++p.n',
  proxyTrap: 'let n = 0; const p = new Proxy({}, { get: () => ++n }); return () => p.z',
  boundPush: 'const a = []; const p = a.push.bind(a); return () => p(1)',
  sortCb: 'let n = 0; return () => { [1, 2].sort(() => { n++; return 0 }); return n }',
  replaceCb: `let n = 0; return () => { 'a'.replace('a', () => { n++ }); return n }`,
  jsonCb: 'let n = 0; return () => { JSON.stringify({ toJSON: () => { n++ } }); return n }',
  tagged: 'let n = 0; const t = () => ++n; return () => t`x`',
  template: "let n = 0; const o = { toString: () => { n++; return '' } }; return () => { void ('' + o); return n }",
  valueOf: 'let n = 0; const o = { valueOf: () => ++n }; return () => +o',
  instance:
    'let n = 0; class A { static [Symbol.hasInstance]() { n++; return false } } return () => { void ({} instanceof A); return n }',
  privStatic: 'class A { static #n = 0; static up() { return ++A.#n } } return () => A.up()',
  newSide: 'let n = 0; class A { constructor() { n++ } } return () => { new A(); return n }',
  classInLoop: 'let n = 0; return () => { class A { static { n++ } } return n }',
  stringIter: `const it = '12345'[Symbol.iterator](); return () => Number(it.next().value)`,
  arrayFromIt2: 'const it = [1, 2, 3, 4].values(); return () => (Array.from(it).length === 0 ? 3 : 0)',
  newSetIt: 'const it = [1, 2, 3, 4].values(); return () => (new Set(it).size === 0 ? 3 : 0)',
  newMapIt: 'const it = new Map([[1, 2]]).entries(); return () => (new Map(it).size === 0 ? 3 : 0)',
  fromEntriesIt:
    'const it = new Map([[1, 2]]).entries(); return () => (Object.keys(Object.fromEntries(it)).length === 0 ? 3 : 0)',
  typedIt: 'const it = [1, 2].values(); return () => (new Uint8Array(it).length === 0 ? 3 : 0)',
  spreadIt: 'const it = [1, 2].values(); return () => ([...it].length === 0 ? 3 : 0)',
  callSpreadIt: 'const it = [1, 2].values(); return () => (Math.max(...it) === -Infinity ? 3 : 0)',
  wrapIt:
    'const it = [1, 2, 3, 4].values(); const k = { [Symbol.iterator]: () => it }; return () => { const [a] = k; return a ?? 3 }',
  wrapIt2:
    'const it = [1, 2, 3, 4].values(); const k = { [Symbol.iterator]: () => ({ next: it.next.bind(it) }) }; return () => { const [a] = k; return a }',
  wrapForOf:
    'const it = [1, 2, 3, 4].values(); const k = { [Symbol.iterator]: () => it }; return () => { for (const a of k) return a; return 3 }',
  yieldStarIt:
    'const it = [1, 2, 3, 4].values(); return () => { const g = (function* () { yield* it })(); return g.next().value }',
  getterIt:
    'const it = [1, 2].values(); const k = { get [Symbol.iterator]() { return () => it } }; return () => { const [a] = k; return a ? 0 : 3 }',
  classIt:
    'const it = [1, 2].values(); class K { [Symbol.iterator]() { return it } } const k = new K(); return () => { for (const a of k) return 0; return 3 }',
  setWrap:
    'const it = [1, 2].values(); const k = { [Symbol.iterator]: () => it }; return () => new Set(k).size ? 0 : 3',
  fromWrap:
    'const it = [1, 2].values(); const k = { [Symbol.iterator]: () => it }; return () => Array.from(k).length ? 0 : 3',
  entriesWrap:
    'const it = [[1, 2]].values(); const k = { [Symbol.iterator]: () => it }; return () => Object.keys(Object.fromEntries(k)).length ? 0 : 3',
  spreadWrap:
    'const it = [1, 2].values(); const k = { [Symbol.iterator]: () => it }; return () => [...k].length ? 0 : 3',
  checkedForIn: `const o = { n: '' }; function F(...[]) { for (o.n in { [o.n + 'a']: 1 }); this.k = o.n.length } return () => Array.of.call(F).k`,
  checkedIt2:
    'const it = [1, 2].values(); const k = { [Symbol.iterator]: () => it }; function F(...[]) { const [a] = k; this.k = a ? 0 : 3 } return () => Array.of.call(F).k',
  checkedRegex: `const r = /a/y; function F(...[]) { 'aaaaaaa'.match(r); this.k = r.lastIndex } return () => Array.of.call(F).k`,
  replaceAllG: `const r = /a/g; r.lastIndex = 2; let f = 0; return () => { if (r.lastIndex === 0) return 3; 'b'.replaceAll(r, ''); return 0 }`,
  regexMatchCall: `const r = /a/y; const m = String.prototype.match; return () => { m.call('aaaaaaa', r); return r.lastIndex }`,
  regexMatchCb: `const r = /a/y; return () => { ['aaaaaaaaa'].map((s) => s.match(r)); return r.lastIndex }`,
  arrRest: 'const o = { n: [] }; return () => { [...o.n] = [...o.n, 1]; return o.n.length }',
  defaultMember: 'const o = { n: 0 }; return () => { ({ a: o.n = o.n } = { a: o.n + 1 }); return o.n }',
  catchPattern: 'let n = 0; return () => { try { throw {} } catch ({ a = ++n }) { return a } }',
  objKeysOrder: `const o = { a: 1, b: 2 }; return () => { const v = o.a; delete o.a; o.a = v; return Object.keys(o)[0] === 'b' ? 3 : 0 }`,
  mapDelSet: `const m = new Map([['a', 1], ['b', 2]]); return () => { m.delete('a'); m.set('a', 1); return [...m.keys()][0] === 'b' ? 3 : 0 }`,
  genForOf:
    'const g = (function* () { yield 1; yield 1; yield 1 })(); return () => { for (const x of g) break; return g.next().done ? 3 : 0 }',
  symbolSwap: 'let a = 1, b = 2, c = 3; return () => { [a, b, c] = [b, c, a]; return a === 3 ? 3 : 0 }',
  condClosure:
    'let done = false, twice = false; return () => { if (done) twice = true; done = true; return twice ? 3 : 0 }',
  objectIs: 'let a = 0; return () => { if (Object.is(a, -0)) return 3; a = -0; return 0 }',
  promiseExec: 'let n = 0; return () => { new Promise(() => { n++ }); return n }',
  inOp: `let n = 0; const p = new Proxy({}, { has: () => (n++, true) }); return () => { void ('a' in p); return n }`,
  keysTrap:
    'let n = 0; const p = new Proxy({}, { ownKeys: () => (n++, []) }); return () => { Object.keys(p); return n }',
  enumWithGetter: `let n = 0; const o = Object.defineProperty({}, 'x', { enumerable: true, get() { return n++ } }); return () => { Object.values(o); return n }`,
  dvAlias:
    'const b = new ArrayBuffer(4), p = new Int32Array(b); const set = DataView.prototype.setInt8; const d = new DataView(b); return () => { set.call(d, 0, p[0] + 1); return p[0] }',
  deleteIdx: 'const a = [1]; return () => { const had = 0 in a; delete a[0]; return had ? 0 : 3 }',
  leafNextThis:
    'const s = { i: 0, next() { return { value: this.i++, done: false } } }; const k = { [Symbol.iterator]: () => s }; return () => { const [a] = k; return a }',
}

/** Threads that look at word 0, and give up in the end. */
const LOOPS: Readonly<Record<string, string>> = {
  minusZero: `(w) => { let z = 0; while (Atomics.load(w, 0) === 0) { if (Object.is(z, -0)) return 'gave up'; z = -0 } return 'got it' }`,
  minusZeroDiv: `(w) => { let z = 0; while (Atomics.load(w, 0) === 0) { if (1 / z === -Infinity) return 'gave up'; z = -z } return 'got it' }`,
  recursion: `(w) => { const f = (n) => Atomics.load(w, 0) ? 'got it' : n === 0 ? 'gave up' : f(n - 1); return f(3) }`,
  generatorSpin: `(w) => { function* g() { for (let i = 0; i < 3; i++) yield Atomics.load(w, 0) } for (const x of g()) if (x) return 'got it'; return 'gave up' }`,
  someSpin: `(w) => [1, 2, 3].some(() => Atomics.load(w, 0)) ? 'got it' : 'gave up'`,
  doCont: `(w) => { let i = 0; do { if (Atomics.load(w, 0)) return 'got it'; continue } while (++i < 3); return 'gave up' }`,
  forInc: `(w) => { for (let i = 3; i--;) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  labelCont: `(w) => { let i = 0; a: for (;;) { for (;;) { if (Atomics.load(w, 0)) return 'got it'; if (++i > 2) break a; continue a } } return 'gave up' }`,
  throwOut: `(w) => { let i = 0; try { for (;;) { if (Atomics.load(w, 0)) return 'got it'; if (i++ > 2) throw 1 } } catch { return 'gave up' } }`,
  tryInside: `(w) => { let i = 0; for (;;) { try { if (Atomics.load(w, 0)) return 'got it' } finally { i++ } if (i > 2) return 'gave up' } }`,
  finallyBreak: `(w) => { let i = 0; for (;;) { try { if (Atomics.load(w, 0)) return 'got it'; continue } finally { if (i++ > 2) return 'gave up' } } }`,
  countDown2: `(w) => { for (let i = 0, j = 3; i < j; i++, j--) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  doubling: `(w) => { for (let i = 1; i < 100; i *= 2) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  shiftLoop: `(w) => { for (let m = 8; m; m >>= 1) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  strLoop: `(w) => { for (let s = ''; s.length < 3; s += 'x') if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  bigLoop: `(w) => { for (let s = 0n; s < 3n; s++) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  floatLoop: `(w) => { for (let s = 0; s < 1; s += 0.4) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  ne: `(w) => { for (let s = 0; s !== 3; s++) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  closureCounter: `(w) => { let i = 0; const go = () => i++ < 3; while (go()) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  counterShared: `(w) => { let i = 0; const lim = { n: 3 }; while (i < lim.n) { if (Atomics.load(w, 0)) return 'got it'; i++ } return 'gave up' }`,
  limitShrinks: `(w) => { let lim = 6; for (let i = 0; i < lim; i++) { if (Atomics.load(w, 0)) return 'got it'; lim-- } return 'gave up' }`,
  counterUsed: `(w) => { let s = 0; for (let i = 0; i < 5; i++) { if (Atomics.load(w, 0)) return 'got it'; if (i === 3) s = 1; } return s ? 'gave up' : 'bad' }`,
  counterUsed2: `(w) => { for (let i = 0; i < 50; i++) { if (Atomics.load(w, 0)) return 'got it'; if (i * 2 === 40) return 'gave up' } return 'bad' }`,
  nested: `(w) => { for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  nested2: `(w) => { let n = 0; for (let i = 0; i < 4; i++) { for (let j = 0; j < 4; j++) { if (Atomics.load(w, 0)) return 'got it' } n++ } return n === 4 ? 'gave up' : 'bad' + n }`,
  afterLoop: `(w) => { let i; for (i = 0; i < 40; i++) if (Atomics.load(w, 0)) return 'got it'; return i === 40 ? 'gave up' : 'bad' + i }`,
  ltLe: `(w) => { let i = 0; while (i <= 40) { if (Atomics.load(w, 0)) return 'got it'; i += 7 } return i === 42 ? 'gave up' : 'bad' + i }`,
  down: `(w) => { let i = 40; while (i > 0) { if (Atomics.load(w, 0)) return 'got it'; i -= 7 } return i === -2 ? 'gave up' : 'bad' + i }`,
  u8: `(w) => { const u = new Uint8Array(1); for (u[0] = 250; u[0] > 200; u[0]++) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  int32wrap: `(w) => { let i = 0x7ffffff0; while (i > 0) { if (Atomics.load(w, 0)) return 'got it'; i = (i + 1) | 0 } return i === -0x80000000 ? 'gave up' : 'bad' + i }`,
  forOfCounter: `(w) => { for (const _ of Array(4)) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  entriesLoop: `(w) => { for (const [i] of [7, 8, 9].entries()) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  forInLoop: `(w) => { for (const k in { a: 1, b: 1, c: 1 }) if (Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  cmpxchgFail: `(w) => { for (let i = 0; i < 9; i++) if (Atomics.compareExchange(w, 0, 1, 2) === 1) return 'got it'; return 'gave up' }`,
  xchgSame: `(w) => { for (let i = 0; i < 9; i++) if (Atomics.exchange(w, 3, 0) === 0 && Atomics.load(w, 0)) return 'got it'; return 'gave up' }`,
  orZero: `(w) => { for (let i = 0; i < 9; i++) if (Atomics.or(w, 0, 0)) return 'got it'; return 'gave up' }`,
  addSub: `(w) => { for (let i = 0; i < 3; i++) { Atomics.add(w, 3, 1); Atomics.sub(w, 3, 1); if (Atomics.load(w, 0)) return 'got it' } return 'gave up' }`,
  waitTimeout0: `(w) => { for (let i = 0; i < 5; i++) { Atomics.wait(w, 3, 0, 0); if (Atomics.load(w, 0)) return 'got it' } return 'gave up' }`,
  waitNotEqual: `(w) => { for (let i = 0; i < 5; i++) { if (Atomics.wait(w, 3, 9) !== 'not-equal') return 'bad'; if (Atomics.load(w, 0)) return 'got it' } return 'gave up' }`,
}

const SPINS = "while (Atomics.load(w, 0) === 0) { if (count() >= 3) return 'gave up' } return 'got it'"

/** What the threads come to, each beside one that stores 1 to word 0, and beside one that stores elsewhere. */
async function ends(threads: readonly string[]): Promise<string[][]> {
  const exports = await instrumented(`export const threads = [${threads.join(',\n')}]`, {}, 'counts.js')
  const others = await instrumented('export const stores = [0, 1].map((at) => (w) => void Atomics.store(w, at, 1))')
  return exports.threads.map((thread: (w: Int32Array) => string) =>
    others.stores.map((store: (w: Int32Array) => void) => {
      const { violation, exhaustive, outcomes } = check(
        { setup: () => words(4), threads: [thread, store], outcome: (_, [end]) => String(end) },
        { keepGoing: true, shrink: false, maxExecutions: 5000, maxSteps: 400 },
      )
      const found = outcomes.map(({ outcome }) => outcome).sort()
      return violation === null ? `${found.join(' or ')}${exhaustive ? '' : ', and more'}` : violation.message
    }),
  )
}

it.each([
  ['turns that count where nobody looks', Object.entries(COUNTS).map(([name, body]) => [name, counted(body)])],
  ['turns that are told apart in odd ways', Object.entries(LOOPS)],
])('loops look again until they give up: %s', async (_, all) => {
  const found = await ends(all.map(([, thread]) => thread))
  const wrong = all.flatMap(([name], k) => {
    const [stored, elsewhere] = found[k]
    return stored === 'gave up or got it' && elsewhere === 'gave up' ? [] : [`${name}: ${stored}; ${elsewhere}`]
  })
  expect(wrong).toEqual([])
})

function counted(body: string): string {
  return `(w) => { const count = (() => { ${body} })(); ${SPINS} }`
}
