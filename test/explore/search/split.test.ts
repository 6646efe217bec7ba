/**
 * A search that gives parts of itself away, each explored by a search that knows nothing of the others: together they
 * are the whole.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createExecution } from '../../../src/explore/engine/state.ts'
import { litmus } from '../../../src/explore/litmus.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'
import { runFirst } from '../../../src/explore/search/first.ts'
import { createOptimal } from '../../../src/explore/search/optimal.ts'
import { nextExecution } from '../../../src/explore/search/search.ts'
import { LONG } from '../../share.ts'
import { answering } from '../support/counting.ts'
import { fingerprint } from '../support/naive.ts'
import { type ElementsName, programs, type Statement, threadsOf, withPrimitives } from '../support/random-programs.ts'

/** After how many executions a search gives away what it can. */
const AFTER = [1, 2, 7, 50]
const numRuns = LONG ? 5000 : 60

interface Whole {
  complete: number
  blocked: number
  redundant: number
  /** How often each outcome came. */
  outcomes: Record<string, number>
  /** Different traces. */
  traces: number
  /** The first execution that ends so, in the order of the search. */
  first: Record<string, string>
}

/** Makes the program anew: its threads, and its final state as text. */
type Make = () => { threads: readonly (() => Twin)[]; final: () => string }

/** A part that was given away: where it comes in the order of one search, and what it is. */
interface Part {
  readonly order: readonly number[]
  readonly saved: unknown
}

/** Whether a part comes before another one: before its own parts, and what was given later before what was earlier. */
function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const k = a.findIndex((part, at) => part !== b[at])
  return k < 0 || (k < b.length && a[k] > b[k])
}

/** Explores a program in parts: each search gives away what it can after every so many executions. */
function inParts(make: Make, after: number): Whole & { parts: number } {
  const whole: Whole = { complete: 0, blocked: 0, redundant: 0, outcomes: {}, traces: 0, first: {} }
  const traces = new Set<string>()
  const firstOf = new Map<string, readonly number[]>()
  const parts: Part[] = [{ order: [], saved: undefined }]
  let count = 0
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    count++
    const { order, saved } = part
    const { threads, final } = make()
    const x = createExecution(threads, [], { timeouts: true })
    answering(x, () => {
      const search = createOptimal(x)
      if (saved !== undefined) {
        runFirst(x)
        expect(search.saved!(saved, 'part')).toBe(undefined)
        search.restore!(saved)
      }
      let executions = 0
      let given = 0
      for (let ending = nextExecution(x, search); ending !== undefined; ending = nextExecution(x, search)) {
        if (ending === 'stopped') throw new Error(`stopped: ${x.position.stopped} ${JSON.stringify(x.findings)}`)
        whole[ending]++
        traces.add(fingerprint(x.trace))
        const outcome = `${JSON.stringify(x.position.results.slice(0, threads.length))} ${final()} ${ending}`
        whole.outcomes[outcome] = (whole.outcomes[outcome] ?? 0) + 1
        const before = firstOf.get(outcome)
        if (before === undefined || (before !== order && isBefore(order, before))) {
          firstOf.set(outcome, order)
          const labels = Array.from(x.trace.thread.subarray(0, x.trace.n), (t) => x.program.labels[t])
          whole.first[outcome] = labels.join(' ')
        }
        if (++executions % after !== 0) continue
        for (let gift = search.give!(); gift !== undefined; gift = search.give!()) {
          // Through a text, as between processes.
          parts.push({ order: [...order, given++], saved: JSON.parse(JSON.stringify(gift.walk)) })
        }
      }
    })
  }
  return { ...whole, traces: traces.size, parts: count }
}

const whole = (make: Make) => inParts(make, Number.POSITIVE_INFINITY)

/** Expects that the parts are the whole, however it is split. Returns the most parts there were. */
function expectSplits(make: Make): number {
  const { parts: _, ...expected } = whole(make)
  expect(expected.redundant).toBe(0)
  return Math.max(
    ...AFTER.map((after) => {
      const { parts, ...found } = inParts(make, after)
      expect(found).toEqual(expected)
      return parts
    }),
  )
}

const many = (n: number, thread: (i: number) => string) => Array.from({ length: n }, (_, i) => thread(i)).join(' | ')

const CLASSICS: readonly string[] = [
  `W x 42 | ${many(6, () => 'R x')}`,
  many(4, () => 'A x 1'),
  many(5, (i) => `C x 0 ${i + 1}`),
  many(6, (i) => `C x ${i} ${i + 1}`),
  many(4, () => 'L m; A x 1; U m'),
  many(3, (i) => `L a${i}; U a${i} | L m; L a${i}; U a${i}; U m`),
  'W x 1 | W x 2 | R x; R x | R x; R x',
  'W x 1 | R x; W x 0 | R x; W x 1 | R x; W x 2',
  'W w 1 | W x 1 | W y 1 | W x 2 | W y 2 | W z 1 | W z 2 | W w 2',
  many(3, () => 'L m; A x 1'),
  'W x 1; AWAIT y==0; W x 0 | W y 1; AWAIT x==0; W y 0',
  'AWAIT x==0; W x 1 | AWAIT x==0; W x 1',
  'L a; L b; U b; U a | L b; L a; U a; U b',
]

describe('the parts of an exact search', () => {
  it.each(CLASSICS)('add up to the whole, in the order of one search: %s', (text) => {
    expectSplits(() => litmus(text))
  })

  it(`add up to the whole for random programs of all kinds (${numRuns} of each sort)`, () => {
    let parts = 0
    // Only words of four bytes can be waited for.
    const sorts: [fc.Arbitrary<Statement[][]>, ElementsName[]][] = [
      [programs, ['Int32Array', 'Uint16Array', 'Int8Array']],
      [withPrimitives, ['Int32Array']],
    ]
    for (const [sort, elements] of sorts) {
      fc.assert(
        fc.property(sort, fc.constantFrom(...elements), (program, type) => {
          const make = () => {
            const { words, threads } = threadsOf(program, type)
            return { threads, final: () => words.join() }
          }
          fc.pre(whole(make).complete < 3000)
          parts = Math.max(parts, expectSplits(make))
        }),
        { numRuns },
      )
    }
    expect(parts).toBeGreaterThan(5)
  }, 3_600_000)
})
