/**
 * A worker of mutate-sites: explores the scenarios that come to a mutant's line, the small ones first, until one of
 * them finds something or gives an answer that it never gave before.
 */

import { parentPort } from 'node:worker_threads'
import { check, type Edit } from '../src/explore/index.ts'
import { scenariosOf, type Way } from './ground.ts'

/** A scenario that comes to the line, and what it gives without the fault. */
export interface Judge {
  readonly way: Way
  readonly name: string
  readonly traces: number
  /** All of them, if it was explored to its end. */
  readonly outcomes: readonly string[] | undefined
}

export interface Task {
  readonly edit: Edit
  /** Seconds for all of them. What is not found by then is not caught. */
  readonly seconds: number
  readonly judges: readonly Judge[]
  readonly most: number
}

/** Who caught it, and by what; '' nobody did. */
export interface Verdict {
  readonly by: string
  readonly what: string
}

async function judge({ edit, judges, most, seconds }: Task): Promise<Verdict> {
  const begun = performance.now()
  const loaded = new Map<string, Awaited<ReturnType<typeof scenariosOf>>>()
  for (const { way, name, outcomes } of judges) {
    const left = seconds - (performance.now() - begun) / 1000
    if (left < 0) return { by: '', what: 'out of time' }
    const key = `${way.file} ${way.raw}`
    try {
      if (!loaded.has(key)) loaded.set(key, await scenariosOf(way, [edit]))
      const scenario = loaded.get(key)!.get(name)!
      const result = check(scenario, {
        raw: way.raw,
        maxExecutions: most,
        seconds: left,
        shrink: false,
        maxSteps: 5_000,
      })
      if (result.violation?.kind === 'refused') continue
      if (result.violation !== null) return { by: name, what: result.violation.kind }
      const other = result.outcomes.find(({ outcome }) => outcomes !== undefined && !outcomes.includes(outcome))
      if (other !== undefined) return { by: name, what: `outcome ${other.outcome}` }
      if (outcomes !== undefined && result.exhaustive && result.outcomes.length < outcomes.length)
        return { by: name, what: 'an outcome that is gone' }
    } catch (error) {
      return { by: name, what: `throws ${error instanceof Error ? error.message.split('\n')[0] : error}` }
    }
  }
  return { by: '', what: '' }
}

parentPort!.on('message', async (task: Task) => parentPort!.postMessage(await judge(task)))
