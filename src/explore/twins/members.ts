/**
 * What reading or storing a member would run: the getter or setter of an object, the trap of a proxy. If that has a
 * twin, a twin runs it.
 */

import { isProxy, type Proxied, proxied } from '../runtime/proxies.ts'
import { isShared } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call, refuse } from './calls.ts'

type Getter = (this: unknown) => Twin
type Setter = (this: unknown, value: unknown) => Twin

/** Where a class keeps the twin of a member, under a key of its own. */
export interface Slot {
  readonly key: symbol
  name: PropertyKey
  /** That of the class that was made last. */
  twin: unknown
  /** How many classes that piece of text has made. */
  classes: number
}

/**
 * The twin of the method or accessor of a class that was called plainly, by a native. Where a piece of text has made
 * several classes, each with what it closes over, `this` says which of them it is.
 */
export function methodTwin(slot: Slot, self: unknown): unknown {
  if (slot.classes === 1) return slot.twin
  const found: unknown[] = []
  for (let at = Object(self ?? {}) as object | null; at !== null && !isProxy(at); at = Object.getPrototypeOf(at))
    if (Object.hasOwn(at, slot.key)) found.push((at as Record<symbol, unknown>)[slot.key])
  if (found.length !== 1) refuse(-1, SEVERAL)
  return found[0]
}

const SEVERAL =
  'a native calls a method of a class that was made several times, and which of them it is of can not be told from this'

/** The twin of what `object[name]` would run. */
export function getterTwin(object: unknown, name: PropertyKey): Getter | undefined {
  const found = memberOf(object, name)
  if (found === undefined) return undefined
  return 'target' in found ? trapped(found, name) : (twinOf(found.get) as Getter | undefined)
}

/** The twin of what `object[name] = value` would run. */
export function setterTwin(object: unknown, name: PropertyKey): Setter | undefined {
  const found = memberOf(object, name)
  if (found === undefined) return undefined
  return 'target' in found ? trappedStore(found, name) : (twinOf(found.set) as Setter | undefined)
}

/** The same for a name that is computed. Only what is a name already is looked for: nothing is asked twice. */
export function getterAt(object: unknown, key: unknown): Getter | undefined {
  return isName(key) ? getterTwin(object, nameOf(key)) : undefined
}

export function setterAt(object: unknown, key: unknown): Setter | undefined {
  return isName(key) ? setterTwin(object, nameOf(key)) : undefined
}

const isName = (key: unknown): key is PropertyKey => /^(string|symbol|number)$/.test(typeof key)
const nameOf = (key: PropertyKey): string | symbol => (typeof key === 'symbol' ? key : String(key))

const twinOf = (accessor: unknown): unknown => (accessor as { [TWIN]?: unknown } | undefined)?.[TWIN] ?? undefined

/** The property of that name, wherever it is inherited from, or the proxy that would be asked for it. */
function memberOf(object: unknown, name: PropertyKey): PropertyDescriptor | Proxied | undefined {
  const type = typeof object
  if ((type !== 'object' && type !== 'function') || object === null) return undefined
  if (Array.isArray(object) && !isProxy(object)) return undefined
  if (ArrayBuffer.isView(object)) return undefined
  for (let at: object | null = object as object; at !== null; at = Object.getPrototypeOf(at)) {
    if (isProxy(at)) return proxied(at)
    const found = Object.getOwnPropertyDescriptor(at, name)
    if (found) return found
  }
  return undefined
}

/** A read through a proxy. Without a trap it goes on to what the proxy stands before. */
function trapped({ target, handler }: Proxied, name: PropertyKey): Getter {
  return function* () {
    const trap: unknown = yield* valueOfMember(handler, 'get', handler)
    if (trap !== undefined && trap !== null) return yield* call(-1, trap, handler, [target, name, this])
    return yield* valueOfMember(target, name, this)
  }
}

/** A store through a proxy. */
function trappedStore({ target, handler }: Proxied, name: PropertyKey): Setter {
  return function* (value) {
    const trap: unknown = yield* valueOfMember(handler, 'set', handler)
    if (trap === undefined || trap === null) return yield* storeIn(target, name, value, this)
    const stored = yield* call(-1, trap, handler, [target, name, value, this])
    if (!stored) throw new TypeError(`'set' on proxy: trap returned falsish for property '${String(name)}'`)
    return stored
  }
}

/** The value of a member. */
export function* valueOfMember(object: object, name: PropertyKey, receiver: unknown): Twin {
  if (isShared(object)) refuse(-1, AROUND_VIEW)
  const getter = getterTwin(object, name)
  return getter === undefined ? (Reflect.get(object, name, receiver) as unknown) : yield* getter.call(receiver)
}

function* storeIn(object: object, name: PropertyKey, value: unknown, receiver: unknown): Twin {
  if (isShared(object)) refuse(-1, AROUND_VIEW)
  const setter = setterTwin(object, name)
  return setter === undefined ? Reflect.set(object, name, value, receiver) : yield* setter.call(receiver, value)
}

const AROUND_VIEW =
  'a proxy stands around a view of shared memory, whose elements are not seen through it; hand on the view'
