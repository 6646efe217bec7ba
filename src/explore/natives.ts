/**
 * The table of natives: what each does to shared memory, as events.
 *
 * A native that isn't here and isn't harmless is refused when it is handed a view of shared memory. A handler
 * announces the events, then calls the native itself; natives that call back are replayed step by step when
 * the callback has a twin, so that each call of it can be interrupted.
 */

import { type Handler, handlers, harmless, type Native } from './native-table.ts'
import { callbackHandlers } from './natives-callbacks.ts'
import * as kinds from './runtime.ts'
import { RANGE_READ, RANGE_WRITE, READ, runtime, type Twin, WRITE } from './runtime.ts'
import { type Elements, isShared, isSharedArray } from './shared-view.ts'
import { call } from './twin-calls.ts'
import { advance, open, step } from './twin-iteration.ts'

const Elements_ = Object.getPrototypeOf(Int32Array.prototype) as Record<PropertyKey, Native | undefined>
const ElementsClass = Object.getPrototypeOf(Int32Array) as Record<PropertyKey, Native | undefined>

function add(fn: Native | undefined, handler: Handler): void {
  if (fn) handlers.set(fn, handler)
}

function perform(fn: Native, self: unknown, args: unknown[]): unknown {
  return Reflect.apply(fn, self, args)
}

/** Announces a read of a range of elements, if the view is shared. */
function* reads(site: number, view: unknown, from = 0, to?: number): Twin<void> {
  if (!isShared(view)) return
  const end = to ?? (view as Elements).length ?? view.byteLength
  if (from < end && !runtime.op(RANGE_READ, site, view, from, end)) yield
}

function* writes(site: number, view: unknown, from = 0, to?: number): Twin<void> {
  if (!isShared(view)) return
  const end = to ?? (view as Elements).length ?? view.byteLength
  if (from < end && !runtime.op(RANGE_WRITE, site, view, from, end)) yield
}

/** The range of elements that a pair of relative indices means. */
function range(view: Elements, start: unknown, end: unknown): [number, number] {
  const { length } = view
  const clamp = (value: unknown, otherwise: number): number => {
    const number = value === undefined ? otherwise : Math.trunc(Number(value)) || 0
    return number < 0 ? Math.max(0, length + number) : Math.min(number, length)
  }
  return [clamp(start, 0), clamp(end, length)]
}

/** Everything is read: the view, and any other view among the arguments. */
function* readAll(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  yield* reads(site, self)
  for (const each of args) yield* reads(site, each)
  return perform(fn, self, args)
}

function* readAndWriteAll(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  yield* reads(site, self)
  yield* writes(site, self)
  return perform(fn, self, args)
}

const wholeReaders = 'indexOf lastIndexOf includes join toString toLocaleString toReversed toSorted with'
for (const name of wholeReaders.split(' ')) add(Elements_[name], readAll)
for (const name of ['reverse', 'sort']) add(Elements_[name], readAndWriteAll)

add(Elements_.at, function* (site, fn, self, args) {
  if (isSharedArray(self)) {
    const at = Math.trunc(Number(args[0])) || 0
    const index = at < 0 ? self.length + at : at
    if (index >= 0 && index < self.length && !runtime.op(READ, site, self, index)) yield
  }
  return perform(fn, self, args)
})
add(Elements_.slice, function* (site, fn, self, args) {
  if (isSharedArray(self)) yield* reads(site, self, ...range(self, args[0], args[1]))
  return perform(fn, self, args)
})
add(Elements_.fill, function* (site, fn, self, args) {
  if (isSharedArray(self)) yield* writes(site, self, ...range(self, args[1], args[2]))
  return perform(fn, self, args)
})
add(Elements_.copyWithin, function* (site, fn, self, args) {
  if (isSharedArray(self)) {
    const [target] = range(self, args[0], undefined)
    const [from, to] = range(self, args[1], args[2])
    const count = Math.max(0, Math.min(to - from, self.length - target))
    yield* reads(site, self, from, from + count)
    yield* writes(site, self, target, target + count)
  }
  return perform(fn, self, args)
})
add(Elements_.set, function* (site, fn, self, args) {
  const source = args[0] as ArrayLike<unknown>
  yield* reads(site, source)
  if (isSharedArray(self)) {
    const offset = Math.trunc(Number(args[1] ?? 0)) || 0
    const count = Number(source?.length ?? 0)
    // What doesn't fit throws before anything is written.
    if (offset >= 0 && offset + count <= self.length) yield* writes(site, self, offset, offset + count)
  }
  return perform(fn, self, args)
})

