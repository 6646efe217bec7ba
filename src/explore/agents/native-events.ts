/**
 * Events of Node's: an `EventEmitter` calls its listeners by their twins, `events.once` gives a promise of ours, and
 * `AbortSignal.timeout` takes the explorer's time.
 */

import { isBroadcast, isPort } from '../runtime/message-port.ts'
import { runtime } from '../runtime/runtime.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call } from '../twins/calls.ts'
import { silently } from '../twins/native-events.ts'
import { type Family, type Handler, harmless, type Native } from '../twins/native-table.ts'
import { refuse } from '../twins/refuse.ts'
import type { Promised } from './agent.ts'
import { dispatching, listenTo } from './event-targets.ts'
import { release, setImmediately, setTimer } from './native-timers.ts'
import { add } from './port-events.ts'
import { listen, portOf } from './ports.ts'
import { createPromise, reject, resolve, resolvingFunctions, twinned } from './promise.ts'

type Listener = Native & { readonly listener?: unknown }

/** What is asked of an object that listeners are added to, whoever made its class. */
interface Emitter {
  readonly on: unknown
  readonly once: unknown
  readonly removeListener: unknown
}

const { process } = globalThis as { process?: NodeJS.Process }
const builtin = (name: string): Record<string, Native | undefined> =>
  (process?.getBuiltinModule?.(`node:${name}`) ?? {}) as Record<string, Native | undefined>
const { EventEmitter, once: nodesOnce, on: nodesOn } = builtin('events')
const emitters = (EventEmitter?.prototype ?? {}) as Record<string, Native | undefined>
const promises = builtin('timers/promises')
const { scheduler } = promises as unknown as { scheduler?: Record<string, Native | undefined> }

const isListened = (each: Listener): boolean =>
  TWIN in each || (typeof each.listener === 'function' && TWIN in each.listener)

/** `emitter.emit(event, ...args)`, listener by listener, if the author's are among them. */
export const emit: Handler = function* (site, fn, self, args) {
  const [event, ...given] = args
  const listeners = Reflect.apply(emitters.rawListeners!, self, [event]) as Listener[]
  if (!listeners.some(isListened)) return Reflect.apply(fn, self, args)
  const capture = Object.getOwnPropertySymbols(self).find(({ description }) => description === 'kCapture')
  if (capture !== undefined && (self as Record<symbol, unknown>)[capture] === true)
    refuse(site, 'an EventEmitter that captures rejections calls its listeners unseen')
  runtime.changes++
  for (const each of listeners) {
    if (typeof each.listener === 'function') {
      Reflect.apply(emitters.removeListener!, self, [event, each.listener])
      yield* call(site, each.listener, self, given)
    } else yield* call(site, each, self, given)
  }
  return true
}

/** A function of ours that hears of an event. */
function hearing(work: (...args: unknown[]) => void): Native {
  const plain = (...args: unknown[]): void => work(...args)
  ;(plain as unknown as Record<symbol, unknown>)[TWIN] = null
  return plain
}

/** `events.once(emitter, event)`, which is an async function that gives a promise. */
const once: Handler = function* (site, _, __, [emitter, event, options]) {
  const state = createPromise()
  yield* resolve(state, (yield* onceOne(site, emitter, event, options)).promise)
  return state.promise
}

/** The promise that it gives. */
function* onceOne(site: number, emitter: unknown, event: unknown, options: unknown): Twin<Promised> {
  const state = createPromise()
  const { resolve } = resolvingFunctions(state)
  const arrived = hearing((...args) => Reflect.apply(resolve, undefined, [args]))
  if (options !== undefined) refuse(site, 'events.once with options')
  if (isPort(emitter)) {
    const port = portOf(site, emitter)
    add(site, port, String(event), arrived, 'value', true)
    yield* listen(site, port)
  } else if (emitter instanceof EventTarget && !isBroadcast(emitter))
    listenTo(site, emitter, event, arrived, { once: true })
  else if (typeof (emitter as Emitter | null)?.on !== 'function')
    refuse(site, 'events.once of what is neither an EventEmitter, an EventTarget nor a port')
  else yield* onceOf(site, emitter as Emitter, event, state, arrived)
  return state
}

