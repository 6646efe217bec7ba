/**
 * Array methods that call back, step by step, for callbacks that have a twin.
 *
 * A callback without a twin leaves the native as it is.
 */

import { RANGE_READ, READ } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { isSharedArray } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call, make } from './calls.ts'
import { isPlainArray, member } from './iteration.ts'
import { perform } from './native-events.ts'
import type { Family, Handler, Native } from './native-table.ts'
import { primitive } from './primitive.ts'

type List = ArrayLike<unknown>

/** One step of a method: what to do with what the callback gave. Returns a wrapped result to stop with. */
interface Method {
  /** From the last element to the first. */
  backwards?: boolean
  /** Are holes visited too? */
  holes?: boolean
  /** What is made an array of, by the list's species, of that length. */
  made?(length: number): number
  begin(made: unknown): unknown
  step(state: unknown, given: unknown, value: unknown, at: number): { result: unknown } | undefined
  end(state: unknown): unknown
}

/** An array that grows. */
interface Making {
  readonly made: object
  next: number
}

function define(made: object, at: number, value: unknown): void {
  Object.defineProperty(made, at, { value, writable: true, enumerable: true, configurable: true })
}

const add = (making: Making, value: unknown): void => define(making.made, making.next++, value)

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
    made: () => 0,
    begin: (made) => ({ made, next: 0 }),
    step(state, given, value) {
      if (given) add(state as Making, value)
      return undefined
    },
    end: (state) => (state as Making).made,
  },
  map: {
    made: (length) => length,
    begin: (made) => made,
    step(state, given, _, at) {
      define(state as object, at, given)
      return undefined
    },
    end: (state) => state,
  },
  flatMap: {
    made: () => 0,
    begin: (made) => ({ made, next: 0 }),
    step(state, given) {
      if (!Array.isArray(given)) add(state as Making, given)
      else for (let at = 0; at < given.length; at++) if (at in given) add(state as Making, given[at])
      return undefined
    },
    end: (state) => (state as Making).made,
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

/** Arrays and views have no getters to be waited for. */
const isListed = (list: List): boolean => isPlainArray(list) || ArrayBuffer.isView(list)

/** An element of the list; of a shared one, as an event. */
function* element(site: number, list: List, at: number): Twin {
  if (!isListed(list)) return yield* member(list, at)
  if (isSharedArray(list) && !runtime.op(READ, site, list, at)) yield
  return runtime.did(list[at])
}

function* lengthOf(list: List): Twin<number> {
  if (isListed(list)) return list.length
  const length = Math.trunc(Number(yield* primitive(yield* member(list, 'length')))) || 0
  return Math.min(Math.max(length, 0), Number.MAX_SAFE_INTEGER)
}

/** The array that a method of a list gives, of the kind that the list's class says. */
function* speciesOf(site: number, list: List, length: number): Twin {
  if (isPlainArray(list) && Object.getPrototypeOf(list) === Array.prototype && !Object.hasOwn(list, 'constructor'))
    return new Array(length)
  if (!Array.isArray(list)) return new Array(length)
  let type = yield* member(list, 'constructor')
  if ((typeof type === 'object' && type !== null) || typeof type === 'function')
    type = (yield* member(type, Symbol.species)) ?? undefined
  return type === undefined ? new Array(length) : yield* make(site, type, [length])
}

function stepping(method: Method): Handler {
  return function* (site, fn, self, args) {
    const [callback, thisArg] = args
    if (!isStepped(callback) || self === undefined || self === null) return yield* natively(site, fn, self, args)
    const list = Object(self) as List
    const length = yield* lengthOf(list)
    const made = method.made === undefined ? undefined : yield* speciesOf(site, list, method.made(length))
    const state = method.begin(made)
    for (let step = 0; step < length; step++) {
      const at = method.backwards ? length - 1 - step : step
      if (!method.holes && !(at in list)) continue
      const value = yield* element(site, list, at)
      const given = yield* call(site, callback, thisArg, [value, at, list])
      const stop = method.step(state, given, value, at)
      if (stop) return stop.result
    }
    return finish(method.end(state), list)
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
    if (!isStepped(callback) || self === undefined || self === null) return yield* natively(site, fn, self, args)
    const list = Object(self) as List
    const length = yield* lengthOf(list)
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
