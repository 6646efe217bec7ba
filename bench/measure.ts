/**
 * Measuring, in several processes: which pages a process gets and what V8 makes of the code when it compiles differ
 * from one to the next, by more than the samples within one do. Each process takes one sample of each case (sample.ts).
 *
 * Ratios are taken within a process and only then summed up: a slow stretch slows both sides.
 */

import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
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
  /** What each process measured, in their order; null where one did not. */
  readonly values: readonly (number | null)[]
  /** What is missing, where nothing was measured. */
  readonly unavailable?: string
}

/** How much is measured, and on what. */
export interface Plan {
  readonly budget: keyof typeof BUDGETS
  /** Of each suite, whatever the budget and the suite say. */
  readonly processes?: number | undefined
  readonly scope: Scope
  /** A folder for a CPU profile of each process, for Chrome's DevTools and their like. */
  readonly profiles?: string | undefined
  /** Ends the names of these profiles. */
  readonly mark?: string
  /** Told what begins. */
  readonly progress: (text: string) => void
}

const SAMPLE = fileURLToPath(new URL('./sample.js', import.meta.url))

const run = promisify(execFile)

/**
 * One process's sample of these cases. `script` is the sample.js of the build that is measured. Rejects if the process
 * fails; it ends with this one.
 */
export async function takeSample(
  suite: Suite,
  names: readonly string[],
  plan: Plan,
  turn: number,
  script = SAMPLE,
): Promise<Sample> {
  if (suite.alone && names.length > 1) {
    const samples: Sample[] = []
    for (const name of names) samples.push(await takeSample(suite, [name], plan, turn, script))
    return Object.assign({}, ...samples)
  }
  const { budget, scope, profiles, mark } = plan
  const parts = [suite.name, ...(names.length === 1 ? names : []), turn + 1, ...(mark === undefined ? [] : [mark])]
  const profiled =
    profiles === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${resolve(profiles)}`, `--cpu-prof-name=${parts.join('-')}.cpuprofile`]
  const args = [...profiled, script, suite.name, budget, String(turn), String(scope.cpus), ...names]
  const running = run(process.execPath, args, { encoding: 'utf8', maxBuffer: 16 << 20 })
  const end = () => void running.child.kill()
  process.once('exit', end)
  try {
    return JSON.parse((await running).stdout)
  } finally {
    process.removeListener('exit', end)
  }
}

/** How many samples are taken. */
export function processesOf(suite: Suite, plan: Plan): number {
  return plan.processes ?? Math.min(suite.processes ?? Number.POSITIVE_INFINITY, BUDGETS[plan.budget].processes)
}

/** Measures the cases with these names. */
export async function measure(suite: Suite, names: readonly string[], plan: Plan): Promise<Result[]> {
  const processes = processesOf(suite, plan)
  const rows = suite.rows(plan.scope).filter(({ name }) => names.includes(name))
  const measured = rows.filter(({ quoted }) => quoted === undefined).map(({ name }) => name)
  const samples: Sample[] = []
  for (let i = 0; i < processes; i++) {
    plan.progress(`${suite.name}: process ${i + 1} of ${processes}`)
    samples.push(await takeSample(suite, measured, plan, i))
  }
  return rows.map((row) => sumUp(suite, rows, row, samples))
}

function sumUp(suite: Suite, rows: readonly Row[], row: Row, samples: readonly Sample[]): Result {
  const { name, label, unit = 'ns', quoted } = row
  const nothing = { name, label, unit, net: null, spread: null, ratio: null, netRatio: null }
  if (quoted !== undefined) {
    const base = rows.find((other) => other.name === row.base)?.quoted
    return { ...nothing, value: quoted, ratio: base === undefined ? null : quoted / base, samples: 0, values: [] }
  }
  const missing = samples.map((sample) => sample[name]).find((value) => typeof value === 'object')
  if (missing !== undefined)
    return { ...nothing, value: null, samples: 0, values: [], unavailable: missing.unavailable }
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
    values: gross.map(known),
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
