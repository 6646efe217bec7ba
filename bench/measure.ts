/**
 * Measuring, in several processes: which pages a process gets and what V8 makes of the code when it compiles differ
 * from one to the next, by more than the samples within one do. Each process takes one sample of each case (sample.ts).
 *
 * Ratios are taken within a process and only then summed up: a slow stretch slows both sides.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { BUDGETS } from './budget.ts'
import { median, spread } from './statistics.ts'
import type { Suite } from './suite.ts'

export interface Result {
  readonly name: string
  readonly label: string
  /** Nanoseconds a run, median over the samples. */
  readonly ns: number
  /** The same less the empty case; null for that one, or if it was not measured. */
  readonly net: number | null
  /** The middle half of the samples, as a share of their median. */
  readonly spread: number
  /** Time as a multiple of the base case's; null if that was not measured, or if the samples disagree too much about it. */
  readonly ratio: number | null
  /** The same for the net times. */
  readonly netRatio: number | null
  readonly samples: number
}

/** Nanoseconds a run by case, as one process measured them. */
type Sample = Readonly<Record<string, number>>

/** A ratio whose middle half reaches further than this says nothing and is not given. */
const RATIO_SPREAD = 0.15

const SAMPLE = fileURLToPath(new URL('./sample.js', import.meta.url))

/** Measures the cases with these names. `progress` is told what begins. Throws if a process fails. */
export function measure(
  suite: Suite,
  names: readonly string[],
  budget: keyof typeof BUDGETS,
  progress: (text: string) => void,
): Result[] {
  const { processes } = BUDGETS[budget]
  const samples: Sample[] = []
  for (let i = 0; i < processes; i++) {
    progress(`${suite.name}: process ${i + 1} of ${processes}`)
    const args = [SAMPLE, suite.name, budget, String(i), ...names]
    samples.push(JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })))
  }
  return names.map((name) => sumUp(suite, name, samples))
}

function sumUp(suite: Suite, name: string, samples: readonly Sample[]): Result {
  const gross = (name: string) => samples.map((sample) => sample[name] ?? Number.NaN)
  const net = (name: string) => samples.map((sample) => sample[name]! - (sample[suite.empty] ?? Number.NaN))
  const isEmpty = name === suite.empty
  return {
    name,
    label: suite.labels[name]!,
    ns: median(gross(name)),
    net: isEmpty ? null : known(median(net(name))),
    spread: spread(gross(name)),
    ratio: isEmpty ? null : ratio(gross(name), gross(suite.base)),
    netRatio: isEmpty ? null : ratio(net(name), net(suite.base)),
    samples: samples.length,
  }
}

function ratio(own: readonly number[], base: readonly number[]): number | null {
  const ratios = own.map((ns, i) => ns / base[i]!)
  return spread(ratios) <= RATIO_SPREAD ? known(median(ratios)) : null
}

/** Null where a case was missing. */
function known(n: number): number | null {
  return Number.isNaN(n) ? null : n
}
