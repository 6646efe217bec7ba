/**
 * What touches shared memory without an event is refused by an audit that knows nothing of constructs and natives.
 */

import { describe, expect, it } from 'vitest'
import { check, type Scenario } from '../../../src/explore/index.ts'
import { ASTORE, RANGE_READ, READ, WRITE } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'
import { instrumented, words } from '../support/source.ts'

/** A thread, written as a twin is: what it does without asking is unseen. */
type Thread = (words: Int32Array) => Twin<unknown>

const load: Thread = function* (words) {
  runtime.op(READ, 0, words, 1) || (yield)
  return words[1]
}
const store: Thread = function* (words) {
  runtime.op(ASTORE, 0, words, 1) || (yield)
  Atomics.store(words, 1, 1)
}

/** Returns a word and says nothing. */
const returning: Thread = function* (words) {
  if (words.length === 0) yield
  return words[0]
}

const found = (threads: readonly Thread[], length = 8, more: Partial<Scenario<Int32Array>> = {}) =>
  check({ setup: () => words(length, [3, 4]), threads, ...more }, { detect: { dataRaces: false } })

const messageOf = (...threads: Thread[]) => found(threads).violation?.message

describe('an access that nothing announced', () => {
  it('is refused, and the search is no proof', () => {
    const result = found([load, store, returning])
    expect(result).toMatchObject({ exhaustive: false, violation: { kind: 'refused' } })
    expect(result.violation?.message).toMatch(
      /^unseen access: thread 2 reads shared memory and no event says so: .* it returns something else$/,
    )
  })

  it('is found by what is stored, by where the thread goes, by what it throws, and by a comparison', () => {
    const storing: Thread = function* (words) {
      const seen = words[0]
      runtime.op(WRITE, 0, words, 2) || (yield)
      words[2] = seen
    }
    const branching: Thread = function* (words) {
      if (words[0] === 3) yield* load(words)
    }
    const throwing: Thread = function* (words) {
      if (words[0] !== 3) throw new Error('not three')
      yield* load(words)
    }
    const comparing: Thread = function* (words) {
      runtime.op(ASTORE, 0, words, 0) || (yield)
      runtime.did(Atomics.store(words, 0, 9))
      runtime.op(ASTORE, 0, words, 1) || (yield)
      runtime.did(Atomics.store(words, 1, 9))
      return words[0] === 3
    }
    expect(messageOf(storing, load)).toMatch(/^unseen access: thread 0 reads .* stores another value$/)
    expect(messageOf(branching, load)).toMatch(
      /^unseen access: thread 0 reads .* does not end where it did$|goes elsewhere$/,
    )
    expect(messageOf(throwing, load)).toMatch(/^unseen access: thread 0 reads .* throws$/)
    expect(messageOf(comparing, load)).toMatch(/^unseen access: thread 0 reads .* returns something else$/)
  })

  it('is found right behind an announced one of the same bytes', () => {
    const twice: Thread = function* (words) {
      runtime.op(READ, 0, words, 0) || (yield)
      return [runtime.did(words[0]), words[0]]
    }
    expect(messageOf(twice, store)).toMatch(/^unseen access: thread 0 reads/)
  })

  it('is found where a loop would not end with other bytes', () => {
    const waiting: Thread = function* (words) {
      yield* load(words)
      while (words[0] !== 3) if (--runtime.spare < 0) runtime.endless(0)
    }
    expect(messageOf(waiting, store)).toMatch(/^unseen access: thread 0 reads .* is refused$/)
  })

  it('that writes is told with its bytes', () => {
    const writing: Thread = function* (words) {
      yield* load(words)
      words[3] = 5
      yield* store(words)
    }
    const message = found([writing, load], 8, { placeName: (index) => `word ${index}` }).violation?.message
    expect(message).toMatch(
      /^unseen access: thread 0 writes shared memory and no event says so.*: [1-4] bytes from word 3 on$/,
    )
  })

  it('that writes behind an announced read is one too', () => {
    const writing: Thread = function* (words) {
      runtime.op(READ, 0, words, 0) || (yield)
      words[0] = 17
      runtime.did(undefined)
    }
    expect(messageOf(writing, store)).toMatch(/^unseen access: thread 0 writes/)
  })

  it('is found in a large buffer, of which only what was stored to is put back', () => {
    const writing: Thread = function* (words) {
      yield* load(words)
      words[5000] = 5
    }
    const reading: Thread = function* (words) {
      yield* load(words)
      return words[5000]
    }
    expect(found([writing, store], 10_000).violation?.message).toMatch(/word|shared\[5000\]|changed by code/)
    expect(found([reading, store], 10_000).violation?.message).toMatch(/^unseen access: thread 0 reads/)
  })

  it('is found where another thread has just stored what the poison is', () => {
    const poisoning: Thread = function* (words) {
      runtime.op(ASTORE, 0, words, 0) || (yield)
      runtime.did(Atomics.store(words, 0, 0x1d3b))
    }
    expect(messageOf(poisoning, returning, load)).toMatch(/^unseen access: thread 1 reads/)
  })

  it('is found on a path that a later execution takes', () => {
    const late: Thread = function* (words) {
      runtime.op(READ, 0, words, 1) || (yield)
      const seen = runtime.did(words[1])
      return seen === 1 ? words[0] : 0
    }
    const result = found([late, store])
    expect(result.executions).toBeGreaterThan(1)
    expect(result.violation?.message).toMatch(/^unseen access: thread 0 reads/)
  })

  it('through what was compiled in setup, of a buffer that no event touches', async () => {
    const { scenario, other } = await instrumented(
      `
      export const scenario = {
        setup: () => { const w = new Int32Array(new SharedArrayBuffer(4)); return { read: new Function('w', 'return () => w[0]')(w) } },
        threads: [({ read }) => read()],
      }
      export const other = {
        setup: () => { const w = new Int32Array(new SharedArrayBuffer(4)); return { p: new Proxy(w, {}), w } },
        threads: [({ p }) => p[0], ({ w }) => { w[0] = 1 }],
      }`,
      {},
      'source.mjs',
    )
    expect(check(scenario).violation).toMatchObject({ kind: 'refused' })
    // A proxy around a view hides its elements.
    expect(check(other).violation).toMatchObject({ kind: 'refused' })
  })
})

