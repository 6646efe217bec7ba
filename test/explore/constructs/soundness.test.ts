/**
 * Ways to touch shared memory that a transform, or a table of natives, easily overlooks: each is found, or refused by
 * name.
 */

import { expect, it } from 'vitest'
import { check } from '../../../src/explore/index.ts'
import { instrumented } from '../support/source.ts'

const WORDS =
  'const setup = () => { const sab = new SharedArrayBuffer(4); const w = new Int32Array(sab); return { sab, w } }'
const OTHER = '({ w }) => { w[0] = 1 }'

/** A thread beside one that writes the word. */
const beside = (thread: string, module = '') =>
  `${module}\n${WORDS}\nexport const scenario = { setup, threads: [${thread}, ${OTHER}] }`

/** Two threads that add one each, not atomically. */
const lost = (setup: string, threads: string, module = '') => `${module}
  const take = (v) => { const t = Atomics.load(v, 0); Atomics.store(v, 0, t + 1); return t }
  export const scenario = { setup: ${setup}, threads: [${threads}], after: (_, [a, b]) => { if (a === b) throw new Error('lost update') } }`
const twice = '({ load, store }) => { const t = load(); store(t + 1); return t }'

const cases: readonly (readonly [what: string, source: string, message: RegExp])[] = [
  [
    'natives bound in setup',
    lost(
      '() => { const w = new Int32Array(new SharedArrayBuffer(8)); return { load: Atomics.load.bind(Atomics, w, 0), store: Atomics.store.bind(Atomics, w, 0) } }',
      `${twice}, ${twice}`,
    ),
    /^lost update$/,
  ],
  [
    'natives bound at the top of a module',
    lost(
      '() => ({ load, store })',
      `${twice}, ${twice}`,
      'const w = new Int32Array(new SharedArrayBuffer(8)), load = Atomics.load.bind(Atomics, w, 0), store = Atomics.store.bind(Atomics, w, 0)',
    ),
    /^lost update$/,
  ],
  [
    'a clone made in setup',
    lost(
      '() => { const a = new Int32Array(new SharedArrayBuffer(8)); return { a, b: structuredClone(a) } }',
      '({ a }) => take(a), ({ b }) => take(b)',
    ),
    /^lost update$/,
  ],
  [
    'a message received in setup',
    lost(
      `() => { const sab = new SharedArrayBuffer(8), { port1, port2 } = new MessageChannel(); port1.postMessage(sab)
        const other = receiveMessageOnPort(port2).message; port1.close(); return { a: new Int32Array(sab), b: new Int32Array(other) } }`,
      '({ a }) => take(a), ({ b }) => take(b)',
      "import { receiveMessageOnPort } from 'node:worker_threads'",
    ),
    /^lost update$/,
  ],
  [
    'destructuring by a string key',
    beside("({ w }) => { const { '0': t } = w; return t }"),
    /is not ordered with the read/,
  ],
  ['a pattern in a rest parameter', beside('({ w }) => { ((...[{ 0: t }]) => t)(w) }'), /is not ordered with the read/],
  [
    'a pattern in a constructor',
    beside('({ w }) => new A(w).t', 'class A { constructor(w) { const { 0: t } = w; this.t = t } }'),
    /is not ordered with the read/,
  ],
  [
    'a pattern as parameter of a constructor',
    beside('({ w }) => new A(w).t', 'class A { constructor({ 0: t }) { this.t = t } }'),
    /is not ordered with the read/,
  ],
  [
    'a list in a constructor',
    beside('({ w }) => new A(w).t', 'class A { constructor(w) { const [t] = w; this.t = t } }'),
    /is not ordered with the read/,
  ],
  [
    'a pattern as parameter of a setter',
    beside('({ w }) => { new A().words = w }', 'class A { set words([t]) { this.t = t } }'),
    /is not ordered with the read/,
  ],
  [
    'a pattern in an async function',
    beside('({ w }) => { (async () => { const [t] = w; return t })() }'),
    /is not ordered with the read/,
  ],
  [
    'for await',
    beside('({ w }) => { (async () => { for await (const t of w) t })() }'),
    /is not ordered with the read/,
  ],
  [
    'a generator object made in setup',
    'export const scenario = { setup: () => { const w = new Int32Array(new SharedArrayBuffer(4)); return { w, g: (function* () { yield w[0] })() } }, threads: [({ g }) => g.next().value, ({ w }) => { w[0] = 1 }] }',
    /a generator in .* touches shared memory/,
  ],
  ['an heir of a view, as a literal', beside('({ w }) => ({ __proto__: w })[0]'), /becomes a prototype/],
  [
    'an heir of a view, by a constructor',
    beside('({ w }) => { function F() {} F.prototype = w; return new F()[0] }'),
    /becomes a prototype/,
  ],
  [
    'a view that hides its buffer',
    beside(
      '({ sab }) => { new Words(sab)[0] = 1 }',
      'class Words extends Int32Array { get buffer() { return new ArrayBuffer(8) } }',
    ),
    /is not ordered with the write/,
  ],
  [
    'a buffer that is decoded',
    beside('({ sab }) => new TextDecoder().decode(sab)'),
    /is not ordered with the range read/,
  ],
  [
    'a buffer that is filled',
    beside('({ sab }) => { randomFillSync(sab) }', "import { randomFillSync } from 'node:crypto'"),
    /randomFillSync is handed/,
  ],
  [
    'a buffer that is compared',
    beside('({ sab }) => isDeepStrictEqual(sab, 1)', "import { isDeepStrictEqual } from 'node:util'"),
    /isDeepStrictEqual is handed/,
  ],
  [
    'a buffer in a blob',
    beside('({ sab }) => { new Blob([sab]) }'),
    /Blob is handed shared memory, or something that holds it/,
  ],
  ...[
    'mine.fill(w)',
    'mine.set([w])',
    'Int32Array.from([w])',
    'mine.at(w)',
    'mine.slice(w)',
    'new DataView(new ArrayBuffer(8)).setInt32(0, w)',
    'Array.from({ length: w })',
  ].map(
    (made) =>
      [
        `a view that becomes a number: ${made}`,
        beside(`({ w }) => { const mine = new Int32Array(4); ${made} }`),
        /becomes a string here/,
      ] as const,
  ),
  [
    'a view that an array’s unshift moves',
    beside('({ w }) => { Array.prototype.unshift.call(w, 1) }'),
    /unshift of an array moves/,
  ],
  ['a view as an entry of a map', beside('({ w }) => { new Map([w]) }'), /is not ordered with the read/],
  ['a view as an entry of an object', beside('({ w }) => { Object.fromEntries([w]) }'), /is not ordered with the read/],
]

