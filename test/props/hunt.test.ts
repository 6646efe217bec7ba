import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explained } from '../../props/hunt-explain.ts'
import { GONE, type HuntProgram, NULL } from '../../props/hunt-program.ts'
import { built, onMachine } from '../workers/on-machine.ts'

const { hunt, huntProgram, runHunt } = await built<typeof import('../../props/hunt.ts')>('props/hunt')

const PROGRAMS = 80
const ROUNDS = 120
/** On a busy machine fewer programs will do. */
const LIMIT_MS = 15_000
const [ENOENT, EBADF, EAGAIN, EEXIST] = [-2, -9, -11, -17]

describe('real CPUs around the death of a socket', () => {
  it('do only what the sequential model explains in some order, and leave nothing behind', async () => {
    let outcomes = 0
    let programs = 0
    await onMachine({ cpus: 3, sanitize: true }, async (machine) => {
      const property = fc.asyncProperty(huntProgram, async (program) => {
        outcomes += await hunt(machine, program, ROUNDS)
        programs++
      })
      // No shrinking: a race that showed once need not show again, and a machine that failed is of no more use.
      await fc.assert(property, { numRuns: PROGRAMS, endOnFailure: true, interruptAfterTimeLimit: LIMIT_MS })
    })
    // More than one a program: they do meet.
    expect(outcomes).toBeGreaterThan(programs)
  })

  it('show what one CPU alone would', async () => {
    await onMachine({ cpus: 1 }, async (machine) => {
      const cpus: HuntProgram['cpus'] = [
        [
          { do: 'get', map: 0, word: 5 },
          { do: 'update', map: 0, word: 6, flags: 1 },
          { do: 'delete', map: 0 },
          { do: 'lookup', map: 0 },
        ],
      ]
      const program: HuntProgram = { rcuFree: false, before: [0, 2], cpus }
      const expected = { results: [[5, EEXIST, 0, ENOENT]], after: [0, 2] }
      expect(await runHunt(machine, program, 2)).toEqual([expected, expected])
    })
  })
})

describe('an explanation', () => {
  const program: HuntProgram = {
    rcuFree: true,
    before: [0, 0],
    cpus: [
      [{ do: 'close' }],
      [
        { do: 'get', map: 0, word: 5 },
        { do: 'get', map: 0, word: 6 },
      ],
    ],
  }
  const gets = (...results: number[]) => explained(program, { results: [[0], results], after: undefined })

  it('keeps to the order of each CPU', () => {
    expect([gets(5, 5), gets(5, EBADF), gets(NULL, EBADF), gets(EBADF, EBADF)]).toEqual([true, true, true, true])
    expect([gets(6, 6), gets(5, 6), gets(EBADF, 6), gets(NULL, 6), gets(5, NULL)]).toEqual(Array(5).fill(false))
  })

  it('allows the losers of a race what Linux gives them, and nobody else', () => {
    const creators: HuntProgram = {
      rcuFree: false,
      before: [0, 0],
      cpus: [[{ do: 'update', map: 0, word: 5, flags: 1 }], [{ do: 'update', map: 1, word: 6, flags: 0 }]],
    }
    const created = (one: number, two: number, ...after: [number, number]) =>
      explained(creators, { results: [[one], [two]], after })
    expect([created(0, 0, 5, 6), created(0, EAGAIN, 5, 0), created(EAGAIN, 0, 0, 6)]).toEqual([true, true, true])
    expect([created(0, EAGAIN, 5, 6), created(0, 0, 5, 0), created(EEXIST, 0, 0, 6)]).toEqual(Array(3).fill(false))
    const alone = { ...creators, cpus: [creators.cpus[0]] }
    expect(explained(alone, { results: [[EAGAIN]], after: [0, 0] })).toBe(false)
  })

  it('lets two deletes both succeed, but not one that nothing was there for', () => {
    const deletes: HuntProgram = {
      rcuFree: true,
      before: [1, 0],
      cpus: [[{ do: 'delete', map: 0 }], [{ do: 'fdDelete', map: 0 }]],
    }
    const removed = (...results: number[]) => explained(deletes, { results: results.map((r) => [r]), after: [0, 0] })
    expect([removed(0, 0), removed(0, ENOENT), removed(ENOENT, 0), removed(ENOENT, ENOENT)]).toEqual([
      true,
      true,
      true,
      false,
    ])
    const alone = { ...deletes, before: [0, 0] as [number, number], cpus: [deletes.cpus[0]] }
    expect(explained(alone, { results: [[0]], after: [0, 0] })).toBe(false)
  })

  it('lets map free come whenever it may', () => {
    const freed: HuntProgram = {
      rcuFree: false,
      before: [1, 2],
      cpus: [[{ do: 'closeMap' }, { do: 'lookup', map: 0 }, { do: 'lookup', map: 1 }], [{ do: 'lookup', map: 0 }]],
    }
    const seen = (...lookups: number[]) => explained(freed, { results: [[0, EBADF, 2], lookups], after: [GONE, 2] })
    expect([seen(1), seen(EBADF)]).toEqual([true, true])
    expect(seen(ENOENT)).toBe(false)
  })
})
