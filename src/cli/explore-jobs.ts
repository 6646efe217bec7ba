/**
 * Exploring on several workers: whole scenarios side by side, exact searches that share what lies ahead, and samples
 * split into smaller ones.
 */

import { CommandFailure } from '../command/command-failure.ts'
import { UsageError } from '../command/usage-error.ts'
import type { Checkpoint, Outcome, Result } from '../explore/index.ts'
import { mergeParts, STRATEGIES } from '../explore/internals.ts'
import { Unshared } from '../explore/internals-load.ts'
import { exploreTogether, isShared } from './explore-crew.ts'
import type { Plan } from './explore-plan.ts'
import type { ProgressLine } from './explore-progress.ts'
import { runJob } from './scenario-process.ts'

/** What came of a plan: a result, or why there is none. A crash in one scenario does not end the others. */
export type Explored = { readonly plan: Plan } & ({ readonly result: Result } | { readonly failure: CommandFailure })

/** How the plans are explored. */
export interface JobOptions {
  /** Workers at the same time. */
  readonly jobs: number
  /** Seconds of computing without a step, after which a worker is ended. */
  readonly patience: number
  readonly progress: ProgressLine
  /** Ends it, with no further result. */
  readonly signal?: AbortSignal | undefined
  /** Where to go on from. */
  readonly resume?: Checkpoint | undefined
  readonly onCheckpoint?: ((checkpoint: Checkpoint) => void) | undefined
}

/**
 * Explores these plans, each on a worker of its own. The results come in the order of the plans, each as soon as it is
 * there.
 */
export async function* explorePlans(plans: readonly Plan[], options: JobOptions): AsyncGenerator<Explored> {
  const { jobs, patience, progress, signal: over, resume, onCheckpoint } = options
  const end = new AbortController()
  const onOver = () => end.abort()
  over?.addEventListener('abort', onOver)
  const turn = atMost(jobs)
  const run = (plan: Plan, job: number, signal: AbortSignal): Promise<Result> =>
    turn(async () => {
      signal.throwIfAborted()
      const answer = await runJob(
        { explore: plan, resume, checkpoints: onCheckpoint !== undefined },
        {
          name: plan.scenario,
          patience,
          seconds: plan.options.seconds,
          signal: AbortSignal.any([signal, end.signal]),
          onProgress: (far) => progress.show(plan.scenario, job, far),
          ...(onCheckpoint && { onCheckpoint }),
        },
      )
      return (answer as { result: Result }).result
    })
  try {
    const results = plans.map((plan) =>
      jobs > 1 && isShared(plan)
        ? exploreTogether(plan, {
            ...{ jobs, patience, turn, resume, onCheckpoint, signal: end.signal },
            onProgress: (far) => progress.show(plan.scenario, 0, far),
          }).catch((error: unknown) => {
            if (error instanceof Unshared) return together(plan, sharesOf(plan, jobs), run)
            throw error
          })
        : together(plan, sharesOf(plan, jobs), run),
    )
    // Each is awaited below, in turn; until then a failure must not count as unhandled.
    for (const result of results) result.catch(() => {})
    for (const [i, result] of results.entries()) {
      const plan = plans[i]
      const explored = await result.then(
        (ready): Explored => ({ plan, result: ready }),
        (error: unknown): Explored => ({ plan, failure: failureOf(error) }),
      )
      if (over?.aborted) return
      progress.done(plan.scenario)
      yield explored
    }
  } finally {
    over?.removeEventListener('abort', onOver)
    end.abort()
  }
}

/** Why a plan has no result. What nobody foresaw is told with its stack, and ends the others as little. */
export function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error
  if (error instanceof UsageError) return new CommandFailure(error.message, 'usage')
  return new CommandFailure(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

/** Lets so many at a time begin, in the order in which they ask. */
function atMost(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}

/**
 * The jobs that a plan is split into: a sample into as many as there are workers, each with a seed of its own; an exact
 * search that is not shared into none.
 */
function sharesOf(plan: Plan, jobs: number): readonly Plan[] {
  const { strategy, options } = plan
  if (STRATEGIES[strategy].exact) return [plan]
  const { maxExecutions: most, seed = 0 } = options
  return Array.from({ length: Math.min(jobs, most ?? jobs) }, (_, k) => ({
    ...plan,
    options: {
      ...options,
      // Far apart, so that the shares of one seed are not those of the next.
      seed: (seed + Math.imul(k, 0x9e3779b1)) >>> 0,
      ...(most !== undefined && { maxExecutions: Math.floor((most + k) / jobs) || 1 }),
    },
  }))
}

/** Runs the shares of a plan until they have ended, or until one has found something and the plan is to stop then. */
async function together(
  plan: Plan,
  shares: readonly Plan[],
  run: (share: Plan, job: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  const ended: Result[] = []
  const runs = shares.map(async (share, k) => {
    try {
      ended[k] = await run(share, k, stop.signal)
    } catch (error) {
      if (!stop.signal.aborted) throw error
    }
    if (ended[k]?.violation && plan.options.keepGoing !== true) stop.abort()
  })
  await Promise.all(runs)
  return merged(
    plan,
    ended.filter((result) => result !== undefined),
  )
}

/** The results of a sample's shares as one. Shares that were cut off because another found something don't count. */
function merged(plan: Plan, results: readonly Result[]): Result {
  const [first] = results
  if (first.memory !== undefined && results.length > 1)
    throw new CommandFailure(`${plan.scenario}: memory: got it for a sample that jobs share, expected one job`, 'usage')
  if (results.length === 1) return { ...first, seed: plan.options.seed ?? first.seed }
  const sum = (of: (result: Result) => number) => results.reduce((total, result) => total + of(result), 0)
  const outcomes = new Map<string, Outcome>()
  for (const each of results.flatMap((result) => result.outcomes)) {
    const known = outcomes.get(each.outcome)
    outcomes.set(each.outcome, known === undefined ? each : { ...known, count: known.count + each.count })
  }
  const estimates = results.flatMap(({ estimate }) => (estimate === undefined ? [] : [estimate]))
  const mean = estimates.reduce((total, { executions }) => total + executions, 0) / estimates.length
  const parts = results.flatMap(({ coverage }) => coverage ?? [])
  const violation = results.find((result) => result.violation !== null)?.violation ?? null
  return {
    ...first,
    complete: sum(({ complete }) => complete),
    blocked: sum(({ blocked }) => blocked),
    redundant: sum(({ redundant }) => redundant),
    failing: sum(({ failing }) => failing),
    unknown: sum(({ unknown }) => unknown),
    executions: sum(({ executions }) => executions),
    steps: sum(({ steps }) => steps),
    newSteps: sum(({ newSteps }) => newSteps),
    peakAhead: Math.max(...results.map(({ peakAhead }) => peakAhead)),
    seconds: Math.max(...results.map(({ seconds }) => seconds)),
    seed: plan.options.seed,
    budget: results.find(({ budget }) => budget !== '')?.budget ?? '',
    violation,
    outcomes: [...outcomes.values()],
    coverage: parts.length === 0 ? undefined : mergeParts(parts),
    estimate: estimates.length === 0 ? undefined : { ...estimates[0], executions: Math.round(mean) },
  }
}
