/**
 * `Promise` and its methods, as a thread calls them.
 */

import { isProxy } from '../runtime/proxies.ts'
import type { Twin } from '../runtime/twin.ts'
import { call } from '../twins/calls.ts'
import { advance, close, type Iteration, member, open, step } from '../twins/iteration.ts'
import { asynchronous, type Family, type Handler, handlers, type Native } from '../twins/native-table.ts'
import type { Capability, Promised } from './agent.ts'
import {
  atOnce,
  capabilityOf,
  chain,
  createPromise,
  newCapability,
  passRefusal,
  promiseFor,
  resolvingFunctions,
  type Settling,
  stateOf,
  twinned,
} from './promise.ts'

/** `new Promise(executor)` */
export const construct: Handler = function* (site, type, _, [executor]) {
  if (typeof executor !== 'function') throw new TypeError(`Promise resolver ${String(executor)} is not a function`)
  const state = createPromise()
  if (type !== Promise) Object.setPrototypeOf(state.promise, (yield* member(type, 'prototype')) as object)
  const { resolve, reject } = resolvingFunctions(state)
  try {
    yield* call(site, executor, undefined, [resolve, reject])
  } catch (error) {
    passRefusal(error)
    yield* call(site, reject, undefined, [error])
  }
  return state.promise
}

function own(site: number, self: unknown, method: string): Promised {
  if (typeof self !== 'object' || self === null || isProxy(self) || !(self instanceof Promise))
    throw new TypeError(`Method Promise.prototype.${method} called on incompatible receiver ${String(self)}`)
  return stateOf(self, site)
}

/** The class of the promise that `then` gives. */
function* speciesOf(self: unknown): Twin {
  const type = yield* member(self, 'constructor')
  if (type === undefined || type === Promise) return Promise
  return (yield* member(type, Symbol.species)) ?? Promise
}

const thenHandler: Handler = function* (site, _, self, [onFulfilled, onRejected]) {
  const state = own(site, self, 'then')
  const type = yield* speciesOf(self)
  const derived: Capability = type === Promise ? capabilityOf(createPromise()) : yield* newCapability(site, type)
  chain(state, site, onFulfilled, onRejected, derived)
  return derived.promise
}

function* invokeThen(site: number, promise: unknown, args: unknown[]): Twin {
  return yield* call(site, yield* member(promise, 'then'), promise, args)
}

const finallyHandler: Handler = function* (site, _, self, [onFinally]) {
  if (typeof self !== 'object' || self === null) throw new TypeError('Promise.prototype.finally called on a non-object')
  const type = yield* speciesOf(self)
  if (typeof onFinally !== 'function') return yield* invokeThen(site, self, [onFinally, onFinally])
  /** Goes on with what the promise came to when the callback is through. */
  const after = (goOn: (given: unknown) => Native): Native =>
    twinned(function* (given) {
      const promise = yield* promiseFor(site, type, yield* call(site, onFinally, undefined, []))
      return yield* invokeThen(site, promise, [goOn(given)])
    })
  const gives = (value: unknown) =>
    twinned(
      atOnce(() => value),
      0,
    )
  const throws = (reason: unknown) =>
    twinned(
      atOnce(() => {
        throw reason
      }),
      0,
    )
  return yield* invokeThen(site, self, [after(gives), after(throws)])
}

/** What is done with the promise of each value, and at the end. */
interface Gathering {
  /** Functions that its `then` is handed. `at` counts the promises. */
  each(at: number, gathered: Gathered): [unknown, unknown]
  /** When there are none left to wait for. */
  end(gathered: Gathered): Twin<void>
}

interface Gathered {
  readonly capability: Settling
  readonly values: unknown[]
  left: number
}

/** Called once, it notes a value; the last one ends all. */
function noting(at: number, gathered: Gathered, gathering: Gathering, note = (value: unknown): unknown => value) {
  let called = false
  return twinned(function* (value) {
    if (called) return
    called = true
    gathered.values[at] = note(value)
    if (--gathered.left === 0) yield* gathering.end(gathered)
  })
}

function* resolveAll({ capability, values }: Gathered): Twin<void> {
  yield* capability.resolve(values)
}

