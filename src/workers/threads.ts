/**
 * The threads behind the CPUs: started a few at a time, given tasks in gangs, and all of them given up when one fails.
 *
 * The pool (piscina) makes a thread when a task finds none free, so starting is giving each CPU a first task in which
 * it waits for the others. A thread that ended is missed only when the next gang needs it.
 */

import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { Memory } from '../shared/memory.ts'
import { CONTROL } from './control.ts'
import { failureOf, MachineFailure } from './failure.ts'
import type { Outcome, Task, WorkerSetup } from './task.ts'
import { startWatchdog } from './watchdog.ts'

/** Threads that start at the same time: a few more than there are cores, so that this thread still gets its turn. */
const STARTING = availableParallelism() + 2

export class Threads {
  readonly pool: Piscina
  /** Why the machine is of no use any more. */
  failure: MachineFailure | undefined
  /** Rejects with `failure`, never resolves. */
  readonly #failed: Promise<never>
  readonly #cpus: number
  readonly #control: Int32Array
  /** What each CPU runs, for the stories. */
  readonly #running = new Map<number, string>()
  readonly #stopWatchdog: () => void
  #reject: (failure: MachineFailure) => void = () => {}
  #ended = false

  constructor(memory: Memory, control: Int32Array, cpus: number, watchdogMs: number) {
    this.#cpus = cpus
    this.#control = control
    this.#failed = new Promise((_, reject) => {
      this.#reject = reject
    })
    // Nobody may be waiting; then nobody else needs to hear of it.
    this.#failed.catch(() => {})
    const setup: WorkerSetup = { buffer: memory.buffer as SharedArrayBuffer, control }
    this.pool = new Piscina({
      filename: fileURLToPath(new URL('./worker-entry.cjs', import.meta.url)),
      minThreads: 1,
      maxThreads: cpus + 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData: setup,
    })
    this.pool.on('error', (error: Error) =>
      this.#fail(new MachineFailure('worker-exited', -1, `a worker failed while idle: ${error.message}`)),
    )
    // A thread that ended while it loaded had no task yet that could tell; the one it was made for would wait for ever.
    const lost = () => new MachineFailure('worker-exited', -1, 'a thread ended while it was starting')
    this.pool.on('workerDestroy', () =>
      queueMicrotask(() => {
        if (this.pool.queueSize > 0) this.#fail(lost())
      }),
    )
    const what = (id: number) => this.#running.get(id) ?? 'idle'
    this.#stopWatchdog = startWatchdog(memory, watchdogMs, what, (failure) => this.#fail(failure))
  }

  /** Resolves when each CPU and the kworker has a thread that has loaded all it needs. */
  async start(): Promise<void> {
    const kworker: Task = { kind: 'kworker', id: this.#cpus }
    this.#running.set(kworker.id, 'kworker')
    this.#submit(kworker).catch(() => {})
    const tasks = Array.from({ length: this.#cpus }, (_, id): Task => ({ kind: 'start', id, gang: this.#cpus }))
    await this.#together('start', tasks, this.#submitSlowly(tasks))
  }

  async #submitSlowly(tasks: readonly Task[]): Promise<PromiseSettledResult<unknown>[]> {
    const submitted: Promise<unknown>[] = []
    for (const task of tasks) {
      await this.until(() => submitted.length - Atomics.load(this.#control, CONTROL.arrived) < STARTING)
      submitted.push(this.#submit(task))
    }
    return Promise.allSettled(submitted)
  }

  /** Runs one task on each CPU of a gang, and fails as soon as one of them does or the watchdog barks. */
  async gang(what: string, tasks: readonly Task[]): Promise<unknown[]> {
    if (this.failure !== undefined) throw this.failure
    if (this.#running.size > 1)
      throw new Error(`${what}: the CPUs are busy with ${this.#running.get(0)}; one run at a time`)
    Atomics.store(this.#control, CONTROL.stop, 0)
    Atomics.store(this.#control, CONTROL.arrived, 0)
    Atomics.store(this.#control, CONTROL.measure, 1)
    try {
      return await this.#together(what, tasks, Promise.allSettled(tasks.map((task) => this.#submit(task))))
    } finally {
      Atomics.store(this.#control, CONTROL.measure, 0)
    }
  }

  async #together(
    what: string,
    tasks: readonly Task[],
    settled: Promise<PromiseSettledResult<unknown>[]>,
  ): Promise<unknown[]> {
    for (const task of tasks) this.#running.set(task.id, what)
    try {
      const results = await this.#orFailed(settled)
      const failed = results.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      return results.map((result) => (result as PromiseFulfilledResult<unknown>).value)
    } finally {
      for (const task of tasks) this.#running.delete(task.id)
    }
  }

  /** Looks once a millisecond whether `done` is true. Rejects when the machine fails. */
  async until(done: () => boolean): Promise<void> {
    const look = async () => {
      // At least once, so that the event loop turns: for Ctrl-C, for one.
      do await new Promise((resolve) => setTimeout(resolve, 1))
      while (!done() && this.failure === undefined)
    }
    await this.#orFailed(look())
  }

  /**
   * Waits for `promise`, but no longer than the machine is of use. Threads don't keep the process alive, whoever waits
   * for them does.
   */
  async #orFailed<T>(promise: Promise<T>): Promise<T> {
    const keepAlive = setInterval(() => {}, 1000)
    try {
      return await Promise.race([promise, this.#failed])
    } finally {
      clearInterval(keepAlive)
    }
  }

  /** Hands a task to a thread. A story that leaves a CPU unclean, and a thread that ends, fail the machine. */
  async #submit(task: Task): Promise<unknown> {
    let outcome: Outcome
    try {
      outcome = (await this.pool.run(task)) as Outcome
    } catch (error) {
      const failure = new MachineFailure(
        'worker-exited',
        task.id,
        `the thread of CPU ${task.id} (${this.#running.get(task.id) ?? 'idle'}) ended: ${(error as Error).message}`,
      )
      this.#fail(failure)
      throw this.failure
    }
    if (outcome.ok) return outcome.result
    const failure = failureOf(outcome.story)
    if (!outcome.story.clean || task.kind === 'kworker') this.#fail(failure)
    throw failure
  }

  #fail(failure: MachineFailure): void {
    this.failure ??= failure
    Atomics.store(this.#control, CONTROL.stop, 1)
    this.#reject(failure)
  }

  /** Ends the threads as they stand, whatever they do. */
  async end(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.#stopWatchdog()
    this.#fail(new MachineFailure('destroyed', -1, 'the machine was shut down or destroyed'))
    await this.pool.destroy()
  }
}
