/**
 * Natives that call back and are no method of a list: sorting, replacing, grouping, JSON, the `forEach` of collections.
 */

import { isShared } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call } from './calls.ts'
import { setterTwin, valueOfMember } from './members.ts'
import { perform } from './native-events.ts'
import { type Family, type Handler, handlers, type Native } from './native-table.ts'
import { answering, restarting } from './restarts.ts'

const hasTwin = (callback: unknown): boolean =>
  typeof (callback as { [TWIN]?: unknown } | undefined)?.[TWIN] === 'function'

/** Begun again at each callback. */
const restarted: Handler = function* (_site, fn, self, args) {
  const given = args.map(answering)
  return yield* restarting(() => perform(fn, self, given), args)
}

/** A regular expression remembers where it looked last, also when it is broken off. */
const replacing: Handler = function* (site, fn, self, args) {
  const [pattern] = args
  if (!(pattern instanceof RegExp)) return yield* restarted(site, fn, self, args)
  const from = pattern.lastIndex
  const given = args.map(answering)
  return yield* restarting(() => {
    pattern.lastIndex = from
    return perform(fn, self, given)
  })
}

/** Sorts a copy, and stores it when the order is known. `natively`: what else is done, for views of shared memory. */
function sorting(natively: Handler | undefined): Handler {
  return function* (site, fn, self, args) {
    const list = self as unknown[]
    if (isShared(self) && natively) return yield* natively(site, fn, self, args)
    if (!hasTwin(args[0]) || typeof self !== 'object' || self === null) return perform(fn, self, args)
    const compare = answering(args[0])
    // What the comparator does to the list meanwhile is overwritten.
    const before = copyOf(list)
    const sorted = yield* restarting(() => perform(fn, copyOf(before), [compare]) as unknown[])
    for (let at = 0; at < sorted.length; at++) {
      if (at in sorted) list[at] = sorted[at]
      else delete list[at]
    }
    return self
  }
}

/** The elements are read before the comparator is called. */
const sortingCopy: Handler = function* (_site, fn, self, args) {
  if (!hasTwin(args[0]) || typeof self !== 'object' || self === null) return perform(fn, self, args)
  const compare = answering(args[0])
  const before = copyOf(self as unknown[])
  return yield* restarting(() => perform(fn, before, [compare]))
}

/** With the holes of the original. */
function copyOf(list: unknown[]): unknown[] {
  if (ArrayBuffer.isView(list)) return (list as unknown as Int32Array).slice() as unknown as unknown[]
  const copy: unknown[] = []
  copy.length = list.length
  for (let at = 0; at < list.length; at++) if (at in list) copy[at] = list[at]
  return copy
}

/** Entries that a callback adds are visited, too. */
const visiting = (size: (self: unknown) => unknown): Handler =>
  function* (site, fn, self, args) {
    const [callback, thisArg] = args
    if (typeof callback !== 'function') return perform(fn, self, args)
    size(self)
    if (self instanceof Map) for (const [key, value] of self) yield* call(site, callback, thisArg, [value, key, self])
    else for (const value of self as Set<unknown>) yield* call(site, callback, thisArg, [value, value, self])
    return undefined
  }

const sizeOf = (prototype: object): ((self: unknown) => unknown) => {
  const { get } = Object.getOwnPropertyDescriptor(prototype, 'size')!
  return (self) => Reflect.apply(get!, self, []) as unknown
}

/** What was read at each key of an object, and the text of it. */
type Sources = Map<unknown, Map<string, { value: unknown; source: unknown }>>

/**
 * `JSON.parse` with a reviver: parsed with one of our own, then revived from the inside out. From Node 22 on revivers
 * are told the text of primitives.
 */
const reviving: Handler = function* (site, fn, self, args) {
  const [text, reviver] = args
  if (!hasTwin(reviver)) return perform(fn, self, args)
  const sources: Sources = new Map()
  let tells = false
  let root: Record<string, unknown> = {}
  const noting = function (this: Record<string, unknown>, key: string, value: unknown, told?: { source?: unknown }) {
    root = this
    tells = told !== undefined
    if (told === undefined || !Object.hasOwn(told, 'source')) return value
    if (!sources.has(this)) sources.set(this, new Map())
    sources.get(this)!.set(key, { value, source: told.source })
    return value
  }
  perform(fn, self, [text, noting])
  return yield* revived({ site, reviver, sources: tells ? sources : undefined }, root, '')
}

interface Reviving {
  readonly site: number
  readonly reviver: unknown
  /** Undefined: revivers are not told. */
  readonly sources: Sources | undefined
}

function* revived(it: Reviving, holder: Record<string, unknown>, key: string): Twin {
  const value = holder[key]
  if (typeof value === 'object' && value !== null) {
    const inner = value as Record<string, unknown>
    const keys = Array.isArray(value) ? [...value.keys()].map(String) : Object.keys(value)
    for (const each of keys) {
      const now = yield* revived(it, inner, each)
      if (now === undefined) delete inner[each]
      else Object.defineProperty(inner, each, { value: now, writable: true, enumerable: true, configurable: true })
    }
  }
  if (it.sources === undefined) return yield* call(it.site, it.reviver, holder, [key, value])
  const read = it.sources.get(holder)?.get(key)
  const told = read !== undefined && Object.is(read.value, value) ? { source: read.source } : {}
  return yield* call(it.site, it.reviver, holder, [key, value, told])
}

/** `Object.assign`, property by property: each may be read by a getter and stored by a setter. */
const assigning = (natively: Handler): Handler =>
  function* (site, fn, self, args) {
    const [target, ...sources] = args
    if (args.some((each) => isShared(each)) || target === undefined || target === null)
      return yield* natively(site, fn, self, args)
    const to = Object(target) as Record<PropertyKey, unknown>
    for (const source of sources) {
      if (source === undefined || source === null) continue
      const from = Object(source) as object
      for (const key of yield* restarting(() => Reflect.ownKeys(from))) {
        const own = yield* restarting(() => Reflect.getOwnPropertyDescriptor(from, key))
        if (own?.enumerable !== true) continue
        const value = yield* valueOfMember(from, key, from)
        const setter = setterTwin(to, key)
        if (setter !== undefined) yield* setter.call(to, value)
        else to[key] = value
      }
    }
    return to
  }

const arrays = Array.prototype as unknown as Record<string, Native | undefined>
const elements = Object.getPrototypeOf(Int32Array.prototype) as Record<string, Native | undefined>
const later = Object as unknown as Record<string, Native | undefined>
const maps = Map as unknown as Record<string, Native | undefined>

/** These stand over what the other families say of the same natives. */
export const orders = (): Family => [
  [arrays.sort, sorting(undefined)],
  [elements.sort, sorting(handlers.get(elements.sort))],
  [arrays.toSorted, sortingCopy],
  [String.prototype.replace, replacing],
  [String.prototype.replaceAll, replacing],
  [later.groupBy, restarted],
  [maps.groupBy, restarted],
  [Map.prototype.forEach, visiting(sizeOf(Map.prototype))],
  [Set.prototype.forEach, visiting(sizeOf(Set.prototype))],
  [JSON.parse, reviving],
  [Object.assign, assigning(handlers.get(Object.assign)!)],
]
