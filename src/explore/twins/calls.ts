/**
 * Calls whose callee a twin could not settle beforehand.
 *
 * An instrumented function brings its twin along; a native that knows shared memory stands in the table of
 * natives and becomes events; any other function may have everything but a view of shared memory.
 */

import { noteBuffer } from '../runtime/made-buffers.ts'
import { howToFollow } from '../runtime/name-packages.ts'
import { proxied } from '../runtime/proxies.ts'
import { runtime } from '../runtime/runtime.ts'
import { isSharedMemory } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { isUntouched } from '../runtime/untouched.ts'
import { constructed, isFollowed } from './construction.ts'
import { isOfHost } from './host.ts'
import { refuseKept, within } from './kept-functions.ts'
import { isLanguage } from './language.ts'
import { inOneStep, neverAsk, onlyLook } from './native-lookers.ts'
import {
  bound,
  compiledAs,
  compilers,
  constructors,
  guards,
  handlers,
  harmless,
  type Native,
  ofThreads,
  passing,
  unfollowed,
} from './native-table.ts'
import { refuseOutside } from './outside.ts'
import { refuse } from './refuse.ts'
import { answering, restarting } from './restarts.ts'
import { simple } from './simple.ts'
import { carriesShared, isStranger } from './strangers.ts'

// biome-ignore lint/complexity/noBannedTypes: any function at all
type Callable = Function & { [TWIN]?: ((...args: unknown[]) => Twin) | null }

/** May this be called at once, without a look at the table? Up to three arguments. */
export function quiet(fn: unknown, self: unknown, a?: unknown, b?: unknown, c?: unknown): boolean {
  return isKnown(fn) && !isSharedMemory(self) && !isSharedMemory(a) && !isSharedMemory(b) && !isSharedMemory(c)
}

export function quietAll(fn: unknown, self: unknown, args: readonly unknown[]): boolean {
  return isKnown(fn) && !isSharedMemory(self) && !args.some(isSharedMemory)
}

/** The same where objects may have to be asked what they stand for, or may be proxies. */
export function quietHere(fn: unknown, self: unknown, args: readonly unknown[]): boolean {
  return quietAll(fn, self, args) && (neverAsk.has(fn) || (simple(self) && args.every(simple)))
}

/** Natives of the language without events of their own: one look tells them from all else. */
const known = new WeakSet<object>()

function isKnown(fn: unknown): boolean {
  if (typeof fn !== 'function') return false
  if (!onlyLook.has(fn)) runtime.changes++
  if (known.has(fn)) return true
  // What a promise runs at once may be refused.
  if (handlers.has(fn) || constructors.has(fn) || guards.has(fn) || !isLanguage(fn) || fn === Promise) return false
  known.add(fn)
  return true
}

/** Calls anything from a twin. */
export function* call(site: number, fn: unknown, self: unknown, args: unknown[]): Twin {
  if (typeof fn !== 'function') throw new TypeError(`${runtime.sites[site]?.operation} is not a function`)
  const twin = (fn as Callable)[TWIN]
  if (typeof twin === 'function') {
    calls.site = site
    return yield* twin.apply(self, args)
  }
  if (twin === null || !runtime.running) return Reflect.apply(fn, self, args)
  // It takes as long as many turns of a loop that touches nothing.
  runtime.spare -= 64
  if (!onlyLook.has(fn)) runtime.changes++
  guards.get(fn)?.(site, fn, self, args)
  if (typeof self === 'object' && proxied(self) !== undefined && isLanguage(fn) && !args.some(isSharedMemory))
    return yield* restarted(fn, self, args)
  const handler = handlers.get(fn)
  if (handler) return yield* handler(site, fn, self, args)
  return yield* ordinary(site, fn, self, args)
}

/** Calls a native that no handler stands for, or whose handler has no business with what it is handed. */
export function* ordinary(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  if (harmless.has(fn)) return yield* natively(fn, self, args)
  const reason = unfollowed.get(fn)
  if (reason !== undefined) refuse(site, reason)
  if ((isSharedMemory(self) || args.some(isSharedMemory)) && !isUntouched(fn)) refuse(site, handed(site, fn))
  if (!isLanguage(fn) && !isUntouched(fn)) {
    if (carriesShared([self, ...args])) refuse(site, carried(site, fn))
    refusePromises(site, fn, args)
    refuseKept(site, fn, self, args)
    refuseOutside(site, fn)
  }
  return settled(yield* natively(fn, self, args))
}

/** What is done to a proxy is done by its traps, and each of these runs once, as each callback does. */
function* restarted(fn: Native, self: unknown, args: unknown[]): Twin {
  const given = args.map(answering)
  return settled(yield* restarting(() => Reflect.apply(fn, self, given) as unknown))
}

/** Calls a native: again and again, if it changes nothing before its end, for what it asks of objects. */
function* natively(fn: Native, self: unknown, args: unknown[]): Twin {
  const work = () => Reflect.apply(fn, self, args) as unknown
  if ((simple(self) && args.every(simple)) || !isLanguage(fn)) return work()
  return onlyLook.has(fn) || inOneStep.has(fn) ? yield* restarting(work) : work()
}

/** What a native made. A promise that a refusal rejected needs nobody to handle it: the engine has written it down. */
export function settled(made: unknown): unknown {
  if (runtime.refused === runtime.execution && made instanceof Promise) made.catch(() => {})
  return made
}

