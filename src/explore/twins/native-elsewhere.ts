/**
 * Natives that are no methods of a view: those that read views they are handed, that call by another name, and
 * those that never look inside.
 */

import type { Twin } from '../runtime/runtime.ts'
import * as kinds from '../runtime/runtime.ts'
import { isShared } from '../runtime/shared-view.ts'
import { call, compiled, make, refuse } from './calls.ts'
import { advance, open, step } from './iteration.ts'
import { callbackHandlers } from './native-callbacks.ts'
import { add, perform, range, readAll, readAllInside, reads, silently, writes } from './native-events.ts'
import { compilers, handlers, harmless, type Native } from './native-table.ts'
import { carriesShared } from './strangers.ts'

const elements = Object.getPrototypeOf(Int32Array.prototype) as Record<PropertyKey, Native | undefined>
const ElementsClass = Object.getPrototypeOf(Int32Array) as Record<PropertyKey, Native | undefined>

// Natives of other kinds that read or write whole views they are handed.
add(TextDecoder.prototype.decode, readAll)
add(JSON.stringify, readAllInside)
add(String, readAllInside)
add(Object.entries, readAll)
add(Object.values, readAll)
add(Object.assign, function* (site, fn, self, args) {
  const [target, ...sources] = args
  for (const source of sources) {
    yield* reads(site, source)
    if (!isShared(target)) continue
    const indices = Object.keys(Object(source ?? {})).filter((key) => /^\d+$/.test(key) && key in target)
    if (indices.length > 0) {
      yield* writes(site, target, Math.min(...indices.map(Number)), Math.max(...indices.map(Number)) + 1)
    }
  }
  return perform(fn, self, args)
})
add(String.raw, readAllInside)
add(Reflect.construct, function* (site, fn, self, args) {
  const [constructed, list, target = constructed] = args
  const values = yield* arrayLike(site, list)
  if (target === constructed) return yield* make(site, constructed, values)
  if (values.some(isShared)) refuse(site, 'Reflect.construct is handed a view of shared memory and another new.target')
  return perform(fn, self, args)
})
for (const name of ['log', 'info', 'warn', 'error', 'debug', 'dir', 'table'] as const) add(console[name], readAllInside)
add(TextEncoder.prototype.encodeInto, function* (site, fn, self, args) {
  yield* writes(site, args[1])
  return perform(fn, self, args)
})
add(SharedArrayBuffer.prototype.slice, function* (site, fn, self, args) {
  const [from, to] = range(new Uint8Array(self as SharedArrayBuffer) as never, args[0], args[1])
  yield* reads(site, new Uint8Array(self as SharedArrayBuffer), from, to)
  return perform(fn, self, args)
})

// Generic array methods, for `Array.prototype.indexOf.call(view, x)`.
for (const name of ['join', 'toString', 'toLocaleString'] as const) add(Array.prototype[name], readAllInside)
for (const name of ['indexOf', 'lastIndexOf', 'includes', 'slice'] as const) {
  const fn = Array.prototype[name] as Native
  handlers.set(fn, function* (site, _, self, args) {
    yield* reads(site, self)
    return perform(fn, self, args)
  })
}

// A constructor that copies a view reads it; so does Array.from.
for (const type of [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  Set,
] as Native[]) {
  add(type, function* (site, fn, _, args) {
    for (const each of args) yield* reads(site, each)
    return Reflect.construct(fn, args)
  })
}
add(ElementsClass.from, readAll)
add(Array.from, function* (site, fn, self, args) {
  const [source, map, thisArg] = args
  const mapTwin = typeof map === 'function' && kinds.TWIN in map
  const iterable = typeof (source as Iterable<unknown> | undefined)?.[Symbol.iterator] === 'function'
  if (!iterable || self !== Array) {
    yield* reads(site, source)
    if (!mapTwin) return perform(fn, self, args)
    const { length } = source as ArrayLike<unknown>
    const mapped: unknown[] = []
    for (let at = 0; at < length; at++)
      mapped.push(yield* call(site, map, thisArg, [(source as ArrayLike<unknown>)[at], at]))
    return mapped
  }
  const it = yield* open(site, source)
  const values: unknown[] = []
  for (let at = 0; step(it) ?? (yield* advance(it)); at++) {
    values.push(map === undefined ? it.value : yield* call(site, map, thisArg, [it.value, at]))
  }
  return values
})

