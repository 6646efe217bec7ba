/**
 * What `explore` tells of coverage: that of all its scenarios as one.
 */

import { writeFileSync } from 'node:fs'
import type { Values } from '../command/flags.ts'
import { UsageError } from '../command/usage-error.ts'
import {
  type Coverage,
  coverageLcov,
  coverageLine,
  formatCoverage,
  mergeCoverage,
  type Result,
} from '../explore/index.ts'
import { nearbyCoverage } from '../explore/internals.ts'
import type { FLAGS } from './explore-flags.ts'
import type { Explored } from './explore-jobs.ts'

type Given = Values<typeof FLAGS>

/** Throws UsageError for flags that coverage can't be told with. */
export function refuseCoverage({ coverage, lcov, litmus, checkpoint, resume }: Given): void {
  const flag = coverage ? 'coverage' : lcov !== undefined ? 'lcov' : undefined
  if (flag === undefined) return
  if (lcov !== undefined && litmus !== undefined) throw new UsageError('--lcov: got --litmus as well, expected a file')
  const keeps = checkpoint !== undefined ? 'checkpoint' : resume !== undefined ? 'resume' : undefined
  if (keeps !== undefined)
    throw new UsageError(`--${flag}: got --${keeps} as well, expected one of them: a checkpoint holds no coverage`)
}

/** Of each sample, when it last saw something new. */
const newestOf = (results: readonly Result[]): string =>
  results
    .filter(({ seed }) => seed !== undefined)
    .map(({ scenario, coverage }) =>
      coverage!.newest === 0
        ? `${scenario}: no two steps were in conflict\n`
        : `${scenario}: the last new pair of steps came with execution ${coverage!.newest}\n`,
    )
    .join('')

/** Prints the coverage, and writes it, as it is asked for. */
export function tellCoverage(all: readonly Explored[], { coverage, lcov, json }: Given): void {
  if (!coverage && lcov === undefined) return
  const results = all.flatMap((each) => ('result' in each && each.result.coverage !== undefined ? [each.result] : []))
  const parts = results.map((result) => result.coverage!)
  writeCoverage(nearbyCoverage(mergeCoverage(parts)), newestOf(results), { coverage, lcov, json })
}

/** Writes it as a tracefile of lcov, and prints it behind these lines, or as lines of JSON. */
export function writeCoverage(
  merged: Coverage,
  before: string,
  { coverage, lcov, json }: Pick<Given, 'coverage' | 'lcov' | 'json'>,
): void {
  if (lcov !== undefined) writeFileSync(lcov, coverageLcov(merged))
  if (!coverage) return
  const text = json
    ? merged.files.map((file) => `${JSON.stringify(coverageLine(file))}\n`).join('')
    : `\n${before}${formatCoverage(merged, process.stdout.columns || 120)}\n`
  process.stdout.write(text)
}
