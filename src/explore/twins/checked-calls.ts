/**
 * What plain text does in the places that have no twin: constructors, accessors, async functions, initializers.
 *
 * Outside a thread these cost a comparison. Inside one they refuse shared memory, with the place and the reason.
 */

import { KINDS } from '../runtime/kinds.ts'
import { isBroadcast, isPort } from '../runtime/message-port.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime, TURNS } from '../runtime/runtime.ts'
import { isShared, isSharedMemory } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { isUntouched } from '../runtime/untouched.ts'
import { carried, compiled, nativeUnder, settled } from './calls.ts'
import { built } from './construction.ts'
import { refuseKept } from './kept-functions.ts'
import { isLanguage } from './language.ts'
import {
  asynchronous,
  bound,
  compilers,
  constructors,
  guards,
  handlers,
  harmless,
  type Native,
  overBuffers,
  unfollowed,
} from './native-table.ts'
import { refuseOutside } from './outside.ts'
import { refuse } from './refuse.ts'
import { answered, once } from './restarts.ts'
import { carriesShared } from './strangers.ts'

/** The value itself, refused if it is shared memory and a thread runs. */
export function see(site: number, value: unknown, where: string): unknown {
  if (runtime.running && isSharedMemory(value))
    refuse(site, `${where} touches shared memory, and can't be interrupted there`)
  return value
}

/** Calls a function that is no method. */
export function invoke(site: number, where: string, fn: unknown, args: unknown[]): unknown {
  return apply(site, where, fn, undefined, args)
}

/** `object[key](...args)` */
export function invokeMethod(site: number, where: string, object: unknown, key: PropertyKey, args: unknown[]): unknown {
  const fn = (object as Record<PropertyKey, unknown>)[key]
  return apply(site, where, fn, object, args)
}

export function apply(site: number, where: string, fn: unknown, self: unknown, args: unknown[]): unknown {
  if (typeof fn !== 'function') throw new TypeError(`${runtime.sites[site]?.operation} is not a function`)
  check(site, where, fn, self, args)
  return once(() => settled(Reflect.apply(fn, self, args)))
}

export function construct(site: number, where: string, fn: unknown, args: unknown[]): unknown {
  if (typeof fn !== 'function') throw new TypeError(`${runtime.sites[site]?.operation.slice(4)} is not a constructor`)
  check(site, where, fn, undefined, args)
  return once(() => settled(Reflect.construct(fn, args)))
}

/** `super(...args)` of a class: the arguments, looked at if what it extends isn't instrumented. */
export function toParent(site: number, where: string, owner: Native, args: unknown[]): unknown[] {
  if (!runtime.running) return args
  const parent = nativeUnder(Object.getPrototypeOf(owner) as Native)
  if (parent !== undefined) check(site, where, parent, undefined, args)
  return args
}

/** An instrumented callee looks after itself; of the others, only harmless ones may have shared memory. */
function check(site: number, where: string, fn: Native, self: unknown, args: readonly unknown[]): void {
  if (!runtime.running) return
  const to = bound.get(fn)
  if (to !== undefined) {
    check(site, where, to.target, to.self, [...to.args, ...args])
    return
  }
  const native = nativeUnder(fn)
  if (native === undefined) return
  if (asynchronous.has(native) || constructors.has(native))
    refuse(site, `${where} calls ${native.name}, and what that has done later would run when no thread does`)
  if (isPort(self) || isBroadcast(self))
    refuse(site, `${where} calls ${native.name} of a port, and can't be interrupted there`)
  if (harmless.has(native) || isUntouched(native)) return
  if (compilers.has(native)) refuse(site, compiled)
  guards.get(native)?.(site, native, self, args)
  const reason = unfollowed.get(native)
  if (reason !== undefined) refuse(site, reason)
  const touched = isSharedMemory(self) || args.some(isShared) || (args.some(isSharedMemory) && !overBuffers.has(native))
  if (touched || (handlers.has(native) && handlersReach(site, where, self, args))) {
    refuse(site, `${where} hands shared memory to ${native.name || 'a function'}, and can't be interrupted there`)
  }
  if (isLanguage(native)) return
  if (carriesShared([self, ...args])) refuse(site, carried(site, native))
  refuseKept(site, native, self, args)
  refuseOutside(site, native)
}

/** Refuses to wait inside a thread: what follows an `await` would run when the execution is over. */
export function later(site: number, where: string): void {
  if (runtime.running) refuse(site, `${where} awaits, and what comes after it would run when no thread does`)
}

/**
 * `f.call(view)`, `f.apply(null, [view])` and their like carry the view one level down; so does `f`, if it was bound to
 * one.
 */
function handlersReach(site: number, where: string, self: unknown, args: readonly unknown[]): boolean {
  if (typeof self === 'function') {
    const to = bound.get(self)
    if (to !== undefined) check(site, where, to.target, to.self, to.args)
    if (Object.hasOwn(self, TWIN)) return false
  }
  return args.some((each) => Array.isArray(each) && each.some(isSharedMemory))
}

/**
 * Runs a twin to its end, for a caller that can't be interrupted: a native that was given this function. Inside
 * a thread everything visible is refused; outside, as in set-up code, it all just happens.
 */
export function drive(twin: Twin, reason = interrupted): unknown {
  // The twin of a generator function has made the author's generator object already.
  if (!runtime.running) {
    for (;;) {
      const step = twin.next()
      if (step.done) return step.value
    }
  }
  const answer = answered(twin)
  if (answer !== undefined) return answer.value
  // A native may call it for ever, as Array.from calls the `next` of an iterator. It takes as long as many turns.
  if ((runtime.spare -= 16) < 0) runtime.endless(-1)
  let { spare } = runtime
  const before = runtime.install(null)
  runtime.install({
    op(kind, site, view) {
      if (KINDS[kind].flags.includes('viewless') || isShared(view)) {
        before?.refuse(site, reason)
        throw new Refusal(reason)
      }
      return true
    },
    turn: () => true,
    thread: () => before?.thread?.() ?? -1,
    passed: () => before?.passed?.() ?? 0,
    agents: before?.agents,
    made: (buffer) => before?.made?.(buffer),
    plain: (...args) => before?.plain(...args),
    refuse(site, why) {
      before?.refuse(site, why)
      throw new Refusal(why)
    },
    endless(site) {
      if (before?.endless === undefined) runtime.spare = TURNS
      else before.endless(site)
    },
  })
  runtime.spare = spare
  try {
    const step = twin.next()
    if (!step.done) throw new Refusal(reason)
    return step.value
  } finally {
    spare = runtime.spare
    runtime.install(before)
    runtime.spare = spare
  }
}

/** The same for `new`: what was made is made once, however often the native begins again. */
export function driveNew(
  target: Native,
  twin: (...args: unknown[]) => Twin,
  self: object,
  args: ArrayLike<unknown>,
): unknown {
  return drive(built(twin, self, args, target))
}

const interrupted =
  "this function was called by a native (as sort calls its comparator) or by a constructor, a getter or an async function, and can't be interrupted there"

/**
 * Takes a step of a pattern, or of an iteration, in text that has no twin: what it touches is refused inside a thread.
 */
export function stepped(where: string, twin: Twin): unknown {
  return drive(twin, `${where} touches shared memory, and can't be interrupted there`)
}