const all: Gathering = {
  each: (at, gathered) => [noting(at, gathered, all), gathered.capability.functions.reject],
  end: resolveAll,
}
const allSettled: Gathering = {
  each(at, gathered) {
    let called = false
    const once = (outcome: (value: unknown) => object) =>
      twinned(function* (value) {
        if (called) return
        called = true
        gathered.values[at] = outcome(value)
        if (--gathered.left === 0) yield* resolveAll(gathered)
      })
    return [once((value) => ({ status: 'fulfilled', value })), once((reason) => ({ status: 'rejected', reason }))]
  },
  end: resolveAll,
}
const any: Gathering = {
  each: (at, gathered) => [gathered.capability.functions.resolve, noting(at, gathered, any)],
  *end({ capability, values }) {
    yield* capability.reject(new AggregateError(values, 'All promises were rejected'))
  },
}
const race: Gathering = {
  each: (_, { capability: { functions } }) => [functions.resolve, functions.reject],
  end: atOnce(() => {}),
}

/** `Promise.all` and its like. */
function gathering(how: Gathering): Handler {
  return function* (site, _, type, [source]) {
    const capability = (yield* newCapability(site, type)) as Settling
    let it: Iteration | undefined
    try {
      const resolver = yield* member(type, 'resolve')
      if (typeof resolver !== 'function') throw new TypeError('Promise resolve or reject function is not callable')
      it = yield* open(site, source)
      const gathered: Gathered = { capability, values: [], left: 1 }
      for (let at = 0; step(it) ?? (yield* advance(it)); at++) {
        gathered.values[at] = undefined
        gathered.left++
        const promise = yield* call(site, resolver, type, [it.value])
        yield* invokeThen(site, promise, how.each(at, gathered))
      }
      if (--gathered.left === 0) yield* how.end(gathered)
    } catch (error) {
      passRefusal(error)
      if (it !== undefined && !it.done && it.iterator !== null) {
        it.threw = true
        yield* close(it)
      }
      yield* capability.reject(error)
    }
    return capability.promise
  }
}

const statics: Readonly<Record<string, Handler>> = {
  *resolve(site, _, type, [value]) {
    return yield* promiseFor(site, type, value)
  },
  *reject(site, _, type, [reason]) {
    const capability = yield* newCapability(site, type)
    yield* capability.reject(reason)
    return capability.promise
  },
  *withResolvers(site, _, type) {
    const { promise, functions } = (yield* newCapability(site, type)) as Settling
    return { promise, ...functions }
  },
  *try(site, _, type, [fn, ...args]) {
    const capability = yield* newCapability(site, type)
    let given: unknown
    try {
      given = yield* call(site, fn, undefined, args)
    } catch (error) {
      passRefusal(error)
      yield* capability.reject(error)
      return capability.promise
    }
    yield* capability.resolve(given)
    return capability.promise
  },
  all: gathering(all),
  allSettled: gathering(allSettled),
  any: gathering(any),
  race: gathering(race),
}

const { prototype } = Promise
const types = Promise as unknown as Record<string, Native | undefined>

export const promises: Family = [
  [prototype.then, thenHandler],
  [
    prototype.catch,
    function* (site, _, self, [onRejected]) {
      return yield* invokeThen(site, self, [undefined, onRejected])
    },
  ],
  [prototype.finally, finallyHandler],
  ...Object.entries(statics).map(([name, handler]) => [types[name], handler] as const),
]

/** `Promise.withResolvers`, which all browsers have and Node 20 lacks: from now on this process has it. */
export function addWithResolvers(): void {
  if (types.withResolvers !== undefined) return
  function withResolvers(this: PromiseConstructor) {
    const functions = {} as { resolve: (value: unknown) => void; reject: (reason: unknown) => void }
    const promise = new this((resolve, reject) => Object.assign(functions, { resolve, reject }))
    return { promise, ...functions }
  }
  Object.defineProperty(Promise, 'withResolvers', { value: withResolvers, writable: true, configurable: true })
  handlers.set(withResolvers, statics.withResolvers)
  asynchronous.add(withResolvers)
}
