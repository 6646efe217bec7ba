/** Loops that never end and take no step: the explorer says so, where it would hang otherwise. */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { instrumented, words } from '../support/source.ts'

async function exploring(source: string) {
  const { setup, after, a, b } = await instrumented(source, {}, 'endless.js')
  return check({ setup: setup ?? (() => words(4)), threads: [a, b], after })
}
const SPINS = /^thread 0: a loop without a visible step, still going on after millions of turns \(.*endless\.js:3\)$/

describe('a loop without a visible step is refused, by its place', () => {
  it.each<[what: string, source: string]>([
    ['in a thread', 'export function a(w) { Atomics.store(w, 0, 1); let done = false\n\nwhile (!done) {} }'],
    ['before its first step', 'export function a(w) {\n\nfor (;;); }'],
    [
      'that would take steps',
      'export function a(w) { let go = false\n\ndo { if (go) Atomics.load(w, 0) } while (true) }',
    ],
    [
      'in a function that touches nothing',
      'function spin(n) {\n\nwhile (n === n) n++ }\nexport function a(w) { spin(Atomics.load(w, 0) + 0.5) }',
    ],
    [
      'that nobody can catch',
      'export function a(w) { Atomics.load(w, 0); const f = () => {\n\nfor (;;); }; for (;;) { try { f() } catch {} } }',
    ],
    ['with a label', 'export function a(w) { Atomics.load(w, 0); outer:\n\nfor (;;) { for (;;) continue outer } }'],
  ])('%s', async (_, source) => {
    const { violation, exhaustive } = await exploring(`${source}\nexport function b(w) { Atomics.load(w, 0) }`)
    expect(violation).toMatchObject({ kind: 'refused', message: expect.stringMatching(SPINS) })
    expect(exhaustive).toBe(false)
  })

  it('in setup', async () => {
    const source = 'export const setup = () => { for (;;); }\nexport const a = () => {}, b = a'
    await expect(exploring(source)).rejects.toThrow(/a loop without a visible step, .* turns \(.*endless\.js:1\)$/)
  })

  it('in what runs after an execution', async () => {
    const source = `
      export const a = (w) => Atomics.add(w, 0, 1), b = a
      export const after = () => { for (;;); }`
    const { violation } = await exploring(source)
    expect(violation).toMatchObject({
      kind: 'assertion',
      message: expect.stringMatching(/: a loop without a visible step/),
    })
  })
})

it('loops that end are none, however often many executions turn them, and mean what they say', async () => {
  const source = `
    function sum(n) {
      let s = 0
      outer: for (let i = 0; ; i++) {
        let j = 0
        do { if (j === 3) continue outer; if (i * 10 === n) break outer; j++; s++ } while (j < 10)
        while (j > 0) j--
      }
      const made = []
      for (let k = 0; k < 3; k++) made.push(() => k)
      return s + made.map((f) => f()).join('')
    }
    export const a = (w) => { Atomics.add(w, 0, 1); return sum(1000000) }
    export const b = a`
  const result = await exploring(source)
  expect(result).toMatchObject({ violation: null, exhaustive: true, complete: 2 })
  expect(result.outcomes).toMatchObject([{ outcome: '300000012 | 300000012' }])
})
