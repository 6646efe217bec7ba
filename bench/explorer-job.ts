/**
 * One process that explores one program to its end, again and again for so many milliseconds, and prints what the
 * fastest took.
 *
 *     node dist/bench/explorer-job.js lastzero 10 1000
 *     node dist/bench/explorer-job.js first-storage firstStorage 1000
 *
 * A classic and its size, or a file of props/scenarios and a scenario in it.
 */

import { fileURLToPath } from 'node:url'
import { check, loadInstrumented, type Result, type Scenario } from '../src/explore/index.ts'
import type { Classic } from './explored/classics.ts'

/** What one exploration took. */
export interface Explored {
  readonly seconds: number
  /** Scheduling points, replayed prefixes not counted. */
  readonly points: number
  readonly executions: number
  /** The most that the process ever had in memory. */
  readonly peakBytes: number
}

/** What is explored is the author's text, which lies beside dist. */
function source(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

async function load(name: string, which: string): Promise<{ scenario: Scenario<unknown>; traces?: number }> {
  if (/^[0-9]+$/.test(which)) {
    const classics = await loadInstrumented(source('bench/explored/classics.ts'))
    return (classics[name] as (size: number) => Classic)(Number(which)) as {
      scenario: Scenario<unknown>
      traces: number
    }
  }
  const scenarios = await loadInstrumented(source(`props/scenarios/${name}.ts`))
  return { scenario: scenarios[which] as Scenario<unknown> }
}

function expectWhole(result: Result, traces: number | undefined): void {
  const { exhaustive, complete, redundant, violation } = result
  if (violation !== null) throw new Error(violation.message)
  if (!exhaustive || redundant !== 0 || (traces ?? complete) !== complete) {
    throw new Error(
      `got ${complete} traces and ${redundant} redundant executions, expected ${traces ?? 'all'} and none`,
    )
  }
}

const [name, which, ms] = process.argv.slice(2)
const { scenario, traces } = await load(name, which)
let best: Result | undefined
const end = performance.now() + Number(ms)
do {
  const result = check(scenario, { keepGoing: true })
  expectWhole(result, traces)
  if (best === undefined || result.seconds < best.seconds) best = result
} while (performance.now() < end)
const { seconds, newSteps, executions } = best
const explored: Explored = {
  seconds,
  points: newSteps,
  executions,
  peakBytes: process.resourceUsage().maxRSS * 1024,
}
process.stdout.write(JSON.stringify(explored))
