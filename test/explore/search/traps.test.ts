/**
 * The traps of exploring, by name: mistakes that each let an explorer miss or repeat executions, and what spin loops
 * and grace periods mislead one to. Each was made somewhere before; the counts are those of a search by brute force.
 */
import { describe, expect, it } from 'vitest'
import { createExecution } from '../../../src/explore/engine/state.ts'
import { check } from '../../../src/explore/explore.ts'
import { GRACE, READ_ENTER, READ_EXIT } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'
import { answering, countLitmus, program, type Words, wordsOf } from '../support/counting.ts'
import { everyInterleaving, fingerprint } from '../support/naive.ts'

function* mark(kind: number): Twin<void> {
  runtime.op(kind, 0) || (yield)
}

/** Traces by brute force. */
function naively(build: (p: Words) => (() => Twin)[]): { complete: number; blocked: number } {
  const words = new Int32Array(new SharedArrayBuffer(256))
  const x = createExecution(build(wordsOf(words)), [])
  const traces = new Map<string, string>()
  answering(x, () => everyInterleaving(x, (ending) => void traces.set(fingerprint(x.trace), ending) === undefined))
  const blocked = [...traces.values()].filter((ending) => ending === 'blocked').length
  return { complete: traces.size - blocked, blocked }
}

describe('reversing a race', () => {
  it('takes along what does not depend on it from the whole execution, also from behind the second access', () => {
    const counts = program(({ r, w }) => [
      () => w('z', 1),
      () => w('x', 1),
      () => w('y', 1),
      function* () {
        if ((yield* r('x')) === 1 && (yield* r('y')) === 1) yield* r('z')
      },
      function* () {
        if ((yield* r('y')) !== 0) yield* r('z')
      },
      () => w('x', 2),
    ])
    // 29 when only what stands before the second access is taken along.
    expect(counts).toMatchObject({ complete: 30, redundant: 0 })
  })

  it('makes a trylock depend on unlock, and is no lock that could wait', () => {
    const counts = program(({ tryLock, unlock, add }) =>
      [1, 2, 3].map(
        () =>
          function* () {
            if (!(yield* tryLock('m'))) return
            yield* add('x', 1)
            yield* unlock('m')
          },
      ),
    )
    // 5 when a trylock is treated as a lock.
    expect(counts).toMatchObject({ complete: 21, redundant: 0 })
  })

  it('compares an await with every earlier store that could have let it go on, not with the latest only', () => {
    // 2 when only the latest store counts.
    expect(countLitmus('W x 1; R y; W x 0 | W y 1; AWAIT x==0; W y 0')).toMatchObject({ complete: 4, redundant: 0 })
  })

  it('does the same for an await that is still waiting at the end', () => {
    // 0 + 1 when what is blocked at the end has no races.
    expect(countLitmus('AWAIT x==0; W x 1 | AWAIT x==0; W x 1')).toMatchObject({
      complete: 2,
      blocked: 2,
      redundant: 0,
    })
  })
})

describe('a bound on preemptions', () => {
  it('is a search of its own: on top of the exact one it would lose traces inside of the bound', () => {
    const bounded = (text: string, maxPreemptions: number) => {
      const words = new Int32Array(new SharedArrayBuffer(64))
      const p = wordsOf(words)
      const threads = text.split('|').map(
        (thread) =>
          function* (): Twin<void> {
            for (const [letter, name, value] of thread.split(';').map((each) => each.trim().split(' ')))
              if (letter === 'W') yield* p.w(name, Number(value))
              else yield* p.r(name)
          },
      )
      return check({ setup: () => words, threads }, { maxPreemptions, keepGoing: true }).complete
    }
    expect([0, 1, 2, 3].map((k) => bounded('W x 1 | R x; W x 0 | R x; W x 1 | R x; W x 2', k))).toEqual([
      24, 132, 264, 300,
    ])
  })
})

