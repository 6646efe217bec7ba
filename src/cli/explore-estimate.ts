/**
 * `explore --estimate`: how long exact searches will take, told beforehand.
 */

import { EXIT } from '../command/exit-status.ts'
import type { Values } from '../command/flags.ts'
import { withCommas } from '../command/table.ts'
import type { Beforehand } from '../explore/internals-load.ts'
import { type FLAGS, refuseBeside } from './explore-flags.ts'
import type { Plan } from './explore-plan.ts'
import { runJob } from './scenario-process.ts'

/** Seconds for each scenario, and where its probes begin. */
const SECONDS = 10
const SEED = 1

const FOREIGN = [
  'strategy',
  'memory',
  'max-preemptions',
  'max-executions',
  'jobs',
  'first',
  'watch',
  'checkpoint',
  'resume',
  'coverage',
  'lcov',
  'queue',
] as const

/** Throws UsageError for flags that do not go with --estimate. */
export function refuseInEstimate(values: Values<typeof FLAGS>): void {
  if (values.estimate) refuseBeside('estimate', FOREIGN, values)
}

/** Tells of each plan. */
export async function tellBeforehand(plans: readonly Plan[], values: Values<typeof FLAGS>): Promise<number> {
  const { patience, json, seconds = SECONDS, seed = SEED } = values
  for (const plan of plans) {
    const { seconds: _own, ...options } = plan.options
    const job = { estimate: { ...plan, options }, seconds, seed }
    const { beforehand } = (await runJob(job, { name: plan.scenario, patience })) as { beforehand: Beforehand }
    process.stdout.write(json ? lineOf(plan.scenario, beforehand) : textOf(plan.scenario, beforehand))
  }
  return EXIT.clean
}

const lineOf = (scenario: string, beforehand: Beforehand) =>
  `${JSON.stringify({ schema: 1, event: 'estimate', scenario, ...beforehand })}\n`

function textOf(scenario: string, { executions, error, probes, rate, found }: Beforehand): string {
  const seconds = executions / rate
  const times = [1, 2, 40].map((cores) => `${lasting(seconds / cores)} on ${cores}`)
  const all =
    probes === 0
      ? `${withCommas(executions)} executions, all of them run`
      : `about ${withCommas(executions)} executions, ${strayOf(executions, error)} (${probes} random probe${probes === 1 ? '' : 's'})`
  const finds = found ? '; it finds something, and will stop there without --keep-going' : ''
  return `${scenario}: ${all}; ${Math.round(rate)} in a second on this core: ${times.join(', ')} such cores${finds}\n`
}

const strayOf = (executions: number, error: number | undefined) =>
  error === undefined
    ? 'how far off is not known'
    : `give or take ${withCommas(Math.round((100 * error) / executions))} %`

/** '12 s', '3.4 min', '5.6 h'. */
function lasting(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  return seconds < 6000 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`
}
