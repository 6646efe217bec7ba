/**
 * A scenario on real threads: the same setup and threads that the explorer takes, many rounds of them, with the
 * sanitizer and the invariants as judge.
 *
 * Edits are applied as for the explorer, when the threads load their modules, which then run in their plain form. The
 * threads stay for the next scenario, since what they have loaded once they load faster; those that hang are given up
 * and replaced.
 */

import { Worker } from 'node:worker_threads'
import type { Edit } from '../../src/explore/index.ts'
import { attach } from '../../src/shared/memory.ts'
import { BOARD } from './board.ts'
import { waitsOf } from './waits.ts'

/** What the threads load, from a file beside setting.ts. Paths are absolute. */
export interface ThreadProgram {
  readonly file: string
  /** The scenario, among what the file exports. */
  readonly name: string
  readonly edits: readonly Edit[]
  /** How many threads it has. */
  readonly threads: number
}

/**
 * Scenarios start from a memory without sanitizer, since the explorer's own is exact. Redzones, shadow and quarantine
 * take room.
 */
const SANITIZED = {
  file: './setting.ts',
  from: 'createMemory({ cpus: threads + 1, bytes,',
  to: 'createMemory({ cpus: threads + 1, sanitize: true, bytes: 2 * bytes + (64 << 10),',
}

/**
 * What was wrong: a code of the sanitizer or of a broken rule, 'assertion', 'hang', or the name of an error such as
 * TypeError.
 */
export interface ThreadFinding {
  readonly kind: string
  readonly message: string
}

export interface ThreadResult {
  readonly found: ThreadFinding | null
  /** The failing one included. */
  readonly rounds: number
  /** Seconds from the first round on. */
  readonly seconds: number
}

/** What a thread is told. */
export type ThreadOrder =
  | {
      readonly load: Omit<ThreadProgram, 'threads'>
      readonly board: Int32Array
      readonly id: number
      readonly gang: number
    }
  /** The memory that the first thread has set up. */
  | { readonly join: SharedArrayBuffer }

/** What it answers. */
export type ThreadWord =
  | { readonly ready: SharedArrayBuffer }
  | { readonly ended: ThreadFinding | null }
  | { readonly failed: string }

/** Milliseconds without a finished round after which the threads hang. A round takes microseconds. */
const HANG = 3000
/** Milliseconds that the others have to end when one has thrown: it may hold a lock that they wait for. */
const GRACE = 500
/** Milliseconds between two looks at how far they are. */
const LOOK = 50

/** Threads that run scenarios, one after the other. */
export class ScenarioThreads {
  #workers: Worker[] = []
  readonly #hang: number

  constructor({ hang = HANG } = {}) {
    this.#hang = hang
  }

  /**
   * Runs rounds of a scenario until one goes wrong or so many seconds are over. Throws an Error if it can't be loaded.
   */
  async run({ threads, edits, ...program }: ThreadProgram, seconds: number): Promise<ThreadResult> {
    const load = { ...program, edits: [...edits, SANITIZED] }
    while (this.#workers.length < threads) this.#workers.push(new Worker(new URL('./round.js', import.meta.url)))
    const workers = this.#workers.slice(0, threads)
    const board = new Int32Array(new SharedArrayBuffer(4 * BOARD.SIZE))
    const order = (worker: Worker, what: ThreadOrder): Promise<ThreadWord> => {
      worker.postMessage(what)
      return answerOf(worker)
    }
    const words = await Promise.all(workers.map((worker, id) => order(worker, { load, board, id, gang: threads })))
    const failed = words.find((word) => 'failed' in word)
    if (failed !== undefined) throw new Error(failed.failed)
    const [{ ready }] = words as [{ readonly ready: SharedArrayBuffer }]
    const started = performance.now()
    const ended = workers.map((worker) => order(worker, { join: ready }))
    const hang = await this.#watch(ended, board, ready, started + 1000 * seconds)
    const took = { rounds: Atomics.load(board, BOARD.rounds), seconds: (performance.now() - started) / 1000 }
    if (hang === undefined) {
      const found = (await Promise.all(ended)).map(findingOf).find((each) => each !== null)
      return { ...took, found: found ?? null }
    }
    await this.end()
    return { ...took, found: hang }
  }

  /**
   * Waits until the threads have ended, and tells them to when the time is over. Returns what was wrong, if one of them
   * does not end: what another one threw, which may be why, else what they wait for.
   */
  async #watch(
    ended: readonly Promise<ThreadWord>[],
    board: Int32Array,
    buffer: SharedArrayBuffer,
    until: number,
  ): Promise<ThreadFinding | undefined> {
    let running = ended.length
    let thrown: ThreadFinding | null = null
    for (const each of ended)
      each.then(
        (word) => {
          running--
          thrown ??= findingOf(word)
        },
        () => (running = 0),
      )
    let rounds = 0
    let since = performance.now()
    const all = Promise.allSettled(ended)
    while (running > 0) {
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, LOOK))])
      const now = performance.now()
      if (now > until) Atomics.store(board, BOARD.stop, 1)
      const seen = Atomics.load(board, BOARD.rounds)
      if (seen !== rounds) since = now
      rounds = seen
      if (running > 0 && now - since > (thrown === null ? this.#hang : GRACE))
        return thrown ?? { kind: 'hang', message: waitsOf(attach(buffer)) }
    }
    return undefined
  }

  /** Ends the threads as they stand. */
  async end(): Promise<void> {
    const workers = this.#workers
    this.#workers = []
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

const findingOf = (word: ThreadWord): ThreadFinding | null => ('ended' in word ? word.ended : null)

/** The next message of a thread. Rejects if the thread ends instead. */
function answerOf(worker: Worker): Promise<ThreadWord> {
  return new Promise((resolve, reject) => {
    const done = () => {
      worker.off('message', heard)
      worker.off('error', broken)
    }
    const heard = (word: ThreadWord) => {
      done()
      resolve(word)
    }
    const broken = (error: Error) => {
      done()
      reject(error)
    }
    worker.on('message', heard)
    worker.on('error', broken)
  })
}
