import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explained } from '../../../props/hunt/explain.ts'
import { type HuntProgram, type HuntStep, NULL, TORN } from '../../../props/hunt/program.ts'
import { built, onMachine } from '../../workers/on-machine.ts'

const { hunt, huntProgram, runHunt } = await built<typeof import('../../../props/hunt/hunt.ts')>('props/hunt/hunt')

const PROGRAMS = 40
const ROUNDS = 100
/** On a busy machine fewer programs will do. */
const LIMIT_MS = 5_000
const [ENOENT, EBADF, EAGAIN, EEXIST, EINVAL] = [-2, -9, -11, -17, -22]

describe('real CPUs around the death of sockets', () => {
  it('do only what the sequential model explains in some order, and leave nothing behind', async () => {
    let outcomes = 0
    let programs = 0
    await onMachine({ cpus: 3, sanitize: true }, async (machine) => {
      const end = performance.now() + LIMIT_MS
      const property = fc.asyncProperty(huntProgram(), async (program) => {
        // Not by interruptAfterTimeLimit: that leaves the machine in the middle of a program, with the map that the
        // program still uses.
        if (performance.now() > end) return
        outcomes += await hunt(machine, program, ROUNDS)
        programs++
      })
      // No shrinking: a race that showed once need not show again, and a machine that failed is of no more use.
      await fc.assert(property, { numRuns: PROGRAMS, endOnFailure: true })
    })
    // More than one a program: they do meet.
    expect(outcomes).toBeGreaterThan(programs)
  })

  it('show what one CPU alone would', async () => {
    await onMachine({ cpus: 1 }, async (machine) => {
      const at = { map: 0, sock: 0 } as const
      const steps: HuntStep[][] = [
        [
          { do: 'get', ...at, word: 5, create: true },
          { do: 'update', ...at, word: 6, flags: 1 },
          { do: 'delete', ...at },
          { do: 'lookup', ...at },
        ],
        [
          { do: 'accept', sock: 0 },
          { do: 'close', sock: 0 },
          { do: 'open' },
          { do: 'get', map: 1, sock: 0, word: 7, create: true },
        ],
        [
          { do: 'write', map: 1, sock: 0, word: 9 },
          { do: 'watch', map: 1, sock: 0 },
          { do: 'iterate', map: 1 },
          { do: 'newMap' },
        ],
      ]
      const run = (cpu: HuntStep[]) => runHunt(machine, { kind: 'listener', before: [0, 2, 0, 0], cpus: [cpu] }, 2)
      const twice = (results: number[], looks: number[]) => Array(2).fill({ results: [results], looks })
      expect(await run(steps[0])).toEqual(twice([5, EEXIST, 0, ENOENT], [0, 2, 0, 0]))
      // Map 1 has descriptor 3, map 0 has 4, the sockets 5 and 6. The child gets 7, the new socket 5 again.
      expect(await run(steps[1])).toEqual(twice([7, 0, 5, 7], [0, 7, 0, 0, 0, 2, 0, 7]))
      expect(await run(steps[2])).toEqual(twice([2, 9, 1, 7], [0, 9, 0, 0, -88, -88]))
    })
  })

  it('show what one CPU alone would of what is beside sockets and their maps', async () => {
    await onMachine({ cpus: 1 }, async (machine) => {
      const run = (cpu: HuntStep[]) => runHunt(machine, { kind: 'listener', before: [1, 0, 0, 0], cpus: [cpu] }, 2)
      const twice = (results: number[], looks: number[]) => Array(2).fill({ results: [results], looks })
      const hash: HuntStep[] = [
        { do: 'hashUpdate', key: 1, word: 5, flags: 1 },
        { do: 'hashGet', key: 1 },
        { do: 'hashKeys' },
        { do: 'hashLookup', key: 0 },
      ]
      expect(await run(hash)).toEqual(twice([0, 5, 1, ENOENT], [1, 0, 0, 0, ENOENT, 5, ENOENT]))
      const program: HuntStep[] = [
        { do: 'attach' },
        { do: 'run', sock: 0, word: 6 },
        { do: 'run', sock: 1, word: 7 },
        { do: 'detach' },
      ]
      expect(await run(program)).toEqual(twice([0, 1, 7, 0], [1, 0, 7, 0]))
      const none: HuntStep[] = [{ do: 'detach' }, { do: 'run', sock: 0, word: 6 }, { do: 'attach' }, { do: 'attach' }]
      expect(await run(none)).toEqual(twice([NULL, NULL, 0, 1], [1, 0, 0, 0]))
      // The object has descriptor 7.
      const btf: HuntStep[] = [{ do: 'btfOpen' }, { do: 'typedMap' }, { do: 'btfClose' }, { do: 'typedMap' }]
      const descriptors = [-88, -88, -88, -88]
      expect(await run(btf)).toEqual(twice([8, 9, 0, EBADF], [1, 0, 0, 0, ...descriptors]))
      expect(await run([{ do: 'btfClose' }, { do: 'btfOpen' }, { do: 'dump' }])).toEqual(
        twice([0, ENOENT, 2], [1, 0, 0, 0]),
      )
    })
  })
})

