import { describe, expect, it } from 'vitest'
import { LONG } from '../../share.ts'
import { countLitmus, program } from '../support/counting.ts'

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const many = (n: number, thread: (i: number) => string) =>
  range(0, n - 1)
    .map(thread)
    .join(' | ')

/** The published or brute-forced number of complete and blocked traces of straight-line programs. */
const table: [string, string, number, number?][] = [
  ...range(1, 8).map((n): [string, string, number] => [`readers(${n})`, `W x 42 | ${many(n, () => 'R x')}`, 2 ** n]),
  ...range(1, 5).map((n): [string, string, number] => [
    `ainc(${n})`,
    many(n, () => 'A x 1'),
    [1, 2, 6, 24, 120][n - 1],
  ]),
  ...range(1, 6).map((n): [string, string, number] => [`cas(${n})`, many(n, (i) => `C x 0 ${i + 1}`), n]),
  ...range(2, 7).map((n): [string, string, number] => [
    `casrot(${n})`,
    many(n, (i) => `C x ${i} ${i + 1}`),
    [2, 5, 14, 43, 144, 523][n - 2],
  ]),
  ...range(2, 5).map((n): [string, string, number] => [
    `lockinc(${n})`,
    many(n, () => 'L m; A x 1; U m'),
    [2, 6, 24, 120][n - 2],
  ]),
  ...range(1, 4).map((k): [string, string, number] => [
    `spat(${k})`,
    many(k, (i) => `L a${i}; U a${i} | L m; L a${i}; U a${i}; U m`),
    2 ** k * [1, 2, 6, 24][k - 1],
  ]),
  ['SB', 'W x 1; R y | W y 1; R x', 3],
  ['MP', 'W x 1; W y 1 | R y; R x', 3],
  ['CoRR', 'W x 1; W x 2 | R x; R x', 6],
  ['CoRR1', 'W x 1 | W x 2 | R x; R x | R x', 36],
  ['CoRR2', 'W x 1 | W x 2 | R x; R x | R x; R x', 72],
  ['IRIW', 'W x 1 | R x; R y | R y; R x | W y 1', 15],
  ['wrw(3)', 'W x 1 | R x; W x 0 | R x; W x 1 | R x; W x 2', 300],
  ['ccr', 'C x 0 42 | C x 0 17; R x', 2],
  ['Z6.U', 'W x 1; W y 1 | A y 1; R y | W y 3; R x', 18],
  ['JLT', 'W x 1; R y; R x | W x 2; R x | W y 3', 8],
  ['lock-inplace2', 'A x 1; L l; U l | L l; A x 1; U l', 3],
  ['manywrite_2', 'W w 1 | W x 1 | W y 1 | W x 2 | W y 2 | W z 1 | W z 2 | W w 2', 16],
  ['mutex_deadlock_3', many(3, () => 'L m; A x 1'), 0, 3],
  ['simplified_dekker', 'W x 1; AWAIT y==0; W x 0 | W y 1; AWAIT x==0; W y 0', 2, 1],
  ['broken_mutual_exclusion', 'AWAIT x==0; W x 1 | AWAIT x==0; W x 1', 2, 2],
  ['dekker_lock_trylock', 'W x 1; R y; W x 0 | W y 1; AWAIT x==0; W y 0', 4],
  ['lazy01', 'L m; A d 1; U m | L m; A d 2; U m | L m; R d; U m', 6],
  ['deadlock01', 'L a; L b; U b; U a | L b; L a; U a; U b', 2, 1],
]

describe('the exact search explores each trace once', () => {
  for (const [name, text, complete, blocked = 0] of table) {
    it(`${name}: ${complete} complete, ${blocked} blocked`, () => {
      expect(countLitmus(text)).toMatchObject({ complete, blocked, redundant: 0 })
    })
  }
})

