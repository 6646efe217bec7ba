/**
 * Objects that stand for numbers are asked once, in the order of Node, though the explorer has to know the number
 * before the native does. An object as the index of an element is refused where nothing says that there are such.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/index.ts'
import { transform } from '../../../src/explore/transform/transform.ts'
import { instrumented } from '../support/source.ts'

/** Expressions over w, a view, d, a DataView, b, their buffer, and n(name, number), which logs when it is asked. */
const EXPRESSIONS = [
  "Atomics.load(w, n('i'))",
  "Atomics.load(w, n('i', 9))",
  "Atomics.load([], n('i'))",
  'Atomics.load(w, [1])',
  'Atomics.load(w, "1")',
  'Atomics.load(w, 1.7)',
  'Atomics.load(w, null)',
  'Atomics.load(w, { [Symbol.toPrimitive]: (hint) => { log.push(hint); return 1 } })',
  "Atomics.load(w, { valueOf: () => { log.push('v'); return {} }, toString: () => { log.push('s'); return '1' } })",
  "Atomics.load(w, { valueOf: () => { log.push('v'); return {} }, toString: () => { log.push('s'); return {} } })",
  "Atomics.store(w, n('i'), n('v'))",
  "Atomics.store(w, n('i', -1), n('v'))",
  "Atomics.add(w, n('i'), n('v'))",
  "Atomics.exchange(w, 1, n('v'))",
  "Atomics.compareExchange(w, n('i'), n('a'), n('b'))",
  "Atomics.compareExchange(w, 1, n('a'), n('b'))",
  "Atomics.notify(w, n('i'), n('c'))",
  "Atomics.wait(w, n('i'), n('v', 5), n('t', 0))",
  "Atomics.load(w, n('i') + 0)",
  "Atomics.load(w, -n('i', -1))",
  "Atomics.load(w, '' + n('i'))",
  "Atomics.load(w, n('i') > 0)",
  "Atomics.load(w, n('i') > 0 ? n('j') : 2)",
  "Atomics.load(w, n('i') > 0 && n('j'))",
  "Atomics.store(w, n('i') - 1, n('v') * 2)",
  "Atomics.compareExchange(w, n('i') | 0, n('a') - 1, n('b'))",
  "(0, Atomics).store(w, n('i'), n('v'))",
  "[[w, n('i')]].map((each) => Atomics.load(...each))[0]",
  "d.getInt32(n('i', 4))",
  "d.setInt32(n('i', 4), n('v'))",
  "w.at(n('i'))",
  "w.slice(n('from', 0), n('to', 2)).length",
  "w.fill(n('v'), n('from', 0), n('to', 2)).length",
  "w.copyWithin(n('target', 0), n('from', 1), n('to', 2)).length",
  "w.set([n('v')], n('o'))",
  "w.subarray(n('from', 0), n('to', 2)).length",
  "b.slice(n('from', 0), n('to', 8)).byteLength",
  'w[k(log)]',
  '(w[k(log)] = log.push(0))',
  'w[k(log)]++',
  '(w[k(log)] += log.push(0))',
  '([w[k(log)]] = [1])',
  "({ 1: 'plain' })[{ toString: () => { log.push('k'); return '1' } }]",
]
const WORDS = `const words = () => { const b = new SharedArrayBuffer(16); return { w: new Int32Array(b), d: new DataView(b), b } }`
const HEAD = `${WORDS}
const k = (log) => ({ toString: () => { log.push('k'); return '1' } })
const run = (expression) => ({ w, d, b }) => {
  const log = [], n = (name, number = 1) => ({ valueOf() { log.push(name); return number } })
  let value
  try { value = expression(w, d, b, n, log) } catch (error) { value = error.name }
  return [value, ...log].join()
}`
const textOf = (expression: string) => `${HEAD}\nconst thread = run((w, d, b, n, log) => ${expression})\n`
const OTHER = '({ b }) => { Atomics.load(new Int32Array(b), 3) }'

describe('is asked as Node asks', () => {
  it.each(EXPRESSIONS)('%s', async (expression) => {
    const text = textOf(expression)
    const plain = new Function(`${text} return thread(words())`)() as string
    const { scenario } = await instrumented(
      `${text} export const scenario = { setup: words, threads: [thread, ${OTHER}] }`,
      {},
      'source.mjs',
    )
    const { violation, outcomes } = check(scenario as Parameters<typeof check>[0], { detect: { dataRaces: false } })
    expect(violation).toBeNull()
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([`${plain} | undefined`])
  })
})

it.each(['i - 1', '-i', 'i++', '7', '`1`', 'i > 0 ? 1 : i + 2'])(
  '%s is no object, and nobody asks if it is',
  (index) => {
    const { code } = transform(`export function f(w, i) { return Atomics.load(w, ${index}) }`, '/source.js')
    expect(code).toMatch(/function\* f.*\.op\(/)
    expect(code).not.toContain('typeof')
  },
)

it.each(['i', 'i.j', 'i > 0 ? 1 : i', 'i && 1'])('%s may be an object, which is asked first', (index) => {
  const { code } = transform(`export function f(w, i) { return Atomics.load(w, ${index}) }`, '/source.js')
  expect(code).toContain("=== 'object'")
})

it.each(['w[k]', '(w[k] = 1)', 'w[k]++', '(w[k] += 1)', '([w[k]] = [1])'])(
  '%s with an object as k is refused',
  async (expression) => {
    const text = `${WORDS}\nexport const scenario = { setup: words, threads: [({ w }) => { const k = { ['to' + 'String']: () => '1' }; return ${expression} }, ${OTHER}] }`
    const { scenario } = await instrumented(text, {}, 'source.mjs')
    expect(check(scenario as Parameters<typeof check>[0]).violation).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/got an object as the index of an element.*source\.mjs/),
    })
  },
)
