/**
 * Array methods that call back, step by step, for callbacks that have a twin.
 *
 * A callback without a twin leaves the native as it is.
 */

import { RANGE_READ, READ } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { isSharedArray } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call } from './calls.ts'
import { perform } from './native-events.ts'
import type { Family, Handler, Native } from './native-table.ts'

type List = ArrayLike<unknown>

/** One step of a method: what to do with what the callback gave. Returns a wrapped result to stop with. */
interface Method {
  /** From the last element to the first. */
  backwards?: boolean
  /** Are holes visited too? */
  holes?: boolean
  begin(list: List): unknown
  step(state: unknown, given: unknown, value: unknown, at: number): { result: unknown } | undefined
  end(state: unknown): unknown
}

const search = (found: (value: unknown, at: number) => unknown, none: unknown, backwards = false): Method => ({
  backwards,
  holes: true,
  begin: () => undefined,
  step: (_, given, value, at) => (given ? { result: found(value, at) } : undefined),
  end: () => none,
})

const methods: Record<string, Method> = {
  forEach: { begin: () => undefined, step: () => undefined, end: () => undefined },
  some: { begin: () => false, step: (_, given) => (given ? { result: true } : undefined), end: () => false },
  every: { begin: () => true, step: (_, given) => (given ? undefined : { result: false }), end: () => true },
  find: search((value) => value, undefined),
  findIndex: search((_, at) => at, -1),
  findLast: search((value) => value, undefined, true),
  findLastIndex: search((_, at) => at, -1, true),
  filter: {
    begin: () => [],
    step(state, given, value) {
      if (given) (state as unknown[]).push(value)
      return undefined
    },
    end: (state) => state,
  },
  map: {
    begin: (list) => new Array(list.length),
    step(state, given, _, at) {
      ;(state as unknown[])[at] = given
      return undefined
    },
    end: (state) => state,
  },
  flatMap: {
    begin: () => [],
    step(state, given) {
      if (Array.isArray(given)) (state as unknown[]).push(...given)
      else (state as unknown[]).push(given)
      return undefined
    },
    end: (state) => state,
  },
}

/**
 * Whether each call of it has to be looked at: it has a twin, or it is a native or somebody else's function, which may
 * do anything to the element that it is handed, as in `indices.map(Atomics.load, Atomics)`.
 */
function isStepped(callback: unknown): boolean {
  return typeof callback === 'function' && (callback as { [TWIN]?: unknown })[TWIN] !== null
}

/** The native itself, on a range that is read at once. */
function* natively(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  if (isSharedArray(self) && self.length > 0 && !runtime.op(RANGE_READ, site, self, 0, self.length)) yield
  return perform(fn, self, args)
}

/** An element of the list; of a shared one, as an event. */
function* element(site: number, list: List, at: number): Twin {
  if (isSharedArray(list) && !runtime.op(READ, site, list, at)) yield
  return runtime.did(list[at])
}

function stepping(method: Method): Handler {
  return function* (site, fn, self, args) {
    const [callback, thisArg] = args
    if (!isStepped(callback) || typeof self !== 'object' || self === null) return yield* natively(site, fn, self, args)
    const list = self as List
    const { length } = list
    const state = method.begin(list)
    for (let step = 0; step < length; step++) {
      const at = method.backwards ? length - 1 - step : step
      if (!method.holes && !(at in list)) continue
      const value = yield* element(site, list, at)
      const given = yield* call(site, callback, thisArg, [value, at, list])
      const stop = method.step(state, given, value, at)
      if (stop) return stop.result
    }
    return finish(method.end(state), self)
  }
}

/** `map` and `filter` of a typed array give a typed array of the same kind. */
function finish(result: unknown, self: object): unknown {
  if (!Array.isArray(result) || !ArrayBuffer.isView(self)) return result
  return new (self.constructor as new (values: unknown[]) => unknown)(result)
}

function reducing(backwards: boolean): Handler {
  return function* (site, fn, self, args) {
    const [callback] = args
    if (!isStepped(callback) || typeof self !== 'object' || self === null) return yield* natively(site, fn, self, args)
    const list = self as List
    const { length } = list
    let have = args.length > 1
    let sum: unknown = args[1]
    for (let step = 0; step < length; step++) {
      const at = backwards ? length - 1 - step : step
      if (!(at in list)) continue
      const value = yield* element(site, list, at)
      if (have) sum = yield* call(site, callback, undefined, [sum, value, at, list])
      else sum = value
      have = true
    }
    if (!have) throw new TypeError('Reduce of empty array with no initial value')
    return sum
  }
}

const elements = Object.getPrototypeOf(Int32Array.prototype) as Record<string, Native | undefined>
const arrays = Array.prototype as unknown as Record<string, Native | undefined>

const holders = [elements, arrays]

export const callbacks: Family = holders.flatMap((holder) => [
  ...Object.entries(methods).map(([name, method]) => [holder[name], stepping(method)] as const),
  [holder.reduce, reducing(false)] as const,
  [holder.reduceRight, reducing(true)] as const,
])
