/**
 * One sample of a case: a gang of new threads, in which V8 has seen nothing else.
 */

import type { RecordableHistogram } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { type GangAnswer, type GangOrder, START } from './gang-layout.ts'

/** What a gang did. */
export interface GangSample {
  /** Operations a second of all threads, from the first one's begin to the last one's end. */
  readonly perSecond: number
  /** All operations that were ever done, warm-up included. */
  readonly done: number
  /** Nanoseconds by operation; empty if they were not asked for. */
  readonly histograms: readonly RecordableHistogram[]
}

const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** Runs a gang of so many threads. Rejects with what goes wrong in one of them, and ends all. */
export async function runGang(order: Omit<GangOrder, 'thread' | 'start'>): Promise<GangSample> {
  const start = new Int32Array(new SharedArrayBuffer(START.SIZE * 4))
  const url = new URL(`./gang-worker.${ending}`, import.meta.url)
  const workers = Array.from(
    { length: order.threads },
    (_, thread) => new Worker(url, { workerData: { ...order, thread, start } satisfies GangOrder }),
  )
  try {
    const told = await Promise.all(workers.map(answerOf))
    const answers = told.map(({ answer }) => answer)
    // From the first begin to the last end: a thread that had to wait for a core lowers it.
    const begin = Math.min(...answers.map((each) => each.begin))
    const end = Math.max(...answers.map((each) => each.end))
    const sum = (of: (answer: GangAnswer) => number) => answers.reduce((total, each) => total + of(each), 0)
    return {
      perSecond: (sum(({ done }) => done) * 1000) / (end - begin),
      done: sum(({ all }) => all),
      histograms: told.flatMap(({ histogram }) => histogram ?? []),
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

type Told = { readonly answer: GangAnswer; readonly histogram: RecordableHistogram | null }

const answerOf = (worker: Worker): Promise<Told> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a thread of a gang ended with status ${code}, without an answer`)))
  })