it.each(cases)('%s', async (_, source, message) => {
  const { scenario } = await instrumented(source, {}, 'source.mjs')
  const { violation, exhaustive } = check(scenario)
  expect(violation?.message).toMatch(message)
  expect(exhaustive).toBe(false)
})

it.each([
  ['a file that begins with a hashbang', '#!/usr/bin/env node\n', 'w[0]', 0],
  ['an element as the head of for-in', '', '(() => { for (w[0] in { 5: 1 }); return w[0] })()', 5],
  [
    'a call as the target of a pattern',
    '',
    '(() => { const o = {}, f = () => o; ({ a: f().x = 4 } = {}); return o.x })()',
    4,
  ],
  [
    'a wait on small elements',
    '',
    '(() => { try { return Atomics.wait(new Uint8Array(sab), 0, 0) } catch (e) { return e.name } })()',
    'TypeError',
  ],
  [
    'a notify on small elements',
    '',
    '(() => { try { return Atomics.notify(new Uint8Array(sab), 0) } catch (e) { return e.name } })()',
    'TypeError',
  ],
])('%s is as in the language', async (_, before, expression, value) => {
  const { scenario } = await instrumented(
    `${before}${WORDS}\nexport const scenario = { setup, threads: [({ w, sab }) => { Atomics.load(w, 0); return ${expression} }] }`,
    {},
    'source.mjs',
  )
  const result = check(scenario)
  expect(result).toMatchObject({ violation: null, exhaustive: true })
  expect(result.outcomes.map(({ outcome }) => outcome)).toEqual([String(value)])
})
