/** Where what a thread throws is said to have been thrown. */
import { expect, it } from 'vitest'
import { check, formatViolation, loadInstrumented } from '../../../src/explore/index.ts'
import { nearby, violationLine } from '../../../src/explore/internals.ts'
import { type Exports, instrumented, withFiles, words } from '../support/source.ts'

it.each<[what: string, source: string, lines: number[]]>([
  ['its own line, before the latest step', 'Atomics.load(w, 0)\n\nthrow new Error("no")', [3, 1]],
  ['its own line, without any step', '\nthrow new Error("no")', [2]],
  [
    'the line in a function that touches nothing',
    'Atomics.load(w, 0)\nconst f = (n) => {\nthrow Error("no", n) }\nf(1)',
    [3, 1],
  ],
  [
    'where it was thrown first',
    'try {\nAtomics.load(w, 0); throw new Error("no") } catch (e) {\nAtomics.load(w, 1)\nthrow e }',
    [2, 3],
  ],
  ['of a string the last time', 'try {\nthrow "no" } catch (e) {\nAtomics.load(w, 1)\nthrow e }', [4, 3]],
  [
    'of a sequence, without a semicolon',
    'Atomics.load(w, 0)\nif (w.length) throw Atomics.load(w, 1), new Error("no")\nelse throw 1',
    [2, 2],
  ],
  ['its own line, if the language threw', 'Atomics.load(w, 0)\nlet no\nno.no', [3, 1]],
])('a throw stands at %s', async (_, body, lines) => {
  const { a, b } = await instrumented(
    `export function a(w) { ${body}\n}\nexport function b(w) { Atomics.load(w, 0) }`,
    {},
    's.js',
  )
  const violation = check({ setup: () => words(4), threads: [a, b] }).violation!
  expect(violation).toMatchObject({ kind: 'assertion', message: expect.stringMatching(/^thread 0 threw: .*no/) })
  const told = violation.sites.map((site) => Number(/s\.js:(\d+)$/.exec(site)?.[1]))
  expect(told).toEqual([...new Set(lines)])
})

const STACKED = `import { deep } from './lib.ts'
export class A {
  q(w: Int32Array) {
    for (const x of this.g(w)) return x
  }
  *g(w: Int32Array) {
    yield [1].map(() => deep(w, 7))[0]
  }
}
export function a(w: Int32Array) {
  new A()
    .q(w)
}
export const b = (w: Int32Array) => { Atomics.load(w, 0) }
export const after = () => {

  const check = () => { (undefined as any).x }
  check()
}
`
const LIB = `interface Erased { a: number }

export function deep(w: Int32Array, n: number): number {
  if (n > 0)
    return deep(w, n - 1)
  Atomics.load(w, 1)
  return (undefined as any).x
}
`

it('has the stack of the author’s functions, at the author’s lines', async () => {
  await withFiles({ 's.ts': STACKED, 'lib.ts': LIB }, async (folder) => {
    const { a, b, after } = (await loadInstrumented(`${folder}/s.ts`)) as Exports
    const thread = check({ setup: () => words(4), threads: [a, b] }).violation!
    expect(nearby(thread, folder)).toMatchObject({
      sites: ['lib.ts:7', 'lib.ts:6'],
      stack: [
        'deep (lib.ts:7)',
        ...Array.from({ length: 7 }, () => 'deep (lib.ts:5)'),
        '(anonymous) (s.ts:7)',
        '(anonymous) (s.ts:7)',
        '(anonymous) (s.ts:4)',
        expect.stringMatching(/^a \(s\.ts:1[12]\)$/),
      ],
    })
    expect(formatViolation(thread, { folder })).toContain('\nin deep (lib.ts:7)\nin deep (lib.ts:5)\n')
    expect(violationLine(thread).stack).toEqual(thread.stack)
    const judged = check({ setup: () => words(4), threads: [b, b], after }).violation!
    expect(nearby(judged, folder)).toMatchObject({
      sites: ['s.ts:17', 's.ts:14'],
      stack: ['check (s.ts:17)', 'after (s.ts:18)'],
    })
  })
})

it('has the stack in a CommonJS file, too', async () => {
  const text = `const f = (w) => { Atomics.load(w, 0); null.x }; exports.a = (w) => {\n  f(w)\n}\nexports.b = (w) => { Atomics.load(w, 0) }`
  await withFiles({ 's.cjs': text }, async (folder) => {
    const { a, b } = (await loadInstrumented(`${folder}/s.cjs`)) as Exports
    const violation = check({ setup: () => words(4), threads: [a, b] }).violation!
    expect(nearby(violation, folder)).toMatchObject({
      sites: ['s.cjs:1'],
      stack: [expect.stringMatching(/^\S+ \(s\.cjs:1\)$/), expect.stringMatching(/^\S+ \(s\.cjs:2\)$/)],
    })
  })
})

it.each([
  ['no error', '"no"'],
  [
    'an error whose stack is a getter that throws',
    'Object.defineProperty(new Error("no"), "stack", { get() { throw 1 } })',
  ],
  ['an error whose stack is no text', 'Object.assign(new Error("no"), { stack: Symbol() })'],
  ['an error of nobody', 'Object.assign(Object.create(Error.prototype), { message: "no" })'],
])('has none of %s', async (_, thrown) => {
  const { a, b } = await instrumented(
    `export function a(w) { Atomics.load(w, 0)\n  throw ${thrown} }\nexport function b(w) { Atomics.load(w, 0) }`,
    {},
    's.js',
  )
  const violation = check({ setup: () => words(4), threads: [a, b] }).violation!
  expect(violation).toMatchObject({ kind: 'assertion', stack: [] })
  expect(violation.sites[0]).toMatch(/s\.js:2$/)
})

const ODD = [
  'null',
  'undefined',
  'Symbol("no")',
  'Object.create(null)',
  '{ toString() { throw new Error("no") } }',
  'new Proxy(new Error("no"), { get() { throw 1 } })',
  'new Proxy({}, { getPrototypeOf() { throw 1 } })',
  'Object.defineProperty(new Error(), "message", { get() { throw 2 } })',
  'Object.assign(new Error(), { message: Symbol("no") })',
  '() => {}',
]

it.each(ODD)('is a finding, whatever it is: %s', async (thrown) => {
  const { a, b, after } = await instrumented(
    `export function a(w) { Atomics.load(w, 0); throw (${thrown}) }
export function b(w) { Atomics.load(w, 0) }
export function after() { throw (${thrown}) }`,
    {},
    's.js',
  )
  const setup = () => words(4)
  expect(check({ setup, threads: [a, b] }).violation).toMatchObject({
    kind: 'assertion',
    message: expect.stringMatching(/^thread 0 threw: ./),
    sites: [expect.stringMatching(/s\.js:1$/)],
  })
  const judged = check({ setup, threads: [b, b], after }).violation
  expect(judged).toMatchObject({ kind: 'assertion', message: expect.stringMatching(/./) })
  expect(formatViolation(judged!)).toContain('assertion: ')
})