const socket = { map: 0, sock: 0 } as const
const nothing = [0, 0, 0, 0]
const closed = [EBADF, EBADF, 0, 0]

describe('an explanation', () => {
  const program: HuntProgram = {
    kind: 'datagram',
    before: nothing,
    cpus: [
      [{ do: 'close', sock: 0 }],
      [
        { do: 'get', ...socket, word: 5, create: true },
        { do: 'get', ...socket, word: 6, create: true },
      ],
    ],
  }
  const gets = (...results: number[]) => explained(program, { results: [[0], results], looks: closed })

  it('keeps to the order of each CPU', () => {
    expect([gets(5, 5), gets(5, EBADF), gets(NULL, EBADF), gets(EBADF, EBADF)]).toEqual([true, true, true, true])
    expect([gets(6, 6), gets(5, 6), gets(EBADF, 6), gets(NULL, 6), gets(5, NULL)]).toEqual(Array(5).fill(false))
  })

  it('allows the losers of a race what Linux gives them, and nobody else', () => {
    const creators: HuntProgram = {
      kind: 'connected',
      before: nothing,
      cpus: [[{ do: 'update', ...socket, word: 5, flags: 1 }], [{ do: 'update', map: 1, sock: 0, word: 6, flags: 0 }]],
    }
    const created = (one: number, two: number, ...looks: number[]) =>
      explained(creators, { results: [[one], [two]], looks: [...looks, 0, 0] })
    expect([created(0, 0, 5, 6), created(0, EAGAIN, 5, 0), created(EAGAIN, 0, 0, 6)]).toEqual([true, true, true])
    expect([created(0, EAGAIN, 5, 6), created(0, 0, 5, 0), created(EEXIST, 0, 0, 6)]).toEqual(Array(3).fill(false))
    const alone = { ...creators, cpus: [creators.cpus[0]] }
    expect(explained(alone, { results: [[EAGAIN]], looks: nothing })).toBe(false)
  })

  it('lets two deletes both succeed, but not one that nothing was there for', () => {
    const deletes: HuntProgram = {
      kind: 'datagram',
      before: [1, 0, 0, 0],
      cpus: [[{ do: 'delete', ...socket }], [{ do: 'fdDelete', ...socket }]],
    }
    const removed = (...results: number[]) => explained(deletes, { results: results.map((r) => [r]), looks: nothing })
    expect([removed(0, 0), removed(0, ENOENT), removed(ENOENT, 0), removed(ENOENT, ENOENT)]).toEqual([
      true,
      true,
      true,
      false,
    ])
    const alone = { ...deletes, before: nothing, cpus: [deletes.cpus[0]] }
    expect(explained(alone, { results: [[0]], looks: nothing })).toBe(false)
  })

  it('lets map free come whenever it may', () => {
    const freed: HuntProgram = {
      kind: 'connected',
      before: [1, 2, 0, 0],
      cpus: [
        [{ do: 'closeMap' }, { do: 'lookup', ...socket }, { do: 'lookup', map: 1, sock: 0 }],
        [{ do: 'lookup', ...socket }],
      ],
    }
    const looks = [EBADF, 2, EBADF, 0]
    const seen = (...lookups: number[]) => explained(freed, { results: [[0, EBADF, 2], lookups], looks })
    expect([seen(1), seen(EBADF)]).toEqual([true, true])
    expect(seen(ENOENT)).toBe(false)
  })

  it('gives a descriptor that was closed to the next, and to no other', () => {
    const reuse: HuntProgram = {
      kind: 'connected',
      before: [1, 0, 0, 0],
      cpus: [[{ do: 'close', sock: 0 }, { do: 'open' }], [{ do: 'update', ...socket, word: 5, flags: 2 }]],
    }
    const updated = (fd: number, result: number, found: number) =>
      explained(reuse, { results: [[0, fd], [result]], looks: [found, 0, 0, 0, found, 0] })
    expect([updated(5, 0, 0), updated(5, EBADF, 0), updated(5, ENOENT, 0)]).toEqual([true, true, true])
    expect([updated(6, 0, 0), updated(5, 0, 5), updated(5, EINVAL, 0)]).toEqual([false, false, false])
  })

  it('copies what a listener has, with what is replaced meanwhile as it was, as it is, or missed', () => {
    const cloned: HuntProgram = {
      kind: 'listener',
      before: [1, 2, 0, 0],
      cpus: [[{ do: 'accept', sock: 0 }], [{ do: 'update', ...socket, word: 5, flags: 0 }]],
    }
    const child = (...copied: number[]) => explained(cloned, { results: [[7], [0]], looks: [5, 2, 0, 0, ...copied] })
    expect([child(1, 2), child(5, 2), child(0, 2)]).toEqual([true, true, true])
    expect([child(5, 3), child(2, 2), child(1, 1)]).toEqual([false, false, false])
  })

  it('takes no torn value', () => {
    const reads: HuntProgram = { kind: 'connected', before: [1, 0, 0, 0], cpus: [[{ do: 'lookup', ...socket }], []] }
    const read = (word: number) => explained(reads, { results: [[word], []], looks: [1, 0, 0, 0] })
    expect([read(1), read(TORN)]).toEqual([true, false])
  })

  it('lets a replaced key be missed, and no other', () => {
    const replaced = (flags: number): HuntProgram => ({
      kind: 'connected',
      before: nothing,
      cpus: [
        [
          { do: 'hashUpdate', key: 0, word: 5, flags: 0 },
          { do: 'hashUpdate', key: 0, word: 6, flags },
        ],
        [{ do: 'hashGet', key: 0 }, { do: 'hashKeys' }],
      ],
    })
    const got = (program: HuntProgram, second: number, word: number, count: number, last = word) =>
      explained(program, {
        results: [
          [0, second],
          [word, count],
        ],
        looks: [...nothing, last, ENOENT, ENOENT],
      })
    expect([got(replaced(0), 0, 5, 1, 6), got(replaced(0), 0, NULL, 1, 6), got(replaced(0), 0, 6, 1)]).toEqual([
      true,
      true,
      true,
    ])
    expect([got(replaced(1), EEXIST, 5, 1), got(replaced(1), 0, 6, 1), got(replaced(0), 0, 7, 1, 6)]).toEqual([
      true,
      false,
      false,
    ])
    const alone = { ...replaced(0), cpus: [replaced(0).cpus[0], []] }
    expect(explained(alone, { results: [[0, 0], []], looks: [...nothing, 5, ENOENT, ENOENT] })).toBe(false)
  })

  it('lets a program that was detached run on, and keeps its map as long', () => {
    const detached: HuntProgram = {
      kind: 'connected',
      before: [1, 0, 0, 0],
      cpus: [[{ do: 'attach' }, { do: 'closeMap' }, { do: 'detach' }], [{ do: 'run', sock: 0, word: 5 }]],
    }
    const ran = (result: number) => explained(detached, { results: [[0, 0, 0], [result]], looks: [EBADF, 0, EBADF, 0] })
    expect([ran(1), ran(NULL), ran(5), ran(EBADF)]).toEqual([true, true, false, false])
  })

  it('lets a BTF object live for as long as a map or a descriptor has it', () => {
    const closed: HuntProgram = {
      kind: 'connected',
      before: nothing,
      cpus: [[{ do: 'typedMap' }, { do: 'btfClose' }], [{ do: 'btfOpen' }]],
    }
    const opened = (map: number, fd: number, looks: number[]) =>
      explained(closed, { results: [[map, 0], [fd]], looks: [...nothing, ...looks] })
    expect([opened(8, 9, [-88, -88, -88, -88]), opened(8, 7, [-88, -88, -88, -88])]).toEqual([true, true])
    expect([opened(8, ENOENT, [-88, -88]), opened(8, 8, [-88, -88, -88, -88])]).toEqual([false, false])
  })

  it('lets a dump show what is open when it comes there', () => {
    const dumped: HuntProgram = {
      kind: 'listener',
      before: nothing,
      cpus: [[{ do: 'dump' }], [{ do: 'close', sock: 1 }, { do: 'open' }]],
    }
    const shown = (count: number) => explained(dumped, { results: [[count], [0, 6]], looks: [0, 0, 0, 0, 0, 0] })
    expect([shown(1), shown(2), shown(0), shown(3)]).toEqual([true, true, false, false])
  })
})
