/**
 * What each thread gets of what setup returned.
 */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { copierOf } from '../../../src/explore/program/copies.ts'
import { instrumented, words } from '../support/source.ts'

it('is an object of its own: what a thread counts in it is no matter of others', async () => {
  const { twoPuts } = await instrumented(
    `class Store {
  constructor() { this.words = new Int32Array(new SharedArrayBuffer(8)); this.stats = { puts: 0 } }
  put(i) { this.stats.puts++; Atomics.store(this.words, i, this.stats.puts); return this.stats.puts }
}
export const twoPuts = {
  setup: () => ({ store: new Store() }),
  threads: [({ store }) => store.put(0), ({ store }) => store.put(0)],
  after: ({ store }) => store.stats.puts === 0,
}`,
    {},
    'store.js',
  )
  const result = check(twoPuts)
  expect(result).toMatchObject({ violation: null, exhaustive: true, complete: 2 })
  expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['1 | 1'])
})

it('is as setup left it, in each execution and in a replay', async () => {
  const { threads } = await instrumented(
    `const push = ({ w, list, map }) => { list.push(1); map.set('n', list.length); Atomics.add(w, 0, list.length); return map.get('n') }
export const threads = [push, push]`,
    {},
    'push.js',
  )
  const setup = () => ({ w: words(1), list: [7], map: new Map([['n', 0]]) })
  const result = check({ setup, threads })
  expect(result).toMatchObject({ violation: null, exhaustive: true })
  expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['2 | 2'])
  const after = ({ w }: ReturnType<typeof setup>) => w[0] !== 4
  const { violation } = check({ setup, threads, after })
  expect(violation?.kind).toBe('assertion')
  expect(replay({ setup, threads, after }, violation!.replay)).toMatchObject({ diverged: undefined })
})

it('is what it was, but for shared memory, which is the same', () => {
  const w = words(1)
  const bytes = new Uint8Array([1, 2, 3])
  const list: unknown[] = new Array(3)
  list[0] = 1
  const value = {
    w,
    bytes,
    tail: bytes.subarray(1),
    list,
    set: new Set([list]),
    map: new Map<unknown, unknown>([[list, bytes]]),
    frozen: Object.freeze({ list }),
    none: Object.create(null) as object,
    [Symbol.for('key')]: list,
    self: undefined as unknown,
  }
  value.self = value
  Object.defineProperty(value, 'hidden', { value: 5 })
  const copy = copierOf(value)!()
  expect(copy).not.toBe(value)
  expect(copy).toEqual(value)
  expect(copy.w).toBe(w)
  expect(copy.self).toBe(copy)
  expect(copy.tail.buffer).toBe(copy.bytes.buffer)
  expect(copy.bytes.buffer).not.toBe(bytes.buffer)
  expect([...copy.set][0]).toBe(copy.list)
  expect(copy.map.get(copy.list)).toBe(copy.bytes)
  expect(1 in copy.list).toBe(false)
  expect(Object.isFrozen(copy.frozen)).toBe(true)
  expect(Object.getPrototypeOf(copy.none)).toBeNull()
  expect(Object.getOwnPropertyDescriptor(copy, 'hidden')).toMatchObject({ value: 5, enumerable: false })
})

it.each([
  ['a function', { f: () => {} }],
  [
    'an accessor',
    {
      get f() {
        return 1
      },
    },
  ],
  ['a proxy', { p: new Proxy({}, {}) }],
  ['an object of a class that is not instrumented', { d: new (class Foreign {})() }],
  ['a date', { d: new Date(0) }],
  ['too many objects', Array.from({ length: 64 }, () => ({}))],
])('is not copied with %s in it', (_, value) => {
  expect(copierOf(value)).toBeUndefined()
})

it.each([
  [
    'in a WeakMap, as compilers keep private fields',
    'const its = new WeakMap()',
    'its.set(this, { puts: 0 })',
    'its.get(this)',
  ],
  [
    'by a function that the parent calls',
    'const its = new WeakMap()\nclass Parent { constructor() { keep(this) } }\nconst keep = (one) => its.set(one, { puts: 0 })',
    '',
    'its.get(this)',
  ],
  [
    'under another name',
    'const its = new WeakSet()',
    'const self = this; its.add(self)',
    '(its.has(this) ? { puts: 0 } : null)',
  ],
])('is one for all where a class hands its objects to somebody: %s', async (_, before, made, its) => {
  const { twoPuts } = await instrumented(
    `${before}
class Store${before.includes('Parent') ? ' extends Parent' : ''} {
  constructor() { ${before.includes('Parent') ? 'super(); ' : ''}this.words = new Int32Array(new SharedArrayBuffer(8)); ${made} }
  put(i) { return Atomics.add(this.words, i, 1) + ${its}.puts }
}
export const twoPuts = {
  setup: () => new Store(),
  threads: [(store) => store.put(0), (store) => store.put(0)],
}`,
    {},
    'store.js',
  )
  const { violation, outcomes } = check(twoPuts)
  expect(violation).toBeNull()
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['0 | 1', '1 | 0'])
})

