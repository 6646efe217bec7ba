/**
 * The author's code runs on a worker of its own, so that nothing it does can end the command, print into its output or
 * hang it without a word: `process.exit`, a broken built-in, a loop without a step, a promise that nobody settles.
 */

import { relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CommandFailure } from '../command/command-failure.ts'
import { UsageError } from '../command/usage-error.ts'
import type { Checkpoint, Progress, Result } from '../explore/index.ts'
import type { Listeners, Plan } from './explore-plan.ts'
import type { Replayed, ReplayRequest } from './replay-once.ts'
import type { Source } from './scenario-source.ts'

/** What a worker is to do. */
export type Job =
  | { readonly list: Source }
  | { readonly explore: Plan; readonly resume?: Checkpoint | undefined; readonly checkpoints: boolean }
  | { readonly replay: ReplayRequest }

/** What came of it. */
export type Answer =
  | { readonly names: readonly string[] }
  | { readonly result: Result }
  | { readonly found: string; readonly replayed: Replayed['result'] }

/** What a worker says. */
export type Message =
  /** Its own code is there: what goes wrong from now on is the author's. */
  | { readonly ready: true }
  | { readonly progress: Progress }
  | { readonly checkpoint: Checkpoint }
  /** `file:line` of every site, by number. */
  | { readonly sites: readonly string[] }
  /** The author's code left a promise that was rejected. */
  | { readonly rejected: string }
  /** Nothing is left to do, and the job has no answer. */
  | { readonly stuck: true }
  | { readonly answer: Answer }
  | { readonly usage: string }
  /** It could not do the job, and knows why. */
  | { readonly cut: string }
  | { readonly failed: string }

/** How a job is watched over. */
export interface Watch extends Listeners {
  /** What is explored, for a sentence. */
  readonly name: string
  /** Seconds of computing without a step, after which the worker is ended. */
  readonly patience: number
  /** Seconds for all of it. Undefined: as long as it takes. */
  readonly seconds?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Milliseconds between two looks at a worker. */
const LOOK = 100
/** How many times its patience a worker may sleep: nothing computes, and nothing comes of it. */
const ASLEEP = 4
/** The share of a processor that a process takes in which nothing is done but to look at a worker. */
const RESTING = 0.05
/** Seconds that a job may take beyond its time: it looks at the clock now and then, and shortens what it has found. */
const GRACE = 3

/** Workers without a job: what they have read and instrumented once, the next job need not read again. */
const idle: Worker[] = []

/** Those that have started. */
const ready = new WeakSet<Worker>()

/**
 * Runs a job. Throws UsageError for what the command line has wrong, CommandFailure for code that comes to no answer.
 */
export async function runJob(job: Job, watch: Watch): Promise<Answer> {
  const pulse = new Int32Array(new SharedArrayBuffer(8))
  pulse[1] = -1
  const worker = idle.pop() ?? new Worker(new URL('./scenario-job.js', import.meta.url))
  forget(worker)
  worker.ref()
  worker.postMessage({ job, pulse })
  let answer: Answer | undefined
  try {
    answer = await outcomeOf(worker, pulse, watch)
    return answer
  } finally {
    forget(worker)
    if (answer === undefined || leavesTraces(answer)) await worker.terminate()
    else keep(worker)
  }
}

/** Takes our listeners off a worker, and not those that Node has there. */
function forget(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
}

/** Keeps a worker for another job. It ends with the process, or by what the author's code still does. */
function keep(worker: Worker): void {
  worker.unref()
  idle.push(worker)
  worker.on('error', () => {})
  worker.on('exit', () => idle.splice(idle.indexOf(worker), 1))
}

/** May the author's code have left something behind that another job would find? */
function leavesTraces(answer: Answer): boolean {
  const violation =
    'result' in answer ? answer.result.violation : 'replayed' in answer ? answer.replayed.violation : null
  return violation?.kind === 'refused' || violation?.kind === 'nondeterminism'
}

function outcomeOf(worker: Worker, pulse: Int32Array, watch: Watch): Promise<Answer> {
  const { name, signal } = watch
  let sites: readonly string[] = []
  let rejected: string | undefined
  let over = () => {}
  return new Promise<Answer>((resolve, reject) => {
    const fail = (sentence: string, ending?: 'budget') => reject(new CommandFailure(`${name}: ${sentence}`, ending))
    const watching = watchOver(worker, pulse, watch, (what, ending) => fail(`${what}${lastStep(pulse, sites)}`, ending))
    const aborted = () => reject(signal!.reason)
    signal?.addEventListener('abort', aborted, { once: true })
    worker.on('message', (message: Message) => {
      if ('ready' in message) ready.add(worker)
      else if ('progress' in message) watch.onProgress?.(message.progress)
      else if ('checkpoint' in message) watch.onCheckpoint?.(message.checkpoint)
      else if ('sites' in message) sites = message.sites
      else if ('rejected' in message) rejected ??= message.rejected
      else if ('usage' in message) reject(new UsageError(message.usage))
      else if ('cut' in message) reject(new CommandFailure(message.cut))
      else if ('failed' in message) fail(message.failed)
      else if ('stuck' in message) fail('its code awaits a promise at the top of a module that nobody will ever settle')
      else if (rejected !== undefined) fail(`its own code left a promise that was rejected: ${rejected}`)
      else resolve(message.answer)
    })
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const out = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      if (!ready.has(worker)) reject(new CommandFailure(`${name}: a worker did not start: ${error.message}`))
      fail(out ? 'the memory that Node allows was not enough' : `its own code threw outside of threads: ${error}`)
    })
    worker.on('exit', (code) => {
      fail(`its own code ended the process with status ${code}${lastStep(pulse, sites)}`)
    })
    over = () => {
      clearInterval(watching)
      signal?.removeEventListener('abort', aborted)
    }
  }).finally(() => over())
}

