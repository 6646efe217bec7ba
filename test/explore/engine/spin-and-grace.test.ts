import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { ASTORE, CALLBACK, GRACE, PAUSE, READ_ENTER, READ_EXIT } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'
import type { Checkpoint, Scenario } from '../../../src/explore/scenario.ts'
import { countLitmus, program, type Words } from '../support/counting.ts'

const readers = (n: number, thread: (i: number) => () => Twin) => Array.from({ length: n }, (_, i) => thread(i))

function* pause(): Twin<void> {
  runtime.op(PAUSE, 0) || (yield)
}
function* enter(): Twin<void> {
  runtime.op(READ_ENTER, 0) || (yield)
}
function* exit(): Twin<void> {
  runtime.op(READ_EXIT, 0) || (yield)
}
function* synchronize(): Twin<void> {
  runtime.op(GRACE, 0) || (yield)
}

describe('a spin lock, by the way it is modelled', () => {
  it('as a primitive costs N! traces', () => {
    for (const [n, traces] of [
      [2, 2],
      [3, 6],
      [4, 24],
    ] as const) {
      const text = Array.from({ length: n }, () => 'L m; A x 1; U m').join(' | ')
      expect(countLitmus(text)).toMatchObject({ complete: traces, blocked: 0, redundant: 0 })
    }
  })

  it('as test-and-set with a pause that waits for a change: 4, 60, 3 120', () => {
    for (const [n, traces] of [
      [2, 4],
      [3, 60],
      [4, 3120],
    ] as const) {
      const counts = program(({ cas, add, w }) =>
        readers(
          n,
          () =>
            function* () {
              const loop = runtime.loop(0)
              for (;;) {
                runtime.turn(loop) || (yield)
                if ((yield* cas('l', 0, 1)) === 0) break
                yield* pause()
              }
              yield* add('x', 1)
              yield* w('l', 0)
            },
        ),
      )
      expect(counts).toMatchObject({ complete: traces, blocked: 0, redundant: 0 })
    }
  })

  it('as test-and-test-and-set that awaits a free word: 6, 144, 12 096', () => {
    for (const [n, traces] of [
      [2, 6],
      [3, 144],
      [4, 12096],
    ] as const) {
      const counts = program(({ cas, add, w, until }) =>
        readers(
          n,
          () =>
            function* () {
              do yield* until('l', (value) => value === 0)
              while ((yield* cas('l', 0, 1)) !== 0)
              yield* add('x', 1)
              yield* w('l', 0)
            },
        ),
      )
      expect(counts).toMatchObject({ complete: traces, blocked: 0, redundant: 0 })
    }
  })
})

describe('a pause without a predicate', () => {
  it('goes on when any read of this turn is out of date, so that a loop which reads twice is not taken for stuck', () => {
    const counts = program(({ r, w }) => [
      () => w('l', 1),
      function* () {
        const loop = runtime.loop(0)
        for (;;) {
          runtime.turn(loop) || (yield)
          const first = yield* r('l')
          yield* r('l')
          if (first === 1) return
          yield* pause()
        }
      },
    ])
    expect(counts).toMatchObject({ blocked: 0, redundant: 0 })
  })

  it('is a turn and no wait when the turn also stored', () => {
    const counts = program(({ r, add }) => [
      function* () {
        const loop = runtime.loop(0)
        for (let turn = 0; turn < 3; turn++) {
          runtime.turn(loop) || (yield)
          yield* add('x', 1)
          yield* r('y')
          yield* pause()
        }
      },
    ])
    expect(counts).toMatchObject({ complete: 1, blocked: 0 })
  })
})

/** Counts and how many executions some reader saw what a grace period forbids. */
function graceCounts(build: (p: Words) => (() => Twin)[]) {
  const { complete, blocked, redundant, failing } = program(build)
  return { complete, blocked, redundant, bad: failing }
}

const publish = (
  n: number,
  sync: (p: Words) => Twin<void>,
  section: (p: Words, i: number, body: () => Twin) => () => Twin,
) =>
  graceCounts((p) => [
    function* () {
      yield* p.w('x', 1)
      yield* sync(p)
      yield* p.w('y', 1)
    },
    ...readers(n, (i) =>
      section(p, i, function* () {
        const x = yield* p.r('x')
        const y = yield* p.r('y')
        if (x === 0 && y === 1) throw new Error('saw the end before the beginning')
      }),
    ),
  ])

const unpublish = (
  n: number,
  sync: (p: Words) => Twin<void>,
  section: (p: Words, i: number, body: () => Twin) => () => Twin,
) =>
  graceCounts((p) => [
    function* () {
      yield* p.w('p', 1)
      yield* sync(p)
      yield* p.w('object', 1)
    },
    ...readers(n, (i) =>
      section(p, i, function* () {
        if ((yield* p.r('p')) === 0 && (yield* p.r('object')) === 1) throw new Error('read poison')
      }),
    ),
  ])

