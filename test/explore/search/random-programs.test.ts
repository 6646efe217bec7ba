import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createExecution } from '../../../src/explore/engine/state.ts'
import { createOptimal } from '../../../src/explore/search/optimal.ts'
import { nextExecution } from '../../../src/explore/search/search.ts'
import { LONG } from '../../share.ts'
import { answering } from '../support/counting.ts'
import { everyInterleaving, fingerprint } from '../support/naive.ts'
import { type ElementsName, programs, type Statement, threadsOf, withPrimitives } from '../support/random-programs.ts'

const numRuns = LONG ? 2500 : 60
/** A safeguard only: the long mode takes minutes on an idle machine, and much longer on a busy one. */
const TIMEOUT = LONG ? 3_600_000 : 600_000

let elements: ElementsName = 'Int32Array'

/** Distinct traces by brute force, or undefined when there are too many interleavings. */
function bruteForce(program: readonly Statement[][], limit: number) {
  const { words, threads } = threadsOf(program, elements)
  const x = createExecution(threads, [], { timeouts: true })
  const traces = new Map<string, string>()
  const finals = new Set<string>()
  let runs = 0
  answering(x, () =>
    everyInterleaving(x, (ending) => {
      traces.set(fingerprint(x.trace), ending)
      finals.add(`${words.join()} ${ending}`)
      return ++runs < limit
    }),
  )
  if (runs === limit) return undefined
  const blocked = [...traces.values()].filter((ending) => ending === 'blocked').length
  return { complete: traces.size - blocked, blocked, redundant: 0, finals: [...finals].sort(), traces: traces.size }
}

function exact(program: readonly Statement[][]) {
  const { words, threads } = threadsOf(program, elements)
  const x = createExecution(threads, [], { timeouts: true })
  const counts = { complete: 0, blocked: 0, redundant: 0 }
  const finals = new Set<string>()
  const traces = new Set<string>()
  answering(x, () => {
    const search = createOptimal(x)
    for (let ending = nextExecution(x, search); ending !== undefined; ending = nextExecution(x, search)) {
      if (ending === 'stopped') throw new Error(`stopped: ${x.position.stopped}`)
      counts[ending]++
      traces.add(fingerprint(x.trace))
      finals.add(`${words.join()} ${ending}`)
    }
  })
  return { ...counts, finals: [...finals].sort(), traces: traces.size }
}

const r = (word: string): Statement => ({ op: 'r', word })
const w = (value: number, word = 'x'): Statement => ({ op: 'w', word, value })
const add = (word: string): Statement => ({ op: 'add', word, value: 0 })
const cas: Statement = { op: 'cas', word: 'x', value: 1 }
const until: Statement = { op: 'until', word: 'x', value: 0 }
const wait: Statement = { op: 'wait', word: 'x' }
const notify: Statement = { op: 'notify', word: 'x' }

