/**
 * The line of progress while scenarios are explored, on stderr, if that is a terminal.
 */

import { compact, withCommas } from '../command/table.ts'
import { tellProgress } from '../command/terminal.ts'
import type { Progress } from '../explore/index.ts'

/** Shows how far scenarios are. */
export interface ProgressLine {
  /** Tells how far one job of a scenario is. */
  show(scenario: string, job: number, progress: Progress): void
  /** A scenario is done; its jobs are no longer counted. */
  done(scenario: string): void
  /** Takes the line away, so that something else can be printed. */
  clear(): void
}

/** A line of progress for so many scenarios. */
export function createProgressLine(scenarios: number): ProgressLine {
  const running = new Map<string, Map<number, Progress>>()
  let ended = 0
  // Written at once and not by a timer: an exploration leaves the event loop no turn.
  const clear = () => tellProgress('')
  return {
    show(scenario, job, progress) {
      const jobs = running.get(scenario) ?? new Map<number, Progress>()
      running.set(scenario, jobs.set(job, progress))
      const [first, ...others] = [...running].map(([name, jobs]) => `${name}: ${far([...jobs.values()])}`)
      const count = scenarios === 1 ? '' : `${ended + 1} of ${scenarios}, `
      tellProgress(`${count}${first}${others.length === 0 ? '' : `; ${others.length} more at the same time`}`)
    },
    done(scenario) {
      running.delete(scenario)
      ended++
      clear()
    },
    clear,
  }
}

/** '12,345 executions, 45.2 k/s, 3 s, about 120 k in all (by ...)'. */
function far(jobs: readonly Progress[]): string {
  const sum = (of: (progress: Progress) => number) => jobs.reduce((total, progress) => total + of(progress), 0)
  const estimates = jobs.flatMap(({ estimate }) => (estimate === undefined ? [] : [estimate]))
  const mean = estimates.reduce((total, { executions }) => total + executions, 0) / estimates.length
  return [
    `${withCommas(sum(({ executions }) => executions))} executions`,
    `${compact(sum(({ rate }) => rate))}/s`,
    `${Math.round(Math.max(...jobs.map(({ seconds }) => seconds)))} s`,
    ...(estimates.length === 0 ? [] : [`about ${compact(mean)} in all (${estimates[0].method})`]),
  ].join(', ')
}
