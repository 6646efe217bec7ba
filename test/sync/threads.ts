/**
 * Real threads for what really blocks. They run the built files under dist, since a worker started in here does not
 * pass through Vite; `npm test` builds them first.
 *
 * Nothing here may hang: each wait has a deadline, far beyond what it takes, and tells what stood where when it passed.
 */

import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, vi } from 'vitest'
import { PERCPU } from '../../src/sync/cpu.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import { own, type Setting } from './setting.ts'

/** Milliseconds until a wait counts as a hang. */
const PATIENCE = 300_000

/** Mutation tests change the sources and not what is built of them, so they leave real threads out. */
export const REAL_THREADS = process.env.REAL_THREADS !== 'no'

/** For files with threads: the test's own limit lies behind ours, so that ours can tell what it saw. */
export function allowForThreads(): void {
  vi.setConfig({ testTimeout: 3 * PATIENCE, hookTimeout: PATIENCE })
}

export interface Thread<T> {
  /** What the job returned. */
  readonly done: Promise<T>
  /** Ends the thread wherever it is. */
  kill(): Promise<unknown>
}

/** A job for a CPU: a function of test/sync/workers/<file>.js, with its arguments. */
export interface Job {
  readonly file: 'lock-jobs' | 'rcu-jobs'
  readonly job: string
  readonly args?: object
  readonly mayPark?: boolean
}

/** Runs one job a CPU, from CPU `first` on; none begins before all are there. */
export async function startThreads<T>(house: Setting, first: number, jobs: readonly Job[]): Promise<Thread<T>[]> {
  await expectFreshBuild()
  const { words, rcu } = house
  const gate = house.take()
  return jobs.map((job, i) => {
    const data = { buffer: words.buffer, rcu, id: first + i, gate, gang: jobs.length, ...job }
    const worker = new Worker(new URL('./workers/cpu-thread.js', import.meta.url), { workerData: data, execArgv: [] })
    onTestFinished(async () => void (await worker.terminate()))
    const done = new Promise<T>((resolve, reject) => {
      worker.on('message', resolve)
      worker.on('error', reject)
      worker.on('exit', () => reject(new Error(`the thread of CPU ${first + i} ended before its job`)))
    })
    // A thread that a test kills ends so; whoever awaits `done` still sees it.
    done.catch(() => {})
    return { done, kill: () => worker.terminate() }
  })
}

/** Starts the threads and waits until each has done its job. */
export async function runThreads<T>(
  house: Setting,
  first: number,
  jobs: readonly Job[],
  locks: readonly number[] = [],
): Promise<T[]> {
  const threads = await startThreads<T>(house, first, jobs)
  return allDone(house, threads, locks)
}

/** What the threads return. A thread that is not done in time is a hang: fails with the state of locks and CPUs. */
export async function allDone<T>(
  house: Setting,
  threads: readonly Thread<T>[],
  locks: readonly number[] = [],
): Promise<T[]> {
  let timer: NodeJS.Timeout | undefined
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`hung: not all threads got done\n${describe(house, locks)}`)), PATIENCE)
  })
  try {
    return await Promise.race([Promise.all(threads.map(({ done }) => done)), hang])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks every millisecond until the condition holds. */
export async function eventually(
  house: Setting,
  what: string,
  condition: () => boolean,
  locks: readonly number[] = [],
): Promise<void> {
  const deadline = performance.now() + PATIENCE
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`hung: never saw that ${what}\n${describe(house, locks)}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

function describe(house: Setting, locks: readonly number[]): string {
  const { words, rcu, cpus } = house
  const lines = [`grace periods: started ${words[rcu + RCU.started]}, completed ${words[rcu + RCU.completed]}`]
  lines.push(`orphans ${words[rcu + RCU.orphans]}, their mutex ${hex(words[rcu + RCU.orphanMutex])}`)
  for (const lock of locks) lines.push(`lock at word ${lock}: ${hex(words[lock])}`)
  for (const cpu of cpus) {
    const fields = ['quiescent', 'nesting', 'locksHeld', 'callbacks', 'waitingKind', 'waitingAt', 'waits'] as const
    lines.push(`CPU ${cpu.id} (word ${cpu.base}): ${fields.map((field) => `${field} ${own(cpu, field)}`).join(', ')}`)
  }
  return lines.join('\n')
}

function hex(n: number): string {
  return `0x${(n >>> 0).toString(16)}`
}

/** A build of other layouts would only make a mess. */
async function expectFreshBuild(): Promise<void> {
  const dist = '../../dist/src/sync'
  const built = { ...(await import(`${dist}/cpu.js`)), ...(await import(`${dist}/rcu-layout.js`)) }
  expect({ PERCPU: built.PERCPU, RCU: built.RCU }, 'dist is of the same layout as src; if not: npm run build').toEqual({
    PERCPU,
    RCU,
  })
}