/** Code that is not followed would wait for a promise of a thread in vain. */
function refusePromises(site: number, fn: Native, args: readonly unknown[]): void {
  if (within(args).some((each) => ofThreads.has(each)))
    refuse(
      site,
      `${fn.name || 'a function'} isn't instrumented, and is handed a promise of a thread, for which it would wait in vain`,
    )
}

// biome-ignore lint/complexity/noBannedTypes: any function at all
const isAsync = (fn: Function): boolean => Object.prototype.toString.call(fn).startsWith('[object Async')
const waits = (name: string): string =>
  `${name} is an async function that is handed shared memory, and what follows an await in it would run when no thread does`

function handed(site: number, fn: Native): string {
  const name = fn.name === '' ? 'a function' : fn.name
  if (isAsync(fn)) return waits(name)
  if (!isLanguage(fn) && isOfHost(fn)) return `${name} ${hosts}`
  const what = `${name} is handed a view of shared memory and is neither instrumented nor a native that the explorer knows`
  return isStranger(fn) ? `${what}; ${howToFollow(runtime.sites[site]?.file)}` : what
}

export function carried(site: number, fn: Native): string {
  const name = fn.name === '' ? 'a function' : fn.name
  if (isAsync(fn)) return waits(name)
  if (!isLanguage(fn) && isOfHost(fn)) return `${name} ${hosts}`
  return `${name} isn't instrumented, and a view of shared memory hides inside of what it is handed; ${howToFollow(runtime.sites[site]?.file)}`
}

const hosts =
  'is handed shared memory, or something that holds it, and may do anything to it unseen: it is no code that can be followed; hand it a copy'

/** May this constructor be called at once? */
export function quietNew(fn: unknown, a?: unknown, b?: unknown, c?: unknown): boolean {
  return fn !== SharedArrayBuffer && isKnown(fn) && !isSharedMemory(a) && !isSharedMemory(b) && !isSharedMemory(c)
}

/** `new fn(...args)` from a twin. */
export function* make(site: number, fn: unknown, args: unknown[]): Twin {
  if (typeof fn !== 'function') throw new TypeError(`${runtime.sites[site]?.operation.slice(4)} is not a constructor`)
  if (!onlyLook.has(fn)) runtime.changes++
  if (!runtime.running) return Reflect.construct(fn, args)
  const to = bound.get(fn)
  if (to !== undefined) return yield* make(site, to.target, [...to.args, ...args])
  return yield* makeOf(site, fn, args, fn)
}

/** `Reflect.construct(fn, args, target)` from a twin. */
export function* makeOf(site: number, fn: Native, args: unknown[], target: Native): Twin {
  if (!runtime.running) return Reflect.construct(fn, args, target)
  if (isFollowed(fn)) return yield* constructed(site, fn, args, target, (...given) => makeOf(site, ...given))
  const native = nativeUnder(fn)
  // The text of an instrumented constructor looks after itself.
  if (native === undefined || harmless.has(native)) {
    const made = Reflect.construct(fn, args, target) as unknown
    return native === SharedArrayBuffer ? noteBuffer(made as SharedArrayBuffer) : made
  }
  if (compilers.has(native)) return (native === Function && compiledAs.known(args)) || refuse(site, compiled)
  guards.get(native)?.(site, native, undefined, args)
  const handler = constructors.get(native) ?? (isConstructor(native) ? handlers.get(native) : undefined)
  if (handler) {
    const made = yield* handler(site, fn, undefined, args)
    return fn === target ? made : Object.setPrototypeOf(made, target.prototype as object)
  }
  if (args.some(isSharedMemory) && !isUntouched(native)) refuse(site, handed(site, native))
  if (!isLanguage(native) && !isUntouched(native)) {
    if (carriesShared(args)) refuse(site, carried(site, native))
    refusePromises(site, native, args)
    refuseKept(site, native, undefined, args)
    refuseOutside(site, native)
  }
  const work = () => Reflect.construct(fn, args, target) as unknown
  const mute = args.every(simple) && proxied(target) === undefined
  if (mute || !isLanguage(native)) return settled(work())
  return settled(yield* restarting(work))
}

/** Not a method of the host's, such as one of Buffer: those can be made objects of, and then do something else. */
const isConstructor = (fn: Native): boolean => isLanguage(fn) || /^class\b/.test(Function.prototype.toString.call(fn))

/**
 * The constructor that is handed what this one is, if it isn't instrumented: itself, or what it extends without a
 * constructor of its own. Undefined: an instrumented one.
 */
export function nativeUnder(fn: Native): Native | undefined {
  let at = fn
  for (;;) {
    if (proxied(at) !== undefined) return undefined
    if (!Object.hasOwn(at, TWIN)) return at

    if (!passing.has(at)) return undefined
    at = Object.getPrototypeOf(at) as Native
  }
}

export const compiled = "what is compiled from a string can't be followed"

/** State that calls share: the site of the call under way, for an operation that a tag declares. */
export const calls = { site: -1 }

/** The site of the call that led here, or the place of the declaration. */
export function takeSite(declared: number): number {
  const { site } = calls
  calls.site = -1
  return site >= 0 ? site : declared
}

/** What a queued callback will run: a function that returns its generator. */
export function starter(fn: unknown, self: unknown, args: unknown[]): () => Twin {
  return () => call(-1, fn, self, args)
}

/** Runs the plain form without telling the engine. */
export function unseen(fn: (...args: never[]) => unknown, self: unknown, args: ArrayLike<unknown>): unknown {
  const before = runtime.running
  runtime.changes++
  runtime.running = false
  try {
    return runtime.unhidden(() => Reflect.apply(fn, self, args) as unknown, true)
  } finally {
    runtime.running = before
  }
}
