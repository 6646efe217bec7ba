/**
 * Explores a scenario of a file on several worker threads.
 */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { LoadOptions } from '../load/load-options.ts'
import type { Result } from '../result.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import type { Options } from '../scenario.ts'
import type { FileWork } from './file-thread.ts'
import { createCalls, handOn } from './link.ts'
import { shareOut } from './share-out.ts'

/** How to explore a file. */
export interface FileOptions
  extends Omit<Options, 'strategy' | 'maxPreemptions' | 'seed' | 'depth' | 'raw' | 'time' | 'coverage'>,
    Omit<LoadOptions, 'edits'> {
  /** The export to explore. Not needed where only one is a scenario. */
  scenario?: string
  /** Worker threads; by default as many as the machine runs at once. */
  jobs?: number
  /** Take whichever violation is found first, and not the one that one worker would come to first. */
  first?: boolean
}

/**
 * Explores all interleavings of a scenario of a file, on several worker threads that share what lies ahead. The file is
 * instrumented as `loadInstrumented` does it, on each of them. What comes back is what one worker would find, whatever
 * `jobs` is; but `peakAhead` is of the worker that had most in memory, and `violation.error` is not there. Rejects with
 * a MisuseError for what is no scenario, or for one that is another one each time it is set up.
 */
export async function exploreFile(file: string | URL, options: FileOptions = {}): Promise<Result> {
  const { scenario = '', jobs = availableParallelism(), raw, packages, first, ...others } = options
  if (!Number.isInteger(jobs) || jobs < 1) throw new MisuseError(`jobs: got ${jobs}, expected a whole number from 1 on`)
  const { onProgress, onCheckpoint, resume, ...exploration } = others
  const url = file instanceof URL ? file.href : pathToFileURL(resolve(file)).href
  const shared = shareOut({ first, onProgress, onCheckpoint, resume })
  const workers = Array.from({ length: jobs }, () => {
    const { port1, port2 } = new MessageChannel()
    const calls = createCalls()
    port1.on('message', shared.join(handOn(port1, calls)))
    const work: FileWork = {
      url,
      scenario,
      load: { raw, packages },
      options: exploration,
      line: { port: port2, calls },
    }
    // Found from the joined module, too.
    const worker = new Worker(new URL('../jobs/file-thread.js', import.meta.url), {
      workerData: work,
      transferList: [port2],
    })
    worker.on('error', shared.fail)
    worker.on('exit', (code) => shared.fail(new Error(`${fileURLToPath(url)} ended a worker with status ${code}`)))
    return { worker, port: port1 }
  })
  try {
    return await shared.result
  } finally {
    for (const { worker, port } of workers) {
      port.close()
      await worker.terminate()
    }
  }
}
