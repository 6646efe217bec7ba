/**
 * Natives that copy the elements of views, or look through them, wherever these stand: as `self` of a generic array
 * method, among the arguments of a constructor, as the source of an assignment.
 */

import { isShared } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call } from './calls.ts'
import { advance, isPlainArray, member, openBy, rest, step } from './iteration.ts'
import { perform, performing, range, readAll, reads, writes } from './native-events.ts'
import type { Family, Native } from './native-table.ts'
import { primitives } from './primitive.ts'
import { restarting } from './restarts.ts'

const ElementsClass = Object.getPrototypeOf(Int32Array) as Record<PropertyKey, Native | undefined>

/** Constructors of views, which copy a view that they are handed. */
export const typedArrays: Native[] = [
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
]
// Node 24 and later.
const { Float16Array: halves } = globalThis as { Float16Array?: Native }
if (halves !== undefined) typedArrays.push(halves)

function* copyConstruct(site: number, fn: Native, _: unknown, given: unknown[]): Twin {
  // A buffer is not copied: the view is over it.
  const [source] = given
  const args = [...given]
  if (isShared(source)) yield* reads(site, source)
  else if (typeof source === 'object' && source !== null && !isPlainArray(source) && !ArrayBuffer.isView(source)) {
    const method = yield* member(source, Symbol.iterator)
    if (typeof method === 'function') args[0] = yield* rest(yield* openBy(method, site, source))
  }
  return yield* restarting(() => performing([source], () => Reflect.construct(fn, args) as unknown))
}

/** Generic, as in `Array.prototype.indexOf.call(view, x)`. */
const generic = ['indexOf', 'lastIndexOf', 'includes', 'slice'] as const

function* readSelf(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  yield* reads(site, self)
  return perform(fn, self, args)
}

export const copies: Family = [
  ...generic.map((name) => [Array.prototype[name], readSelf] as const),
  ...typedArrays.map((type) => [type, copyConstruct] as const),
  [ElementsClass.from, readAll],
  [
    Array.from,
    function* (site, fn, self, args) {
      const [source, map, thisArg] = args
      const mapTwin = typeof map === 'function' && TWIN in map
      const method = yield* member(source, Symbol.iterator)
      if (typeof method !== 'function' || self !== Array) {
        yield* reads(site, source)
        if (!mapTwin) return perform(fn, self, args, [source])
        const { length } = source as ArrayLike<unknown>
        const mapped: unknown[] = []
        for (let at = 0; at < length; at++)
          mapped.push(yield* call(site, map, thisArg, [(source as ArrayLike<unknown>)[at], at]))
        return mapped
      }
      const it = yield* openBy(method, site, source)
      const values: unknown[] = []
      for (let at = 0; step(it) ?? (yield* advance(it)); at++) {
        values.push(map === undefined ? it.value : yield* call(site, map, thisArg, [it.value, at]))
      }
      return values
    },
  ],
  [Object.entries, readAll],
  [Object.values, readAll],
  [
    Object.assign,
    function* (site, fn, self, args) {
      const [target, ...sources] = args
      for (const source of sources) {
        yield* reads(site, source)
        if (!isShared(target)) continue
        const indices = Object.keys(Object(source ?? {})).filter((key) => /^\d+$/.test(key) && key in target)
        indices.sort((a, b) => Number(a) - Number(b))
        if (indices.length > 0) yield* writes(site, target, Number(indices[0]), Number(indices.at(-1)) + 1)
      }
      return perform(fn, self, args)
    },
  ],
  [
    SharedArrayBuffer.prototype.slice,
    function* (site, fn, self, given) {
      const args = yield* primitives(given)
      const [from, to] = range(new Uint8Array(self as SharedArrayBuffer) as never, args[0], args[1])
      yield* reads(site, new Uint8Array(self as SharedArrayBuffer), from, to)
      return perform(fn, self, args)
    },
  ],
]
