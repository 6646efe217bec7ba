import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { formatViolation } from '../../../src/explore/report/text.ts'
import { instrumented, words } from '../support/source.ts'

type Threads = Record<'a' | 'b', (w: Int32Array) => unknown>

/** Two threads on one array, with this detector alone unless told otherwise. */
async function found(source: string, keepGoing = false, detect: object = { dataRaces: false, lostUpdates: true }) {
  const { a, b } = (await instrumented(source)) as unknown as Threads
  return check({ setup: () => words(4), threads: [a, b] as never }, { detect, keepGoing, shrink: false })
}

const both = (body: string) => `export function a(w) { ${body} }\nexport function b(w) { ${body} }`

describe('a lost update', () => {
  it('is told with both places, and what to do', async () => {
    const { violation } = await found(both('w[0]++'))
    expect(violation).toMatchObject({ kind: 'lost-update' })
    expect(violation!.message).toMatch(
      /^thread [01]: the store to shared\[0\] takes away the update by thread [01], which/,
    )
    expect(violation!.sites.map((site) => site.replace(/^.*:/, '')).sort()).toEqual(['1', '2'])
    expect(formatViolation(violation!)).toContain('next: make the update one atomic operation')
    expect(violation!.why[0]).toMatch(/loads shared\[0\] at .*, thread . updates it at .*, and thread . stores/)
  })

  it('is in each execution in which a number is one too small, and in no other', async () => {
    const plain = await found(`${both('w[0] = w[0] + 1; return 0')}`, true)
    expect([plain.complete, plain.failing]).toEqual([4, 2])
    const atomic = await found(both('Atomics.store(w, 0, Atomics.load(w, 0) + 1)'), true)
    expect([atomic.complete, atomic.failing]).toEqual([4, 2])
  })

  it('may be of an atomic update, by somebody who stores', async () => {
    const source = 'export function a(w) { Atomics.add(w, 0, 1) }\nexport function b(w) { w[0] = w[0] + 1 }'
    expect((await found(source, true)).failing).toBe(1)
  })

  it('may be of eight bytes', async () => {
    const source = `const of = (w) => new BigInt64Array(w.buffer, 0, 2)\n${both('of(w)[1] = of(w)[1] + 1n')}`
    expect((await found(source, true)).failing).toBe(2)
  })

  it.each([
    ['an atomic operation', both('Atomics.add(w, 0, 1)')],
    ['a compare-and-swap that is tried once', both('Atomics.compareExchange(w, 0, 0, 1)')],
    [
      'a lock around it',
      `/** @explore lock w[at] */ function lock(w, at) {}
       /** @explore unlock w[at] */ function unlock(w, at) {}
       ${both('lock(w, 1); w[0]++; unlock(w, 1)')}`,
    ],
    ['another word', 'export function a(w) { w[0]++ }\nexport function b(w) { w[1]++ }'],
    ['stores of what stands there', both('w[0] = w[0] | 0')],
    ['stores without a load', both('w[0] = 1')],
    ['a store that no update meets', 'export function a(w) { w[0]++ }\nexport function b(w) { return w[0] }'],
  ])('is not in %s', async (_what, source) => {
    expect((await found(source, true)).violation).toBe(null)
  })

  it('is looked for only on request', async () => {
    expect((await found(both('w[0]++'), true, { dataRaces: false })).violation).toBe(null)
    expect((await found(both('w[0]++'), true, {})).violation).toMatchObject({ kind: 'data-race' })
  })
})
