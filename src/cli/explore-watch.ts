/**
 * `explore --watch`: all scenarios, and after each edit those that it may break, the likeliest first, until one does.
 */

import { statSync } from 'node:fs'
import { relative } from 'node:path'
import type { Explored } from './explore-jobs.ts'
import type { Plan } from './explore-plan.ts'
import { suspicionOf } from './explore-suspects.ts'

/** A scenario, as the watch knows it. */
export interface Watched {
  readonly plan: Plan
  /** All that its file loads, itself included, as absolute paths. */
  readonly loads: readonly string[]
  /** How many executions it is expected to take, or took. */
  cost: number
  /** It broke the last time, or came to no answer. */
  broke: boolean
}

/** Milliseconds between two looks at the files. */
const LOOK = 200

/**
 * Those whose files load one of the changed files: first those that broke the last time, then those that show known
 * bugs of the very lines, and of these files, then all others; the cheapest first.
 */
export async function toExplore(all: readonly Watched[], changed: readonly string[]): Promise<Watched[]> {
  const suspicion = await suspicionOf(process.cwd(), changed)
  const feared = ({ plan }: Watched) => ('file' in plan.source ? suspicion(plan.source.file, plan.scenario) : 0)
  return all
    .filter(({ loads }) => loads.some((path) => changed.includes(path)))
    .map((each) => ({ each, feared: feared(each) }))
    .sort((a, b) => +b.each.broke - +a.each.broke || b.feared - a.feared || a.each.cost - b.each.cost)
    .map(({ each }) => each)
}

/** Keeps what came of one of them. */
export function note(all: readonly Watched[], explored: Explored): void {
  const its = all.find(({ plan }) => plan === explored.plan)
  if (its === undefined) return
  its.broke = broke(explored)
  if ('result' in explored && !its.broke) its.cost = explored.result.executions
}

/** Was something found, or nothing to be had? */
export const broke = (explored: Explored): boolean => 'failure' in explored || explored.result.violation !== null

const timeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/**
 * Resolves with the files that have changed since `times` was noted, and notes them anew; with none once it is over.
 */
export async function changes(times: Map<string, number>, over: AbortSignal): Promise<string[]> {
  for (;;) {
    const changed = [...times].flatMap(([path, time]) => (timeOf(path) === time ? [] : [path]))
    for (const path of changed) times.set(path, timeOf(path))
    if (changed.length > 0 || over.aborted) return changed
    await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
}

/** When each file that is loaded was changed last. */
export const timesOf = (all: readonly Watched[]): Map<string, number> =>
  new Map(all.flatMap(({ loads }) => loads.map((path) => [path, timeOf(path)] as const)))

/** What is said of an edit. */
export function told(changed: readonly string[], next: readonly Watched[]): string {
  const short = (path: string) => relative(process.cwd(), path)
  const count = next.length === 1 ? '1 scenario' : `${next.length} scenarios`
  return `\nchanged: ${changed.map(short).join(', ')}; exploring ${count} of files that load it\n`
}
