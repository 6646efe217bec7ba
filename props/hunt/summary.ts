/**
 * What a hunt prints: each failure, and a summary.
 */

import { withCommas } from '../../src/command/table.ts'
import type { Failure } from './failure.ts'
import type { Tally } from './job.ts'

export interface Summary {
  readonly schema: 1
  readonly event: 'summary'
  readonly seed: number
  readonly shard: string
  readonly seconds: number
  readonly threads: Tally
  readonly explorer: Tally
  readonly failures: number
}

export const NOTHING: Tally = { programs: 0, runs: 0, outcomes: 0, whole: 0 }

export function sum(tallies: readonly Tally[]): Tally {
  const of = (key: keyof Tally) => tallies.reduce((total, tally) => total + tally[key], 0)
  return { programs: of('programs'), runs: of('runs'), outcomes: of('outcomes'), whole: of('whole') }
}

export function textOf({ threads, explorer, failures }: Omit<Summary, 'shard'>): string {
  return [
    `threads: ${withCommas(threads.programs)} programs, ${withCommas(threads.runs)} rounds, ${withCommas(threads.outcomes)} outcomes`,
    `explorer: ${withCommas(explorer.programs)} programs, ${withCommas(explorer.whole)} of them to the end, ${withCommas(explorer.runs)} executions`,
    `${failures} failures`,
  ].join('; ')
}

export function failureText({ on, message, program, file, replay }: Failure): string {
  const how = replay === null ? 'the explorer found no schedule' : `sk-storage replay '${replay}'`
  return `failed on ${on}: ${message}\n  ${JSON.stringify(program)}\n  written to ${file}\n  ${how}`
}
