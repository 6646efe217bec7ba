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

it('is copied as long as it has no more than 64 objects, beside views of shared memory', () => {
  const value = Array.from({ length: 63 }, () => ({ w: words(1) }))
  const copy = copierOf(value)!()
  expect(copy).not.toBe(value)
  expect(copy[62]).toEqual(value[62])
  expect(copy[62]).not.toBe(value[62])
})
