/**
 * The classes of what `setup` returned of which each thread has one of its own, and what a thread makes of their
 * objects: a copy is of the thread's class. An object that can't be copied stays of the module's class; it counts as
 * the thread's where that can be, and is refused where a private name would tell the two apart.
 */

import { type OwnModule, ownModules } from '../runtime/own-modules.ts'
import { fieldsOf } from '../runtime/private-fields.ts'
import { askingPlace } from '../runtime/private-names.ts'
import { isProxy, proxied } from '../runtime/proxies.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'
import { isA } from '../runtime/thrown-value.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'

/** How deep in a variable a class may stand: `its.part.C`. */
const DEEPEST = 4

type Step = PropertyKey

/** A class of a module that has one for each thread. */
interface OwnClass {
  readonly module: OwnModule
  /** The module's own, and the way to it from the module's variables. */
  readonly main: Class
  readonly way: readonly Step[]
}

interface Class {
  readonly name: string
  readonly prototype: object
}

const { hasOwn, getOwnPropertyDescriptor } = Object

/** The value of an own property that is no accessor. */
const valueAt = (object: object, key: Step): unknown =>
  isProxy(object) ? undefined : (getOwnPropertyDescriptor(object, key)?.value as unknown)

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

const isClass = (value: unknown): value is Class =>
  typeof value === 'function' && !isProxy(value) && hasOwn(value, TWIN) && isObject(value.prototype)

function variable({ main }: OwnModule, name: string): unknown {
  try {
    return main[name]
  } catch {
    // It is not there yet.
    return undefined
  }
}

/** By prototype, the classes that stand in variables of which each thread has its own. */
function ownClasses(): Map<object, OwnClass> {
  const classes = new Map<object, OwnClass>()
  for (const module of ownModules) {
    const seen = new Set<object>()
    const visit = (it: unknown, way: readonly Step[]): void => {
      if (!isObject(it) || isProxy(it) || seen.has(it) || way.length > DEEPEST || ArrayBuffer.isView(it)) return
      seen.add(it)
      if (isClass(it)) classes.set(it.prototype, { module, main: it, way })
      for (const key of Reflect.ownKeys(it)) if (key !== 'prototype') visit(valueAt(it, key), [...way, key])
    }
    for (const name of Object.keys(module.main)) visit(variable(module, name), [name])
  }
  return classes
}

/** The class that the thread that runs has in its place. */
function classNow({ module, main, way: [name, ...rest] }: OwnClass): Class {
  let at: unknown = module.now()[name as string]
  for (const key of rest) at = isObject(at) ? valueAt(at, key) : undefined
  return isClass(at) ? at : main
}

/** All objects that can be reached from a value by what they hold. */
function reachedFrom(value: unknown): Set<object> {
  const found = new Set<object>()
  const see = (it: unknown): void => {
    if (!isObject(it)) return
    if (isProxy(it)) see(proxied(it)?.target)
    else found.add(it)
  }
  see(value)
  for (const it of found) {
    if (it instanceof Map) for (const pair of it) for (const part of pair) see(part)
    if (it instanceof Set) for (const part of it) see(part)
    if (ArrayBuffer.isView(it)) continue
    for (const [, part] of fieldsOf(it)) see(part)
    for (const key of Reflect.ownKeys(it)) see(valueAt(it, key))
  }
  return found
}

export interface OwnClasses {
  /** Whether threads have classes of their own for some of the objects. */
  readonly any: boolean
  /** Gives the prototype that a copy has in the thread that runs. */
  prototypeOf(its: object | null): () => object | null
  /** What a thread begins with: its own classes. `copied`: whether it gets copies of the objects. */
  begin(copied: boolean): Twin<void>
  /**
   * Gives what refuses an error of a thread that comes from a private name which told its class from that of the
   * module; null: none can.
   */
  judge(copied: boolean): ((error: unknown) => void) | null
  /** Does something while the prototypes of such classes tell their classes by thread. */
  during<T>(work: () => T): T
}