/** Looks now and then whether the worker still does something, and has time left. */
function watchOver(
  worker: Worker,
  pulse: Int32Array,
  watch: Watch,
  hangs: (what: string, ending?: 'budget') => void,
): NodeJS.Timeout {
  const { patience, seconds } = watch
  const begun = performance.now()
  let last = -1
  let busy = process.cpuUsage()
  let idle = 0
  let since = begun
  return setInterval(() => {
    if (seconds !== undefined && performance.now() - begun > (seconds + GRACE) * 1000) {
      hangs(`the time of ${seconds} s was over`, 'budget')
    }
    const beat = Atomics.load(pulse, 0)
    const asleep = worker.performance.eventLoopUtilization().idle / 1000
    if (beat !== last) {
      last = beat
      idle = asleep
      since = performance.now()
      busy = process.cpuUsage()
      return
    }
    const { user, system } = process.cpuUsage(busy)
    // Counted in computing and not by the clock, since a loaded machine may leave the worker no turn.
    if ((user + system) / 1e6 > patience) hangs(`a loop without a visible step: nothing for ${patience} s of computing`)
    else if (asleep - idle > ASLEEP * patience) hangs(`asleep for ${ASLEEP * patience} s without a visible step`)
    // A thread that sleeps in a real `Atomics.wait` is neither idle nor busy.
    const still = (performance.now() - since) / 1000
    if (still > ASLEEP * patience && (user + system) / 1e6 < RESTING * still)
      hangs(
        `asleep for ${ASLEEP * patience} s: code that is not followed waits, and nobody runs beside it; --packages NAME follows a package`,
      )
  }, LOOK)
}

function lastStep(pulse: Int32Array, sites: readonly string[]): string {
  const site = Atomics.load(pulse, 1)
  if (site < 0) return ', before the first visible step of a thread'
  return sites[site] === undefined ? '' : `, after a step at ${relative(process.cwd(), sites[site])}`
}
