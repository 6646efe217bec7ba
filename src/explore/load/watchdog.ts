/**
 * A watchdog for processes in which nobody else looks whether an exploration still does something, as those of a test
 * runner: what can't be interrupted would hold them for ever. It tells what holds the process, and ends it.
 */

import { availableParallelism } from 'node:os'
import { isMainThread, Worker } from 'node:worker_threads'
import { countPulses, siteNames } from '../runtime/pulse.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Watched } from './watchdog-thread.ts'

/** No other threads beside this one want the cores. Kept, since to the author's code each thread is the main one. */
const alone = isMainThread

/** Seconds of computing without a visible step. */
export const PATIENCE = 30

/**
 * From the next exploration in this thread on, a thread beside it looks whether it takes steps. `patience`: seconds
 * that it may compute without one; of the threads of a pool, which share a process, times the number of cores.
 */
export function watchOver(patience: number = PATIENCE): void {
  if (runtime.pulse !== null || !Number.isFinite(patience)) return
  const pulse = new Int32Array(new SharedArrayBuffer(12))
  pulse[1] = -1
  countPulses(pulse)
  let worker: Worker | undefined
  let told = 0
  runtime.watched = (explores) => {
    if (explores) {
      worker ??= started({ pulse, patience: alone ? patience : patience * availableParallelism() })
      const names = siteNames()
      if (names.length > told) worker.postMessage(names.slice(told))
      told = names.length
    }
    Atomics.store(pulse, 2, explores ? 1 : 0)
  }
}

function started(workerData: Watched): Worker {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  // What this process was started with, as to instrument what it loads, is nothing for the watchdog.
  const worker = new Worker(new URL(`../load/watchdog-thread.${ending}`, import.meta.url), { workerData, execArgv: [] })
  worker.on('error', (error) => console.warn(`explore: nobody looks whether explorations hang: ${error.message}`))
  worker.unref()
  return worker
}
