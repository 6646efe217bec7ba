/**
 * Natives that queue a job: `queueMicrotask`, `process.nextTick`.
 */

import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { call } from '../twins/calls.ts'
import { silently } from '../twins/native-events.ts'
import type { Family, Handler } from '../twins/native-table.ts'
import { currentAgent, type Job } from './agent.ts'

/** A call of the author's function, as a job. `what`: what that is called, where it is no task. */
export function jobOf(site: number, fn: unknown, args: readonly unknown[], what?: string): Job {
  return function* (): Twin<void> {
    runtime.hooks()?.comes(what, site)
    yield* call(site, fn, undefined, [...args])
  }
}

/** Throws what Node throws for a callback that is none. */
export function expectCallback(fn: unknown): void {
  if (typeof fn === 'function') return
  const error = new TypeError(`The "callback" argument must be of type function. Received ${String(fn)}`)
  throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
}

const microtask: Handler = silently((site, _, __, [fn]) => {
  expectCallback(fn)
  currentAgent().jobs.push(jobOf(site, fn, [], 'job'))
})

const tick: Handler = silently((site, _, __, [fn, ...args]) => {
  expectCallback(fn)
  currentAgent().ticks.push(jobOf(site, fn, args, 'tick'))
})

export const jobs: Family = [
  [queueMicrotask, microtask],
  [globalThis.process?.nextTick, tick],
]