/** `view.values()`, `entries()`: an iterator that announces each element. */
function lazily(pair: (at: number, value: unknown) => unknown): Handler {
  return function* (site, fn, self, args) {
    if (!isSharedArray(self)) return perform(fn, self, args)
    return views(yield* open(site, self), pair)
  }
}

function views(it: Parameters<typeof step>[0], pair: (at: number, value: unknown) => unknown): object {
  const twin = function* (): Twin<IteratorResult<unknown>> {
    const at = it.at
    const more = !it.done && (yield* advance(it))
    return more ? { value: pair(at, it.value), done: false } : { value: undefined, done: true }
  }
  const next = Object.assign(() => call(it.site, twin, null, []), { [kinds.TWIN]: twin })
  return {
    next,
    [Symbol.iterator]: Object.assign(
      function (this: unknown) {
        return this
      },
      { [kinds.TWIN]: null },
    ),
  }
}
add(
  Elements_.values,
  lazily((_, value) => value),
)
add(
  Elements_.entries,
  lazily((at, value) => [at, value]),
)

// DataView: the index is in bytes, and so is the size.
for (const name of Object.getOwnPropertyNames(DataView.prototype)) {
  const size = Number(/^[gs]et\D+(\d+)$/.exec(name)?.[1] ?? 0) / 8
  if (size === 0) continue
  const kind = name.startsWith('get') ? READ : WRITE
  add((DataView.prototype as unknown as Record<string, Native>)[name], function* (site, fn, self, args) {
    const at = Math.trunc(Number(args[0])) || 0
    const inside = isShared(self) && at >= 0 && at + size <= self.byteLength
    if (inside && !runtime.op(kind, site, self, at, size)) yield
    return perform(fn, self, args)
  })
}

/** `Atomics`, when it is reached in a way the transform could not see: an alias, a function value. */
const atomicKinds: Record<string, number> = {
  load: kinds.ALOAD,
  store: kinds.ASTORE,
  add: kinds.RMW,
  sub: kinds.RMW,
  and: kinds.RMW,
  or: kinds.RMW,
  xor: kinds.RMW,
  exchange: kinds.RMW,
  compareExchange: kinds.CAS,
  wait: kinds.WAIT,
  notify: kinds.NOTIFY,
}
for (const [name, kind] of Object.entries(atomicKinds)) {
  add(Atomics[name as 'load'], function* (site, fn, self, args) {
    if (!runtime.op(kind, site, args[0], args[1] as number, args[2], args[3])) yield
    const waits = kind === kinds.WAIT || kind === kinds.NOTIFY
    return waits && isShared(args[0]) ? runtime.result : perform(fn, self, args)
  })
}
harmless.add(Atomics.isLockFree)
add((Atomics as unknown as Record<string, Native>).pause, function* (site) {
  if (!runtime.op(kinds.PAUSE, site)) yield
})

// Natives of other kinds that read or write whole views they are handed.
add(TextDecoder.prototype.decode, readAll)
add(JSON.stringify, readAll)
add(String, readAll)
add(Object.entries, readAll)
add(Object.values, readAll)
add(Object.assign, readAll)
for (const name of ['log', 'info', 'warn', 'error', 'debug', 'dir', 'table'] as const) add(console[name], readAll)
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
for (const name of ['indexOf', 'lastIndexOf', 'includes', 'join', 'slice', 'toString'] as const) {
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

for (const [fn, handler] of callbackHandlers) handlers.set(fn, handler)

// What may be handed a view and doesn't look inside.
for (const fn of [
  Elements_.subarray,
  Elements_.keys,
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
  Object.getOwnPropertyDescriptor(Elements_, 'length')?.get,
] as (Native | undefined)[]) {
  if (fn) harmless.add(fn)
}
harmless.add(Function.prototype[Symbol.hasInstance])
