/** What docs/limits.md says of the explorer's claims, where no other test holds it: also what is *not* seen. */

import { describe, expect, it } from 'vitest'
import { check, type Options } from '../../src/explore/index.ts'
import { instrumented } from './support/source.ts'

const SETUP = `const setup = () => {
  const sab = new SharedArrayBuffer(16)
  return { sab, w: new Int32Array(sab), u8: new Uint8Array(sab) }
}`

async function explored(threads: string, options: Options = {}, module = SETUP) {
  const { it } = await instrumented(`${module}\nexport const it = { setup, threads: [${threads}] }`, {}, 'limits.mjs')
  return check(it, options)
}

describe('sequential consistency', () => {
  it('has no race where plain stores would need a value out of thin air', async () => {
    const result = await explored(
      '({ w }) => { const a = w[0]; if (a === 1) w[1] = 1; return a }, ({ w }) => { const b = w[1]; if (b === 1) w[0] = 1; return b }',
    )
    expect(result).toMatchObject({ violation: null, exhaustive: true })
    expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['0 | 0'])
  })

  it.each([
    ['a failing compareExchange', 'Atomics.compareExchange(w, 0, 7, 8)', null],
    ['a load', 'Atomics.load(w, 0)', null],
    ['a plain read', 'w[0]', 'data-race'],
  ])('is ordered by %s as ECMAScript says', async (_, seen, kind) => {
    const { violation } = await explored(
      `({ w }) => { w[1] = 5; Atomics.store(w, 0, 1) }, ({ w }) => ${seen} === 1 ? w[1] : -1`,
    )
    expect(violation?.kind ?? null).toBe(kind)
  })
})

describe('not seen', () => {
  it('is state of a module that shows in no step, value or result', async () => {
    const module = `${SETUP}\nlet calls = 0\nconst count = () => { calls++ }`
    const thread = '({ w }) => { count(); Atomics.add(w, 0, 1) }'
    expect(await explored(`${thread}, ${thread}`, {}, module)).toMatchObject({ violation: null, exhaustive: true })
  })

  it('is a worker that gets a clone of the buffer', async () => {
    const module = `import { Worker } from 'node:worker_threads'
      const setup = () => {
        const sab = new SharedArrayBuffer(4)
        new Worker('0', { eval: true, workerData: structuredClone(sab) }).unref()
        return { w: new Int32Array(sab) }
      }`
    const thread = '({ w }) => Atomics.add(w, 0, 1)'
    expect(await explored(`${thread}, ${thread}`, {}, module)).toMatchObject({ violation: null, exhaustive: true })
  })
})

describe('a value that is compared while others store parts of it', () => {
  const threads = '({ u8 }) => { Atomics.store(u8, 1, 1) }, ({ w }) => Atomics.compareExchange(w, 0, 0, 5)'

  it('is a data race first', async () => {
    const { violation } = await explored(threads)
    // Whatever the other view calls it, it is one byte of the word.
    expect(violation).toMatchObject({ kind: 'data-race', message: expect.stringContaining(' of byte 1 of w[0] ') })
  })

  it('is refused by an exact search, and taken by a sample', async () => {
    const detect = { dataRaces: false }
    const exact = await explored(threads, { detect })
    expect(exact).toMatchObject({ violation: { kind: 'refused' }, exhaustive: false })
    const sample = await explored(threads, { detect, strategy: 'random', seed: 1, maxExecutions: 50 })
    expect(sample.violation).toBeNull()
    expect(sample.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['undefined | 0', 'undefined | 256'])
  })
})

it('clocks stand still, and the verdict says who asked', async () => {
  const thread = '({ w }) => { const from = Date.now(); Atomics.add(w, 0, 1); return Date.now() - from }'
  const { drawn, outcomes, exhaustive } = await explored(`${thread}, ${thread}`)
  expect({ drawn, exhaustive }).toEqual({ drawn: ['Date.now'], exhaustive: true })
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['0 | 0'])
})
