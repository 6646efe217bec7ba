/**
 * What code of a browser makes or asks about: `Worker`, the classes of global objects, and those of events that Node
 * lacks. Their methods and handlers are those of whatever is listened to; `new Worker` stands in dedicated-worker.ts.
 */

import { refuse } from '../twins/refuse.ts'
import { linkHandler } from './native-listeners.ts'

const illegal = (): never => {
  throw new TypeError('Illegal constructor')
}

/** `Worker`. An object of it is one end of a pair of ports. */
export class BrowserWorker extends EventTarget {
  constructor() {
    super()
    refuse(-1, 'new Worker in code that is not followed')
  }
}

export class Window extends EventTarget {
  constructor() {
    super()
    illegal()
  }
}

export class WorkerGlobalScope extends EventTarget {
  constructor() {
    super()
    illegal()
  }
}

export class DedicatedWorkerGlobalScope extends WorkerGlobalScope {}

/** What was thrown and not caught. Where that was nobody is told. */
export class ErrorEvent extends Event {}

export class PromiseRejectionEvent extends Event {}

/** `onmessage` and its like, which are set and asked for by twins. */
function withHandlers(holder: object, types: readonly string[]): void {
  for (const type of types) {
    const accessor = { get: () => null, set: () => {}, enumerable: true, configurable: true }
    Object.defineProperty(holder, `on${type}`, accessor)
    linkHandler(holder, type)
  }
}
withHandlers(BrowserWorker.prototype, ['message', 'messageerror', 'error'])
withHandlers(Window.prototype, ['message', 'messageerror', 'error', 'unhandledrejection', 'rejectionhandled'])
withHandlers(WorkerGlobalScope.prototype, ['error', 'unhandledrejection', 'rejectionhandled'])
withHandlers(DedicatedWorkerGlobalScope.prototype, ['message', 'messageerror'])

for (const type of [Window, WorkerGlobalScope, DedicatedWorkerGlobalScope, BrowserWorker])
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: type.name, configurable: true })
Object.defineProperty(BrowserWorker.prototype, Symbol.toStringTag, { value: 'Worker', configurable: true })
Object.defineProperty(BrowserWorker, 'name', { value: 'Worker', configurable: true })
