/**
 * `for await`, for twins. What its helpers await they yield to whoever runs the body of the loop's function.
 */

import type { Twin } from '../runtime/twin.ts'
import { call } from '../twins/calls.ts'
import { type Iteration, member, openBy, step, advance as syncAdvance } from '../twins/iteration.ts'
import { refuse } from '../twins/refuse.ts'
import { Awaited } from './async-functions.ts'
import {
  atOnce,
  capabilityOf,
  createPromise,
  passRefusal,
  promiseFor,
  react,
  reject,
  resolve,
  stateOf,
} from './promise.ts'

/** An iteration under way. `value` is what the last step gave. */
export interface AsyncIteration {
  readonly site: number
  readonly iterator: unknown
  /** Gives the promise of the next result. */
  readonly next: (value: unknown) => Twin
  /** Undefined: there is none of that name. */
  readonly method: (name: 'return' | 'throw') => Twin<((value: unknown) => Twin) | undefined>
  value: unknown
  done: boolean
  threw: boolean
}

/** Begins to iterate. */
export function* openAsync(site: number, source: unknown): Twin<AsyncIteration> {
  const state = { site, value: undefined, done: false, threw: false }
  const method = yield* member(source, Symbol.asyncIterator)
  if (method === undefined || method === null) {
    const it = yield* openBy(yield* member(source, Symbol.iterator), site, source)
    return { ...state, iterator: it, ...overSync(it) }
  }
  const iterator = yield* call(site, method, source, [])
  if ((typeof iterator !== 'object' && typeof iterator !== 'function') || iterator === null)
    throw new TypeError('Result of the Symbol.asyncIterator method is not an object')
  const next = yield* member(iterator, 'next')
  return {
    ...state,
    iterator,
    next: (value) => call(site, next, iterator, [value]),
    *method(name) {
      const fn = yield* member(iterator, name)
      if (fn === undefined || fn === null) return undefined
      return (value) => call(site, fn, iterator, [value])
    },
  }
}

const THROWN =
  'an error is thrown into `yield*` of a plain iterator that has no `throw`: ECMAScript has changed what becomes of it, and versions of Node differ'

/** What makes an async iterator of a plain one: it awaits each value. */
function overSync(it: Iteration): Pick<AsyncIteration, 'next' | 'method'> {
  return {
    next: () =>
      promised(it.site, function* () {
        if (it.iterator !== null) return yield* resultOf(yield* call(it.site, it.next, it.iterator, []))
        const more = step(it) ?? (yield* syncAdvance(it))
        return { value: more ? it.value : undefined, done: !more }
      }),
    *method(name) {
      const { iterator } = it
      const fn = iterator === null ? undefined : yield* member(iterator, name)
      if (fn === undefined || fn === null) {
        if (name === 'throw') refuse(it.site, THROWN)
        return (value) =>
          promised(
            it.site,
            atOnce(() => ({ value, done: true })),
            false,
          )
      }
      return (value) =>
        promised(it.site, function* () {
          return yield* resultOf(yield* call(it.site, fn, iterator, [value]))
        })
    },
  }
}

function* resultOf(result: unknown): Twin<{ value: unknown; done: boolean }> {
  if (typeof result !== 'object' || result === null) throw new TypeError(`${String(result)} is not an object`)
  const done = Boolean(yield* member(result, 'done'))
  return { value: yield* member(result, 'value'), done }
}

/** A promise of a result whose value has been awaited, if it is to be. */
function* promised(site: number, work: () => Twin<{ value: unknown; done: boolean }>, awaits = true): Twin {
  const state = createPromise()
  try {
    const { value, done } = yield* work()
    if (!awaits) {
      yield* resolve(state, { value, done })
      return state.promise
    }
    const promise = (yield* promiseFor(site, Promise, value)) as Promise<unknown>
    react(stateOf(promise, site), {
      fulfilled: atOnce((value) => ({ value, done })),
      rejected: undefined,
      derived: capabilityOf(state),
    })
  } catch (error) {
    passRefusal(error)
    reject(state, error)
  }
  return state.promise
}

/** Steps: true if there is a value. */
export function* advanceAsync(it: AsyncIteration): Twin<boolean> {
  try {
    const result: unknown = yield new Awaited(it.site, yield* it.next(undefined))
    if (typeof result !== 'object' || result === null)
      throw new TypeError(`Iterator result ${String(result)} is not an object`)
    it.done = Boolean(yield* member(result, 'done'))
    it.value = it.done ? undefined : yield* member(result, 'value')
    return !it.done
  } catch (error) {
    it.done = true
    throw error
  }
}

/** Calls the iterator's `return`. */
export function* closeAsync(it: AsyncIteration): Twin<void> {
  it.done = true
  try {
    const method = yield* it.method('return')
    if (method === undefined) return
    const result: unknown = yield new Awaited(it.site, yield* method(undefined))
    if (!it.threw && (typeof result !== 'object' || result === null))
      throw new TypeError(`${String(result)} is not an object`)
  } catch (error) {
    passRefusal(error)
    if (!it.threw) throw error
  }
}
