/**
 * One exact search on several workers.
 */

import { CommandFailure } from '../command/command-failure.ts'
import { UsageError } from '../command/usage-error.ts'
import { type Checkpoint, MisuseError, type Progress, type Result } from '../explore/index.ts'
import { STRATEGIES } from '../explore/internals.ts'
import { shareOut, Unshared } from '../explore/internals-load.ts'
import type { Plan } from './explore-plan.ts'
import { runJob } from './scenario-process.ts'

/** Who works at it, and who wants to hear of it. */
export interface Crew {
  readonly jobs: number
  readonly patience: number
  /** Lets work begin when a worker is free. */
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>
  readonly signal: AbortSignal
  readonly resume?: Checkpoint | undefined
  readonly onProgress: (progress: Progress) => void
  readonly onCheckpoint?: ((checkpoint: Checkpoint) => void) | undefined
}

/**
 * Whether a search can be split. One with a bound on preemptions can't: it tells what is new by all that it has come
 * to. Coverage is told of one core.
 */
export const isShared = ({ strategy, options }: Plan): boolean =>
  STRATEGIES[strategy].exact && options.maxPreemptions === undefined && !options.coverage && !options.memory

/** Explores a plan on as many workers as are free, from one to all of them. Throws Unshared if the scenario forbids. */
export async function exploreTogether(plan: Plan, crew: Crew): Promise<Result> {
  const { jobs, patience, turn, signal, resume, onProgress, onCheckpoint } = crew
  const { first, seconds } = plan.options
  const shared = shareOut({ first, onProgress, onCheckpoint, resume })
  const over = new AbortController()
  const working: Promise<unknown>[] = []
  const work = () =>
    turn(async () => {
      if (over.signal.aborted) return
      signal.throwIfAborted()
      const watch = { name: plan.scenario, patience, seconds, join: shared.join }
      const job = runJob({ share: plan }, { ...watch, signal: AbortSignal.any([signal, over.signal]) })
      working.push(job)
      await job
    })
  const all = Array.from({ length: jobs }, async (_, k) => {
    // First everybody's first: whoever has a scenario to explore comes before those who would help with another one.
    if (k > 0) await null
    return work()
  })
  // What one comes to that has no answer is the end of all.
  for (const each of all) each.catch(shared.fail)
  try {
    const { scenario: _line, ...result } = await shared.result
    // Those who are told to go leave a process behind that can be used again.
    await Promise.allSettled(working)
    return { ...result, scenario: plan.scenario }
  } catch (error) {
    if (error instanceof MisuseError && !(error instanceof Unshared))
      throw new UsageError(`${plan.scenario}: ${error.sentence}`)
    throw error instanceof Error ? error : new CommandFailure(String(error))
  } finally {
    over.abort(new CommandFailure(`${plan.scenario}: another worker came to no answer`))
  }
}
