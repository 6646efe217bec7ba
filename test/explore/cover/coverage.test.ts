/**
 * Coverage of interleavings: on programs where the right answer is plain, and against brute force, which takes every
 * interleaving of a program's statements and looks at all pairs in it. That knows nothing of traces, races or sites.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeCoverage, mergeParts } from '../../../src/explore/cover/coverage.ts'
import { check } from '../../../src/explore/explore.ts'
import { litmusScenario } from '../../../src/explore/litmus.ts'
import { coverageLcov, coverageLine, formatCoverage } from '../../../src/explore/report/coverage.ts'
import type { Coverage, SiteCoverage } from '../../../src/explore/result.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Options, Scenario } from '../../../src/explore/scenario.ts'
import { LONG, seedOf } from '../../share.ts'
import { instrumented, words } from '../support/source.ts'

const ANYWAY: Options = { keepGoing: true, shrink: false, detect: { deadlocks: false, lostUpdates: false } }

/** Of a litmus program: by statement, as `thread.statement`, what was seen of it. */
function covered(program: string, options: Options = {}): Record<string, string> {
  const { coverage } = check(litmusScenario(program), { ...ANYWAY, ...options, coverage: true })
  const sites = coverage!.files.find(({ file }) => file === 'litmus')!.sites
  return Object.fromEntries(sites.map((site) => [`${site.line}.${site.column}`, seen(site)]))
}

const seen = ({ executed, met, bothOrders }: Pick<SiteCoverage, 'executed' | 'met' | 'bothOrders'>): string =>
  bothOrders ? 'both' : met ? 'met' : executed ? 'executed' : 'never'

describe('of a litmus program', () => {
  it.each<[what: string, program: string, all: Record<string, string>]>([
    ['a store and a load', 'W x 1 | R x', { '1.1': 'both', '2.1': 'both' }],
    ['two loads', 'R x | R x', { '1.1': 'executed', '2.1': 'executed' }],
    ['two words', 'W x 1 | W y 1', { '1.1': 'executed', '2.1': 'executed' }],
    [
      'a load that comes behind the store in any case',
      'W x 1; W y 1 | AWAIT y==1; R x',
      { '1.1': 'met', '1.2': 'met', '2.1': 'met', '2.2': 'met' },
    ],
    ['what is never come to', 'W x 1 | AWAIT y==1; R x', { '1.1': 'executed', '2.1': 'never', '2.2': 'never' }],
    ['a compare that always fails', 'C x 7 1 | R x', { '1.1': 'executed', '2.1': 'executed' }],
    [
      'a lock, and what it guards',
      'L m; W x 1; U m | L m; R x; U m',
      { '1.1': 'both', '1.2': 'both', '1.3': 'both', '2.1': 'both', '2.2': 'both', '2.3': 'both' },
    ],
  ])('%s', (_, program, all) => {
    expect(covered(program)).toEqual(all)
  })

  it('depends on no detector and on no strategy that runs every trace', () => {
    const program = 'W x 1; R y; A z 1 | W y 1; R x | A z 1; R y'
    const exact = covered(program)
    expect(covered(program, { detect: { dataRaces: false, heap: false, locks: false } })).toEqual(exact)
    expect(covered(program, { strategy: 'random', seed: 1, maxExecutions: 2000 })).toEqual(exact)
    expect(new Set(Object.values(exact))).toEqual(new Set(['both']))
  })
})

/** A statement as the judge takes it: a letter, a word, numbers. */
type Statement = readonly [letter: 'W' | 'R' | 'A' | 'C' | 'L' | 'U' | 'T' | 'AWAIT', word: string, ...rest: number[]]

const textOf = ([letter, word, a, b]: Statement): string =>
  letter === 'AWAIT' ? `AWAIT ${word}==${a}` : [letter, word, a, b].filter((part) => part !== undefined).join(' ')

