/**
 * Async generators that are left while they iterate over something else, tick by tick against Node.
 */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'
import { instrumented } from '../support/source.ts'

const pair = (key: string, async: string, more = '') =>
  `({ [Symbol.${key}]() { return { next: ${async}() => ({ value: 1, done: false })${more} } } })`
const LEFT = 'return: (value) => ({ value, done: true })'
const SOURCES = {
  array: '[8, 9]',
  generator: '(function* () { yield 8; yield 9 })()',
  'async generator': '(async function* () { yield 8; yield 9 })()',
  'async iterator': pair('asyncIterator', 'async '),
  'async iterator with return': pair('asyncIterator', 'async ', `, ${LEFT}`),
  iterator: pair('iterator', ''),
  'iterator with return': pair('iterator', '', `, ${LEFT}`),
}
const left = (body: string) => `for await (const v of (async function* () { ${body} })()) { print(1, v); break }`
const USES: Readonly<Record<string, (source: string) => string>> = {
  'a break': (source) => left(`yield* ${source}`),
  'a break behind two': (source) => left(`yield* (async function* () { yield* ${source} })()`),
  'a break behind finally': (source) => left(`try { yield* ${source} } finally { print(3, 0) }`),
  'a break of for await': (source) => `for await (const v of ${source}) { print(1, v); break }`,
  return: (source) =>
    `const g = (async function* () { yield* ${source} })(); await g.next(); print(1, (await g.return(5)).value)`,
  'a return that rejects': (source) =>
    `const g = (async function* () { yield* ${source} })(); await g.next(); await g.return(Promise.reject(6)).catch((e) => print(1, e === 6 ? 6 : 7))`,
}
/** What has no `throw` of its own, which a return that rejects calls. */
const PLAIN = ['array', 'iterator', 'iterator with return'] as const
const all = Object.entries(USES)
  .flatMap(([use, of]) => Object.entries(SOURCES).map(([source, text]) => [use, source, of(text)] as const))
  .filter(([use, source]) => use !== 'a return that rejects' || !PLAIN.some((each) => each === source))

/** What is done, beside a job that counts. */
const ticked = (body: string) => `
  let n = 100
  const tick = () => { print(n); if (++n < 120) queueMicrotask(tick) }
  queueMicrotask(tick)
  return (async () => { ${body}; print(2) })()`

async function inNode(body: string): Promise<number[]> {
  const printed: number[] = []
  await (new Function('print', ticked(body))((...all: number[]) => printed.push(...all)) as Promise<void>)
  await new Promise((done) => setTimeout(done))
  return printed
}

it.each(all)('%s over %s goes on in the same tick', async (_use, _source, body) => {
  const { it: scenario } = await instrumented(`export const it = {
    setup: () => new Int32Array(new SharedArrayBuffer(512)),
    threads: [(words) => { const print = (...all) => { for (const each of all) words[++words[0]] = each }; ${ticked(body)} }],
    outcome: (words) => [...words.subarray(1, words[0] + 1)].join(),
  }`)
  const { violation, outcomes } = check(scenario as Scenario<unknown>)
  expect(violation).toBeNull()
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([(await inNode(body)).join()])
})

it.each(PLAIN)('a throw over %s is refused', async (source) => {
  const { it: scenario } = await instrumented(`export const it = {
    setup: () => new Int32Array(new SharedArrayBuffer(8)),
    threads: [async (words) => {
      const g = (async function* () { yield* ${SOURCES[source]} })()
      await g.next()
      await g.throw(5).catch((e) => Atomics.store(words, 0, Number(e)))
    }],
  }`)
  const message = expect.stringMatching(/an error is thrown into `yield\*` of a plain iterator that has no `throw`/)
  expect(check(scenario as Scenario<unknown>).violation).toMatchObject({ kind: 'refused', message })
})
