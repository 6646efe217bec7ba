/**
 * Gives twins what async code needs, and the table of natives those that do something later.
 */

import { withFields } from '../runtime/fields.ts'
import { noteFunctions } from '../runtime/language-functions.ts'
import { runtime } from '../runtime/runtime.ts'
import { instrumented } from '../twins/instrumented.ts'
import { asynchronous, constructors, handlers } from '../twins/native-table.ts'
import { Awaited, driveAsync, startAsync } from './async-functions.ts'
import { asyncGenerator } from './async-generators.ts'
import { advanceAsync, closeAsync, openAsync } from './async-iteration.ts'
import { BrowserWorker } from './browser-classes.ts'
import { scopeFunctions } from './browser-scope.ts'
import { startDedicated } from './dedicated-worker.ts'
import { afterBody } from './event-loop.ts'
import { afterModules } from './modules.ts'
import { BroadcastChannel, broadcasts, createChannel } from './native-broadcasts.ts'
import { events } from './native-events.ts'
import { jobs } from './native-jobs.ts'
import { listening } from './native-listeners.ts'
import { channel, MessageChannel, messagePorts } from './native-ports.ts'
import { clocks } from './native-timers.ts'
import { startWorker, WorkerClass, workerMethods } from './native-workers.ts'
import { construct, promises } from './promise-natives.ts'
import { waits } from './wait-async.ts'

export { instrumented }

Object.assign(instrumented.n, {
  Awaited,
  startAsync,
  driveAsync,
  asyncGenerator,
  openAsync,
  advanceAsync,
  closeAsync,
})
runtime.afterBody = afterBody
runtime.afterModules = afterModules
withFields(instrumented.n)
withFields(runtime)

constructors.set(Promise, construct)
if (MessageChannel !== undefined) constructors.set(MessageChannel, channel)
if (BroadcastChannel !== undefined) constructors.set(BroadcastChannel, createChannel)
constructors.set(BrowserWorker, startDedicated)
if (WorkerClass !== undefined) constructors.set(WorkerClass, startWorker)
for (const [fn, handler] of listening) if (fn !== undefined) handlers.set(fn, handler)
for (const [fn, handler] of [
  promises,
  jobs,
  waits,
  clocks,
  events,
  messagePorts,
  broadcasts,
  workerMethods,
  scopeFunctions,
].flat()) {
  if (fn === undefined) continue
  handlers.set(fn, handler)
  asynchronous.add(fn)
}

// Behind all of them: what they have replaced is what everybody relies on.
noteFunctions()
