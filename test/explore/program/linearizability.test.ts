import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { createHistory } from '../../../src/explore/program/history.ts'
import { linearize, type Operation } from '../../../src/explore/program/linearizability.ts'
import { formatResult } from '../../../src/explore/report/text.ts'
import { ALOAD, ASTORE, RMW } from '../../../src/explore/runtime/kinds.ts'
import { runtime as $e } from '../../../src/explore/runtime/runtime.ts'
import { TWIN, type Twin } from '../../../src/explore/runtime/twin.ts'

type Input = { key: string; put?: number }
const register = {
  init: () => 0,
  apply: (state: number, { put }: Input) => ({ state: put ?? state, output: put === undefined ? state : null }),
  key: ({ key }: Input) => key,
}
const op = (thread: number, begin: number, end: number, input: Input, output: number | null) =>
  ({ thread, begin, end, input, output }) satisfies Operation<Input, number | null>

describe('a history', () => {
  it('is linearizable when some order of its overlapping operations explains all answers', () => {
    const history = [
      op(0, 0, 3, { key: 'x', put: 1 }, null),
      op(1, 1, 2, { key: 'x' }, 1),
      op(1, 4, 5, { key: 'x' }, 1),
    ]
    expect(linearize(history, register).verdict).toBe('linearizable')
  })

  it('is not when an answer is older than an operation that had ended before', () => {
    const history = [op(0, 0, 1, { key: 'x', put: 1 }, null), op(1, 2, 3, { key: 'x' }, 0)]
    expect(linearize(history, register)).toMatchObject({ verdict: 'not linearizable', key: 'x' })
  })

  it('is checked key by key', () => {
    const history = [op(0, 0, 1, { key: 'x', put: 1 }, null), op(1, 2, 3, { key: 'y' }, 0)]
    expect(linearize(history, register).verdict).toBe('linearizable')
  })

  it('may hold an operation that never ended, which took effect or did not', () => {
    const open = op(0, 0, Number.POSITIVE_INFINITY, { key: 'x', put: 1 }, null)
    for (const seen of [0, 1])
      expect(linearize([open, op(1, 2, 3, { key: 'x' }, seen)], register).verdict).toBe('linearizable')
    expect(linearize([open, op(1, 2, 3, { key: 'x' }, 2)], register).verdict).toBe('not linearizable')
  })

  it('is unknown, and said to be, when the budget ends first', () => {
    const history = Array.from({ length: 12 }, (_, k) => op(k, 0, 100, { key: 'x', put: k }, null))
    history.push(op(99, 101, 102, { key: 'x' }, 77))
    expect(linearize(history, register, 1000).verdict).toBe('unknown')
    expect(linearize(history, register).verdict).not.toBe('linearizable')
  })
})

describe('an explored counter', () => {
  const counter = {
    init: () => 0,
    apply: (state: number, _: string) => ({ state: state + 1, output: state }),
  }
  const twin = (make: (words: Int32Array) => Twin<number>) => (words: Int32Array) => {
    const plain = () => 0
    Object.defineProperty(plain, TWIN, { value: () => make(words) })
    return plain
  }
  const explored = (increment: (words: Int32Array) => () => number) => {
    const history = createHistory<string, number>()
    const run = (history.run as never as Record<symbol, (t: number, input: string, f: () => number) => Twin>)[TWIN]
    return check({
      setup: () => new Int32Array(new SharedArrayBuffer(4)),
      threads: [0, 1, 2].map(
        (t) =>
          function* (words: Int32Array): Twin<void> {
            yield* run(t, 'next', increment(words))
          },
      ),
      after: () => history.check(counter),
    })
  }

  it('by an atomic add is linearizable in every execution', () => {
    const result = explored(
      twin(function* (words) {
        $e.op(RMW, 0, words, 0) || (yield)
        return Atomics.add(words, 0, 1)
      }),
    )
    expect(result).toMatchObject({ violation: null, exhaustive: true, redundant: 0 })
  })

  it('by a load and a store is not, and the history shows why', () => {
    const result = explored(
      twin(function* (words) {
        $e.op(ALOAD, 0, words, 0) || (yield)
        const value = Atomics.load(words, 0)
        $e.op(ASTORE, 0, words, 0) || (yield)
        Atomics.store(words, 0, value + 1)
        return value
      }),
    )
    expect(result.violation?.kind).toBe('linearizability')
    expect(result.violation?.message).toContain('thread 1')
  })

  it('whose histories are too long for the budget is neither linearizable nor not: they are counted as unknown', () => {
    const history = createHistory<string, number>()
    const run = (history.run as never as Record<symbol, (t: number, input: string, f: () => number) => Twin>)[TWIN]
    const increment = twin(function* (words) {
      $e.op(RMW, 0, words, 0) || (yield)
      return Atomics.add(words, 0, 1)
    })
    const result = check({
      setup: () => new Int32Array(new SharedArrayBuffer(4)),
      threads: [0, 1].map(
        (t) =>
          function* (words: Int32Array): Twin<void> {
            yield* run(t, 'next', increment(words))
          },
      ),
      after: () => history.check(counter, 1),
    })
    expect(result).toMatchObject({ violation: null, exhaustive: true, failing: 0 })
    expect(result.unknown).toBe(result.complete)
    expect(formatResult(result, { colours: false })).toContain(
      `${result.unknown} histories unknown: the budget for linearizing them ended`,
    )
  })
})
