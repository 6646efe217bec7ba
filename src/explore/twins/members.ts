/**
 * What reading or storing a member would run: the getter or setter of an object, the trap of a proxy. If that has a
 * twin, a twin runs it.
 */

import { isProxy, type Proxied, proxied } from '../runtime/proxies.ts'
import { runtime } from '../runtime/runtime.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { refuse } from './refuse.ts'
import { restarting } from './restarts.ts'

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
  for (let at: object | null | undefined = Object(self ?? {}) as object; at; ) {
    if (isProxy(at)) {
      at = proxied(at)?.target
      continue
    }
    const twin = inLiterals.get(at)?.get(slot)
    if (twin !== undefined) found.push(twin)
    if (Object.hasOwn(at, slot.key)) found.push((at as Record<symbol, unknown>)[slot.key])
    at = Object.getPrototypeOf(at) as object | null
  }
  if (found.length !== 1) refuse(-1, SEVERAL)
  return found[0]
}

/** The twins of accessors of object literals, which leave no trace in these. */
const inLiterals = new WeakMap<object, Map<Slot, unknown>>()

/** Remembers the twin of such an accessor. */
export function keepTwin(object: object, slot: Slot, twin: unknown): void {
  slot.twin = twin
  slot.classes++
  // It takes as long as many turns of a loop that touches nothing.
  runtime.spare -= 512
  const twins = inLiterals.get(object)
  if (twins === undefined) inLiterals.set(object, new Map([[slot, twin]]))
  else twins.set(slot, twin)
}

const SEVERAL =
  'a native calls a method or accessor whose text was evaluated several times, and of which time it is can not be told from this'

/** The twin of what `object[name]` would run. */
export function getterTwin(object: unknown, name: PropertyKey): Getter | undefined {
  const found = memberOf(object, name)
  if (found === undefined) return undefined
  return 'target' in found ? readingThrough(object as object, name) : (twinOf(found.get) as Getter | undefined)
}

/** The twin of what `object[name] = value` would run. `sloppy`: a proxy that says no is not an error there. */
export function setterTwin(object: unknown, name: PropertyKey, sloppy = false): Setter | undefined {
  const found = memberOf(object, name)
  if (found === undefined) return undefined
  return 'target' in found ? storingThrough(object as object, name, sloppy) : (twinOf(found.set) as Setter | undefined)
}

/** The same for a name that is computed. Only what is a name already is looked for: nothing is asked twice. */
export function getterAt(object: unknown, key: unknown): Getter | undefined {
  return isName(key) ? getterTwin(object, nameOf(key)) : undefined
}

export function setterAt(object: unknown, key: unknown, sloppy = false): Setter | undefined {
  return isName(key) ? setterTwin(object, nameOf(key), sloppy) : undefined
}

const isName = (key: unknown): key is PropertyKey => /^(string|symbol|number)$/.test(typeof key)
const nameOf = (key: PropertyKey): string | symbol => (typeof key === 'symbol' ? key : String(key))

const twinOf = (accessor: unknown): unknown => (accessor as { [TWIN]?: unknown } | undefined)?.[TWIN] ?? undefined

/** The property of that name, wherever it is inherited from, or the proxy that would be asked for it. */
function memberOf(object: unknown, name: PropertyKey): PropertyDescriptor | Proxied | undefined {
  const type = typeof object
  if ((type !== 'object' && type !== 'function') || object === null) return undefined
  // Elements are no accessors, and nobody looks at those of a view unannounced.
  const elements = ArrayBuffer.isView(object)
  if (elements && typeof name === 'string' && /^-?\d/.test(name)) return undefined
  const from = elements ? (Object.getPrototypeOf(object) as object) : (object as object)
  for (let at: object | null = from; at !== null; at = Object.getPrototypeOf(at)) {
    if (isProxy(at)) return proxied(at)
    const found = Object.getOwnPropertyDescriptor(at, name)
    if (found) return found
  }
  return undefined
}

/** A read that ends at a proxy: its traps break it off where they have to run first. */
function readingThrough(object: object, name: PropertyKey): Getter {
  return function* () {
    return yield* restarting(() => Reflect.get(object, name, this) as unknown)
  }
}

/** A store through a proxy. */
function storingThrough(object: object, name: PropertyKey, sloppy: boolean): Setter {
  return function* (value) {
    const stored = yield* restarting(() => Reflect.set(object, name, value, this))
    if (!stored && !sloppy) throw new TypeError(`'set' on proxy: trap returned falsish for property '${String(name)}'`)
    return stored
  }
}

/** The value of a member. */
export function* valueOfMember(object: object, name: PropertyKey, receiver: unknown): Twin {
  const getter = getterTwin(object, name)
  return getter === undefined ? (Reflect.get(object, name, receiver) as unknown) : yield* getter.call(receiver)
}
