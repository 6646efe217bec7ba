/** Calls in progress, and what they hold, of a text that was transformed with `locals`. */

import { describe, expect, it } from 'vitest'
import { instrumented } from '../../../src/explore/agents/install.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'
import { createStepper } from '../../../src/explore/stepper.ts'
import { transform } from '../../../src/explore/transform/transform.ts'

const TEXT = `
const twice = (words, n) => {
  const seen = Atomics.load(words, 0)
  Atomics.load(words, 0)
  return seen * n
}
function fails(words) {
  Atomics.load(words, 0)
  throw new Error('as it should')
}
function work({ words }, id = 7) {
  const label = 'a'
  const got = twice(words, 2)
  try {
    fails(words)
  } catch {}
  Atomics.store(words, 0, got)
  const late = 1
  Atomics.load(words, 0)
  return late
}
return { setup: () => ({ words: new Int32Array(new SharedArrayBuffer(4)) }), threads: [work] }
`

function stepperOf(locals: boolean) {
  const wrapped = `export function make() {${TEXT}}`
  const { code, sites } = transform(wrapped, 'held.js', {
    locals,
    runtime: (name) => `const ${name} = given;`,
  })
  const make = new Function('given', `${code.replace('export function', 'function')}\nreturn make`)(instrumented)
  return { stepper: createStepper(make() as Scenario<unknown>), sites }
}

describe('calls in progress', () => {
  const { stepper, sites } = stepperOf(true)
  const heldAfter = (steps: number) =>
    stepper
      .at(Array<number>(steps).fill(0))
      .threads[0].calls.map(({ name, locals }) => [
        name,
        Object.fromEntries(locals.filter(({ name }) => name !== 'words').map(({ name, value }) => [name, value])),
      ])

  it('stand from the caller to the callee, with what is declared so far', () => {
    // It has not begun.
    expect(heldAfter(0)).toEqual([])
    expect(heldAfter(1)).toEqual([
      ['work', { id: 7, label: 'a' }],
      ['twice', { n: 2, seen: 0 }],
    ])
    expect(heldAfter(2)).toEqual([
      ['work', { id: 7, label: 'a', got: 0 }],
      ['fails', {}],
    ])
    // Left by what it threw.
    expect(heldAfter(3)).toEqual([['work', { id: 7, label: 'a', got: 0 }]])
    expect(heldAfter(4)).toEqual([['work', { id: 7, label: 'a', got: 0, late: 1 }]])
    expect(heldAfter(5)).toEqual([])
    // And back again.
    expect(heldAfter(1)).toHaveLength(2)
  })

  it('change neither the sites nor the steps, and are not seen where nobody asked', () => {
    const plain = stepperOf(false)
    expect(sites).toEqual(plain.sites)
    const steps = (of: typeof stepper) =>
      of.at([0, 0, 0, 0, 0]).steps.map(({ operation, before, after }) => [operation, before, after])
    expect(steps(stepper)).toEqual(steps(plain.stepper))
    expect(plain.stepper.at([0]).threads[0].calls).toEqual([])
  })
})
