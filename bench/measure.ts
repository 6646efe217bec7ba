/**
 * Measuring, in several processes: which pages a process gets and what V8 makes of the code when it compiles differ
 * from one to the next, by more than the samples within one do. Each process takes one sample of each case (sample.ts).
 *
 * Ratios are taken within a process and only then summed up: a slow stretch slows both sides.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median, ratioOf, spread } from '../src/measure/statistics.ts'
import { BUDGETS } from './budget.ts'
import type { Sample } from './sample.ts'
import type { Row, Scope, Suite, Unit } from './suite.ts'

export interface Result {
  readonly name: string
  readonly label: string
  readonly unit: Unit
  /** Median over the samples, in the unit; null if nothing was measured. */
  readonly value: number | null
  /** The same less the empty case; null for that one, or if it was not measured. */
  readonly net: number | null
  /** The middle half of the samples, as a share of their median. */
  readonly spread: number | null
  /**
   * The value as a multiple of the base case's; null if that was not measured, or if the samples disagree too much
   * about it.
   */
  readonly ratio: number | null
  /** The same for the net times. */
  readonly netRatio: number | null
  readonly samples: number
  /** What is missing, where nothing was measured. */
  readonly unavailable?: string
}

/** How much is measured, and on what. */
export interface Plan {
  readonly budget: keyof typeof BUDGETS
  /** Of each suite, whatever the budget and the suite say. */
  readonly processes?: number | undefined
  readonly scope: Scope
  /** Told what begins. */
  readonly progress: (text: string) => void
}

const SAMPLE = fileURLToPath(new URL('./sample.js', import.meta.url))

/**
 * One process's sample of these cases. `script` is the sample.js of the build that is measured. Throws if the process
 * fails.
 */
export function takeSample(suite: Suite, names: readonly string[], plan: Plan, turn: number, script = SAMPLE): Sample {
  if (suite.alone && names.length > 1)
    return Object.assign({}, ...names.map((name) => takeSample(suite, [name], plan, turn, script)))
  const { budget, scope } = plan
  const args = [script, suite.name, budget, String(turn), String(scope.cpus), ...names]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 16 << 20 }))
}

/** How many samples are taken. */
export function processesOf(suite: Suite, plan: Plan): number {
  return plan.processes ?? Math.min(suite.processes ?? Number.POSITIVE_INFINITY, BUDGETS[plan.budget].processes)
}

/** Measures the cases with these names. */
export function measure(suite: Suite, names: readonly string[], plan: Plan): Result[] {
  const processes = processesOf(suite, plan)
  const rows = suite.rows(plan.scope).filter(({ name }) => names.includes(name))
  const measured = rows.filter(({ quoted }) => quoted === undefined).map(({ name }) => name)
  const samples: Sample[] = []
  for (let i = 0; i < processes; i++) {
    plan.progress(`${suite.name}: process ${i + 1} of ${processes}`)
    samples.push(takeSample(suite, measured, plan, i))
  }
  return rows.map((row) => sumUp(suite, rows, row, samples))
}

function sumUp(suite: Suite, rows: readonly Row[], row: Row, samples: readonly Sample[]): Result {
  const { name, label, unit = 'ns', quoted } = row
  const nothing = { name, label, unit, net: null, spread: null, ratio: null, netRatio: null }
  if (quoted !== undefined) {
    const base = rows.find((other) => other.name === row.base)?.quoted
    return { ...nothing, value: quoted, ratio: base === undefined ? null : quoted / base, samples: 0 }
  }
  const missing = samples.map((sample) => sample[name]).find((value) => typeof value === 'object')
  if (missing !== undefined) return { ...nothing, value: null, samples: 0, unavailable: missing.unavailable }
  const gross = valuesOf(samples, name)
  const emptyOf = ({ name, empty = suite.empty }: Row) => (empty === null || name === empty ? undefined : empty)
  const netOf = (row: Row | undefined) => {
    const empty = valuesOf(samples, row && emptyOf(row))
    return valuesOf(samples, row?.name).map((value, i) => value - empty[i])
  }
  const base = row.base === null || name === suite.empty ? undefined : (row.base ?? suite.base)
  const baseRow = rows.find((other) => other.name === base)
  return {
    name,
    label,
    unit,
    value: median(gross),
    net: known(median(netOf(row))),
    spread: spread(gross),
    ratio: base === undefined ? null : ratio(gross, valuesOf(samples, base)),
    netRatio: base === undefined ? null : ratio(netOf(row), netOf(baseRow)),
    samples: samples.length,
  }
}

/** What each process measured of a case; NaN where it did not. */
export function valuesOf(samples: readonly Sample[], name: string | undefined): number[] {
  return samples.map((sample) => {
    const value = name === undefined ? undefined : sample[name]
    return typeof value === 'number' ? value : Number.NaN
  })
}

/** The median of the ratios, or null where they disagree too much or something is missing. */
export function ratio(own: readonly number[], base: readonly number[]): number | null {
  const value = ratioOf(own, base)
  return value === null ? null : known(value)
}

/** Null where a case was missing. */
function known(n: number): number | null {
  return Number.isNaN(n) ? null : n
}