/** What two threads get of an object of C, each for itself. */
it.each([
  ['a field', 'class C { #n = 0; hit() { return ++this.#n } }'],
  ['a field that the constructor sets', 'class C { #n; constructor() { this.#n = 0 } hit() { return ++this.#n } }'],
  [
    'a field beside accessors',
    'class C { #n = 0; get n() { return this.#n } set n(n) { this.#n = n } hit() { return ++this.n } }',
  ],
  [
    'private accessors',
    'class C { #n = 0; get #m() { return this.#n } set #m(n) { this.#n = n } hit() { return ++this.#m } }',
  ],
  ['a private method', 'class C { n = 0; #next() { return ++this.n } hit() { return this.#next() } }'],
  ['an object in a field', 'class C { #its = { n: 0 }; hit() { return ++this.#its.n } }'],
  [
    'two classes with a field of one name',
    'class B { #n = 1; b() { return this.#n++ } } class C extends B { #n = 0; hit() { return ++this.#n * this.b() } }',
  ],
  [
    'a class between that has none',
    'class A { #n = 0; next() { return ++this.#n } } class B extends A { x = 1; constructor() { super(); made.push(1) } } class C extends B { #k = 0; hit() { return this.next() + this.#k++ } }',
  ],
  [
    'one above that has none',
    'class B { n = 0; constructor() { made.push(1) } } class C extends B { #k = 1; hit() { this.n += this.#k; return this.n + made.length } }',
  ],
  [
    'a constructor that counts, which is not run again',
    'class C { static all = 0; #n = 0; constructor() { C.all++ } hit() { return ++this.#n + C.all } }',
  ],
  ['a field that counts as it is made', 'class C { #n = made.push(0) - 1; hit() { return ++this.#n + made.length } }'],
  ['static state', 'class C { static all = 0; #n = 0; hit() { return ++this.#n * ++C.all } }'],
  ['a brand', 'class C { static all = 0; #n = 0; hit() { return #n in this ? ++this.#n * ++C.all : -1 } }'],
  [
    'a field that was deleted',
    'class C { x = 1; #n = 0; constructor() { delete this.x } hit() { return "x" in this ? -1 : ++this.#n } }',
  ],
  [
    'visible steps in the constructor',
    'class C { #n = 0; constructor() { Atomics.load(first, 0) } hit() { return ++this.#n } }',
  ],
  [
    'a parameter with a default',
    'class C { #n; constructor({ n } = { n: 0 }) { this.#n = n } hit() { return ++this.#n } }',
  ],
])('has its own private members: %s', async (_, text) => {
  const { both } = await instrumented(
    `const made = []
const first = new Int32Array(new SharedArrayBuffer(4))
${text}
const thread = ({ c, w }) => { Atomics.add(w, 0, 1); return c.hit() }
let at
export const both = {
  setup: () => { at = new C(); return { w: new Int32Array(new SharedArrayBuffer(4)), c: at } },
  threads: [thread, thread],
}`,
    {},
    'private.js',
  )
  const { violation, exhaustive, outcomes } = check(both)
  expect(violation?.message).toBeUndefined()
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['1 | 1'])
  expect(exhaustive).toBe(true)
})

it.each([
  ['a frozen class', 'class C { #n = 0; hit() { return ++this.#n } }; Object.freeze(C)', 'new C()'],
  ['a closure in a field', 'class C { #n = 0; #f = () => ++this.#n; hit() { return this.#f() } }', 'new C()'],
])('is one for all, and watched, with %s', async (_, text, made) => {
  const { both } = await instrumented(
    `${text}
const thread = ({ c, w }) => { Atomics.add(w, 0, 1); return c.hit() }
export const both = { setup: () => ({ w: new Int32Array(new SharedArrayBuffer(4)), c: ${made} }), threads: [thread, thread] }`,
    {},
    'private.js',
  )
  expect(check(both).violation).toMatchObject({
    kind: 'nondeterminism',
    message: expect.stringContaining('a thread changed c.#n (0 -> 2)'),
  })
})

it('is copied as long as it has no more than 64 objects, beside views of shared memory', () => {
  const value = Array.from({ length: 63 }, () => ({ w: words(1) }))
  const copy = copierOf(value)!()
  expect(copy).not.toBe(value)
  expect(copy[62]).toEqual(value[62])
  expect(copy[62]).not.toBe(value[62])
})