// Calls by another name.
add(Function.prototype.call, function* (site, _, self, args) {
  return yield* call(site, self, args[0], args.slice(1))
})
const arrayLike = function* (site: number, list: unknown): Twin<unknown[]> {
  if (list === undefined || list === null) return []
  yield* reads(site, list)
  return Array.from({ length: (list as ArrayLike<unknown>).length }, (_, at) => (list as ArrayLike<unknown>)[at])
}
add(Function.prototype.apply, function* (site, _, self, args) {
  return yield* call(site, self, args[0], yield* arrayLike(site, args[1]))
})
add(Reflect.apply, function* (site, _, __, args) {
  return yield* call(site, args[0], args[1], yield* arrayLike(site, args[2]))
})
add(Function.prototype.bind, function* (_, fn, self, args) {
  const bound = perform(fn, self, args) as Record<symbol, unknown>
  const target = self as Native & { [kinds.TWIN]?: Native | null }
  const twin = target[kinds.TWIN]
  if (typeof twin === 'function') bound[kinds.TWIN] = Reflect.apply(fn, twin, args) as unknown
  else if (twin === null) bound[kinds.TWIN] = null
  else if (args.some(isShared)) {
    bound[kinds.TWIN] = (...more: unknown[]) => call(-1, self, args[0], [...args.slice(1), ...more])
  }
  return bound
})

// What runs later runs when no thread does, and nobody would see what it touches.
const { then, catch: caught, finally: settled } = Promise.prototype
for (const fn of [
  setTimeout,
  setInterval,
  globalThis.setImmediate,
  queueMicrotask,
  globalThis.process?.nextTick,
  then,
  caught,
  settled,
] as (Native | undefined)[]) {
  add(
    fn,
    silently((site, _, self, args) => {
      const own = args.some((each) => typeof each === 'function' && kinds.TWIN in each)
      const late = own || args.some(isShared)
      // The promise may have been rejected by a refusal, which has been written down.
      if (late && self instanceof Promise) self.catch(() => {})
      if (late)
        refuse(site, `what ${fn?.name} is handed would run when no thread does, and its accesses would be no events`)
      return perform(fn as Native, self, args)
    }),
  )
}
for (const fn of compilers) {
  add(
    fn as Native,
    silently((site) => refuse(site, compiled)),
  )
}
// The clone is the same memory under another name, which the explorer would take for other memory.
add(
  globalThis.structuredClone,
  silently((site, fn, self, args) => {
    if (carriesShared(args))
      refuse(site, 'structuredClone makes a second name for shared memory; hand on the view itself')
    return perform(fn, self, args)
  }),
)

for (const [fn, handler] of callbackHandlers) handlers.set(fn, handler)

// What may be handed a view and doesn't look inside.
for (const fn of [
  elements.subarray,
  elements.keys,
  Array.isArray,
  ArrayBuffer.isView,
  Object,
  Boolean,
  Object.is,
  Object.keys,
  Object.freeze,
  Object.getPrototypeOf,
  Object.hasOwn,
  Object.getOwnPropertyNames,
  Object.prototype.hasOwnProperty,
  Object.prototype.valueOf,
  Object.prototype.toString,
  Object.prototype.isPrototypeOf,
  Reflect.getPrototypeOf,
  Reflect.has,
  Reflect.ownKeys,
  Array.of,
  Array.prototype.push,
  Array.prototype.unshift,
  Array.prototype.concat,
  Map.prototype.get,
  Map.prototype.set,
  Map.prototype.has,
  Map.prototype.delete,
  Set.prototype.add,
  Set.prototype.has,
  Set.prototype.delete,
  WeakMap.prototype.get,
  WeakMap.prototype.set,
  WeakMap.prototype.has,
  WeakMap.prototype.delete,
  WeakSet.prototype.add,
  WeakSet.prototype.has,
  WeakRef,
  DataView,
  Promise.resolve,
  Symbol.prototype.toString,
  Object.getOwnPropertyDescriptor(elements, 'length')?.get,
] as (Native | undefined)[]) {
  if (fn) harmless.add(fn)
}
harmless.add(Function.prototype[Symbol.hasInstance])
