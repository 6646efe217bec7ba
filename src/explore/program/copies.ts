/**
 * What a thread gets of what `setup` returned: a copy of its own, new in each execution, as a worker gets a clone.
 *
 * Copied are plain objects, arrays, Maps, Sets, private buffers with their views, and objects of instrumented classes
 * without private fields that never hand `this` to anybody. Views of shared memory stay what they are. If there is
 * anything else among them, such as a function, nothing is copied, since that may know the others: then all threads
 * have the same, which is watched.
 */

import { isPort } from '../runtime/message-port.ts'
import { fieldsAt, unknownMembers } from '../runtime/private-fields.ts'
import { isProxy } from '../runtime/proxies.ts'
import { TWIN } from '../runtime/twin.ts'
import { canBeHollow, hollow, privatesOf } from './hollow.ts'
import { makerOf } from './own-classes.ts'

/** Objects up to which each thread gets its own in each execution. More take longer than many an execution. */
const MOST = 64

const { getPrototypeOf, getOwnPropertyDescriptors, prototype } = Object
const elements = getPrototypeOf(Int32Array.prototype) as object

/** What the transform put into the text of a class, as far as it hands `this` to the engine. */
const HOOKS = /\$_n\.(?:methodTwin\([^()]*\)\.apply\(|(?:leaf|heir|made|method|field|keepFields)\([^()]*)\bthis\b/g
/** `this`, or what stands for it in a constructor's twin, where it is not asked for a member. */
const ESCAPES = /(?:\bthis\b|\$_n\.self\(\$_frame\))(?!\s*(?:\?\.|\.|\[))/

/**
 * Whether code of this class may hand its object itself to somebody. A WeakMap that has it as a key, in which compiled
 * private fields stand, would not know the copy.
 */
function handsItself(maker: { readonly prototype: object }): boolean {
  return unknownMembers(maker).some((each) =>
    ESCAPES.test(Function.prototype.toString.call(each).replaceAll(HOOKS, '')),
  )
}

/**
 * Whether it is an object of classes that were instrumented, down to `Object`, and that keep their objects to
 * themselves.
 */
function isOfClass(object: object): boolean {
  for (let at = getPrototypeOf(object) as object | null; at !== prototype; at = getPrototypeOf(at) as object | null) {
    if (at === null || isProxy(at)) return false
    const maker = makerOf(at)
    if (typeof maker !== 'function' || isProxy(maker) || !Object.hasOwn(maker, TWIN) || maker.prototype !== at)
      return false
    if (handsItself(maker as { readonly prototype: object })) return false
  }
  return canBeHollow(object)
}

type Kind = 'plain' | 'array' | 'map' | 'set' | 'buffer' | 'view'

/** How it is copied; undefined: it is not. */
function kindOf(object: object): Kind | undefined {
  if (isProxy(object)) return undefined
  const its = getPrototypeOf(object) as object | null
  if (Array.isArray(object)) return its === Array.prototype ? 'array' : undefined
  if (ArrayBuffer.isView(object)) {
    const private_ = object.buffer instanceof ArrayBuffer
    const known = its === DataView.prototype || (its !== null && getPrototypeOf(its) === elements)
    return private_ && known ? 'view' : undefined
  }
  if (its === Map.prototype) return 'map'
  if (its === Set.prototype) return 'set'
  if (its === ArrayBuffer.prototype)
    return (object as { resizable?: boolean }).resizable === true ? undefined : 'buffer'
  if (its === prototype || its === null) return isOrdinary(object) ? 'plain' : undefined
  return isOfClass(object) ? 'plain' : undefined
}

/** Neither a module's names nor one of the language's own objects. */
const isOrdinary = (object: object): boolean => Object.prototype.toString.call(object) === '[object Object]'

const isSharedMemory = (object: object): boolean =>
  object instanceof SharedArrayBuffer || (ArrayBuffer.isView(object) && object.buffer instanceof SharedArrayBuffer)

/** The objects that a copy makes anew; undefined: there are too many, or some that can't be copied. */
function copiedIn(value: unknown): object[] | undefined {
  const found = new Set<unknown>([value])
  const copied: object[] = []
  for (const it of found) {
    if (typeof it === 'function') return undefined
    if (typeof it !== 'object' || it === null || (!isProxy(it) && (isSharedMemory(it) || isPort(it)))) continue
    const kind = kindOf(it)
    if (kind === undefined) return undefined
    if (copied.push(it) > MOST) return undefined
    if (kind === 'view') found.add((it as ArrayBufferView).buffer)
    else if (kind === 'map') for (const pair of it as Map<unknown, unknown>) for (const part of pair) found.add(part)
    else if (kind === 'set') for (const part of it as Set<unknown>) found.add(part)
    if (kind === 'buffer' || kind === 'view') continue
    for (const { value, get, set } of ownOf(it)) for (const part of [value, get, set]) found.add(part)
    for (const { values } of privatesOf(it)) for (const part of Object.values(values)) found.add(part)
  }
  return copied
}

interface Own extends PropertyDescriptor {
  readonly key: PropertyKey
}

const ownOf = (object: object): Own[] => {
  const its = getOwnPropertyDescriptors(object) as Record<PropertyKey, PropertyDescriptor>
  return Reflect.ownKeys(its).map((key) => ({ key, ...its[key as string] }))
}

/** A value in a copy: that of the original, or what was made of it. Made objects stand in the order of the recipes. */
type Of = (value: unknown) => (made: readonly object[]) => unknown

/** How one object is made, and how it is filled once all are made. */
interface Recipe {
  readonly make: (made: readonly object[]) => object
  readonly fill: (copy: object, made: readonly object[]) => void
}

function recipeOf(object: object, of: Of, prototypeOf: PrototypeOf): Recipe {
  const kind = kindOf(object)!
  const nothing = () => {}
  if (kind === 'buffer') {
    const bytes = (object as ArrayBuffer).slice(0)
    return { make: () => bytes.slice(0), fill: nothing }
  }
  if (kind === 'view') {
    const { buffer, byteOffset, byteLength } = object as ArrayBufferView
    const length = (object as { length?: number }).length ?? byteLength
    const Type = object.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => object
    const its = of(buffer)
    return { make: (made) => new Type(its(made) as ArrayBuffer, byteOffset, length), fill: nothing }
  }
  const its = prototypeOf(getPrototypeOf(object) as object | null)
  const privates = privatesOf(object).map(({ at, values }) => ({
    at: prototypeOf(at) as () => object,
    values: Object.entries(values).map(([name, value]) => [name, of(value)] as const),
  }))
  const own = ownOf(object).map((each) => ({ ...each, of: of(each.value) }))
  const [frozen, sealed, open] = [Object.isFrozen(object), Object.isSealed(object), Object.isExtensible(object)]
  const entries = kind === 'map' ? [...(object as Map<unknown, unknown>)].map(([k, v]) => [of(k), of(v)] as const) : []
  const members = kind === 'set' ? [...(object as Set<unknown>)].map(of) : []
  return {
    make() {
      if (kind === 'array') return []
      if (kind === 'map') return new Map()
      if (kind === 'set') return new Set()
      return privates.length === 0
        ? (Object.create(its()) as object)
        : hollow(
            its()!,
            privates.map(({ at }) => at()),
          )
    },
    fill(copy, made) {
      for (const [key, value] of entries) (copy as Map<unknown, unknown>).set(key(made), value(made))
      for (const value of members) (copy as Set<unknown>).add(value(made))
      for (const { at, values } of privates)
        fieldsAt(at())!.write(copy, Object.fromEntries(values.map(([name, value]) => [name, value(made)])))
      for (const { key, of, ...descriptor } of own) Object.defineProperty(copy, key, { ...descriptor, value: of(made) })
      if (frozen) Object.freeze(copy)
      else if (sealed) Object.seal(copy)
      else if (!open) Object.preventExtensions(copy)
    },
  }
}

/** Of which prototype a copy is as it is made, given that of the original. */
type PrototypeOf = (its: object | null) => () => object | null

/**
 * Gives a copy of that value, as it is now, each time that it is called. Undefined where it stays what it is: there is
 * nothing to copy, or too much, or something that can't be.
 */
export function copierOf<T>(value: T, prototypeOf: PrototypeOf = (its) => () => its): (() => T) | undefined {
  const copied = copiedIn(value)
  if (copied === undefined || copied.length === 0) return undefined
  // A view comes after its buffer.
  copied.sort((a, b) => Number(ArrayBuffer.isView(a)) - Number(ArrayBuffer.isView(b)))
  const places = new Map<unknown, number>(copied.map((object, i) => [object, i]))
  const of: Of = (each) => {
    const at = places.get(each)
    return at === undefined ? () => each : (made) => made[at]
  }
  const recipes = copied.map((object) => recipeOf(object, of, prototypeOf))
  const its = of(value)
  return () => {
    const made: object[] = []
    for (const { make } of recipes) made[made.length] = make(made)
    for (let i = 0; i < made.length; i++) recipes[i].fill(made[i], made)
    return its(made) as T
  }
}
