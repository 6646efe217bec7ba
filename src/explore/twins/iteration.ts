/**
 * Iteration, for twins: for-of, spread, destructuring, `yield*`.
 *
 * An array steps at once. A shared view steps with one read event per element. An iterator of the author's steps
 * through its twin. All other iterables are natives and step natively.
 */

import { RANGE_READ, READ } from '../runtime/kinds.ts'
import { isProxy, proxies } from '../runtime/proxies.ts'
import { runtime } from '../runtime/runtime.ts'
import { type Elements, isSharedArray } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call } from './calls.ts'
import { performing } from './native-events.ts'
import { copied } from './operators.ts'
import { restarting } from './restarts.ts'

const arrayValues = Array.prototype[Symbol.iterator]
const viewValues = () => Int32Array.prototype[Symbol.iterator]

/** An iteration under way. `value` is what the last step gave. */
export interface Iteration {
  readonly site: number
  array: ArrayLike<unknown> | null
  /** The array is a proxy. */
  through: boolean
  view: Elements | null
  at: number
  iterator: Iterator<unknown> | null
  next: unknown
  value: unknown
  done: boolean
  threw: boolean
}

/** A member, whose getter may have to be waited for; of null and undefined it is undefined. */
export function* member(object: unknown, name: PropertyKey): Twin {
  return yield* restarting(() => (object as Record<PropertyKey, unknown> | null | undefined)?.[name])
}

/** An array that steps at once. */
export const isPlainArray = (source: unknown): source is unknown[] =>
  Array.isArray(source) && !(proxies.any && isProxy(source)) && source[Symbol.iterator] === arrayValues

/** Begins to iterate. */
export function* open(site: number, source: unknown): Twin<Iteration> {
  const method = isPlainArray(source) ? arrayValues : yield* member(source, Symbol.iterator)
  return yield* openBy(method, site, source)
}

/** The same by a method that has been fetched. */
export function* openBy(method: unknown, site: number, source: unknown): Twin<Iteration> {
  const it: Iteration = {
    site,
    array: null,
    through: false,
    view: null,
    at: 0,
    iterator: null,
    next: null,
    value: undefined,
    done: false,
    threw: false,
  }
  if (isPlainArray(source)) {
    it.array = source
    return it
  }
  if (method === arrayValues && Array.isArray(source)) {
    it.array = source
    it.through = true
  } else if (method === viewValues() && isSharedArray(source)) it.view = source
  else {
    if (typeof method !== 'function') throw new TypeError(`${runtime.sites[site]?.source} is not iterable`)
    const iterator = (yield* call(site, method, source, [])) as Iterator<unknown>
    if (typeof iterator !== 'object' || iterator === null) {
      throw new TypeError(`Result of the Symbol.iterator method is not an object`)
    }
    it.iterator = iterator
    it.next = yield* member(iterator, 'next')
    // It was under way before, or may have been: stepping it is no business of this loop alone.
    if (iterator === source || (isAuthors(method) && !isAuthors(it.next))) runtime.changes++
  }
  return it
}

/** Is it a function of the author's? Those that touch nothing have null for a twin. */
const isAuthors = (fn: unknown): boolean => typeof fn === 'function' && (fn as { [TWIN]?: unknown })[TWIN] !== undefined

/** Steps if that takes no event: true if there is a value, false at the end; undefined: `advance` has to. */
export function step(it: Iteration): boolean | undefined {
  if (--runtime.spare < 0) runtime.endless(it.site)
  if (it.array !== null) {
    if (it.through) return undefined
    if (it.at < it.array.length) {
      it.value = it.array[it.at++]
      return true
    }
    it.done = true
    return false
  }
  if (it.view !== null || typeof it.next !== 'function' || (it.next as { [TWIN]?: unknown })[TWIN]) return undefined
  // An iterator's step takes as long as many turns of a loop that touches nothing, and its values may be kept.
  runtime.spare -= 31
  return settle(
    it,
    attempt(it, () => Reflect.apply(it.next as () => unknown, it.iterator, [])),
  )
}

