/**
 * All traces that can be reached with at most k preemptions, each counted once.
 *
 * A filter on a finished exact search is no bound, and a bound on top of it loses traces that are inside. So this is
 * a search of its own: depth first over schedules within the bound, told apart by their happens-before.
 * A prefix that is the same trace as an earlier one, ends in the same thread and has spent no fewer preemptions leads
 * nowhere new and is given up.
 */

import { type Ending, endingOf } from '../engine/ending.ts'
import { run } from '../engine/execution.ts'
import { isEnabled, isRunning } from '../engine/pending.ts'
import type { Execution } from '../engine/state.ts'
import { truncate } from '../engine/trace.ts'
import { hashOfEvent } from './same-trace.ts'
import type { Search } from './search.ts'

interface Level {
  options: number[]
  costs: number[]
  at: number
  /** Preemptions spent before this level. */
  spent: number
}

/** Begins a search of all traces within the bound. Its executions include those given up. */
export function createBounded(x: Execution, bound: number): Search {
  const { trace } = x
  const levels: Level[] = []
  /** Sums of the events' hashes up to each level, so that independent orders agree. */
  const low: number[] = [0]
  const high: number[] = [0]
  const seen = new Map<string, number>()
  const ended = new Set<string>()
  let begun = false
  /** The present execution has come to a prefix that is known. */
  let known = false

  function choose(): number {
    const step = x.position.step
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
      const goesOn = last >= 0 && isEnabled(x, last)
      const preempts = goesOn && isRunning(x, last)
      level = { options: [], costs: [], at: 0, spent }
      if (goesOn) {
        level.options.push(last)
        level.costs.push(0)
      }
      if (!preempts || spent < bound) {
        for (let t = 0; t < trace.threads; t++) {
          if (t === last || !isEnabled(x, t)) continue
          level.options.push(t)
          level.costs.push(preempts ? 1 : 0)
        }
      }
      if (level.options.length === 0) return -1
      seen.set(key, spent)
      levels.push(level)
    }
    return level.options[level.at]
  }

  function stepped(i: number): void {
    const [a, b] = hashOfEvent(trace, i)
    low[i + 1] = (low[i] + a) | 0
    high[i + 1] = (high[i] + b) | 0
  }

  function backtrack(): boolean {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      if (++level.at < level.options.length) break
      levels.pop()
    }
    if (levels.length === 0) return false
    truncate(trace, levels.length - 1)
    return true
  }

  function next(): Ending | undefined {
    for (;;) {
      if (begun && !backtrack()) return undefined
      begun = true
      known = false
      run(x, { choose, stepped })
      if (known) continue
      const ending = endingOf(x)
      const key = `${low[trace.n]}.${high[trace.n]}`
      if (ending !== 'stopped' && ended.has(key)) continue
      ended.add(key)
      return ending
    }
  }

  return {
    next,
    peakAhead: 0,
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