/** Runs every interleaving of the statements. Gives for each statement what there was of it in any of them. */
function judged(threads: readonly (readonly Statement[])[]): Record<string, string> {
  interface Done {
    readonly thread: number
    readonly name: string
    readonly word: string
    readonly writes: boolean
  }
  const executed = new Set<string>()
  const met = new Set<string>()
  const orders = new Set<string>()
  const go = (at: readonly number[], memory: ReadonlyMap<string, number>, done: readonly Done[]): void => {
    for (const [t, statements] of threads.entries()) {
      const statement = statements[at[t]]
      if (statement === undefined) continue
      const [letter, word, a = 0, b = 0] = statement
      const now = memory.get(word) ?? 0
      // A lock's word holds its owner's number, from 1.
      if ((letter === 'L' && now !== 0) || (letter === 'AWAIT' && now !== a)) continue
      const next = new Map(memory)
      const name = `${t + 1}.${at[t] + 1}`
      const writes =
        letter === 'W' ||
        letter === 'A' ||
        letter === 'L' ||
        letter === 'U' ||
        (letter === 'C' ? now === a : letter === 'T' && now === 0)
      const nothing = letter === 'U' && now !== t + 1
      if (letter === 'W') next.set(word, a)
      if (letter === 'A') next.set(word, now + a)
      if (letter === 'C' && writes) next.set(word, b)
      if (letter === 'L' || (letter === 'T' && writes)) next.set(word, t + 1)
      if (letter === 'U' && !nothing) next.set(word, 0)
      const step: Done[] = nothing ? [] : [{ thread: t, name, word, writes }]
      for (const each of step) {
        executed.add(name)
        for (const before of done) {
          if (before.thread === t || before.word !== word || !(before.writes || each.writes)) continue
          met.add(name).add(before.name)
          orders.add(`${before.name} ${name}`)
        }
      }
      go(at.with(t, at[t] + 1), next, [...done, ...step])
    }
  }
  go(
    threads.map(() => 0),
    new Map(),
    [],
  )
  const both = new Set(
    [...orders].map((order) => order.split(' ')).flatMap(([a, b]) => (orders.has(`${b} ${a}`) ? [a, b] : [])),
  )
  return Object.fromEntries(
    threads.flatMap((statements, t) =>
      statements.map((_, k) => {
        const name = `${t + 1}.${k + 1}`
        return [name, seen({ executed: executed.has(name), met: met.has(name), bothOrders: both.has(name) })]
      }),
    ),
  )
}

const word = fc.constantFrom('x', 'y')
const value = fc.integer({ min: 0, max: 2 })
const single: fc.Arbitrary<Statement[]> = fc.oneof(
  fc.tuple(word, value).map(([x, v]): Statement[] => [['W', x, v]]),
  fc.tuple(word, value).map(([x]): Statement[] => [['R', x]]),
  fc.tuple(word, value).map(([x, v]): Statement[] => [['A', x, v]]),
  fc.tuple(word, value, value).map(([x, e, n]): Statement[] => [['C', x, e, n]]),
  fc.tuple(word, value).map(([x, v]): Statement[] => [['AWAIT', x, v]]),
)
const guarded = fc
  .tuple(fc.constantFrom('L' as const, 'T' as const), fc.constantFrom('m', 'n'), single)
  .map(([how, m, inside]): Statement[] => [[how, m], ...inside, ['U', m]])
const thread = fc
  .array(fc.oneof({ weight: 3, arbitrary: single }, guarded), { minLength: 1, maxLength: 2 })
  .map((parts) => parts.flat().slice(0, 4))
const program = fc.array(thread, { minLength: 2, maxLength: 3 }).filter((threads) => threads.flat().length <= 9)

describe('of generated programs', () => {
  it('is what all interleavings have', () => {
    const seed = seedOf('coverage against every interleaving')
    fc.assert(
      fc.property(program, (threads) => {
        const text = threads.map((statements) => statements.map(textOf).join('; ')).join(' | ')
        expect(covered(text)).toEqual(judged(threads))
      }),
      { seed, numRuns: LONG ? 1500 : 40 },
    )
  })
})

