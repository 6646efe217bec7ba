/**
 * `Atomics.waitAsync`: an event as `Atomics.wait` is one, but a task of its own waits in the queue.
 */

import type { AsyncWait } from '../runtime/engine.ts'
import { WAIT, WAIT_ASYNC } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { isShared, isWaitable } from '../runtime/shared-view.ts'
import { perform } from '../twins/native-events.ts'
import type { Family, Handler, Native } from '../twins/native-table.ts'
import { primitive } from '../twins/primitive.ts'
import { hold, hooks, task } from './event-loop.ts'
import { createPromise, resolve } from './promise.ts'

const waitAsync: Handler = function* (site, fn, self, args) {
  const [view] = args
  if (!isShared(view) || !isWaitable(view)) return perform(fn, self, args)
  const index = Math.trunc(Number(yield* primitive(args[1]))) || 0
  if (!(index >= 0 && index < (view as Int32Array).length)) return perform(fn, self, [view, index])
  const value = yield* primitive(args[2])
  const given = Number(yield* primitive(args[3]))
  const timeout = Number.isNaN(given) ? Number.POSITIVE_INFINITY : Math.max(given, 0)
  runtime.changes++
  if (timeout === 0) {
    if (!runtime.op(WAIT, site, view, index, value, 0)) yield
    return { async: false, value: runtime.result }
  }
  yield* hold(site)
  const state = createPromise()
  const until = hooks(site).now() + timeout
  const wait: AsyncWait = {
    timeout,
    body() {
      const answer = runtime.result
      return task(site, () => {
        // Its clock goes on while the agent is its own.
        if (answer === 'timed-out') hooks(site).runsOut(until, true)
        return resolve(state, answer)
      })
    },
  }
  if (!runtime.op(WAIT_ASYNC, site, view, index, value, wait)) yield
  return runtime.result === 'waits' ? { async: true, value: state.promise } : { async: false, value: runtime.result }
}

export const waits: Family = [[(Atomics as unknown as Record<string, Native | undefined>).waitAsync, waitAsync]]
