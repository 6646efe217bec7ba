/**
 * Every report of the table, as it stands in a file of `golden`.
 * `npx vitest run --project explore test/explore/report -u` writes them anew.
 */

import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { litmusScenario } from '../../../src/explore/litmus.ts'
import type { Report } from '../../../src/explore/report/report.ts'
import { REPORTS, type ReportName } from '../../../src/explore/report/reports.ts'
import type { Result } from '../../../src/explore/result.ts'

// Litmus programs, whose replay lines name no code: what they say changes with the explorer alone.
const inverted = litmusScenario('L a; L b; W x 1; U b; U a | L b; L a; R x; U a; U b')
const gated = litmusScenario('L g; L a; L b; U b; U a; U g | L g; L b; L a; U a; U b; U g')
const lost = {
  ...litmusScenario('R x; W x 1 | R x; W x 1'),
  name: 'lost update',
  threadNames: ['reader one', 'reader two'],
  after: (_: unknown, results: readonly unknown[]) => {
    if (results.every((seen) => String(seen) === 'x=0')) throw new Error('both have read 0')
  },
}
const fine = litmusScenario('W x 1; R y | W y 1; R x')

const RESULTS: Readonly<Record<string, Result>> = {
  'lock-order': check(inverted, { maxPreemptions: 0 }),
  'lock-order-note': check(gated),
  'lost-update': check(lost, { keepGoing: true }),
  'random-sample': check(fine, { strategy: 'random', seed: 1, maxExecutions: 5 }),
  fine: check(fine),
}
/** Seconds are no part of it. */
const fixed = (result: Result): Result => ({ ...result, seconds: 1.5 })
const OPTIONS = { width: 100, folder: '' }

describe.each(Object.keys(REPORTS) as ReportName[])('the report %s', (name) => {
  const report: Report = REPORTS[name]

  it.each(Object.entries(RESULTS))('of %s is the golden one', async (what, result) => {
    const { violation } = result
    if (report.result !== undefined) {
      await expect(report.result(fixed(result), OPTIONS)).toMatchFileSnapshot(`golden/${what}-${name}.txt`)
    }
    if (violation === null) return
    await expect(report.violation(violation, OPTIONS)).toMatchFileSnapshot(`golden/${what}-violation-${name}.txt`)
  })
})

it('has a golden file for nothing else', () => {
  const known = Object.keys(REPORTS).join('|')
  const files = readdirSync(new URL('golden/', import.meta.url))
  const strange = files.filter(
    (file) => !new RegExp(`^(${Object.keys(RESULTS).join('|')})(-violation)?-(${known})[.]txt$`).test(file),
  )
  expect(strange).toEqual([])
})