describe('a spin loop', () => {
  it('over two words does not look at both at once: it may leave on a pair that never stood there together', () => {
    const build = ({ r, w }: Words) => [
      function* (): Twin<string> {
        const loop = runtime.loop(0)
        for (;;) {
          runtime.turn(loop) || (yield)
          const x = yield* r('x')
          const y = yield* r('y')
          if (x === 0 && y === 1) return 'torn'
        }
      },
      function* (): Twin<void> {
        yield* w('x', 1)
        yield* w('y', 1)
      },
    ]
    const counts = program(build)
    expect([...counts.outcomes.keys()].join()).toContain('torn')
    expect(counts.complete).toBeGreaterThan(0)
    expect(counts.blocked).toBeGreaterThan(0)
    expect(counts).toMatchObject({ ...naively(build), redundant: 0 })
  })

  it('that takes a ticket takes it outside of the loop: the loop itself only looks', () => {
    const ticketLock = (n: number) => (p: Words) =>
      Array.from(
        { length: n },
        () =>
          function* (): Twin<void> {
            const ticket = yield* p.add('next', 1)
            const loop = runtime.loop(0)
            for (;;) {
              runtime.turn(loop) || (yield)
              if ((yield* p.r('owner')) === ticket) break
            }
            if ((yield* p.add('inside', 1)) !== 0) throw new Error('two are inside')
            yield* p.add('inside', -1)
            yield* p.add('owner', 1)
          },
      )
    expect(program(ticketLock(2))).toMatchObject({ ...naively(ticketLock(2)), blocked: 0, failing: 0, redundant: 0 })
    expect(program(ticketLock(3))).toMatchObject({ blocked: 0, failing: 0, redundant: 0 })
  })

  it('that stores in a turn is not waiting in that turn, so that nobody takes it for stuck', () => {
    const counts = program(({ add, r }) => [
      function* () {
        const loop = runtime.loop(0)
        for (let turn = 0; turn < 3; turn++) {
          runtime.turn(loop, 3 - turn) || (yield)
          yield* add('x', 1)
          yield* r('y')
        }
      },
    ])
    expect(counts).toMatchObject({ complete: 1, blocked: 0 })
  })
})

describe('a grace period', () => {
  it('waits for the sections that were open when it began, not for one that opened later', () => {
    const counts = program((p) => [
      function* () {
        yield* mark(GRACE)
        yield* p.w('over', 1)
      },
      function* () {
        yield* mark(READ_ENTER)
        yield* p.until('over', (value) => value === 1)
        yield* mark(READ_EXIT)
      },
    ])
    // The reader came later: both go on. It was inside before: each waits for the other.
    expect(counts).toMatchObject({ complete: 1, blocked: 1, redundant: 0 })
  })

  it('waits for the end of a section, not for the end of the thread that was in it', () => {
    const counts = program((p) => [
      function* () {
        yield* mark(GRACE)
        yield* p.w('over', 1)
      },
      function* () {
        yield* mark(READ_ENTER)
        yield* mark(READ_EXIT)
        yield* p.until('over', (value) => value === 1)
      },
    ])
    expect(counts).toMatchObject({ blocked: 0, redundant: 0 })
  })

  it('waits for the outermost of nested sections', () => {
    const counts = program((p) => [
      function* () {
        yield* p.w('gone', 1)
        yield* mark(GRACE)
        yield* p.w('freed', 1)
      },
      function* () {
        yield* mark(READ_ENTER)
        yield* mark(READ_ENTER)
        yield* mark(READ_EXIT)
        if ((yield* p.r('gone')) === 0 && (yield* p.r('freed')) === 1) throw new Error('freed under a reader')
        yield* mark(READ_EXIT)
      },
    ])
    expect(counts).toMatchObject({ failing: 0, blocked: 0, redundant: 0 })
  })

  it('inside of a read section waits for itself, which is reported', () => {
    const { violation } = check({
      setup: () => new Int32Array(new SharedArrayBuffer(4)),
      threads: [
        function* (): Twin<void> {
          yield* mark(READ_ENTER)
          yield* mark(GRACE)
          yield* mark(READ_EXIT)
        },
      ],
    })
    expect(violation).toMatchObject({ kind: 'lock-misuse', message: expect.stringContaining('it waits for itself') })
  })

  it('may end late, when the reader it waited for has long gone on', () => {
    const counts = program((p) => [
      function* () {
        yield* mark(GRACE)
        return yield* p.r('after')
      },
      function* () {
        yield* mark(READ_ENTER)
        yield* mark(READ_EXIT)
        yield* p.w('after', 1)
      },
    ])
    expect([...counts.outcomes.keys()].map((key) => key.slice(0, 2)).sort()).toEqual(
      expect.arrayContaining(['[0', '[1']),
    )
    expect(counts).toMatchObject({ blocked: 0, redundant: 0 })
  })
})