describe('a grace period', () => {
  /** Section entry and exit as stores to the CPU's own word, the wait as one await per reader. */
  const literal = (p: Words, i: number, body: () => Twin) =>
    function* (): Twin<void> {
      yield* p.w(`c${i}`, 1)
      try {
        yield* body()
      } finally {
        yield* p.w(`c${i}`, 0)
      }
    }
  const literalSync = (n: number) =>
    function* (p: Words): Twin<void> {
      for (let i = 0; i < n; i++) yield* p.until(`c${i}`, (value) => value === 0)
    }
  const none = function* (): Twin<void> {}

  it('written out as awaits: 4^n and 3^n traces, none bad; without it 4^n - 3^n and 3^n - 2^n are', () => {
    for (const n of [1, 2, 3]) {
      expect(publish(n, literalSync(n), literal)).toEqual({ complete: 4 ** n, blocked: 0, redundant: 0, bad: 0 })
      expect(unpublish(n, literalSync(n), literal)).toEqual({ complete: 3 ** n, blocked: 0, redundant: 0, bad: 0 })
      expect(publish(n, none, literal)).toMatchObject({ redundant: 0, bad: 4 ** n - 3 ** n })
      expect(unpublish(n, none, literal)).toMatchObject({ redundant: 0, bad: 3 ** n - 2 ** n })
    }
  })

  /** As the primitive: a snapshot of the open sections, then an await for each. */
  const section = (_: Words, _i: number, body: () => Twin) =>
    function* (): Twin<void> {
      yield* enter()
      try {
        yield* body()
      } finally {
        yield* exit()
      }
    }

  it('as a primitive: 6 and 36, 5 and 25 traces, none bad', () => {
    for (const n of [1, 2]) {
      expect(publish(n, synchronize, section)).toEqual({ complete: 6 ** n, blocked: 0, redundant: 0, bad: 0 })
      expect(unpublish(n, synchronize, section)).toEqual({ complete: 5 ** n, blocked: 0, redundant: 0, bad: 0 })
    }
  })

  it('by callback: the callback runs after every section that was open when it was queued, and only then', () => {
    const deferred = function* (p: Words): Twin<void> {
      runtime.op(CALLBACK, 0, () => p.w('object', 1)) || (yield)
    }
    for (const n of [1, 2]) {
      const counts = graceCounts((p) => [
        function* () {
          yield* p.w('p', 1)
          yield* deferred(p)
        },
        ...readers(n, (i) =>
          section(p, i, function* () {
            if ((yield* p.r('p')) === 0 && (yield* p.r('object')) === 1) throw new Error('read poison')
          }),
        ),
      ])
      expect(counts).toEqual({ complete: 5 ** n, blocked: 0, redundant: 0, bad: 0 })
    }
  })

  it('counts nested sections as one', () => {
    const nested = (p: Words, i: number, body: () => Twin) =>
      section(p, i, function* () {
        yield* enter()
        yield* exit()
        yield* body()
      })
    expect(publish(1, synchronize, nested)).toEqual({ complete: 6, blocked: 0, redundant: 0, bad: 0 })
  })
})

describe('callbacks of several threads', () => {
  /** Two threads queue one callback each; the sum tells which ran last. */
  const scenario = (): Scenario<Int32Array> => {
    const queue = (value: number) =>
      function* (words: Int32Array): Twin<void> {
        const run = function* (): Twin<void> {
          runtime.op(ASTORE, 0, words, 0) || (yield)
          Atomics.store(words, 0, value)
        }
        runtime.op(CALLBACK, 0, run) || (yield)
      }
    return {
      setup: () => new Int32Array(new SharedArrayBuffer(8)),
      threads: [queue(1), queue(2)],
      after: (words) => {
        if (words[0] === 1) throw new Error('the first callback ran last')
      },
    }
  }

  it('have labels in schedules that do not depend on the search, so that a replay finds them', () => {
    for (const strategy of ['optimal', 'random'] as const) {
      const { violation } = check(scenario(), { strategy, seed: 4, maxExecutions: 100 })
      expect(violation?.schedule).toContain('0.1')
      const again = replay(scenario(), violation!.replay)
      expect(again).toMatchObject({ diverged: undefined, violation: { schedule: violation!.schedule } })
    }
  })

  it('are known again by a search that is resumed', () => {
    const all = check(scenario(), { keepGoing: true })
    let saved: Checkpoint | undefined
    check(scenario(), { keepGoing: true, maxExecutions: 1, onCheckpoint: (checkpoint) => (saved = checkpoint) })
    const rest = check(scenario(), { keepGoing: true, resume: JSON.parse(JSON.stringify(saved)) })
    expect(rest).toMatchObject({ complete: all.complete, failing: all.failing, redundant: 0 })
  })
})
