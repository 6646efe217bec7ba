/**
 * `explore --queue`: puts searches on a server, follows what `work` makes of them on whatever machines, and tells the
 * result as one core would.
 */

import { createHash } from 'node:crypto'
import { CommandFailure } from '../command/command-failure.ts'
import type { Values } from '../command/flags.ts'
import { connect, type Server } from '../command/queue-client.ts'
import { offer, type Standing } from '../command/queue-roots.ts'
import { UsageError } from '../command/usage-error.ts'
import type { Result } from '../explore/index.ts'
import { type FLAGS, refuseBeside } from './explore-flags.ts'
import { type Explored, failureOf } from './explore-jobs.ts'
import type { Plan } from './explore-plan.ts'
import type { ProgressLine } from './explore-progress.ts'
import { asExact, blocksOf, drawnPlan, endsAll, isSample } from './queue-sample.ts'
import { type Begun, startSeat } from './queue-seat.ts'
import { createStore, type Root, type Search, type Store } from './queue-store.ts'
import { checkpointOf, sumOfTold } from './queue-told.ts'
import { runJob } from './scenario-process.ts'

/** How searches are followed. */
export interface QueueOptions {
  /** What speaks on stderr. */
  readonly command: string
  readonly url: string
  readonly patience: number
  readonly progress: ProgressLine
}

/** Milliseconds between two looks. */
const LOOK = 250

/** Flags that a search in a queue has no use for. */
const FOREIGN = [
  'litmus',
  'memory',
  'max-preemptions',
  'seconds',
  'jobs',
  'first',
  'watch',
  'checkpoint',
  'resume',
  'layout',
  'coverage',
  'lcov',
] as const

/** Throws UsageError for flags that do not go with --queue. */
export function refuseInQueue(values: Values<typeof FLAGS>): void {
  const { queue, strategy, seed } = values
  if (queue === undefined) return
  refuseBeside('queue', FOREIGN, values)
  if (!isSample({ strategy })) refuseBeside('queue', ['max-executions'], values)
  else if (seed === undefined)
    throw new UsageError(`--queue: got --strategy ${strategy} without --seed, expected the seed that names the sample`)
}

/** Puts these searches on the server. The results come in the order of the plans, each as soon as it is there. */
export async function* exploreInQueue(plans: readonly Plan[], options: QueueOptions): AsyncGenerator<Explored> {
  const server = await connect(options.command, options.url)
  const store = createStore(server.redis)
  try {
    const put: (Followed | CommandFailure)[] = []
    for (const plan of plans) put.push(await putOne(server, store, plan, options).catch(failureOf))
    for (const [i, plan] of plans.entries()) {
      const its = put[i]
      const ended =
        its instanceof CommandFailure ? its : await follow(server, store, plan, its, options).catch(failureOf)
      options.progress.done(plan.scenario)
      yield ended instanceof CommandFailure ? { plan, failure: ended } : { plan, result: ended }
    }
  } finally {
    server.close()
  }
}

/** A search that is on the server. */
interface Followed {
  readonly id: string
  readonly search: Search
  readonly begun: Begun
  /** What it begins with. Undefined: with all of it. */
  readonly roots: ReadonlyMap<string, Root> | undefined
}

/** Puts a search there, or finds it there. */
async function putOne(
  server: Server,
  store: Store,
  { scenario, ...plan }: Plan,
  options: QueueOptions,
): Promise<Followed> {
  const its = { scenario, ...plan }
  const seat = startSeat(isSample(its) ? asExact(its) : its, options.patience)
  const begun = await seat.begun.finally(seat.end)
  const { maxExecutions, seconds } = begun.asked
  // What a sample is told beside the scenario holds.
  if ((isSample(its) ? seconds : (maxExecutions ?? seconds)) !== undefined)
    throw new CommandFailure(
      `${scenario}: got a budget in the scenario, expected none for a search in a queue`,
      'usage',
    )
  const { fingerprint, begun: start } = begun
  const search: Search = { scenario, fingerprint, start, strategy: plan.strategy, options: plan.options }
  // The same search, put there twice, is one.
  const id = createHash('sha256').update(JSON.stringify(search)).digest('hex').slice(0, 16)
  const roots = isSample(its) ? blocksOf(its, fingerprint) : undefined
  await putAndOffer(server, store, { id, search, begun, roots })
  return { id, search, begun, roots }
}

async function putAndOffer(server: Server, store: Store, { id, search, roots }: Followed): Promise<void> {
  await store.put(id, search, roots)
  const queue = server.queue(id)
  await offer(store, queue, id).finally(() => queue.close())
}

/** Follows a search to its end. */
async function follow(
  server: Server,
  store: Store,
  plan: Plan,
  its: Followed,
  { progress, patience }: QueueOptions,
): Promise<Result> {
  const { id, begun } = its
  for (;;) {
    const standing = await store.standing(id)
    // A server that began anew has lost it.
    if (standing === undefined) await putAndOffer(server, store, its)
    else if (standing.failed !== undefined) {
      await takeOff(server, store, id, true)
      throw new CommandFailure(standing.failed)
    } else if (standing.open === 0) {
      const result = await resultOf(store, plan, id, begun, patience)
      await takeOff(server, store, id, false)
      const { seconds } = standing
      if (isSample(plan)) return { ...result, seconds }
      return { ...result, seconds, estimate: result.exhaustive ? undefined : estimateOf(standing) }
    } else {
      const { executions, seconds } = standing
      const rate = seconds > 0 ? executions / seconds : 0
      const estimate = isSample(plan) ? undefined : estimateOf(standing)
      progress.show(plan.scenario, 0, { executions, seconds, rate, estimate })
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
}

function estimateOf({ executions, behind }: Standing): Result['estimate'] {
  if (behind <= 0) return undefined
  const method = 'by known branches, each taken for equally large; more may appear'
  return { executions: Math.round(executions / behind), method }
}

async function takeOff(server: Server, store: Store, id: string, soon: boolean): Promise<void> {
  const queue = server.queue(id)
  await queue.obliterate({ force: true }).finally(() => queue.close())
  await store.end(id, soon)
}

/** Goes on, here, from where nothing is left: judges what was found, and makes the lines of its schedules. */
async function resultOf(
  store: Store,
  plan: Plan,
  id: string,
  { fingerprint, threads }: Begun,
  patience: number,
): Promise<Result> {
  const sum = sumOfTold(await store.told(id))
  const atEnd = isSample(plan)
    ? drawnPlan(plan, sum, fingerprint)
    : { explore: plan, resume: checkpointOf(sum, fingerprint, threads) }
  const answer = await runJob({ ...atEnd, checkpoints: false }, { name: plan.scenario, patience })
  const { result } = answer as { result: Result }
  if (result.violation === null && (sum.failed !== null || sum.broken)) {
    throw new CommandFailure(
      `${plan.scenario}: a worker found what can't be found here${sum.failed === null ? '' : `, with the schedule ${sum.failed}`}: a thread reads what is not the same on all machines, or executions do not repeat`,
    )
  }
  const { newSteps, peakAhead } = sum
  const budget = endsAll(result, plan) ? '' : result.budget
  return { ...result, budget, newSteps, peakAhead: Math.max(peakAhead, result.peakAhead) }
}
