/** Workers of mutate-sites: each is given one mutant after another, and a new one stands in for one that hangs. */

import { Worker } from 'node:worker_threads'
import type { Asked, Task, Verdict } from './site-worker.ts'

/** One that judges one mutant at a time. */
export interface SiteWorker {
  judge(task: Task): Promise<Verdict>
  end(): Promise<unknown>
}

/** A scenario takes seconds. */
const SILENCE_MS = 300_000

export function siteWorker(): SiteWorker {
  let worker: Worker | undefined
  return {
    judge: (task) =>
      new Promise((resolve) => {
        worker ??= new Worker(new URL('./site-worker.js', import.meta.url), { stdout: true, stderr: true })
        const its = worker
        const give = (verdict: Verdict, over: boolean) => {
          clearTimeout(timer)
          // Ours, and not those that Node has there.
          for (const event of ['message', 'error', 'exit']) its.removeAllListeners(event)
          if (over) {
            worker = undefined
            its.terminate()
          }
          resolve(verdict)
        }
        // The mutant hangs where the explorer can't see it, or the machine is slow. Nobody knows which, so that it does
        // not count as caught.
        const hangs = () => give({ by: '', what: `no answer of ${asked}` }, true)
        let asked = 'any'
        let timer = setTimeout(hangs, SILENCE_MS)
        its.on('message', (message: Asked | Verdict) => {
          if (typeof message !== 'string') return give(message, false)
          asked = message
          clearTimeout(timer)
          timer = setTimeout(hangs, SILENCE_MS)
        })
        its.on('error', (error) => give({ by: 'the worker', what: `throws ${error.message}` }, true))
        its.on('exit', () => give({ by: 'the worker', what: 'ends' }, true))
        its.postMessage(task)
      }),
    end: async () => worker?.terminate(),
  }
}
