/**
 * What plain text does in the places that have no twin: constructors, accessors, async functions, initializers.
 *
 * Outside a thread these cost a comparison. Inside one they refuse shared memory, with the place and the reason.
 */

import { KINDS } from '../runtime/kinds.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'
import { isShared } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { isUntouched } from '../runtime/untouched.ts'
import { carried, compiled, refuse, settled } from './calls.ts'
import { compilers, handlers, harmless } from './native-table.ts'
import { carriesShared, isStranger } from './strangers.ts'

/** The value itself, refused if it is shared memory and a thread runs. */
export function see(site: number, value: unknown, where: string): unknown {
  if (runtime.running && isShared(value)) refuse(site, `${where} touches shared memory, and can't be interrupted there`)
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
  return settled(Reflect.apply(fn, self, args))
}

export function construct(site: number, where: string, fn: unknown, args: unknown[]): unknown {
  if (typeof fn !== 'function') throw new TypeError(`${runtime.sites[site]?.operation.slice(4)} is not a constructor`)
  check(site, where, fn, undefined, args)
  return settled(Reflect.construct(fn, args))
}

/** An instrumented callee looks after itself; of the others, only harmless ones may have shared memory. */
// biome-ignore lint/complexity/noBannedTypes: any function at all
function check(site: number, where: string, fn: Function, self: unknown, args: unknown[]): void {
  if (!runtime.running || TWIN in fn || harmless.has(fn) || isUntouched(fn)) return
  if (compilers.has(fn)) refuse(site, compiled)
  const reached = isShared(self) || args.some(isShared) || (handlers.has(fn) && handlersReach(self, args))
  if (reached)
    refuse(site, `${where} hands shared memory to ${fn.name || 'a function'}, and can't be interrupted there`)
  if (isStranger(fn) && carriesShared([self, ...args])) refuse(site, carried(fn))
}

/** Refuses to wait inside a thread: what follows an `await` would run when the execution is over. */
export function later(site: number, where: string): void {
  if (runtime.running) refuse(site, `${where} awaits, and what comes after it would run when no thread does`)
}

/** `f.call(view)`, `f.apply(null, [view])` and their like carry the view one level down. */
function handlersReach(self: unknown, args: unknown[]): boolean {
  if (typeof self === 'function' && TWIN in self) return false
  return args.some((each) => Array.isArray(each) && each.some(isShared))
}

/**
 * Runs a twin to its end, for a caller that can't be interrupted: a native that was given this function. Inside
 * a thread everything visible is refused; outside, as in set-up code, it all just happens.
 */
export function drive(twin: Twin): unknown {
  // The twin of a generator function has made the author's generator object already.
  if (!runtime.running) {
    for (;;) {
      const step = twin.next()
      if (step.done) return step.value
    }
  }
  const before = runtime.install(null)
  runtime.install({
    op(kind, site, view) {
      if (KINDS[kind].flags.includes('viewless') || isShared(view)) {
        before?.refuse(site, interrupted)
        throw new Refusal(interrupted)
      }
      return true
    },
    turn: () => true,
    plain: (...args) => before?.plain(...args),
    refuse(site, reason) {
      before?.refuse(site, reason)
      throw new Refusal(reason)
    },
  })
  try {
    const step = twin.next()
    if (!step.done) throw new Refusal(interrupted)
    return step.value
  } finally {
    runtime.install(before)
  }
}

const interrupted =
  "this function was called by a native (as sort calls its comparator) or by a constructor, a getter or an async function, and can't be interrupted there"