/** Steps with events. `skips`: nobody asks for the value, so an iterator's result isn't either. */
export function* advance(it: Iteration, skips = false): Twin<boolean> {
  const { view, array } = it
  // It takes as long as many turns of a loop that touches nothing.
  runtime.spare -= 16
  if (array !== null) return yield* advanceThrough(it, array)
  if (view !== null) {
    if (it.at >= view.length) {
      it.done = true
      return false
    }
    if (!runtime.op(READ, it.site, view, it.at)) yield
    it.value = runtime.did(view[it.at++])
    return true
  }
  try {
    const result = yield* call(it.site, it.next, it.iterator, [])
    if (typeof result !== 'object' || result === null) return settle(it, result)
    const done = Boolean(yield* member(result, 'done'))
    return settle(it, { done, value: done || skips ? undefined : yield* member(result, 'value') })
  } catch (error) {
    it.done = true
    throw error
  }
}

/** A proxy of an array is asked for its length and its elements. */
function* advanceThrough(it: Iteration, array: ArrayLike<unknown>): Twin<boolean> {
  const length = Math.trunc(Number(yield* member(array, 'length'))) || 0
  it.done = it.at >= length
  it.value = it.done ? undefined : yield* member(array, String(it.at++))
  return !it.done
}

/** An iterator that throws is not closed. */
function attempt<T>(it: Iteration, run: () => T): T {
  try {
    return run()
  } catch (error) {
    it.done = true
    throw error
  }
}

function settle(it: Iteration, result: unknown): boolean {
  return attempt(it, () => {
    if (typeof result !== 'object' || result === null)
      throw new TypeError(`Iterator result ${String(result)} is not an object`)
    const { done, value } = result as IteratorResult<unknown>
    it.done = Boolean(done)
    it.value = it.done ? undefined : value
    return !it.done
  })
}

/** The next value for a pattern; undefined beyond the end. */
export function* take(it: Iteration): Twin {
  if (it.done) return undefined
  const more = step(it) ?? (yield* advance(it))
  return more ? it.value : undefined
}

/** Leaves the next value of a pattern out. */
export function* skip(it: Iteration): Twin<void> {
  if (!it.done && step(it) === undefined) yield* advance(it, true)
}

/** All that is left. */
export function* rest(it: Iteration): Twin<unknown[]> {
  const values: unknown[] = []
  while (!it.done && (step(it) ?? (yield* advance(it)))) values.push(it.value)
  return values
}

/** The body of the loop threw: closing may not hide that. */
export function failed(it: Iteration): void {
  it.threw = true
}

/** Is there nothing to close? */
export function closed(it: Iteration): boolean {
  return it.done || it.iterator === null
}

/** Calls the iterator's `return`. */
export function* close(it: Iteration): Twin<void> {
  it.done = true
  try {
    const method = yield* member(it.iterator, 'return')
    if (method === undefined || method === null) return
    const result = yield* call(it.site, method, it.iterator, [])
    if (!it.threw && (typeof result !== 'object' || result === null)) {
      throw new TypeError(`${String(result)} is not an object`)
    }
  } catch (error) {
    if (!it.threw) throw error
  }
}

/** May this be spread natively? */
export const spreads = isPlainArray

/** The elements of anything else, as an array. */
export function* spread(site: number, source: unknown): Twin<unknown[]> {
  if (isSharedArray(source) && source[Symbol.iterator] === viewValues()) {
    if (!runtime.op(RANGE_READ, site, source, 0, source.length)) yield
    return performing([source], () => Array.from(source))
  }
  return yield* rest(yield* open(site, source))
}

/** `{ a, ...others }`: a copy without the properties taken before. */
export function* others(site: number, source: unknown, taken: readonly PropertyKey[]): Twin<object> {
  if (!isSharedArray(source)) return yield* copied(source, taken)
  if (!runtime.op(RANGE_READ, site, source, 0, source.length)) yield
  const copy = runtime.did({ ...(source as object) }) as Record<PropertyKey, unknown>
  for (const key of taken) delete copy[key]
  return copy
}
