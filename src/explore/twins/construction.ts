/**
 * `new`, in twins, for classes and functions that were instrumented: made bare, then filled in by their twins.
 */

import { proxied } from '../runtime/proxies.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import type { Native } from './native-table.ts'
import { restarting } from './restarts.ts'

/** What is known of a class. `body` and `fields` are the keys of twins on its prototype. */
interface Parts {
  readonly derived: boolean
  /** It has a constructor of its own. */
  readonly own: boolean
  /** It adds fields or private members to what its parent has made. */
  readonly installs: boolean
  readonly body: symbol | undefined
  readonly fields: symbol | undefined
}

/** What only a constructor has, for its twin. */
interface Frame {
  readonly made: Native
  readonly target: Native
  readonly args: ArrayLike<unknown>
  /** `this`, once there is one. */
  self: object | undefined
  /** `super[key]`, or `super[key] = value` */
  parent(key: PropertyKey, ...set: [value?: unknown]): unknown
}

type Bodies = Record<symbol, (...args: unknown[]) => Twin>

const classes = new WeakMap<object, Parts>()

/** Says what a class is made of. */
export function made(of: object, parts: Parts): void {
  classes.set(of, parts)
}

/** Whether `new` of it has to go by twins, itself or what it extends. */
export function isFollowed(fn: Native): boolean {
  for (let at: unknown = fn; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if (proxied(at) !== undefined) return true
    const parts = classes.get(at)
    if (parts === undefined) return Object.hasOwn(at, TWIN) && typeof (at as { [TWIN]?: unknown })[TWIN] === 'function'
    if (parts.body !== undefined || parts.fields !== undefined) return true
    if (!parts.derived) return false
  }
  return false
}

/** Makes an object. `native` makes one of what isn't followed. */
export function* constructed(site: number, fn: Native, args: unknown[], target: Native, native: Make): Twin<object> {
  // It takes as long as many turns of a loop that touches nothing.
  runtime.spare -= 256
  const proxy = proxied(fn)
  if (proxy !== undefined) return yield* proxy.construct(args, target)
  const parts = classes.get(fn)
  if (!isFollowed(fn)) return (yield* native(fn, args, target)) as object
  if (parts === undefined) return yield* byFunction(site, fn, args, target)
  const frame = frameOf(fn, args, target)
  makers.set(frame, native)
  if (!parts.derived) {
    frame.self = bare(fn, yield* withoutTraps(target))
    yield* filled(fn, frame.self)
  } else if (!parts.own) return (yield* superCall(frame, site, args)) as object
  if (parts.body === undefined) return parts.derived ? ((yield* native(fn, args, target)) as object) : frame.self!
  const { prototype } = fn as unknown as { prototype: Bodies }
  const given = yield* prototype[parts.body].call(frame.self, frame, ...args)
  if ((typeof given === 'object' && given !== null) || typeof given === 'function') return given
  if (parts.derived && given !== undefined)
    throw new TypeError('Derived constructors may only return object or undefined')
  return self(frame)
}

type Make = (fn: Native, args: unknown[], target: Native) => Twin

const makers = new WeakMap<Frame, Make>()

/** Neither an arrow function nor a method. */
function isConstructor(fn: Native): boolean {
  try {
    Reflect.construct(Object, [], fn)
    return true
  } catch {
    return false
  }
}

/** `new F()` of a function. */
function* byFunction(site: number, fn: Native, args: unknown[], target: Native): Twin<object> {
  if (!isConstructor(fn)) throw new TypeError(`${runtime.sites[site]?.operation.slice(4)} is not a constructor`)
  const self = Reflect.construct(Object, [], yield* withoutTraps(target)) as object
  return yield* built((fn as unknown as { [TWIN]: FunctionTwin })[TWIN], self, args, target)
}

type FunctionTwin = (...args: unknown[]) => Twin

/** Twins of functions that ask for `new.target`, and what the one that begins now is told. */
const askers = new WeakSet<FunctionTwin>()
let told: Native | undefined

