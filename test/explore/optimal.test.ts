/** What an exact search holds while it runs, and where elements of several sizes meet. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check } from '../../src/explore/explore.ts'
import { litmus } from '../../src/explore/litmus.ts'
import { everyInterleaving, fingerprint } from '../../src/explore/naive.ts'
import { createOptimal } from '../../src/explore/optimal.ts'
import { ALOAD, ASTORE, AWAIT, CAS, RMW, runtime, type Twin } from '../../src/explore/runtime.ts'
import { createExecution } from '../../src/explore/state.ts'
import { answering } from './counting.ts'

interface Saved {
  frames: { threads: number[]; reversals: { threads: number[] }[]; begun: number }[]
}

/** After each execution: how many steps lie ahead. */
function ahead(text: string) {
  const x = createExecution(litmus(text).threads, [])
  const after: number[] = []
  let longest = 0
  const peak = answering(x, () => {
    const search = createOptimal(x)
    while (search.next() !== undefined) {
      longest = Math.max(longest, x.trace.n)
      let steps = 0
      for (const { threads, reversals, begun } of (search.save!() as Saved).frames) {
        steps += threads.length
        for (const reversal of reversals.slice(begun)) steps += reversal.threads.length
      }
      after.push(steps)
    }
    return search.peakAhead
  })
  return { after, longest, peak }
}

const many = (n: number, thread: string) => Array.from({ length: n }, () => thread).join(' | ')

describe('what lies ahead of an exact search', () => {
  for (const [name, of, small, large] of [
    ['a writer, then readers', (n: number) => `W x 1 | ${many(n, 'R x')}`, 6, 12],
    ['readers, then a writer', (n: number) => `${many(n, 'R x')} | W x 1`, 6, 12],
    ['counters', (n: number) => many(n, 'A x 1'), 4, 7],
    ['lockers', (n: number) => many(n, 'L m; A x 1; U m'), 4, 7],
    ['writers of several words', (n: number) => many(n, 'W x 1; W y 1'), 3, 4],
  ] as const) {
    it(`of ${name} is told by the length of an execution, not by how many there are`, () => {
      const few = ahead(of(small))
      const lots = ahead(of(large))
      expect(lots.after.length).toBeGreaterThan(few.after.length * 15)
      for (const { after, longest, peak } of [few, lots]) {
        expect(peak).toBe(Math.max(...after))
        expect(peak).toBeLessThan(longest ** 3)
      }
    })
  }

  it('can be saved after any execution, and the rest is what would have followed', () => {
    const text = 'W x 1 | R x; W x 0 | R x; W x 1'
    const run = (rounds: number, saved?: string) => {
      const x = createExecution(litmus(text).threads, [])
      return answering(x, () => {
        const search = createOptimal(x)
        if (saved !== undefined) search.restore!(JSON.parse(saved))
        const traces: string[] = []
        while (traces.length < rounds && search.next() !== undefined) traces.push(fingerprint(x.trace))
        return { traces, saved: JSON.stringify(search.save!()), progress: search.progress() }
      })
    }
    const { traces, progress } = run(Number.POSITIVE_INFINITY)
    expect(new Set(traces).size).toBe(traces.length)
    expect(progress).toBe(1)
    for (const rounds of [1, 7, traces.length - 1]) {
      const first = run(rounds)
      expect(first.progress).toBeGreaterThan(0)
      expect(first.progress).toBeLessThan(1)
      expect(run(Number.POSITIVE_INFINITY, first.saved).traces).toEqual(traces.slice(rounds))
    }
  })
})

type Access = { op: 'load' | 'store' | 'add' | 'cas'; view: 0 | 1 | 2; index: number; value: number }

/** Threads that reach the same eight bytes by elements of one, two and four. */
function mixed(program: readonly Access[][]) {
  const buffer = new SharedArrayBuffer(8)
  const views = [new Int8Array(buffer), new Int16Array(buffer), new Int32Array(buffer)]
  function* perform({ op, view, index, value }: Access): Twin<void> {
    const elements = views[view]!
    const at = index % (elements.length / 2)
    if (op === 'load') {
      runtime.op(ALOAD, 0, elements, at) || (yield)
      Atomics.load(elements, at)
    } else if (op === 'store') {
      runtime.op(ASTORE, 0, elements, at) || (yield)
      Atomics.store(elements, at, value)
    } else if (op === 'add') {
      runtime.op(RMW, 0, elements, at) || (yield)
      Atomics.add(elements, at, value)
    } else {
      runtime.op(CAS, 0, elements, at, 0, value) || (yield)
      Atomics.compareExchange(elements, at, 0, value)
    }
  }
  return program.map(
    (accesses) =>
      function* (): Twin<void> {
        for (const access of accesses) yield* perform(access)
      },
  )
}

describe('elements of several sizes over the same bytes', () => {
  const access = fc.record<Access>({
    op: fc.constantFrom('load', 'store', 'add', 'cas', 'cas'),
    view: fc.constantFrom(0, 1, 2),
    index: fc.nat(3),
    value: fc.integer({ min: 0, max: 2 }),
  })
  const threads = (most: number, steps: number) =>
    fc.array(fc.array(access, { minLength: 1, maxLength: steps }), { minLength: 2, maxLength: most })

  it('are explored to the last trace, and none is counted twice', () => {
    let repeated = 0
    fc.assert(
      fc.property(fc.oneof(threads(3, 3), threads(4, 2)), (program) => {
        const x = createExecution(mixed(program), [])
        const expected = new Set<string>()
        let runs = 0
        answering(x, () =>
          everyInterleaving(x, () => {
            expected.add(fingerprint(x.trace))
            return ++runs < 2_000
          }),
        )
        fc.pre(runs < 2_000)
        const y = createExecution(mixed(program), [])
        const traces = new Set<string>()
        let complete = 0
        answering(y, () => {
          const search = createOptimal(y)
          for (let ending = search.next(); ending !== undefined; ending = search.next()) {
            traces.add(fingerprint(y.trace))
            if (ending === 'redundant') repeated++
            else complete++
          }
        })
        expect(traces).toEqual(expected)
        expect(complete).toBe(expected.size)
      }),
      { numRuns: 300, maxSkipsPerRun: 100 },
    )
    expect(repeated).toBeLessThan(300)
  })

  it('are refused where a thread waits for a value of which others store parts', () => {
    const scenario = (first: 'store' | 'wait') => {
      const wait = function* (words: Int32Array): Twin<void> {
        runtime.op(AWAIT, 0, words, 0, (value: unknown) => value === 0) || (yield)
      }
      const store = function* (words: Int32Array): Twin<void> {
        const bytes = new Int8Array(words.buffer)
        runtime.op(ASTORE, 0, bytes, 1) || (yield)
        Atomics.store(bytes, 1, 2)
      }
      return {
        setup: () => new Int32Array(new SharedArrayBuffer(8)),
        threads: first === 'store' ? [store, wait] : [wait, store],
      }
    }
    for (const [first, wait, store] of [
      ['store', 1, 0],
      ['wait', 0, 1],
    ] as const) {
      // Where both have come to pass they are a data race as well.
      expect(check(scenario(first)).violation?.kind).toBe(first === 'wait' ? 'data-race' : 'refused')
      expect(check(scenario(first), { detect: { dataRaces: false } }).violation).toMatchObject({
        kind: 'refused',
        message: `thread ${wait} waits for a value of 4 bytes, which thread ${store} stores by 1: a wait can be explored on elements of one size only`,
      })
    }
  })
})
