/**
 * How many executions a search will have, by probes: the mean of many is the number that there are.
 */
import { expect, it } from 'vitest'
import { tellBeforehand } from '../../../src/explore/beforehand.ts'
import { litmusScenario } from '../../../src/explore/index.ts'
import { createProgram } from '../../../src/explore/program/program.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'
import { createOptimal } from '../../../src/explore/search/optimal.ts'
import { probe } from '../../../src/explore/search/probing.ts'
import type { SavedWalk } from '../../../src/explore/search/saved-walk.ts'
import { nextExecution } from '../../../src/explore/search/search.ts'
import { createRandom } from '../../../src/random/random.ts'

const many = (n: number, thread: (i: number) => string) => Array.from({ length: n }, (_, i) => thread(i)).join(' | ')
const scenarioOf = (text: string) => litmusScenario(text) as Scenario<unknown>

/** The mean of so many probes. */
function meanOf(text: string, probes: number): number {
  const program = createProgram(scenarioOf(text), { dataRaces: false })
  return program.answering(() => {
    const { x } = program
    x.limits.stopAtFinding = false
    const search = createOptimal(x)
    const random = createRandom(1)
    nextExecution(x, search)
    const root = structuredClone(search.save!()) as SavedWalk
    let sum = 0
    for (let k = 0; k < probes; k++) sum += probe(x, search, root, random)
    return sum / probes
  })
}

/** Programs of the counts, with their executions; none of them is even. */
it.each([
  ['casrot(6)', many(6, (i) => `C x ${i} ${i + 1}`), 144],
  ['ainc(5)', many(5, () => 'A x 1'), 120],
  ['lockinc(4)', many(4, () => 'L m; A x 1; U m'), 24],
  ['readers(5)', `W x 42 | ${many(5, () => 'R x')}`, 32],
  ['spat(3)', many(3, (i) => `L a${i}; U a${i} | L m; L a${i}; U a${i}; U m`), 48],
  ['deadlock01', 'L a; L b; U b; U a | L b; L a; U a; U b', 3],
])('comes to the executions of %s', (_, text, executions) => {
  const mean = meanOf(text, 300)
  expect(mean).toBeGreaterThan(0.8 * executions)
  expect(mean).toBeLessThan(1.2 * executions)
})

it('counts a search that comes to its end meanwhile', () => {
  const text = many(3, () => 'A x 1')
  expect(tellBeforehand(scenarioOf(text), {}, 10, 1)).toMatchObject({
    executions: 6,
    error: 0,
    probes: 0,
    found: false,
  })
})

it('tells of a search that does not, with at least one probe', () => {
  const { executions, probes, error, rate } = tellBeforehand(scenarioOf(many(9, () => 'A x 1')), {}, 0.001, 1)
  expect(probes).toBeGreaterThan(0)
  expect(executions).toBeGreaterThan(1)
  expect(rate).toBeGreaterThan(0)
  expect(error === undefined).toBe(probes === 1)
})

it('tells nothing of a search with a bound, or of a sample', () => {
  for (const options of [{ maxPreemptions: 1 }, { strategy: 'random' }] as const)
    expect(() => tellBeforehand(scenarioOf('W x 1 | R x'), options, 1, 1)).toThrow(
      /only a search that runs every trace/,
    )
  expect(() => tellBeforehand({ ...scenarioOf('W x 1 | R x'), memory: 'arm' }, {}, 1, 1)).toThrow(
    'memory: got it as well, expected none: only interleavings can be told of beforehand',
  )
})
