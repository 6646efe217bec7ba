/**
 * Objects with private fields: what they hold is known by name, and what a thread changes there is told.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { instrumented } from '../support/source.ts'

/** A queue for one producer and one consumer, right but for whoever shares one object among threads. */
const QUEUE = `
class Slots {
  #slots
  #mask = 3
  constructor(sab) { this.#slots = new Float64Array(sab, 8, 4) }
  put(at, value) { this.#slots[at & this.#mask] = value }
  take(at) { return this.#slots[at & this.#mask] }
}
export class Queue extends Slots {
  #indexes
  #tail = 0
  constructor(sab) {
    super(sab)
    this.#indexes = new Int32Array(sab, 0, 2)
  }
  push(value) {
    const tail = Atomics.load(this.#indexes, 1)
    this.put(tail, value)
    Atomics.store(this.#indexes, 1, tail + 1)
  }
  pop() {
    const head = Atomics.load(this.#indexes, 0)
    if (head === this.#tail) this.#tail = Atomics.load(this.#indexes, 1)
    if (head === this.#tail) return undefined
    const value = this.take(head)
    Atomics.store(this.#indexes, 0, head + 1)
    return value
  }
}
export const memory = () => new SharedArrayBuffer(40)
export const shared = {
  // With a function beside it, it can't be copied.
  setup: () => ({ queue: new Queue(memory()), beside: () => 0 }),
  threads: [({ queue }) => queue.push(1.5), ({ queue }) => queue.pop()],
}
export const ofTheirOwn = {
  setup: memory,
  threads: [sab => new Queue(sab).push(1.5), sab => new Queue(sab).pop()],
}
`

async function exploring(name: string, edit = (source: string) => source) {
  const scenario = (await instrumented(edit(QUEUE)))[name]
  return check(scenario, {})
}

/** The slot is published before it is filled. */
const published = (source: string) =>
  source
    .replace('    this.put(tail, value)\n', '')
    .replace('#indexes, 1, tail + 1)', '#indexes, 1, tail + 1)\n    this.put(tail, value)')

describe('private fields', () => {
  it('that a thread changes are told, instead of what becomes of it in the next execution', async () => {
    const { violation } = await exploring('shared')
    expect(violation).toMatchObject({
      kind: 'nondeterminism',
      message: expect.stringContaining('a thread changed queue.#tail (0 -> 1), outside of shared memory'),
    })
  })

  it('that a thread changes in a later execution only are told, too', async () => {
    const cached = (source: string) =>
      source
        .replace('[({ queue }) => queue.push(1.5),', '[({ queue }) => queue.pop(),')
        .replace('({ queue }) => queue.pop()],', '({ queue }) => queue.push(1.5)],')
    const { violation, executions } = await exploring('shared', cached)
    expect(executions).toBeGreaterThan(1)
    expect(violation?.message).toContain('a thread changed queue.#tail (0 -> 1)')
  })

  it('of objects that each thread makes for itself are nobody’s business', async () => {
    expect(await exploring('ofTheirOwn')).toMatchObject({ violation: null, exhaustive: true, failing: 0 })
  })

  it('name the places in a report, those of a class that is extended too', async () => {
    const { violation } = await exploring('shared', published)
    expect(violation).toMatchObject({ kind: 'data-race', message: expect.stringContaining(' #slots[0] ') })
    expect(violation!.steps.map(({ place }) => place)).toContain('#indexes[1]')
  })

  it('are told apart where two classes of an object have one of the same name', async () => {
    const both = (source: string) =>
      source.replaceAll('#mask', '#tail').replace('this.#tail = Atomics', 'this.#tail += Atomics')
    const { violation } = await exploring('shared', both)
    expect(violation?.message).toContain('a thread changed queue.#tail (0 -> 1)')
  })

  it('name no buffer that setup did not: it is called by the name that it was returned under', async () => {
    const { violation } = await exploring('ofTheirOwn', (source) =>
      published(source)
        .replace('setup: memory', 'setup: () => ({ ring: memory() })')
        .replaceAll('sab =>', '({ ring: sab }) =>'),
    )
    expect(violation?.message).toContain('byte 8 of ring')
  })
})
