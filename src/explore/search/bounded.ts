/**
 * All traces that can be reached with at most k preemptions, each counted once.
 *
 * A filter on a finished exact search is no bound, and a bound on top of it loses traces that are inside. So this is
 * a search of its own: depth first over schedules within the bound, told apart by their happens-before.
 * A prefix that is the same trace as an earlier one, ends in the same thread and has spent no fewer preemptions leads
 * nowhere new and is given up.
 */
import { endingOf } from '../engine/ending.ts'
import { isEnabled, isRunning } from '../engine/pending.ts'
import type { Execution } from '../engine/state.ts'
import { truncate } from '../engine/trace.ts'
import { hashOfEvent } from './same-trace.ts'
import type { Search } from './search.ts'

/** One step of the present schedule: who could take it. */
interface Level {
  readonly options: readonly number[]
  /** How many preemptions each option costs, 0 or 1. */
  readonly costs: readonly number[]
  /** Which option is taken. */
  at: number
  /** Preemptions spent before this level. */
  readonly spent: number
}

/** Begins a search of all traces within the bound. Its executions include those given up. */
export function createBounded(x: Execution, bound: number): Search {
  const { trace } = x
  const levels: Level[] = []
  /** Sums of the events' hashes up to each level, so that independent orders agree. */
  const low: number[] = [0]
  const high: number[] = [0]
  /** Prefix, with its last thread -> the fewest preemptions it was reached with. */
  const seen = new Map<string, number>()
  const ended = new Set<string>()
  let begun = false
  /** The present execution has come to a prefix that is known. */
  let known = false

  return {
    begin() {
      if (begun && !advance(levels)) return false
      if (begun) truncate(trace, levels.length - 1)
      begun = true
      known = false
      return true
    },
    choose() {
      const { step } = x.position
      let level = levels[step]
      if (level === undefined) {
        const before = levels[step - 1]
        const spent = before === undefined ? 0 : before.spent + before.costs[before.at]
        const last = step === 0 ? -1 : trace.thread[step - 1]
        const key = `${low[step]}.${high[step]}.${last}`
        const least = seen.get(key)
        if (least !== undefined && least <= spent) {
          known = true
          return -1
        }
        level = levelAfter(x, last, spent, bound)
        if (level.options.length === 0) return -1
        seen.set(key, spent)
        levels.push(level)
      }
      return level.options[level.at]
    },
    stepped(i) {
      const [a, b] = hashOfEvent(trace, i)
      low[i + 1] = (low[i] + a) | 0
      high[i + 1] = (high[i] + b) | 0
    },
    end() {
      if (known) return undefined
      const ending = endingOf(x)
      const key = `${low[trace.n]}.${high[trace.n]}`
      if (ending !== 'stopped' && ended.has(key)) return undefined
      ended.add(key)
      return ending
    },
    peakAhead: () => 0,
    progress() {
      let done = 0
      let share = 1
      for (const { options, at } of levels) {
        share /= options.length
        done += share * at
      }
      return done + share
    },
  }
}

/** Who can go on after `last`, that thread first: with `spent` preemptions so far, and at most `bound` in all. */
function levelAfter(x: Execution, last: number, spent: number, bound: number): Level {
  const options: number[] = []
  const costs: number[] = []
  const goesOn = last >= 0 && isEnabled(x, last)
  const preempts = goesOn && isRunning(x, last)
  if (goesOn) {
    options.push(last)
    costs.push(0)
  }
  if (!preempts || spent < bound) {
    for (let t = 0; t < x.trace.threads; t++) {
      if (t === last || !isEnabled(x, t)) continue
      options.push(t)
      costs.push(preempts ? 1 : 0)
    }
  }
  return { options, costs, at: 0, spent }
}

/** Goes on to the next option of the deepest level that has one. False: none has. */
function advance(levels: Level[]): boolean {
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    if (++level.at < level.options.length) return true
    levels.pop()
  }
  return false
}
