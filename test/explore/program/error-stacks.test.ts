/** Stacks of errors in threads: the author's functions, the same in each execution. */

import { afterEach, describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { instrumented, words } from '../support/source.ts'

const source = `
const measure = (w, at) => { const { stack } = new Error('here'); Atomics.store(w, at, stack.length); return stack }
export const first = (w) => measure(w, 0)
export const later = (w) => { Atomics.load(w, 1); return measure(w, 0) }
export const caught = (w) => { try { Atomics.load(w, 1); null.x } catch (error) { return measure(w, error.stack.length % 2) && error.stack } }
const deep = (w, n) => n === 0 ? measure(w, 0) : deep(w, n - 1)
export const nested = (w) => deep(w, 30).length
export const other = (w) => { Atomics.store(w, 1, 1) }
export const installs = (w) => { Atomics.load(w, 0); Error.prepareStackTrace = () => 'mine' }
`
const explored = async (name: string) => {
  const all = await instrumented(source, {}, 'source.js')
  return check({ setup: () => words(2), threads: [all[name], all.other] })
}

describe('the stack of an error that a thread makes', () => {
  const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
  afterEach(() => {
    if (before === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace
    else Object.defineProperty(Error, 'prepareStackTrace', before)
  })

  it.each(['first', 'later', 'caught'])('is the same in each execution: %s', async (name) => {
    const result = await explored(name)
    expect(result).toMatchObject({ exhaustive: true, violation: null })
    const stacks = new Set(result.outcomes.map(({ outcome }) => outcome.split(' | ')[0]))
    expect(stacks.size).toBe(1)
    const [message, ...frames] = [...stacks][0].split('\n')
    expect(message).toMatch(name === 'caught' ? /^TypeError: Cannot read/ : /^Error: here$/)
    expect(frames.length).toBeGreaterThan(0)
    for (const frame of frames) expect(frame).toMatch(/^ {4}at .*source\.m?js/)
  })

  it('is as long in what a report tells as in the search', async () => {
    const { nested, other } = await instrumented(source, {}, 'source.js')
    const scenario = { setup: () => words(2), threads: [nested, other] }
    const { outcomes } = check(scenario)
    const { violation } = check({ ...scenario, after: () => false })
    expect(violation).toMatchObject({ kind: 'assertion' })
    const [length] = outcomes[0].outcome.split(' | ')
    expect(violation!.steps.map(({ after }) => after)).toContain(length)
  })

  it('is made by what stood there before, and that stands there again', async () => {
    const theirs = (error: Error, frames: unknown[]) => `${error.message} in ${frames.length} frames`
    ;(Error as { prepareStackTrace?: unknown }).prepareStackTrace = theirs
    const result = await explored('first')
    expect(result.outcomes[0].outcome).toBe('here in 2 frames | undefined')
    expect((Error as { prepareStackTrace?: unknown }).prepareStackTrace).toBe(theirs)
  })

  it('is nothing that a thread may take into its own hands', async () => {
    const { violation } = await explored('installs')
    expect(violation).toMatchObject({ kind: 'refused', message: expect.stringContaining('Error.prepareStackTrace') })
  })
})
