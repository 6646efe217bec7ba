/**
 * Does an execution repeat? The first one is run once more at the end, twice: where the same schedule gives other steps
 * or other values, a thread reads what nobody puts back, such as a variable of a closure that setup made, and nothing
 * is proved.
 */
import { type Ending, endingOf } from './engine/ending.ts'
import { run } from './engine/execution.ts'
import { fail } from './engine/fail.ts'
import type { Finding } from './engine/finding.ts'
import { isEnabled } from './engine/pending.ts'
import { type Execution, nameOfThread } from './engine/state.ts'
import { type Trace, truncate } from './engine/trace.ts'
import type { Program } from './program/program.ts'
import { KINDS } from './runtime/kinds.ts'

/** Times that the first execution is run again: a variable that goes to and fro is back every second time. */
const AGAIN = 2

/** What an execution did, step by step. */
export interface Deeds {
  readonly threads: Int32Array
  /** Of each step as many numbers as are noted: kind, address, values before and after. */
  readonly steps: Int32Array
  readonly sites: Int32Array
  /** What the threads returned. What the scenario's `outcome` makes of it is its own affair. */
  readonly results: string
}

const NOTED = 6

/** What the execution that has just ended did; undefined for one that was stopped. */
export function deedsOf(program: Program, ending: Ending): Deeds | undefined {
  if (ending !== 'complete' && ending !== 'blocked') return undefined
  const { trace } = program.x
  const { n, kind, address } = trace
  const steps = new Int32Array(n * NOTED)
  for (let i = 0; i < n; i++) {
    steps[i * NOTED] = kind[i]
    steps[i * NOTED + 1] = address[i]
    noteValues(trace, i, steps, i * NOTED + 2)
  }
  return {
    threads: trace.thread.slice(0, n),
    steps,
    sites: trace.site.slice(0, n),
    results: ending === 'complete' ? program.results() : '',
  }
}

/**
 * Notes what stood in the first word before and after; rows of operations that touch no memory hold what was there
 * before.
 */
function noteValues(trace: Trace, i: number, into: Int32Array, at: number): void {
  const { shape, address, limit, oldLow, newLow, oldHigh, newHigh } = trace
  if (shape[i] === null) return
  into[at] = oldLow[i]
  into[at + 1] = newLow[i]
  if (limit[i] - address[i] !== 8) return
  into[at + 2] = oldHigh[i]
  into[at + 3] = newHigh[i]
}

/** Runs that execution again. The finding says where it went otherwise, if it did. */
export function unrepeated(program: Program, first: Deeds): Finding | undefined {
  const { x } = program
  // Not counted: these executions find nothing new.
  const { executions, newSteps } = x.totals
  for (let k = 0; k < AGAIN; k++) {
    x.findings.length = 0
    follow(x, first.threads)
    const again = deedsOf(program, endingOf(x))
    Object.assign(x.totals, { executions, newSteps })
    const finding = again === undefined ? otherwise(program, first, 0) : difference(program, first, again)
    if (finding === undefined) continue
    fail(x, finding)
    return finding
  }
  return undefined
}

/** Runs the execution of that schedule from its start, as if it were new. */
function follow(x: Execution, threads: Int32Array): void {
  truncate(x.trace, 0)
  const choose = () => {
    const { step } = x.position
    return step < threads.length && isEnabled(x, threads[step]) ? threads[step] : -1
  }
  run(x, { choose, stepped() {} })
}

function difference(program: Program, first: Deeds, again: Deeds): Finding | undefined {
  const longest = Math.max(first.threads.length, again.threads.length)
  for (let i = 0; i < longest; i++) if (!isSame(first, again, i)) return otherwise(program, first, i)
  return first.results === again.results ? undefined : otherwise(program, first, longest)
}

/** Whether both have such a step, and it is the same. */
function isSame(first: Deeds, again: Deeds, i: number): boolean {
  if (first.threads[i] !== again.threads[i]) return false
  for (let at = i * NOTED; at < (i + 1) * NOTED; at++) if (first.steps[at] !== again.steps[at]) return false
  return true
}

function otherwise({ x }: Program, { threads, steps, sites }: Deeds, i: number): Finding {
  const step = Math.min(i, threads.length - 1)
  const what =
    i < threads.length
      ? `step ${i + 1}, a ${KINDS[steps[i * NOTED]].name} by ${nameOfThread(x, threads[i])}, was another or gave another value`
      : 'what the threads returned was something else'
  return {
    kind: 'nondeterminism',
    message: `the first schedule, run again at the end, led elsewhere: ${what}; a thread reads what is not put back between executions, such as a variable of a closure`,
    sites: step >= 0 ? [sites[step]] : [],
    events: [],
    thread: step >= 0 ? threads[step] : 0,
    at: -1,
  }
}
