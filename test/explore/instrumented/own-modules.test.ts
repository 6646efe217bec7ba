import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/index.ts'
import * as counting from './counting.ts'

describe('modules that a test imports', () => {
  const setup = () => new Int32Array(new SharedArrayBuffer(4))
  it.each([
    ['a function', () => counting.next()],
    ['a live binding', () => counting.next() && counting.count],
    ['an object', () => ++counting.its.count],
    ['a class', () => new counting.Store().id],
  ] as const)('give each thread its own: %s', (_, count) => {
    const thread = (w: Int32Array) => {
      Atomics.add(w, 0, 1)
      return count()
    }
    const { violation, exhaustive, outcomes } = check({ setup, threads: [thread, thread] })
    expect(violation).toBeNull()
    expect(exhaustive).toBe(true)
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['1 | 1'])
  })
})
