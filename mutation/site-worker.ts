/**
 * A worker of mutate-sites: explores the scenarios that come to a mutant's line, the small ones first, until one of
 * them finds something or gives an answer that it never gave before. Of a mutant that nobody could see it asks for the
 * same number of traces, too.
 */

import { parentPort } from 'node:worker_threads'
import { check, type Edit, type Result } from '../src/explore/index.ts'
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
}

export interface Task {
  readonly edit: Edit
  /** Seconds for all of them. What is not found by then is not caught. */
  readonly seconds: number
  readonly judges: readonly Judge[]
  readonly most: number
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
  /** How many were not, for want of time or of executions. */
  readonly cut?: number
  /** Why the mutant could not be judged at all. */
  readonly broken?: string
}

/** What its outcomes, and the number of its traces, say against the mutant; undefined: nothing. */
function otherwise(result: Result, { outcomes, traces }: Judge, unseen: boolean): string | undefined {
  if (outcomes === undefined) return undefined
  const other = result.outcomes.find(({ outcome }) => !outcomes.includes(outcome))
  if (other !== undefined) return `outcome ${other.outcome}`
  if (result.exhaustive && result.outcomes.length < outcomes.length) return 'an outcome that is gone'
  if (unseen && result.exhaustive && result.complete !== traces) return `${result.complete} traces for ${traces}`
  return undefined
}

async function judge({ edit, judges, most, seconds, layout, unseen }: Task): Promise<Verdict> {
  const begun = performance.now()
  const loaded = new Map<string, Awaited<ReturnType<typeof scenariosOf>>>()
  let ended = 0
  let atLine = 0
  for (const each of judges) {
    const { way, name, outcomes } = each
    const left = seconds - (performance.now() - begun) / 1000
    if (left < 0) return { by: '', what: 'out of time', ended, atLine, cut: judges.length - ended }
    const key = `${way.file} ${way.raw}`
    // What can't be loaded with the mutant in it says nothing of it, and ends the run.
    if (!loaded.has(key)) loaded.set(key, await scenariosOf(way, [edit], layout))
    try {
      const scenario = loaded.get(key)!.get(name)!
      const options = { raw: way.raw, maxExecutions: most, seconds: left, shrink: false, maxSteps: 5_000 }
      const result = check(scenario, options)
      if (result.violation?.kind === 'refused') continue
      if (result.violation !== null) return { by: name, what: result.violation.kind }
      const what = otherwise(result, each, unseen)
      if (what !== undefined) return { by: name, what }
      if (outcomes === undefined || !result.exhaustive) continue
      ended++
      if (each.atLine) atLine++
    } catch (error) {
      return { by: name, what: `throws ${error instanceof Error ? error.message.split('\n')[0] : error}` }
    }
  }
  return { by: '', what: '', ended, atLine, cut: judges.length - ended }
}

parentPort!.on('message', async (task: Task) => {
  parentPort!.postMessage(await judge(task).catch((error) => ({ by: '', what: '', broken: String(error) })))
})
