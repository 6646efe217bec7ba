/**
 * Promises of threads, as ECMA-262 has them, with jobs that can be interrupted between any two visible steps.
 *
 * Each is one of the language's own promises, which nobody ever settles; what becomes of it is kept beside it. So it is
 * a `Promise` to whoever looks, while all that is done to it goes by the functions here.
 */

import { ofAllCopies } from '../runtime/all-copies.ts'
import { isProxy } from '../runtime/proxies.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'
import { isA } from '../runtime/thrown-value.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call, make } from '../twins/calls.ts'
import { drive } from '../twins/checked-calls.ts'
import { member } from '../twins/iteration.ts'
import { type Native, ofThreads } from '../twins/native-table.ts'
import { refuse } from '../twins/refuse.ts'
import { type Capability, currentAgent, type Promised, type Reaction } from './agent.ts'

const states = ofAllCopies('promises', () => new WeakMap<object, Promised>())

/** A new promise of the agent that runs. */
export function createPromise(): Promised {
  const promise = new Promise<unknown>(() => {})
  const state: Promised = {
    promise,
    agent: currentAgent(),
    status: 'pending',
    value: undefined,
    reactions: [],
    handled: false,
  }
  states.set(promise, state)
  ofThreads.add(promise)
  runtime.changes++
  return state
}

/** Is it a promise, of whomever? */
export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && !isProxy(value) && (states.has(value) || value instanceof Promise)

/** What a promise of this agent knows. Any other one is refused: what settles it runs when no thread does. */
export function stateOf(promise: Promise<unknown>, site: number): Promised {
  const state = states.get(promise)
  if (state === undefined) refuse(site, FOREIGN)
  if (state.agent !== currentAgent()) refuse(site, OTHERS)
  return state
}

const FOREIGN =
  'a promise that no code of this thread made: what settles it runs when no thread does, so what waits for it would never go on'
const OTHERS = 'a promise that another thread made, or this one in another execution: promises are of one thread alone'

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

/** A function that is called by its twin wherever that can be. */
export function twinned(twin: (...args: unknown[]) => Twin, length = 1): Native {
  const plain = { call: (...args: unknown[]): unknown => drive(twin(...args)) }.call
  Object.defineProperty(plain, 'name', { value: '', configurable: true })
  Object.defineProperty(plain, 'length', { value: length, configurable: true })
  ;(plain as unknown as Record<symbol, unknown>)[TWIN] = twin
  return plain
}

/** The twin of a function in which there is nothing to be seen. */
export function atOnce<Args extends unknown[], T>(work: (...args: Args) => T): (...args: Args) => Twin<T> {
  // biome-ignore lint/correctness/useYield: there is nothing to be seen
  return function* (...args) {
    return work(...args)
  }
}

/** What a thread throws it may catch; a refusal ends it. */
export function passRefusal(error: unknown): void {
  if (isA(error, Refusal)) throw error
  runtime.caught?.(error)
}

function settle(state: Promised, status: 'fulfilled' | 'rejected', value: unknown): void {
  const { reactions } = state
  state.status = status
  state.value = value
  state.reactions = []
  runtime.changes++
  if (status === 'rejected' && !state.handled) state.agent.unheard.add(state)
  for (const reaction of reactions) queueReaction(state, reaction)
}

/** As a promise is that was given what has no `then`. */
export const fulfil = (state: Promised, value: unknown): void => settle(state, 'fulfilled', value)

export const reject = (state: Promised, reason: unknown): void => settle(state, 'rejected', reason)

/** What the function `resolve` of a promise does, the first time that it or `reject` is called. */
export function* resolve(state: Promised, value: unknown): Twin<void> {
  if (value === state.promise) {
    reject(state, new TypeError('Chaining cycle detected for promise #<Promise>'))
    return
  }
  if (!isObject(value)) {
    settle(state, 'fulfilled', value)
    return
  }
  let then: unknown
  try {
    then = yield* member(value, 'then')
  } catch (error) {
    passRefusal(error)
    reject(state, error)
    return
  }
  if (typeof then !== 'function') {
    settle(state, 'fulfilled', value)
    return
  }
  const thenable = then
  state.agent.jobs.push(function* () {
    const { resolve, reject } = resolvingFunctions(state)
    try {
      yield* call(-1, thenable, value, [resolve, reject])
    } catch (error) {
      passRefusal(error)
      yield* call(-1, reject, undefined, [error])
    }
  })
}

