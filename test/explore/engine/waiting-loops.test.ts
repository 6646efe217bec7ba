/**
 * Loops that wait, held against a search that runs them as they stand and knows nothing of waiting.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import type { Result } from '../../../src/explore/result.ts'
import { LONG } from '../../share.ts'
import { plainSearch, type Verdict } from '../support/plain-search.ts'
import { type Exports, instrumented, words } from '../support/source.ts'
import { drawer, drawProgram, PLACES, PRELUDE, type Program, printProgram, WORDS } from '../support/spin-programs.ts'

const PROGRAMS = LONG ? 6000 : 40
const SEED = Number(process.env.WAITING_SEED ?? 20261130)
const STATES = LONG ? 60_000 : 6_000
const EXECUTIONS = LONG ? 20_000 : 2_000
/** Programs that are loaded at once. */
const BATCH = 50

type Thread = (w: Int32Array) => string

function explored(threads: readonly Thread[], maxExecutions = EXECUTIONS): Result {
  return check(
    {
      setup: () => words(8),
      threads: [...threads],
      outcome: (w, results) =>
        `${results.map((each) => each ?? '?').join('|')} ${WORDS.map((name) => w[PLACES[name]]).join('')}`,
    },
    { keepGoing: true, shrink: false, maxExecutions, maxSteps: 600 },
  )
}

interface Compared {
  exhaustive: boolean
  fault: string | undefined
}

function compare(threads: readonly Thread[], verdict: Verdict): Compared {
  let result: Result
  try {
    result = explored(threads)
  } catch (error) {
    return { exhaustive: false, fault: `it threw ${String(error)}` }
  }
  const ends = new Set<string>()
  const stuck = new Set<string>()
  for (const { outcome } of result.outcomes) {
    if (outcome.endsWith(' (blocked)')) stuck.add(outcome.slice(0, outcome.indexOf(' ')))
    else ends.add(outcome)
  }
  const { exhaustive, violation } = result
  const differ = (what: string, found: ReadonlySet<string>, expected: ReadonlySet<string>): string | undefined => {
    const invented = [...found].filter((each) => !expected.has(each))
    if (invented.length > 0) return `${what} that there is not: ${invented.join(', ')}`
    const lost = exhaustive ? [...expected].filter((each) => !found.has(each)) : []
    return lost.length > 0 ? `${what} that was lost, though exhaustive: ${lost.join(', ')}` : undefined
  }
  const livelock = violation?.kind === 'livelock' && !verdict.goesRound ? 'a livelock that there is not' : undefined
  const other =
    violation !== null && !['livelock', 'deadlock', 'lock-leaked', 'lock-order'].includes(violation.kind)
      ? `${violation.kind}: ${violation.message}`
      : undefined
  const fault =
    differ('an outcome', ends, verdict.outcomes) ??
    (verdict.goesRound ? undefined : differ('a deadlock', stuck, verdict.stuck))
  return { exhaustive, fault: other ?? livelock ?? fault }
}

describe(`${PROGRAMS} generated programs that wait in loops, seed ${SEED}`, () => {
  it(
    'come to the same ends as a search that runs their loops as they stand',
    async () => {
      const d = drawer(SEED)
      let compared = 0
      let exhaustive = 0
      const faults: string[] = []
      const short: Record<string, number> = {}
      while (compared < PROGRAMS) {
        const batch: { program: Program; shapes: string[]; verdict: Verdict }[] = []
        while (batch.length < Math.min(BATCH, PROGRAMS - compared)) {
          const { program, shapes } = drawProgram(d)
          const verdict = plainSearch(program, STATES)
          if (verdict !== undefined) batch.push({ program, shapes, verdict })
        }
        const text = `${PRELUDE}\nexport const programs = [\n${batch.map(({ program }) => printProgram(program)).join(',\n')}\n]`
        const loaded: Exports = await instrumented(text, {}, 'source.js')
        batch.forEach(({ program, shapes, verdict }, k) => {
          const result = compare(loaded.programs[k], verdict)
          compared++
          if (result.exhaustive) exhaustive++
          else for (const shape of shapes) short[shape] = (short[shape] ?? 0) + 1
          if (result.fault !== undefined)
            faults.push(`${shapes.join(', ')}: ${result.fault}\n  ${printProgram(program)}`)
        })
      }
      console.log(`compared ${compared}, exhaustive ${exhaustive}, faults ${faults.length}`, short)
      if (process.env.SHOW)
        console.log(
          faults
            .filter((f) => !f.split(':')[0].includes('with a store'))
            .map((f) => f.replace(/let out.*\n/g, ''))
            .join('\n'),
        )
      expect(faults.slice(0, 3).join('\n')).toBe('')
      expect(exhaustive).toBeGreaterThan(0.8 * compared)
    },
    LONG ? 7_200_000 : 600_000,
  )
})
