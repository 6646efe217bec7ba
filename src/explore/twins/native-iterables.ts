/**
 * Natives that are made of what an iterator gives: collections, objects of entries, views. The iterator is stepped as
 * twins step it, and what it gives is added as the native would add it.
 */

import { READ } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { isSharedArray } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import { call } from './calls.ts'
import { advance, close, closed, failed, type Iteration, isPlainArray, member, open, step } from './iteration.ts'
import type { Family, Handler, Native } from './native-table.ts'
import { keyOf } from './operators.ts'

type Add = (value: unknown) => Twin<void>

/** Hands each value to `add`. The iterator is closed if that throws. */
function* each(it: Iteration, add: Add): Twin<void> {
  try {
    while (step(it) ?? (yield* advance(it))) yield* add(it.value)
  } catch (error) {
    failed(it)
    throw error
  } finally {
    if (!closed(it)) yield* close(it)
  }
}

/** One half of an entry, which may be any object. */
function* half(site: number, entry: unknown, at: 0 | 1): Twin {
  if (isPlainArray(entry)) return entry[at]
  if ((typeof entry !== 'object' || entry === null) && typeof entry !== 'function')
    throw new TypeError(`Iterator value ${String(entry)} is not an entry object`)
  if (!isSharedArray(entry)) return yield* member(entry, at)
  if (at < entry.length && !runtime.op(READ, site, entry, at)) yield
  return runtime.did(entry[at])
}

/** A collection, filled by its own method of that name. */
function filling(name: 'add' | 'set'): Handler {
  return function* (site, fn, _self, [source]) {
    const made = Reflect.construct(fn, []) as object
    if (source === undefined || source === null) return made
    const adder = yield* member(made, name)
    if (typeof adder !== 'function') throw new TypeError(`'${String(adder)}' returned for property '${name}'`)
    yield* each(yield* open(site, source), function* (value) {
      const parts = name === 'add' ? [value] : [yield* half(site, value, 0), yield* half(site, value, 1)]
      yield* call(site, adder, made, parts)
    })
    return made
  }
}

function* fromEntries(site: number, _fn: Native, _self: unknown, [source]: unknown[]): Twin<object> {
  const made: Record<PropertyKey, unknown> = {}
  if (source === undefined || source === null) throw new TypeError(`${String(source)} is not iterable`)
  yield* each(yield* open(site, source), function* (entry) {
    const key = yield* half(site, entry, 0)
    const value = yield* half(site, entry, 1)
    const name = yield* keyOf(site, key)
    Object.defineProperty(made, name, { value, writable: true, enumerable: true, configurable: true })
  })
  return made
}

export const iterables: Family = [
  [Map, filling('set')],
  [WeakMap, filling('set')],
  [Set, filling('add')],
  [WeakSet, filling('add')],
  [Object.fromEntries, fromEntries],
]