describe('and in programs that branch', () => {
  it('lastzero(N): (N+3) 2^(N-2)', () => {
    for (const n of range(2, 8)) {
      const counts = program(({ r, w }) => [
        function* () {
          let i = n
          while ((yield* r(`a${i}`)) !== 0) i--
        },
        ...range(1, n).map(
          (j) =>
            function* () {
              yield* w(`a${j}`, (yield* r(`a${j - 1}`)) + 1)
            },
        ),
      ])
      expect(counts).toMatchObject({ complete: (n + 3) * 2 ** (n - 2), blocked: 0, redundant: 0 })
    }
  })

  it('lastzero(10): 3 328, with lastzero(15): 147 456 in the long mode, and few steps ahead in memory', () => {
    for (const [n, traces] of LONG
      ? ([
          [10, 3328],
          [15, 147456],
        ] as const)
      : ([[10, 3328]] as const)) {
      const counts = program(({ r, w }) => [
        function* () {
          let i = n
          while ((yield* r(`a${i}`)) !== 0) i--
        },
        ...range(1, n).map(
          (j) =>
            function* () {
              yield* w(`a${j}`, (yield* r(`a${j - 1}`)) + 1)
            },
        ),
      ])
      expect(counts).toMatchObject({ complete: traces, redundant: 0 })
      // An execution has three steps for each writer, and one for the reader.
      expect(counts.peakAhead).toBeLessThan((3 * n + 1) ** 2)
    }
  })

  it('the example of the POPL paper: 5', () => {
    const counts = program(({ r, w }) => [
      () => w('x', 1),
      () => w('y', 1),
      function* () {
        if ((yield* r('y')) === 0) yield* w('z', 1)
      },
      function* () {
        if ((yield* r('z')) === 1 && (yield* r('y')) === 0) yield* w('x', 2)
      },
    ])
    expect(counts).toMatchObject({ complete: 5, redundant: 0 })
  })

  it('combination_lock_1: 6', () => {
    const counts = program(({ r, w }) => [
      () => w('z', 1),
      function* () {
        yield* w('x', 1)
        if ((yield* r('y')) === 1) yield* w('w', 1)
      },
      function* () {
        if ((yield* r('x')) === 1) {
          yield* w('y', 1)
          if ((yield* r('v')) === 1) yield* r('z')
        }
      },
      function* () {
        if ((yield* r('w')) === 1) yield* w('v', 1)
      },
    ])
    expect(counts).toMatchObject({ complete: 6, redundant: 0 })
  })

  it('many_initials: 5', () => {
    const counts = program(({ r, w }) => [
      () => w('x', 1),
      () => w('y', 1),
      () => w('z', 1),
      function* () {
        const p = yield* r('y')
        const q = yield* r('z')
        if (p && q) yield* r('x')
      },
    ])
    expect(counts).toMatchObject({ complete: 5, redundant: 0 })
  })

  it('depend_1: 12, depend_4: 30 (notdep must reach over the whole execution)', () => {
    const depend = (more: boolean) =>
      program(({ r, w }) => [
        () => w('z', 1),
        () => w('x', 1),
        () => w('y', 1),
        function* () {
          if ((yield* r('x')) === 1 && (yield* r('y')) === 1) yield* r('z')
        },
        function* () {
          if ((yield* r('y')) !== 0) yield* r('z')
        },
        ...(more ? [() => w('x', 2)] : []),
      ])
    expect(depend(false)).toMatchObject({ complete: 12, redundant: 0 })
    expect(depend(true)).toMatchObject({ complete: 30, redundant: 0 })
  })

  it('trylock_unlock(3): 21 (a trylock depends on unlock in both directions)', () => {
    const counts = program(({ tryLock, unlock, add }) =>
      range(1, 3).map(
        () =>
          function* () {
            if (yield* tryLock('m')) {
              yield* add('x', 1)
              yield* unlock('m')
            }
          },
      ),
    )
    expect(counts).toMatchObject({ complete: 21, redundant: 0 })
  })

  it('reorder_3: 56 of which 12 fail; reading each word once: 36 and 16', () => {
    const reorder = (once: boolean) =>
      program(({ r, w }) => [
        ...[1, 2].map(
          () =>
            function* () {
              yield* w('a', 1)
              yield* w('b', -1)
            },
        ),
        function* () {
          if (once) {
            const a = yield* r('a')
            const b = yield* r('b')
            if (!((a === 0 && b === 0) || (a === 1 && b === -1))) throw new Error('torn')
          } else {
            const good =
              ((yield* r('a')) === 0 && (yield* r('b')) === 0) || ((yield* r('a')) === 1 && (yield* r('b')) === -1)
            if (!good) throw new Error('torn')
          }
        },
      ])
    expect(reorder(false)).toMatchObject({ complete: 56, failing: 12, redundant: 0 })
    expect(reorder(true)).toMatchObject({ complete: 36, failing: 16, redundant: 0 })
  })

  it('twostage: 3, 1 failing', () => {
    const counts = program(({ r, w, lock, unlock }) => [
      function* () {
        yield* lock('1')
        yield* w('d1', 1)
        yield* unlock('1')
        yield* lock('2')
        yield* w('d2', (yield* r('d1')) + 1)
        yield* unlock('2')
      },
      function* () {
        yield* lock('1')
        if ((yield* r('d1')) === 0) {
          yield* unlock('1')
          return
        }
        const t1 = yield* r('d1')
        yield* unlock('1')
        yield* lock('2')
        const t2 = yield* r('d2')
        yield* unlock('2')
        if (t2 !== t1 + 1) throw new Error('too early')
      },
    ])
    expect(counts).toMatchObject({ complete: 3, failing: 1, redundant: 0 })
  })

  it('lazy01: 6, 2 failing', () => {
    const counts = program(({ r, add, lock, unlock }) => [
      ...[1, 2].map(
        (d) =>
          function* () {
            yield* lock('m')
            yield* add('d', d)
            yield* unlock('m')
          },
      ),
      function* () {
        yield* lock('m')
        const d = yield* r('d')
        yield* unlock('m')
        if (d === 3) throw new Error('both were there')
      },
    ])
    expect(counts).toMatchObject({ complete: 6, failing: 2, redundant: 0 })
  })
})
