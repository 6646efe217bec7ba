/**
 * Does an execution repeat? The first one is run once more at the end, twice: where the same schedule gives other steps
 * or other values, a thread reads what nobody puts back, such as a variable of a module, and nothing is proved.
 */
import { type Ending, endingOf } from './engine/ending.ts'
import { fail } from './engine/fail.ts'
import type { Finding } from './engine/finding.ts'
import { nameOfThread } from './engine/state.ts'
import { type Trace, truncate } from './engine/trace.ts'
import { record } from './failure/record.ts'
import type { Program } from './program/program.ts'
import { KINDS } from './runtime/kinds.ts'

/** Times that the first execution is run again: a variable that goes to and fro is back every second time. */
const AGAIN = 2

/** What an execution did, step by step. */
export interface Deeds {
  readonly threads: readonly number[]
  /** Of each step: kind, address, value before and after. */
  readonly steps: readonly (readonly number[])[]
  readonly sites: readonly number[]
  /** What the threads returned. What the scenario's `outcome` makes of it is its own affair. */
  readonly results: string
}

/** What the execution that has just ended did; undefined for one that was stopped. */
export function deedsOf(program: Program, ending: Ending): Deeds | undefined {
  if (ending !== 'complete' && ending !== 'blocked') return undefined
  const { trace } = program.x
  const rows = Array.from({ length: trace.n }, (_, i) => i)
  return {
    threads: rows.map((i) => trace.thread[i]),
    steps: rows.map((i) => [trace.kind[i], trace.address[i], ...valuesOf(trace, i)]),
    sites: rows.map((i) => trace.site[i]),
    results: ending === 'complete' ? program.results() : '',
  }
}

/**
 * What stood in the first word before and after; rows of operations that touch no memory hold what was there before.
 */
function valuesOf({ shape, address, limit, oldLow, newLow, oldHigh, newHigh }: Trace, i: number): number[] {
  if (shape[i] === null) return []
  const low = [oldLow[i], newLow[i]]
  return limit[i] - address[i] === 8 ? [...low, oldHigh[i], newHigh[i]] : low
}

/**
 * Runs that execution again. A search that was resumed has not seen its values: there the times are held against each
 * other. The finding says where it went otherwise, if it did.
 */
export function unrepeated(program: Program, first: Deeds, resumed: boolean): Finding | undefined {
  const { x } = program
  // Not counted: these executions find nothing new.
  const { executions, newSteps } = x.totals
  for (let k = 0; k < AGAIN; k++) {
    truncate(x.trace, 0)
    x.findings.length = 0
    record(x, first.threads, program.placeName, false)
    const again = deedsOf(program, endingOf(x))
    Object.assign(x.totals, { executions, newSteps })
    if (resumed && k === 0 && again !== undefined) first = again
    const finding = again === undefined ? otherwise(program, first, 0) : difference(program, first, again)
    if (finding === undefined) continue
    fail(x, finding)
    return finding
  }
  return undefined
}

function difference(program: Program, first: Deeds, again: Deeds): Finding | undefined {
  const longest = Math.max(first.steps.length, again.steps.length)
  for (let i = 0; i < longest; i++) {
    const same = first.steps[i]?.every((value, j) => value === again.steps[i]?.[j])
    if (same !== true || first.threads[i] !== again.threads[i]) return otherwise(program, first, i)
  }
  return first.results === again.results ? undefined : otherwise(program, first, longest)
}

function otherwise({ x }: Program, { threads, steps, sites }: Deeds, i: number): Finding {
  const step = Math.min(i, steps.length - 1)
  const what =
    i < steps.length
      ? `step ${i + 1}, a ${KINDS[steps[i][0]].name} by ${nameOfThread(x, threads[i])}, was another or gave another value`
      : 'what the threads returned was something else'
  return {
    kind: 'nondeterminism',
    message: `the first schedule, run again at the end, led elsewhere: ${what}; a thread reads what is not put back between executions, such as a variable of a module`,
    sites: step >= 0 ? [sites[step]] : [],
    events: [],
    thread: step >= 0 ? threads[step] : 0,
    at: -1,
  }
}
