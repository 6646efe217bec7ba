/**
 * Works at one search of a queue: takes roots, explores them in processes, and commits what comes of them.
 */

import { CommandFailure } from '../command/command-failure.ts'
import type { Queue, RootJob, Server } from '../command/queue-client.ts'
import { offer } from '../command/queue-roots.ts'
import { UsageError } from '../command/usage-error.ts'
import type { Plan } from './explore-plan.ts'
import { drawBlock, isSample } from './queue-sample.ts'
import { type Seat, startSeat } from './queue-seat.ts'
import type { Commit, OpenRoot, Store } from './queue-store.ts'
import type { Told } from './queue-told.ts'

/** How it is worked at. */
export interface WorkOptions {
  /** What speaks on stderr. */
  readonly command: string
  /** Roots at the same time. */
  readonly jobs: number
  readonly patience: number
  /** Seconds between two commits of a root, and without a sign of life until others take it. */
  readonly slice: number
  readonly stalled: number
  /** Roots that may wait in the queue. */
  readonly waiting: number
  readonly signal: AbortSignal
}

/** Milliseconds between two looks whether it has come to its end. */
const LOOK = 250
/** How often nothing may come of a root. */
const FAILURES = 3
/** Roots that one may give away at a time. */
const GIFTS = 8

/** What is at hand. */
interface Workplace {
  readonly store: Store
  readonly queue: Queue
  readonly id: string
  readonly plan: Plan
  readonly options: WorkOptions
  /** What the search began with, here. */
  readonly start: string
  /** Processes without a root. */
  readonly free: Seat[]
}

/** Works at a search until it has come to its end, or the signal comes. `seat` is a process for it. */
export async function workAt(
  server: Server,
  store: Store,
  id: string,
  plan: Plan,
  seat: Seat,
  options: WorkOptions,
): Promise<void> {
  const { jobs, stalled, signal } = options
  const queue = server.queue(id)
  const { begun: start } = await seat.begun
  const free = [seat]
  // Blocks of samples are drawn in processes that nobody talks to.
  if (isSample(plan)) free.pop()?.end()
  const place: Workplace = { store, queue, id, plan, options, start, free }
  await offer(store, queue, id)
  const worker = server.worker(id, (job) => doRoot(place, job), jobs, stalled)
  let offered = performance.now()
  try {
    while (!signal.aborted) {
      const standing = await store.standing(id)
      if (standing === undefined || standing.open === 0 || standing.failed !== undefined) break
      if (performance.now() - offered > stalled * 1000) {
        await offer(store, queue, id)
        offered = performance.now()
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK))
    }
    await worker.close()
  } finally {
    for (const each of free) each.end()
    await queue.close()
  }
}

/** Explores a root, if it is still open, and commits it. */
async function doRoot(place: Workplace, { data }: RootJob): Promise<void> {
  const { store, queue, id, plan, options } = place
  const open = await store.root(id, data.root)
  if (open === undefined || open.root.token !== data.token || options.signal.aborted) return
  const { root, told } = open
  try {
    const commit = await (isSample(plan) ? drawn(place, root, told) : explored(place, root, told))
    if (commit !== undefined && (await store.commit(id, root, commit))) await offer(store, queue, id)
  } catch (error) {
    await failed(place, root, error)
  }
}

/** Explores a root of an exact search. */
async function explored(place: Workplace, root: OpenRoot, told: Told | undefined): Promise<Commit> {
  const { plan, options, start, free } = place
  const seat = free.pop() ?? startSeat(plan, options.patience)
  try {
    if ((await seat.begun).begun !== start)
      throw new CommandFailure(`${plan.scenario}: its code, or what it begins with, is another one than it was before`)
    const { slice, signal } = options
    const commit = await seat.explore(root, told, { slice, signal, wanted: () => wanted(place, root) })
    free.push(seat)
    return commit
  } catch (error) {
    seat.end()
    throw error
  }
}

/** Draws a block of a sample. Undefined: it is not wanted any more, or there is no time for it. */
async function drawn(place: Workplace, root: OpenRoot, told: Told | undefined): Promise<Commit | undefined> {
  const { plan, options } = place
  const { slice, patience } = options
  const over = new AbortController()
  const looking = setInterval(() => {
    void wanted(place, root).then(
      (n) => n < 0 && over.abort(),
      () => over.abort(),
    )
  }, LOOK)
  const signal = AbortSignal.any([over.signal, options.signal])
  try {
    return await drawBlock(plan, root, told, { slice, patience, signal })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  } finally {
    clearInterval(looking)
  }
}

/** How many roots are wanted of that one. Negative: it is not wanted itself. */
async function wanted({ store, queue, id, options }: Workplace, { name, token }: OpenRoot): Promise<number> {
  const [its, waiting] = await Promise.all([store.root(id, name), queue.getWaitingCount()])
  if (its?.root.token !== token) return -1
  return Math.min(GIFTS, Math.max(0, options.waiting - waiting))
}

/** Nothing came of a root. It will be offered again, here or elsewhere, but not for ever. */
async function failed({ store, id, options }: Workplace, root: OpenRoot, error: unknown): Promise<void> {
  const why = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${options.command}: ${why}\n`)
  // What the explorer refuses it will refuse again. Its sentences have nothing of this machine; others may.
  if (error instanceof UsageError) return store.fail(id, why)
  const times = await store.failures(id, root)
  if (times >= FAILURES) await store.fail(id, `nothing came of a part of it, ${times} times: the workers have said why`)
}
