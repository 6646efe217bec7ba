import { describe, expect, it } from 'vitest'
import { MOST_CPUS, MOST_OPERATIONS, OPERATION_NAMES } from '../../lessons/own-programs.ts'
import { setting } from '../../props/scenarios/setting.ts'
import { check } from '../../src/explore/explore.ts'
import { scenarioNamed } from '../../web/scenarios/free-play.ts'

/** What goes wrong in some interleavings of the program. */
const wrongOf = (text: string): string | undefined =>
  check(scenarioNamed(text), { strategy: 'random', seed: 1, maxExecutions: 5 }).violation?.message

const counts = Array.from({ length: MOST_CPUS }, (_, k) => k + 1)
const many = (program: string, cpus: number) => Array(cpus).fill(program).join('|')
const alone = OPERATION_NAMES.flatMap((name) => counts.map((cpus) => many(name, cpus)))
/** As long as they can be. */
const full = [
  ...OPERATION_NAMES.map((name) => many(Array(MOST_OPERATIONS).fill(name).join(' '), MOST_CPUS)),
  many('create delete clone get', MOST_CPUS),
  many('clone create delete create', MOST_CPUS),
]

describe('free play', () => {
  it('comes to its end with every program, on any number of CPUs, short or as long as can be', () => {
    for (const text of [...alone, ...full]) expect(`${text}: ${wrongOf(text)}`).toBe(`${text}: undefined`)
  })

  it('without an operation on any CPU has nothing to explore, and says so', () => {
    expect(counts.map((cpus) => wrongOf(many('', cpus)))).toEqual(
      counts.map(() => expect.stringMatching(/nothing was explored/)),
    )
  })

  it.each([
    ['constructor|toString', "got the operation 'constructor', expected one of get, create, delete, clone"],
    ['get|__proto__', "got the operation '__proto__', expected one of get, create, delete, clone"],
    ['get|get|get|get', 'got programs for 4 CPUs, expected at most 3'],
    ['get|get get get get get', 'CPU 1: got 5 operations, expected at most 4'],
  ])("says what is wrong with '%s'", (text, why) => {
    expect(() => scenarioNamed(text)).toThrow(new SyntaxError(why))
  })

  it('has memory enough for any number of threads', () => {
    for (let threads = 0; threads <= 16; threads++) expect(setting({ threads }).cpus).toHaveLength(threads + 1)
  })
})