/** The functions that an executor is handed. The first call of either counts. */
export function resolvingFunctions(state: Promised): { resolve: Native; reject: Native } {
  let called = false
  return {
    resolve: twinned(function* (value) {
      if (called) return
      called = true
      yield* resolve(state, value)
    }),
    reject: twinned(
      atOnce((reason) => {
        if (called) return
        called = true
        reject(state, reason)
      }),
    ),
  }
}

function queueReaction({ agent, status, value }: Promised, { fulfilled, rejected, derived }: Reaction): void {
  agent.jobs.push(function* () {
    const handler = status === 'fulfilled' ? fulfilled : rejected
    let given: unknown
    try {
      if (handler === undefined && status === 'rejected') throw value
      given = handler === undefined ? value : yield* handler(value)
    } catch (error) {
      passRefusal(error)
      if (derived === undefined) throw error
      yield* derived.reject(error)
      return
    }
    if (derived !== undefined) yield* derived.resolve(given)
  })
}

/** Has something done when the promise is settled. */
export function react(state: Promised, reaction: Reaction): void {
  runtime.changes++
  state.handled = true
  state.agent.unheard.delete(state)
  if (state.status === 'pending') state.reactions.push(reaction)
  else queueReaction(state, reaction)
}

/** What a function of the author's does as a handler. */
export function handlerOf(site: number, fn: unknown): Reaction['fulfilled'] {
  if (typeof fn !== 'function') return undefined
  return (value) => {
    runtime.hooks()?.comes('job', site)
    return call(site, fn, undefined, [value])
  }
}

/** `promise.then(...)` whose promise is that capability's. */
export function chain(state: Promised, site: number, onFulfilled: unknown, onRejected: unknown, derived: Capability) {
  react(state, { fulfilled: handlerOf(site, onFulfilled), rejected: handlerOf(site, onRejected), derived })
}

/** A promise of our own as a capability. */
export function capabilityOf(state: Promised): Capability {
  return {
    promise: state.promise,
    resolve: (value) => resolve(state, value),
    reject: atOnce((reason) => reject(state, reason)),
  }
}

/** A promise of that class, with what settles it. */
export function* newCapability(site: number, type: unknown): Twin<Capability> {
  if (type === Promise) {
    const state = createPromise()
    const settling = resolvingFunctions(state)
    return byFunctions(site, state.promise, settling.resolve, settling.reject)
  }
  if (typeof type !== 'function') throw new TypeError(`${String(type)} is not a constructor`)
  const given: { resolve: unknown; reject: unknown } = { resolve: undefined, reject: undefined }
  const executor = twinned(
    atOnce((resolve, reject) => {
      if (given.resolve !== undefined || given.reject !== undefined)
        throw new TypeError('Promise executor has already been invoked with non-undefined arguments')
      Object.assign(given, { resolve, reject })
    }),
    2,
  )
  const promise = yield* make(site, type, [executor])
  if (typeof given.resolve !== 'function' || typeof given.reject !== 'function')
    throw new TypeError('Promise resolve or reject function is not callable')
  return byFunctions(site, promise, given.resolve as Native, given.reject as Native)
}

/** The functions stay to be had, for `withResolvers`. */
export interface Settling extends Capability {
  readonly functions: { readonly resolve: Native; readonly reject: Native }
}

function byFunctions(site: number, promise: unknown, resolve: Native, reject: Native): Settling {
  return {
    promise,
    functions: { resolve, reject },
    *resolve(value) {
      yield* call(site, resolve, undefined, [value])
    },
    *reject(reason) {
      yield* call(site, reject, undefined, [reason])
    },
  }
}

/** `C.resolve(value)` as the language does it itself: a promise of that class stays what it is. */
export function* promiseFor(site: number, type: unknown, value: unknown): Twin {
  if (isPromise(value) && (yield* member(value, 'constructor')) === type) return value
  if (type === Promise) {
    const state = createPromise()
    yield* resolve(state, value)
    return state.promise
  }
  const capability = yield* newCapability(site, type)
  yield* capability.resolve(value)
  return capability.promise
}