const LOOP = `
export const setup = (w) => () => w
export function twice(w) {
  for (let k = 0; k < 2; k++) {
    Atomics.load(w, 0)
    if (k === 0) {
      Atomics.store(w, 1, 1)
      Atomics.wait(w, 2, 0)
    }
  }
}
export function once(w) {
  Atomics.wait(w, 1, 0)
  Atomics.store(w, 0, 1)
  Atomics.store(w, 2, 1)
  Atomics.notify(w, 2)
}
export const never = (w) => Atomics.store(w, 0, 2)
export function own(w) {
  const mine = [1, 2]
  mine[0] = mine[1]
  w.fill(3)
}
`

/** Explores each of those pairs of threads. */
async function explored(...scenarios: readonly (readonly string[])[]): Promise<readonly Coverage[]> {
  const all = await instrumented(LOOP, {}, 'loop.js')
  // Others have been loaded before.
  const { file } = runtime.modules.at(-1)!
  return scenarios.map((threads) => {
    const scenario = { setup: () => words(4), threads: threads.map((name) => all[name]) } as Scenario<Int32Array>
    const { coverage } = check(scenario, { ...ANYWAY, detect: { dataRaces: false }, coverage: true })
    return { ...coverage!, files: coverage!.files.filter((each) => each.file === file) }
  })
}

const of = ({ files }: Coverage): Record<string, string> =>
  Object.fromEntries(files.flatMap(({ sites }) => sites.map((site) => [`${site.within} ${site.source}`, seen(site)])))

describe('of source text', () => {
  it('knows the times that a thread comes to a place', async () => {
    const [all] = (await explored(['twice', 'once'])).map(of)
    // The first load comes before the store and the second behind it, in all executions.
    expect(all['twice Atomics.load(w, 0)']).toBe('met')
    expect(all['once Atomics.store(w, 0, 1)']).toBe('met')
    expect(all['never Atomics.store(w, 0, 2)']).toBe('never')
  })

  it('counts a native that is handed shared memory, and nothing that a thread keeps for itself', async () => {
    const [all, unexplored] = (await explored(['own', 'never'], ['never', 'never'])).map(of)
    expect(all['own w.fill(3)']).toBe('both')
    expect(Object.keys(all).filter((name) => name.includes('mine'))).toEqual([])
    expect(unexplored['own mine[1]']).toBe('never')
  })

  it('is there only if it is asked for, and a checkpoint has none', () => {
    const scenario = litmusScenario('W x 1 | R x')
    expect(check(scenario).coverage).toBeUndefined()
    expect(() => check(scenario, { coverage: true, onCheckpoint: () => {} })).toThrow(
      'coverage: got onCheckpoint as well, expected one of them, since a checkpoint holds no coverage',
    )
    expect(() => check(scenario, { coverage: 1 as never })).toThrow('coverage: got number, expected a boolean')
  })
})

