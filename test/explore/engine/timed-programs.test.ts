/**
 * Sleeps whose time passes when nobody can go on, held against a search that knows nothing of the engine.
 */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { createProgram } from '../../../src/explore/program/program.ts'
import { LONG } from '../../share.ts'
import { everyInterleaving, fingerprint } from '../support/naive.ts'
import { type Exports, instrumented, words } from '../support/source.ts'
import { drawer } from '../support/spin-programs.ts'
import { randomTimed, TIMED_WORDS, timedSearch, timedText } from '../support/timed-programs.ts'

const PROGRAMS = LONG ? 4000 : 40
const SEED = Number(process.env.TIMED_SEED ?? 20261130)
const STATES = LONG ? 40_000 : 4_000
const EXECUTIONS = LONG ? 30_000 : 3_000
/** Interleavings up to which traces are counted one by one. */
const INTERLEAVINGS = LONG ? 20_000 : 1_000
const TIMEOUT = LONG ? 7_200_000 : 600_000

type Scenario = Parameters<typeof check>[0]

const scenarioOf = ({ threads }: Exports): Scenario => ({ setup: () => words(TIMED_WORDS + 1), threads })

/** Different traces, by looking at every interleaving; undefined if there are too many. */
function tracesOf(scenario: Scenario): number | undefined {
  const program = createProgram(scenario, { deadlocks: false })
  return program.answering(() => {
    const traces = new Set<string>()
    let looked = 0
    everyInterleaving(program.x, () => {
      traces.add(fingerprint(program.x.trace))
      return ++looked <= INTERLEAVINGS
    })
    return looked > INTERLEAVINGS ? undefined : traces.size
  })
}

describe('random programs that sleep', () => {
  it(
    `whose sleeps end at any moment come to what a plain search says: ${PROGRAMS} from seed ${SEED}`,
    async () => {
      const { below } = drawer(SEED + 1)
      const seen = { outcomes: 0, forEver: 0, short: 0 }
      for (let n = 0; n < PROGRAMS; n++) {
        const program = randomTimed(below)
        const verdict = timedSearch(program, STATES, true)
        if (verdict === undefined) continue
        const text = timedText(program)
        const scenario = { ...scenarioOf(await instrumented(text, {}, 'timed.js')), timeouts: true }
        const options = { keepGoing: true, shrink: false, maxExecutions: EXECUTIONS, maxSteps: 300 }
        const result = check(scenario, options)
        const found = result.outcomes.map(({ outcome }) => outcome)
        expect(result.redundant, text).toBe(0)
        // A thread that sleeps and looks for ever is stuck where the plain search goes round, which has no end for it.
        const ends = (outcomes: Iterable<string>) =>
          new Set([...outcomes].filter((each) => !each.endsWith('(blocked)')))
        expect(
          [...ends(found)].filter((each) => !verdict.outcomes.has(each)),
          `invented in program ${n}:\n${text}`,
        ).toEqual([])
        if (result.budget !== '' || !result.exhaustive) {
          seen.short++
          continue
        }
        seen.outcomes++
        expect(
          [...ends(verdict.outcomes)].filter((each) => !found.includes(each)),
          `lost in program ${n}:\n${text}`,
        ).toEqual([])
        const stuck = [...verdict.outcomes].some((each) => each.endsWith('(blocked)'))
        if (verdict.forEver) seen.forEver++
        expect(['deadlock', 'livelock'].includes(result.violation?.kind ?? ''), text).toBe(stuck || verdict.forEver)
        if (result.violation?.kind === 'livelock') expect(verdict.forEver, text).toBe(true)
      }
      console.log(seen)
      expect(seen.outcomes).toBeGreaterThan(PROGRAMS / 2)
      expect(seen.forEver).toBeGreaterThan(PROGRAMS / 50)
    },
    TIMEOUT,
  )

  it(
    `come to what a plain search says: ${PROGRAMS} from seed ${SEED}`,
    async () => {
      const { below } = drawer(SEED)
      const seen = { outcomes: 0, counted: 0, forEver: 0, slept: 0 }
      for (let n = 0; n < PROGRAMS; n++) {
        const program = randomTimed(below)
        const verdict = timedSearch(program, STATES)
        if (verdict === undefined) continue
        const text = timedText(program)
        const scenario = scenarioOf(await instrumented(text, {}, 'timed.js'))
        const options = { keepGoing: true, shrink: false, maxExecutions: EXECUTIONS, maxSteps: 300 }
        const result = check(scenario, { ...options, detect: { deadlocks: false } })
        if (result.budget !== '') continue
        const found = new Set(result.outcomes.map(({ outcome }) => outcome))
        expect(
          [...found].filter((each) => !verdict.outcomes.has(each)),
          `invented in program ${n}:\n${text}`,
        ).toEqual([])
        expect(result.redundant, text).toBe(0)
        if (result.timeouts === 'idle') seen.slept++
        if (verdict.forEver) {
          seen.forEver++
          expect([result.exhaustive, result.violation?.kind], text).toEqual([false, 'livelock'])
          continue
        }
        expect(result.violation, text).toBeNull()
        if (!result.exhaustive) continue
        seen.outcomes++
        expect(
          [...verdict.outcomes].filter((each) => !found.has(each)),
          `lost in program ${n}:\n${text}`,
        ).toEqual([])
        const traces = tracesOf(scenario)
        if (traces === undefined) continue
        seen.counted++
        expect(result.complete + result.blocked, text).toBe(traces)
      }
      expect(seen.slept).toBeGreaterThan(PROGRAMS / 3)
      expect(seen.outcomes).toBeGreaterThan(PROGRAMS / 3)
      expect(seen.counted).toBeGreaterThan(PROGRAMS / 5)
      expect(seen.forEver).toBeGreaterThan(PROGRAMS / 50)
    },
    TIMEOUT,
  )
})
