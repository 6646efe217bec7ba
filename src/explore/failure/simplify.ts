/**
 * A failing schedule made simpler: fewer preemptions, then fewer steps.
 *
 * First its stretches are moved: two stretches of one thread become one, or a stretch is left out, and whatever still
 * fails in the same way and is simpler is kept (Jalbert and Sen, FSE 2010). That needs few executions, so it works for
 * long schedules too. Then all schedules with fewer preemptions, and shorter ones with as many, are searched as far as
 * the budget goes.
 */

import { endingOf } from '../engine/ending.ts'
import { run } from '../engine/execution.ts'
import { isEnabled, isRunning } from '../engine/pending.ts'
import { within } from '../engine/state.ts'
import type { Strategy } from '../engine/strategy.ts'
import { truncate } from '../engine/trace.ts'
import type { Program } from '../program/program.ts'
import { createBounded } from '../search/bounded.ts'
import { nextExecution } from '../search/search.ts'

/** Executions that moving stretches may take. */
const MOVES = 2_000
/** Executions that a search for a simpler schedule may take. */
const SEARCH_BUDGET = 5_000
/** Executions that a search for a shorter schedule with as many preemptions may take, after one was found. */
const SHORTEN_BUDGET = 1_000

/** An execution that fails, by the threads of its steps. */
interface Failing {
  readonly threads: readonly number[]
  readonly preemptions: number
}

/** One thread for so many steps. */
interface Stretch {
  readonly thread: number
  readonly steps: number
}

/**
 * The simplest schedule found that fails like this one: the one given, if there is no simpler one, or once `isOver`
 * says that there is no time left.
 */
export function simplest(
  program: Program,
  kind: string,
  threads: readonly number[],
  isOver: () => boolean,
): readonly number[] {
  const given = isOver() ? undefined : follow(program, kind, stretchesOf(threads))
  if (given === undefined) return threads
  return searched(program, kind, moved(program, kind, given, isOver), isOver).threads
}

const simpler = (a: Failing, b: Failing) =>
  a.preemptions < b.preemptions || (a.preemptions === b.preemptions && a.threads.length < b.threads.length)

function stretchesOf(threads: readonly number[]): Stretch[] {
  const stretches: { thread: number; steps: number }[] = []
  for (const thread of threads) {
    const last = stretches.at(-1)
    if (last?.thread === thread) last.steps++
    else stretches.push({ thread, steps: 1 })
  }
  return stretches
}

/** Leaves out and joins stretches while that makes the schedule simpler, large parts first. */
function moved(program: Program, kind: string, best: Failing, isOver: () => boolean): Failing {
  const until = program.x.totals.executions + MOVES
  const improves = (stretches: Stretch[]): boolean => {
    if (program.x.totals.executions >= until || isOver()) return false
    const tried = follow(program, kind, stretches)
    if (tried === undefined || !simpler(tried, best)) return false
    best = tried
    return true
  }
  for (let size = stretchesOf(best.threads).length >> 1; size > 0; size >>= 1) {
    for (let k = 0; ; ) {
      const stretches = stretchesOf(best.threads)
      if (k >= stretches.length) break
      if (!improves(stretches.filter((_, j) => j < k || j >= k + size))) k += size
    }
  }
  for (let before: Failing | undefined; before !== best; ) {
    before = best
    for (let k = 0; k < stretchesOf(best.threads).length; k++) {
      while (joins(stretchesOf(best.threads), k).some(improves));
    }
  }
  return best
}

/**
 * Stretch `k` with the next one of its thread: both where the first stood, or where the second did. Or without it, or
 * going on until the thread ends or has to wait.
 */
function joins(stretches: readonly Stretch[], k: number): Stretch[][] {
  const rest = stretches.filter((_, j) => j !== k)
  const mine = stretches[k]
  if (mine === undefined) return []
  const next = stretches.findIndex(({ thread }, j) => j > k && thread === mine.thread)
  const whole = stretches.map((stretch, j) => (j === k ? { ...stretch, steps: Number.POSITIVE_INFINITY } : stretch))
  if (next < 0) return [whole, rest]
  const both = { thread: mine.thread, steps: mine.steps + stretches[next].steps }
  return [
    stretches.flatMap((stretch, j) => (j === k ? [both] : j === next ? [] : [stretch])),
    stretches.flatMap((stretch, j) => (j === next ? [both] : j === k ? [] : [stretch])),
    rest,
    whole,
  ]
}

/**
 * Runs along these stretches as far as they can be followed, then every thread to its end. Undefined: it does not fail
 * in that way.
 */
function follow(program: Program, kind: string, stretches: readonly Stretch[]): Failing | undefined {
  const { x } = program
  truncate(x.trace, 0)
  let at = 0
  let left = stretches[0]?.steps ?? 0
  let spent = 0
  let preempts = false
  const strategy: Strategy = {
    choose() {
      const last = x.position.step === 0 ? -1 : x.trace.thread[x.position.step - 1]
      let t = -1
      while (at < stretches.length && t < 0) {
        const { thread } = stretches[at]
        if (left > 0 && isEnabled(x, thread)) t = thread
        else left = stretches[++at]?.steps ?? 0
      }
      if (t < 0 && last >= 0 && isEnabled(x, last)) t = last
      for (let k = 0; k < x.trace.threads && t < 0; k++) if (isEnabled(x, k)) t = k
      preempts = t >= 0 && last >= 0 && last !== t && isRunning(x, last)
      return t
    },
    stepped() {
      left--
      if (preempts) spent++
    },
  }
  run(x, strategy)
  if (x.position.stopped === '' || x.position.stopped === 'steps') program.judge(endingOf(x))
  return failing(program, kind, spent)
}

function failing({ x }: Program, kind: string, preemptions: number): Failing | undefined {
  if (!x.findings.some((finding) => finding.kind === kind)) return undefined
  return { threads: Array.from(x.trace.thread.subarray(0, x.trace.n)), preemptions }
}

/** Searches all schedules that are simpler than `best`, those with the fewest preemptions first. */
function searched(program: Program, kind: string, best: Failing, isOver: () => boolean): Failing {
  const { x } = program
  const { maxSteps } = x.limits
  // One that was told by its length is as long as may be; a circle may be put off for ever, and is looked for no
  // further.
  const byLength = kind === 'livelock' && best.threads.length >= maxSteps
  const longest = kind === 'livelock' && !byLength ? best.threads.length : maxSteps
  let until = x.totals.executions + SEARCH_BUDGET
  for (let bound = 0; bound <= best.preemptions; bound++) {
    truncate(x.trace, 0)
    let found = bound === best.preemptions ? best : undefined
    if (found !== undefined) until = Math.min(until, x.totals.executions + SHORTEN_BUDGET)
    const search = createBounded(x, bound)
    for (;;) {
      // What is as long as the best one need not be run to its end.
      const most = found === undefined || byLength ? longest : found.threads.length - 1
      const ending =
        x.totals.executions < until && !isOver()
          ? within(x, { maxSteps: most }, () => nextExecution(x, search))
          : undefined
      if (ending === undefined) break
      if (x.position.stopped === 'steps' && x.turns.circle < 0 && most < maxSteps) continue
      program.judge(ending)
      const tried = failing(program, kind, bound)
      if (tried === undefined || (found !== undefined && tried.threads.length >= found.threads.length)) continue
      if (found === undefined) until = Math.min(until, x.totals.executions + SHORTEN_BUDGET)
      found = tried
    }
    if (found !== undefined) return found
  }
  return best
}