describe('random programs with loads, stores, CAS, locks, trylocks, awaits and branches', () => {
  it(
    `have as many traces as a naive search finds, none of them run twice (${numRuns} programs)`,
    () => {
      let compared = 0
      fc.assert(
        fc.property(
          programs,
          fc.constantFrom<ElementsName>('Int32Array', 'Uint16Array', 'Int8Array'),
          (program, type) => {
            elements = type
            const expected = bruteForce(program, LONG ? 20_000 : 2_000)
            fc.pre(expected !== undefined)
            compared++
            expect(exact(program)).toEqual(expected)
          },
        ),
        { numRuns, maxSkipsPerRun: 100 },
      )
      expect(compared).toBeGreaterThanOrEqual(numRuns)
    },
    TIMEOUT,
  )

  it(
    `agree too when they use read sections, grace periods, callbacks, wait queues, timeouts and pauses`,
    () => {
      fc.assert(
        fc.property(withPrimitives, (program) => {
          elements = 'Int32Array'
          const expected = bruteForce(program, LONG ? 20_000 : 2_000)
          fc.pre(expected !== undefined)
          expect(exact(program)).toEqual(expected)
        }),
        { numRuns: numRuns / 2, maxSkipsPerRun: 100 },
      )
    },
    TIMEOUT,
  )

  // Each was found by leaving one rule out, or by the search before it had that rule. R2 and R3: rules.test.ts.
  it.each<[rule: string, program: Statement[][]]>([
    ['R1: what was moved since comes along', [[wait], [r('y')], [add('y')], [wait]]],
    ['R4: the lowest thread first', [[wait], [{ op: 'cas', word: 'x', value: 0 }], [r('x')], [wait]]],
    ['R8: as far as each raced when it was moved', [[wait], [w(0)], [notify], [w(1)]]],
    [
      'R8: and still does when all are',
      [[{ ...wait, word: 'y' }, until], [{ ...notify, word: 'y' }], [w(1, 'y')], [cas]],
    ],
    [
      'R4: in the order in which they were moved',
      [[w(2)], [{ ...cas, word: 'y' }, r('x')], [wait], [r('x'), w(1, 'y'), notify]],
    ],
    ['R6: a moved wait lets a notify pass', [[{ op: 'try', word: 'x' }, wait], [wait], [notify], [wait]]],
    ['R6: and others in front of its rival stay there', [[w(2)], [wait], [r('x')], [r('x'), notify]]],
    ['R6: unless that is settled', [[w(0), w(1)], [wait, add('y')], [notify, r('y')], [until]]],
    ['R6: what joins them does so before', [[w(2)], [wait, r('x')], [r('x')], [notify]]],
    ['R6: or before it, if it needs that', [[w(1)], [wait, r('x')], [wait], [r('x'), notify]]],
    [
      'R6: and could come before the one that was passed',
      [[w(1)], [{ op: 'until', word: 'y', value: 1 }, r('x')], [wait], [notify, r('x'), w(1, 'y')]],
    ],
    ['R6: but for the latest', [[w(1)], [wait, r('x')], [notify], [r('x')]]],
    ['R6: and those that are settled', [[w(2, 'y'), w(1)], [r('x')], [wait, w(1, 'y')], [notify]]],
    ['R6: but not what races with its rival', [[w(1, 'y'), w(0)], [r('y')], [{ op: 'cas', word: 'y', value: 0 }]]],
    [
      'R6: and what passed is moved no further',
      [[{ op: 'timed', word: 'y' }], [{ ...notify, word: 'y' }], [{ ...wait, word: 'y' }], [wait]],
    ],
    ['R7: no move in vain', [[w(0)], [notify], [wait], [w(1)]]],
    ['R5: what need not come along stays', [[{ op: 'try', word: 'x' }], [r('x')], [notify], [wait]]],
    ['the rival is next', [[wait], [w(1), wait], [wait], [notify]]],
    ['R6: and then its own', [[wait, r('x')], [{ op: 'try', word: 'x' }], [notify], [wait]]],
    [
      'a pause over several words ends with any store',
      [[w(1), w(0)], [r('x'), { op: 'spin', word: 'y' }], [w(1, 'y')]],
    ],
    [
      'what came before it only by way of what goes stays',
      [[{ op: 'try', word: 'x' }], [{ op: 'locked', word: 'x' }], [r('x')]],
    ],
  ])('are told apart by the rule: %s', (_, program) => {
    elements = 'Int32Array'
    expect(exact(program)).toEqual(bruteForce(program, 50_000))
  })

  it('count a trace once though a helper thread became known in between', () => {
    const program: Statement[][] = [
      [
        { op: 'cas', word: 'z', value: 1 },
        { op: 'section', word: 'x' },
      ],
      [
        { op: 'until', word: 'z', value: 0 },
        { op: 'defer', word: 'x' },
      ],
      [{ op: 'add', word: 'x', value: 0 }],
    ]
    elements = 'Int32Array'
    expect(bruteForce(program, 20_000)).toMatchObject({ complete: 12, blocked: 2 })
    expect(exact(program)).toEqual(bruteForce(program, 20_000))
  })

  it('reverse every store that ends a pause over two words, not the last one only', () => {
    const program: Statement[][] = [
      [{ op: 'cas', word: 'y', value: 1 }],
      [{ op: 'defer', word: 'x' }],
      [{ op: 'r', word: 'x' }],
      [
        { op: 'r', word: 'y' },
        { op: 'spin', word: 'x' },
      ],
    ]
    elements = 'Int32Array'
    expect(exact(program)).toEqual(bruteForce(program, 20_000))
  })

  it('let a waiter go on between two notifies, the first of which reached it because the one before it had left', () => {
    const program: Statement[][] = [
      [{ op: 'timed', word: 'x' }],
      [{ op: 'wait', word: 'x' }],
      [
        { op: 'notify', word: 'x' },
        { op: 'notify', word: 'x' },
      ],
    ]
    elements = 'Int32Array'
    expect(exact(program)).toEqual(bruteForce(program, 20_000))
  })

  it(
    'have a count that does not depend on the order in which their threads stand',
    () => {
      fc.assert(
        fc.property(programs, fc.infiniteStream(fc.nat()), (program, order) => {
          const expected = exact(program)
          const shuffled = program.map((thread) => ({ thread, key: order.next().value as number }))
          shuffled.sort((a, b) => a.key - b.key)
          const { complete, blocked, redundant } = exact(shuffled.map(({ thread }) => thread))
          expect({ complete, blocked, redundant }).toEqual({
            complete: expected.complete,
            blocked: expected.blocked,
            redundant: 0,
          })
        }),
        { numRuns: 200 },
      )
    },
    TIMEOUT,
  )
})
