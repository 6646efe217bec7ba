import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createExecution } from '../../../src/explore/engine/state.ts'
import { BARRIER, CALLBACK, GRACE, NOTIFY, READ_ENTER, READ_EXIT, WAIT } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'
import { createOptimal } from '../../../src/explore/search/optimal.ts'
import { nextExecution } from '../../../src/explore/search/search.ts'
import { LONG } from '../../share.ts'
import { answering, type Words, wordsOf } from '../support/counting.ts'
import { everyInterleaving, fingerprint } from '../support/naive.ts'

const numRuns = LONG ? 2500 : 60
/** A safeguard only: the long mode takes minutes on an idle machine, and much longer on a busy one. */
const TIMEOUT = LONG ? 3_600_000 : 600_000

type Primitive =
  | 'section'
  | 'grace'
  | 'defer'
  | 'barrier'
  | 'wait'
  | 'timed'
  | 'notify'
  | 'spin'
  | 'spins'
  | 'tries'
  | 'polls'

type Statement =
  | { op: 'w' | 'add'; word: string; value: number }
  | { op: 'r'; word: string }
  | { op: 'cas'; word: string; value: number }
  | { op: 'locked'; word: string }
  | { op: 'try'; word: string }
  | { op: 'until'; word: string; value: number }
  | { op: Primitive; word: string }
  | { op: 'if'; word: string; value: number; body: Statement[] }

const word = fc.constantFrom('x', 'y', 'z')
const value = fc.integer({ min: 0, max: 2 })
const simple: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('w' as const), word, value }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('r' as const), word }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('add' as const), word, value }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('cas' as const), word, value }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('locked' as const), word }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('try' as const), word }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('until' as const), word, value }) },
)
/** The engine's own primitives: read sections, grace periods, callbacks, wait queues, pauses. */
const primitive: fc.Arbitrary<Statement> = fc.record({
  op: fc.constantFrom<Primitive>(
    ...(['section', 'section', 'grace', 'defer', 'barrier', 'wait', 'timed', 'notify'] as const),
    ...(['spin', 'spins', 'tries', 'polls'] as const),
  ),
  word,
})
const statement: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 3, arbitrary: simple },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('if' as const),
      word,
      value,
      body: fc.array(simple, { minLength: 1, maxLength: 1 }),
    }),
  },
)
const programs = fc.oneof(
  fc.array(fc.array(statement, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 3 }),
  fc.array(fc.array(statement, { minLength: 1, maxLength: 2 }), { minLength: 4, maxLength: 4 }),
  fc.array(fc.array(statement, { minLength: 1, maxLength: 1 }), { minLength: 5, maxLength: 5 }),
)

const withPrimitives = fc.oneof(
  fc.array(fc.array(fc.oneof(simple, primitive), { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 }),
  fc.array(fc.array(fc.oneof(simple, primitive), { minLength: 1, maxLength: 2 }), { minLength: 4, maxLength: 4 }),
)

function* perform(p: Words, statements: readonly Statement[]): Twin<void> {
  for (const s of statements) {
    if (s.op === 'w') yield* p.w(s.word, s.value)
    else if (s.op === 'r') yield* p.r(s.word)
    else if (s.op === 'add') yield* p.add(s.word, s.value)
    else if (s.op === 'cas') yield* p.cas(s.word, 0, s.value)
    else if (s.op === 'until') yield* p.until(s.word, (now) => now === s.value)
    else if (s.op === 'if') {
      if ((yield* p.r(s.word)) === s.value) yield* perform(p, s.body)
    } else if (s.op === 'section') {
      runtime.op(READ_ENTER, 0) || (yield)
      yield* p.r(s.word)
      runtime.op(READ_EXIT, 0) || (yield)
    } else if (s.op === 'grace') runtime.op(GRACE, 0) || (yield)
    else if (s.op === 'barrier') runtime.op(BARRIER, 0) || (yield)
    else if (s.op === 'defer') runtime.op(CALLBACK, 0, () => p.w(s.word, 2)) || (yield)
    else if (s.op === 'wait') runtime.op(WAIT, 0, p.words, p.at(s.word), 0) || (yield)
    else if (s.op === 'timed') {
      runtime.op(WAIT, 0, p.words, p.at(s.word), 0, 10) || (yield)
      if (runtime.result === 'timed-out') yield* p.add(s.word, 1)
    } else if (s.op === 'notify') runtime.op(NOTIFY, 0, p.words, p.at(s.word), 1) || (yield)
    else if (s.op === 'spin') {
      const loop = runtime.loop(0)
      for (;;) {
        runtime.turn(loop) || (yield)
        if ((yield* p.r(s.word)) !== 0) break
      }
    } else if (s.op === 'spins') {
      const loop = runtime.loop(0)
      for (;;) {
        runtime.turn(loop) || (yield)
        if ((yield* p.r('x')) !== 0 || (yield* p.r('z')) === 2) break
      }
    } else if (s.op === 'tries') {
      const loop = runtime.loop(0)
      for (;;) {
        runtime.turn(loop) || (yield)
        if (yield* p.tryLock(`m${s.word}`)) break
      }
      yield* p.unlock(`m${s.word}`)
    } else if (s.op === 'polls') {
      // A counted loop: what is left is told, and the last turns are taken one by one.
      const loop = runtime.loop(0)
      for (let turn = 0; ; turn++) {
        runtime.turn(loop, 4 - turn) || (yield)
        if (turn === 4 || (yield* p.r(s.word)) !== 0) break
      }
    } else if (s.op === 'try') {
      if (yield* p.tryLock(`m${s.word}`)) {
        yield* p.add(s.word, 1)
        yield* p.unlock(`m${s.word}`)
      }
    } else {
      yield* p.lock(`m${s.word}`)
      yield* p.r(s.word)
      yield* p.unlock(`m${s.word}`)
    }
  }
}

/** Elements of several sizes: four bytes share one aligned word, two 16-bit ones too. */
const types = { Int32Array, Uint16Array, Int8Array }
let elements: keyof typeof types = 'Int32Array'

function threadsOf(program: readonly Statement[][]): { words: Int32Array; threads: (() => Twin)[] } {
  const Elements = types[elements] as Int32ArrayConstructor
  const words = new Elements(new SharedArrayBuffer(64))
  const p = wordsOf(words)
  // Locks lie between words, so that a spin over several spans some.
  for (const name of ['x', 'mx', 'y', 'my', 'z', 'mz']) p.at(name)
  return { words, threads: program.map((statements) => () => perform(p, statements)) }
}

/** Distinct traces by brute force, or undefined when there are too many interleavings. */
function bruteForce(program: readonly Statement[][], limit: number) {
  const { words, threads } = threadsOf(program)
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
  const { words, threads } = threadsOf(program)
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
          fc.constantFrom<keyof typeof types>('Int32Array', 'Uint16Array', 'Int8Array'),
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
