/**
 * A worker of mutate-sites: explores the scenarios that come to a mutant's line until one of them finds something or
 * gives an answer that it never gave before. Small ones are explored to their end; of a large one some executions are
 * drawn first, since most faults show in many. What it may spend is counted in executions: the same on any machine. Of
 * a mutant that nobody could see it asks for the same number of traces, too.
 */

import { parentPort } from 'node:worker_threads'
import { check, type Edit, type Options, type Result } from '../src/explore/index.ts'
import { scenariosOf, type Way } from './ground.ts'

/** A scenario that comes to the line, and what it gives without the fault. */
export interface Judge {
  readonly way: Way
  readonly name: string
  readonly traces: number
  /** All of them, if it was explored to its end. */
  readonly outcomes: readonly string[] | undefined
  /** It comes to the very line, and not only to the function. */
  readonly atLine: boolean
  /** It has caught the mutant before. */
  readonly caughtIt?: boolean
}

export interface Task {
  readonly edit: Edit
  readonly judges: readonly Judge[]
  /** Executions of one scenario in an exact search. */
  readonly most: number
  /** Executions of all of them. What is not found by then is not caught. */
  readonly budget: number
  /** What the scenarios are laid out by. */
  readonly layout: number
  /** No thread could see the change: then each scenario has as many traces with it as without. */
  readonly unseen: boolean
}

/** Who caught it, and by what; '' nobody did. */
export interface Verdict {
  readonly by: string
  readonly what: string
  /**
   * How many scenarios were explored to their end, and differed in nothing; and of these, how many come to the line.
   */
  readonly ended?: number
  readonly atLine?: number
  /** How many were not, for want of executions. */
  readonly cut?: number
  /** Executions in all. */
  readonly spent?: number
  /** Why the mutant could not be judged at all. */
  readonly broken?: string
}

/** Which scenario is asked next: a sign of life. */
export type Asked = string

/** What its outcomes, and the number of its traces, say against the mutant; undefined: nothing. */
function otherwise(result: Result, { outcomes, traces }: Judge, unseen: boolean): string | undefined {
  if (outcomes === undefined) return undefined
  const other = result.outcomes.find(({ outcome }) => !outcomes.includes(outcome))
  if (other !== undefined) return `outcome ${other.outcome}`
  if (result.exhaustive && result.outcomes.length < outcomes.length) return 'an outcome that is gone'
  if (unseen && result.exhaustive && result.complete !== traces) return `${result.complete} traces for ${traces}`
  return undefined
}

/** A scenario is small that has so many traces at most. */
const SMALL = 100
/** Executions that are drawn of a large one. */
const DRAWN = 60

/** One look of a judge: a search, and what it may spend. */
interface Look {
  readonly judge: Judge
  readonly options: Options
}

/**
 * The one that caught it before comes first, then those at the line: the small ones to their end, samples of the large
 * ones, and these as far as they may go.
 */
function looksOf(judges: readonly Judge[], most: number): Look[] {
  const small = ({ outcomes, traces }: Judge): boolean => outcomes !== undefined && traces <= SMALL
  const turnOf = ({ caughtIt, atLine }: Judge): number => (caughtIt === true ? 0 : atLine ? 1 : 2)
  return [0, 1, 2].flatMap((turn) => {
    const its = judges.filter((judge) => turnOf(judge) === turn)
    const large = its.filter((judge) => !small(judge))
    return [
      ...its.filter(small).map((judge): Look => ({ judge, options: { maxExecutions: most } })),
      ...large.map((judge): Look => ({ judge, options: { strategy: 'portfolio', seed: 1, maxExecutions: DRAWN } })),
      ...large.map((judge): Look => ({ judge, options: { maxExecutions: most } })),
    ]
  })
}

async function judge({ edit, judges, most, budget, layout, unseen }: Task): Promise<Verdict> {
  const loaded = new Map<string, Awaited<ReturnType<typeof scenariosOf>>>()
  let spent = 0
  let ended = 0
  let atLine = 0
  const nothing = (what: string): Verdict => ({ by: '', what, ended, atLine, cut: judges.length - ended, spent })
  for (const { judge: each, options } of looksOf(judges, most)) {
    const { way, name, outcomes } = each
    if (spent >= budget) return nothing('out of executions')
    const key = `${way.file} ${way.raw}`
    // What can't be loaded with the mutant in it says nothing of it, and ends the run.
    if (!loaded.has(key)) loaded.set(key, await scenariosOf(way, [edit], layout))
    parentPort!.postMessage(name satisfies Asked)
    try {
      const scenario = loaded.get(key)!.get(name)!
      const result = check(scenario, { raw: way.raw, shrink: false, maxSteps: 5_000, ...options })
      spent += result.executions
      if (result.violation?.kind === 'refused') continue
      if (result.violation !== null) return { by: name, what: result.violation.kind, spent }
      const what = otherwise(result, each, unseen)
      if (what !== undefined) return { by: name, what, spent }
      if (outcomes === undefined || !result.exhaustive) continue
      ended++
      if (each.atLine) atLine++
    } catch (error) {
      return { by: name, what: `throws ${error instanceof Error ? error.message.split('\n')[0] : error}`, spent }
    }
  }
  return nothing('')
}

parentPort!.on('message', async (task: Task) => {
  parentPort!.postMessage(await judge(task).catch((error) => ({ by: '', what: '', broken: String(error) })))
})