/** Looks for such classes in what `setup` returned. */
export function ownClassesOf(value: unknown): OwnClasses {
  const found = new Map<object, OwnClass>()
  // Those that a class extends of which all threads have the same: a copy, too, stays of these.
  const kept = new Set<OwnClass>()
  let known: Map<object, OwnClass> | undefined
  const seen = new Set<object | null>([Object.prototype, Array.prototype, Function.prototype])
  for (const object of ownModules.length === 0 ? [] : reachedFrom(value)) {
    for (const first of [object, prototypeBehind(object)]) {
      if (first === null || seen.has(first) || (first === object && makerOf(first) === undefined)) continue
      seen.add(first)
      known ??= ownClasses()
      for (let at: object | null = first; at !== null; at = prototypeBehind(at)) {
        const its = known.get(at)
        if (its === undefined) continue
        found.set(at, its)
        if (!known.has(first)) kept.add(its)
      }
    }
  }
  const modules = new Set([...found.values()].map(({ module }) => module))
  const counted = new Set<OwnClass>()
  return {
    any: found.size > 0,
    prototypeOf(its) {
      const own = its === null ? undefined : found.get(its)
      return own === undefined ? () => its : () => classNow(own).prototype
    },
    *begin(copied) {
      for (const each of modules) if (!each.ready()) yield* each.make()
      for (const each of copied ? kept : found.values()) {
        countAsOwn(each)
        counted.add(each)
      }
    },
    judge: (copied) => ((copied ? kept.size : found.size) === 0 ? null : refuseTelling),
    during(work) {
      // Another time, threads that have begun already go on.
      for (const each of counted) tellByThread(each)
      try {
        return work()
      } finally {
        for (const { main } of counted) tellNoMore(main)
      }
    },
  }
}

/** Refuses what is thrown where a private name is asked of an object that does not have it. */
function refuseTelling(error: unknown): void {
  if (isA(error, TypeError) && /whose class did not declare it|^(Receiver|Object) must be/.test(error.message))
    refuse(`setup made an object of a class that each thread has for itself, as it has static state, and a private \
name tells the two apart: ${error.message}`)
}

const prototypeBehind = (object: object): object | null =>
  isProxy(object) ? null : (Object.getPrototypeOf(object) as object | null)

function refuse(reason: string): never {
  runtime.refuse(-1, reason)
  throw new Refusal(reason)
}

const PLAIN = Function.prototype[Symbol.hasInstance]
/** Those that were put in place here. */
const counting = new WeakSet<object>()
/** What the constructor of those prototypes is that tell their classes by thread. */
const told = new WeakMap<object, PropertyDescriptor>()

/** What the constructor of a prototype is outside of threads. */
export const makerOf = (prototype: object): unknown => told.get(prototype)?.value ?? valueAt(prototype, 'constructor')

/** Has objects of the module's class count as those of the thread's. */
function countAsOwn(own: OwnClass): void {
  const { main } = own
  const its = classNow(own)
  const place = askingPlace(main.prototype)
  const what = `what setup returned has an object of class ${main.name || '(no name)'} that can't be copied as one of the thread's, \
which has that class for itself, as it has static state`
  if (place !== undefined) refuse(`${what}; at ${place} a private name is asked of another object than this`)
  if (its === main) return
  const isKnown = (value: unknown): boolean => PLAIN.call(main as never, value)
  function has(this: unknown, value: unknown): boolean {
    return PLAIN.call(this as never, value) || (this === its && isKnown(value))
  }
  const before = (its as unknown as Record<symbol, unknown>)[Symbol.hasInstance] as object
  let isPut = true
  if (before === PLAIN || counting.has(before)) {
    Object.assign(has, { [TWIN]: null })
    counting.add(has)
    isPut = Reflect.defineProperty(its, Symbol.hasInstance, { value: has, configurable: true })
  }
  isPut &&= tellByThread(own)
  if (!isPut) refuse(`${what}; it is frozen, so that the two can't count as one`)
}

/** Has the prototype of the module's class tell the thread's as its constructor, in threads. */
function tellByThread(own: OwnClass): boolean {
  const { main } = own
  const before = getOwnPropertyDescriptor(main.prototype, 'constructor')
  if (told.has(main.prototype) || before?.value !== main) return true
  const get = Object.assign(() => (runtime.running ? classNow(own) : main), { [TWIN]: null })
  const telling = { get, set: undefined, enumerable: before.enumerable!, configurable: true }
  if (!Reflect.defineProperty(main.prototype, 'constructor', telling)) return false
  told.set(main.prototype, before)
  return true
}

/** Has it be again what the author has there, unless somebody has changed it since. */
function tellNoMore({ prototype }: Class): void {
  const before = told.get(prototype)
  if (before === undefined) return
  told.delete(prototype)
  if (getOwnPropertyDescriptor(prototype, 'constructor')?.get !== undefined)
    Reflect.defineProperty(prototype, 'constructor', before)
}