/** As Node has it: what is asked for is `on`, and what is called are `once` and, if it is there, `removeListener`. */
function* onceOf(site: number, its: Emitter, event: unknown, state: Promised, arrived: Native): Twin<void> {
  const first = twinned(function* (...args) {
    if (typeof its.removeListener === 'function') yield* call(site, its.removeListener, its, ['error', failed])
    yield* call(site, arrived, undefined, args)
  }, 0)
  const failed = twinned(function* (error) {
    yield* call(site, its.removeListener, its, [event, first])
    reject(state, error)
  })
  yield* call(site, its.once, its, [event, event === 'error' ? arrived : first])
  if (event !== 'error' && typeof its.once === 'function') yield* call(site, its.once, its, ['error', failed])
}

/** `AbortSignal.timeout(ms)` */
const timeout: Handler = function* (site, _, __, [ms]) {
  const controller = new AbortController()
  const abort = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
  const timer = yield* setTimer(site, () => dispatching(site, abort), ms)
  release(timer)
  return controller.signal
}

/** The options of a function of timers/promises: whether its agent waits for it. A signal is refused. */
function waitsFor(site: number, name: string, options: unknown): boolean {
  if (options === undefined) return true
  const { signal, ref = true, ...others } = options as { signal?: unknown; ref?: unknown }
  if (signal !== undefined || Object.keys(others).length > 0 || typeof ref !== 'boolean')
    refuse(site, `${name} of timers/promises with other options than ref`)
  return ref
}

/** `setTimeout(ms, value)` of timers/promises, and `scheduler.wait(ms)`. */
const sleeping: Handler = function* (site, fn, _, [ms, value, options]) {
  const keeps = waitsFor(site, fn.name, fn === promises.setTimeout ? options : value)
  const state = createPromise()
  const timer = yield* setTimer(site, () => resolve(state, fn === promises.setTimeout ? value : undefined), ms)
  if (!keeps) release(timer)
  return state.promise
}

/** `setImmediate(value)` of timers/promises, and `scheduler.yield()`. */
const resting: Handler = function* (site, fn, _, [value, options]) {
  if (options !== undefined) refuse(site, `${fn.name} of timers/promises with options`)
  const state = createPromise()
  yield* setImmediately(site, () => resolve(state, value))
  return state.promise
}

const hooksOf = builtin('async_hooks') as { AsyncResource?: { prototype: Record<string, Native | undefined> } }
const resources = hooksOf.AsyncResource?.prototype ?? {}
const ofResource = builtin('events') as {
  EventEmitterAsyncResource?: { prototype: Record<string, Native | undefined> }
}

/** `resource.runInAsyncScope(fn, self, ...args)`: scopes are Node's own, and nobody asks for them in a thread. */
const inScope: Handler = (site, _, __, [fn, self, ...args]) => call(site, fn, self, args)

// What they are handed they keep, or do not look at.
for (const name of 'on once off addListener removeListener prependListener prependOnceListener listenerCount'.split(
  ' ',
))
  harmless.add(emitters[name])
for (const name of ['emitDestroy', 'asyncId', 'triggerAsyncId']) harmless.add(resources[name])

const refused = (name: string): Handler =>
  silently((site) => refuse(site, `${name} in a thread would go on when no thread does; loop over setTimeout instead`))

export const events: Family = [
  [emitters.emit, emit],
  [ofResource.EventEmitterAsyncResource?.prototype.emit, emit],
  [resources.runInAsyncScope, inScope],
  [nodesOnce, once],
  [(AbortSignal as unknown as Record<string, Native | undefined>).timeout, timeout],
  [promises.setTimeout, sleeping],
  [scheduler?.wait, sleeping],
  [promises.setImmediate, resting],
  [scheduler?.yield, resting],
  [promises.setInterval, refused('setInterval of timers/promises')],
  [nodesOn, refused('events.on')],
  [(Array as unknown as Record<string, Native | undefined>).fromAsync, refused('Array.fromAsync')],
]
