/**
 * One process that explores a program of a file in bench/explored on so many threads, and prints what it took.
 *
 *     node dist/bench/shared-job.js shared lastzero20 2
 */

import { fileURLToPath } from 'node:url'
import { exploreFile } from '../src/explore/index.ts'

/** What one exploration took. */
export interface SharedRun {
  /** Of the search. */
  readonly seconds: number
  /** Until a worker had the code, and until the last one had ended. */
  readonly around: number
  /** Of computing, on all threads. */
  readonly cpuSeconds: number
  readonly executions: number
}

const [name, scenario, jobs] = process.argv.slice(2)
const file = fileURLToPath(new URL(`../../bench/explored/${name}.ts`, import.meta.url))
const begun = performance.now()
const { seconds, executions, exhaustive, redundant } = await exploreFile(file, {
  scenario,
  jobs: Number(jobs),
  packages: ['sharedmap'],
})
if (!exhaustive || redundant !== 0) throw new Error(`${scenario}: got ${redundant} redundant executions, expected none`)
const { user, system } = process.cpuUsage()
const run: SharedRun = {
  seconds,
  around: (performance.now() - begun) / 1000 - seconds,
  cpuSeconds: (user + system) / 1e6,
  executions,
}
process.stdout.write(JSON.stringify(run))
