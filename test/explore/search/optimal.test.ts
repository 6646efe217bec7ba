/** What an exact search holds while it runs, and where elements of several sizes meet. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createExecution } from '../../../src/explore/engine/state.ts'
import { check } from '../../../src/explore/explore.ts'
import { litmus } from '../../../src/explore/litmus.ts'
import { ALOAD, ASTORE, AWAIT, CAS, NOTIFY, RMW, WAIT } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'
import { createOptimal } from '../../../src/explore/search/optimal.ts'
import { nextExecution } from '../../../src/explore/search/search.ts'
import { answering } from '../support/counting.ts'
import { everyInterleaving, fingerprint } from '../support/naive.ts'

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
    while (nextExecution(x, search) !== undefined) {
      longest = Math.max(longest, x.trace.n)
      let steps = 0
      for (const { threads, reversals, begun } of (search.save!() as Saved).frames) {
        steps += threads.length
        for (const reversal of reversals.slice(begun)) steps += reversal.threads.length
      }
      after.push(steps)
    }
    return search.peakAhead()
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
        while (traces.length < rounds && nextExecution(x, search) !== undefined) traces.push(fingerprint(x.trace))
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
    const elements = views[view]
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
    op: fc.constantFrom('load', 'load', 'store', 'store', 'add', 'cas'),
    view: fc.constantFrom(0, 1, 2),
    index: fc.nat(3),
    value: fc.integer({ min: 0, max: 2 }),
  })
  const threads = (most: number, steps: number) =>
    fc.array(fc.array(access, { minLength: 1, maxLength: steps }), { minLength: 2, maxLength: most })

  it('are explored to the last trace, once each, but for a CAS of which others store parts', () => {
    let explored = 0
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
        const traces: string[] = []
        answering(y, () => {
          const search = createOptimal(y)
          while (nextExecution(y, search) !== undefined && y.findings.length === 0) traces.push(fingerprint(y.trace))
        })
        if (y.findings.length > 0) {
          expect(y.findings[0]).toMatchObject({ kind: 'refused', message: expect.stringContaining('compares') })
          return
        }
        explored++
        expect(traces.sort()).toEqual([...expected].sort())
      }),
      { numRuns: 300, maxSkipsPerRun: 100 },
    )
    expect(explored).toBeGreaterThan(100)
  })

  const looks = {
    await: (words: Int32Array) => runtime.op(AWAIT, 0, words, 0, (value: unknown) => value === 0),
    wait: (words: Int32Array) => runtime.op(WAIT, 0, words, 0, 0),
    'wait long': (words: Int32Array) => runtime.op(WAIT, 0, new BigInt64Array(words.buffer), 0, 0n),
    CAS: (words: Int32Array) => runtime.op(CAS, 0, words, 0, 0, 0),
  }
  const others = {
    stores: (bytes: Int8Array) => runtime.op(ASTORE, 0, bytes, 1, 2),
    compares: (bytes: Int8Array) => runtime.op(CAS, 0, bytes, 1, 0, 2),
    // Nobody waits on elements of one byte.
    notifies: (bytes: Int8Array) => runtime.op(NOTIFY, 0, new Int32Array(bytes.buffer), 0),
  }

  it.each([
    ['await', 'stores'],
    ['await', 'compares'],
    ['wait', 'stores'],
    ['wait', 'compares'],
    ['wait long', 'notifies'],
    ['CAS', 'stores'],
  ] as const)('are refused where one thread looks at a value (%s) of which another %s a part', (one, other) => {
    function* look(words: Int32Array): Twin<void> {
      looks[one](words) || (yield)
    }
    function* part(words: Int32Array): Twin<void> {
      const bytes = new Int8Array(words.buffer)
      others[other](bytes) || (yield)
      if (other !== 'notifies') Atomics.store(bytes, 1, 2)
    }
    for (const threads of [
      [part, look],
      [look, part],
    ]) {
      const scenario = { setup: () => new Int32Array(new SharedArrayBuffer(8)), threads }
      const [looking, storing] = [threads.indexOf(look), threads.indexOf(part)]
      const refused = {
        kind: 'refused',
        message: `thread ${looking} ${one === 'CAS' ? 'compares' : 'waits for'} a value of ${one === 'wait long' ? 8 : 4} bytes, which thread ${storing} ${other} by ${other === 'notifies' ? 4 : 1}: an exact search needs elements of one size there, sampling (strategy random) does not`,
      }
      const detect = { dataRaces: false, deadlocks: false }
      expect(check(scenario, { detect })).toMatchObject({ violation: refused, exhaustive: false })
      // It is told though something else was found before.
      const failing = { ...scenario, after: () => expect.fail() }
      expect(check(failing, { detect, keepGoing: true })).toMatchObject({ violation: refused, exhaustive: false })
      expect(check(scenario, { detect, strategy: 'random', maxExecutions: 20 })).toMatchObject({ violation: null })
    }
  })
})
