/** Random programs for an exact search: what they are made of, and their threads. */
import fc from 'fast-check'
import { BARRIER, CALLBACK, GRACE, NOTIFY, READ_ENTER, READ_EXIT, WAIT } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'
import { type Words, wordsOf } from './counting.ts'

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

/** A statement of a thread. */
export type Statement =
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
/** Programs of loads, stores, add, CAS, locks, trylocks, awaits and branches. */
export const programs = fc.oneof(
  fc.array(fc.array(statement, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 3 }),
  fc.array(fc.array(statement, { minLength: 1, maxLength: 2 }), { minLength: 4, maxLength: 4 }),
  fc.array(fc.array(statement, { minLength: 1, maxLength: 1 }), { minLength: 5, maxLength: 5 }),
)

/** Smaller ones, with the engine's own primitives as well. */
export const withPrimitives = fc.oneof(
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

/** What the words of such a program are. */
export type ElementsName = keyof typeof types

/** The threads of such a program, and the words that they share. */
export function threadsOf(
  program: readonly Statement[][],
  elements: ElementsName,
): { words: Int32Array; threads: (() => Twin)[] } {
  const Elements = types[elements] as Int32ArrayConstructor
  const words = new Elements(new SharedArrayBuffer(64))
  const p = wordsOf(words)
  // Locks lie between words, so that a spin over several spans some.
  for (const name of ['x', 'mx', 'y', 'my', 'z', 'mz']) p.at(name)
  return { words, threads: program.map((statements) => () => perform(p, statements)) }
}