/** The twin of a function that asks for `new.target`. */
export function asking(twin: FunctionTwin): FunctionTwin {
  askers.add(twin)
  return twin
}

/** `new.target`, where such a twin begins. */
export function target(): Native | undefined {
  const given = told
  told = undefined
  return given
}

/** What `new` gives of a function whose twin that is, and which is handed `self` for its `this`. */
export function* built(twin: FunctionTwin, self: object, args: ArrayLike<unknown>, target: Native): Twin<object> {
  const running = Reflect.apply(twin, self, args)
  if (askers.has(twin)) told = target
  const given = yield* running
  return (typeof given === 'object' && given !== null) || typeof given === 'function' ? given : self
}

function frameOf(made: Native, args: unknown[], target: Native): Frame {
  const frame: Frame = {
    made,
    target,
    args: argumentsOf(...args),
    self: undefined,
    parent(key, ...set) {
      const prototype = Object.getPrototypeOf(made.prototype) as object
      if (set.length === 0) return Reflect.get(prototype, key, self(frame)) as unknown
      if (Reflect.set(prototype, key, set[0], self(frame))) return set[0]
      throw new TypeError(`Cannot assign to property '${String(key)}' of super`)
    },
  }
  return frame
}

/** An `arguments` object. */
function argumentsOf(..._: unknown[]): ArrayLike<unknown> {
  // biome-ignore lint/complexity/noArguments: this is what the author asks for
  return arguments
}

/** `this` in the constructor of a class that extends another. */
export function self(frame: Frame): object {
  if (frame.self === undefined)
    throw new ReferenceError(
      "Must call super constructor in derived class before accessing 'this' or returning from derived constructor",
    )
  return frame.self
}

/** `super(...args)` */
export function* superCall(frame: Frame, site: number, args: unknown[]): Twin {
  const { made, target } = frame
  const parent: unknown = Object.getPrototypeOf(made)
  if (typeof parent !== 'function' || parent === Function.prototype)
    throw new TypeError(`Super constructor ${String(parent)} of anonymous class is not a constructor`)
  const given = yield* constructed(site, parent as Native, args, target, makers.get(frame)!)
  if (frame.self !== undefined) throw new ReferenceError('Super constructor may only be called once')
  frame.self = given
  if (classes.get(made)!.installs) install(site, made, given)
  yield* filled(made, given)
  return given
}

/** Gives the fields of this class their values. */
function* filled(made: Native, self: object): Twin<void> {
  const { fields } = classes.get(made)!
  if (fields !== undefined) yield* (made.prototype as Bodies)[fields].call(self)
}

/** What has the prototype that `target` has, and is no proxy: there the prototype is asked for here, and once. */
function* withoutTraps(target: Native): Twin<Native> {
  if (proxied(target) === undefined) return target
  const prototype = yield* restarting(() => target.prototype as unknown)
  return Object.assign(function StandIn() {}, { prototype })
}

/** An object whose fields wait for their values. */
function bare(made: Native, target: Native): object {
  const before = runtime.bare
  runtime.bare = true
  try {
    return Reflect.construct(made, [], target) as object
  } finally {
    runtime.bare = before
  }
}

/** Adds a class's fields and private members to an object: its parent, for this once, is what gives that object. */
function install(site: number, made: Native, given: object): void {
  if (!Object.isExtensible(made)) {
    const reason = `the class ${made.name} is frozen, so that the making of its objects can't be followed`
    runtime.refuse(site, reason)
    throw new Refusal(reason)
  }
  const parent = Object.getPrototypeOf(made) as object
  Object.setPrototypeOf(made, function Giver() {
    return given
  })
  try {
    bare(made, made)
  } finally {
    Object.setPrototypeOf(made, parent)
  }
}

/** Runs the static part of a class, which it gives back. */
export function* statics<T extends object>(of: T, key: symbol): Twin<T> {
  yield* (of as unknown as Bodies)[key].call(of)
  return of
}

/** A public field gets its value. */
export function field(self: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(self, key, { value, writable: true, enumerable: true, configurable: true })
}