describe('of several explorations', () => {
  it('is the best that one of them has', async () => {
    const merged = of(mergeCoverage(await explored(['own', 'never'], ['twice', 'once'])))
    expect(merged).toMatchObject({ 'own w.fill(3)': 'both', 'twice Atomics.load(w, 0)': 'met' })
    expect(merged['never Atomics.store(w, 0, 2)']).toBe('both')
    // What one of them has found to be no shared memory, another one did not come to.
    expect(merged['own mine[1]']).toBe('never')
  })

  it('keeps places apart where the texts of a file differ', async () => {
    const [one] = await explored(['own', 'never'], ['twice', 'once'])
    const edited = ({ source, ...site }: SiteCoverage) => ({ ...site, source: `${source} | 0` })
    const other = one.files.map(({ file, sites }) => ({ file, texts: ['other'], sites: sites.map(edited) }))
    const { files } = mergeCoverage([one, { ...one, files: other }])
    for (const [i, { sites, texts }] of files.entries()) {
      expect(texts).toEqual([...one.files[i].texts, 'other'])
      expect(sites.length).toBe(2 * one.files[i].sites.length)
    }
  })

  it('takes the two orders of a pair from two parts of a search', () => {
    const parts = ['x=0', 'x=1'].map((observed) => {
      // One execution has one of the two orders; which one is the seed's.
      for (let seed = 0; seed < 1000; seed++) {
        const options: Options = { strategy: 'random', seed, maxExecutions: 1, coverage: true }
        const { outcomes, coverage } = check(litmusScenario('W x 1 | R x'), options)
        if (outcomes[0].outcome.startsWith(`1: ${observed};`)) return coverage!
      }
      throw new Error(`no seed has ${observed}`)
    })
    const states = (coverage: Coverage) => coverage.files.find(({ file }) => file === 'litmus')!.sites.map(seen)
    expect(parts.map(states)).toEqual([
      ['met', 'met'],
      ['met', 'met'],
    ])
    expect(states(mergeParts(parts))).toEqual(['both', 'both'])
    expect(mergeParts(parts).halves).toEqual([])
    expect(states(mergeParts([parts[0], parts[0]]))).toEqual(['met', 'met'])
    // Two scenarios have nothing to do with each other.
    expect(states(mergeCoverage(parts))).toEqual(['met', 'met'])
  })

  it('tells of a sample when it last saw something new', () => {
    const options: Options = { strategy: 'random', seed: 3, maxExecutions: 500, coverage: true }
    const { newest } = check(litmusScenario('W x 1 | R x'), options).coverage!
    expect(newest).toBeGreaterThan(1)
    expect(newest).toBeLessThan(100)
    expect(check(litmusScenario('W x 1 | W y 1'), options).coverage!.newest).toBe(0)
  })
})

describe('as reports', () => {
  const coverage: Coverage = {
    files: [
      {
        file: 'a.js',
        texts: ['t'],
        sites: [
          {
            line: 2,
            column: 1,
            operation: 'read',
            source: 'w[0]',
            within: 'f',
            executed: true,
            met: true,
            bothOrders: true,
          },
          {
            line: 2,
            column: 9,
            operation: 'write',
            source: 'w[1]',
            within: 'f',
            executed: true,
            met: true,
            bothOrders: false,
          },
          {
            line: 5,
            column: 1,
            operation: 'read',
            source: 'w[2]',
            within: '',
            executed: false,
            met: false,
            bothOrders: false,
          },
        ],
      },
    ],
    newest: 1,
    halves: [],
  }

  it('is a line of JSON for each file', () => {
    expect(coverageLine(coverage.files[0])).toEqual({
      schema: 1,
      event: 'coverage',
      file: 'a.js',
      sites: 3,
      executed: 2,
      met: 2,
      bothOrders: 1,
      missing: [
        { line: 2, source: 'w[1]' },
        { line: 5, source: 'w[2]' },
      ],
      texts: ['t'],
      places: coverage.files[0].sites,
    })
  })

  it('is a table by file and function', () => {
    expect(formatCoverage(coverage).split('\n')).toEqual([
      '         sites  executed  met  both orders  lines without',
      'a.js         3         2    2            1',
      '  f          2         2    2            1  2',
      '  (top)      1         0    0            0  5',
      'all          3         2    2            1',
    ])
    expect(formatCoverage(coverage, 47).split('\n')[0]).toBe('         sites  executed  met  both orders  ...')
  })

  it('is a tracefile of lcov', () => {
    expect(coverageLcov(coverage).split('\n')).toEqual([
      'TN:',
      'SF:a.js',
      'BRDA:2,0,0,1',
      'BRDA:2,0,1,1',
      'BRDA:2,1,0,1',
      'BRDA:2,1,1,0',
      'BRDA:5,0,0,-',
      'BRDA:5,0,1,-',
      'BRF:6',
      'BRH:3',
      'DA:2,1',
      'DA:5,0',
      'LF:2',
      'LH:1',
      'end_of_record',
      '',
    ])
  })
})