describe('an execution whose accesses are all announced', () => {
  it('is left as it was: results, memory, counts and outcomes', () => {
    const result = found([load, store, load])
    expect(result).toMatchObject({ exhaustive: true, violation: null })
    expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual([
      '1 | undefined | 1',
      '1 | undefined | 4',
      '4 | undefined | 1',
      '4 | undefined | 4',
    ])
    expect(result.executions).toBe(result.complete)
  })

  it('may announce several ranges before it touches any of them', () => {
    const copying: Thread = function* (words) {
      runtime.op(RANGE_READ, 0, words, 0, 2) || (yield)
      runtime.op(RANGE_READ, 0, words, 2, 4) || (yield)
      return runtime.did(words.slice(0, 4)).join()
    }
    expect(found([copying, store])).toMatchObject({ exhaustive: true, violation: null })
  })

  it('but that goes another way by itself when it runs again is nondeterminism, and no unseen access', () => {
    let calls = 0
    const counting: Thread = function* (words) {
      runtime.op(WRITE, 0, words, 2) || (yield)
      words[2] = ++calls
      runtime.did(undefined)
    }
    expect(found([counting, load]).violation).toMatchObject({ kind: 'nondeterminism' })
  })
})

describe('two buffers over the same bytes', () => {
  it('are the same memory: a clone made in setup', async () => {
    const { lost } = await instrumented(
      `
      const take = (v) => { const t = Atomics.load(v, 0); Atomics.store(v, 0, t + 1); return t }
      export const lost = {
        setup: () => { const a = new Int32Array(new SharedArrayBuffer(8)); return { a, b: structuredClone(a) } },
        threads: [({ a }) => take(a), ({ b }) => take(b)],
        after: (_, [a, b]) => { if (a === b) throw new Error('lost update') },
      }`,
      {},
      'source.mjs',
    )
    expect(check(lost).violation).toMatchObject({ kind: 'assertion', message: 'lost update' })
  })

  it('of different lengths are refused by name', () => {
    const { WebAssembly } = globalThis as unknown as {
      WebAssembly: { Memory: new (options: object) => { buffer: SharedArrayBuffer; grow(pages: number): void } }
    }
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })
    const before = new Int32Array(memory.buffer)
    memory.grow(1)
    const after = new Int32Array(memory.buffer)
    const touch = (view: Int32Array): Thread =>
      function* () {
        runtime.op(READ, 0, view, 0) || (yield)
        return runtime.did(view[0])
      }
    expect(found([touch(before), touch(after)]).violation?.message).toContain(
      'two buffers of 65536 and 131072 bytes over the same memory',
    )
  })
})
