/**
 * Natives that call back, and whose calls can be interrupted all the same: they are begun again.
 *
 * A native of this kind changes nothing before its end. So it is called; where it calls back into a twin it is broken
 * off, the twin runs as twins do, and the native is called again, with what came of that call at hand. It asks for the
 * same in the same order, since nothing else has changed, and goes one call further.
 */

import { isProxy } from '../runtime/proxies.ts'
import { runtime } from '../runtime/runtime.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import type { Native } from './native-table.ts'
import { refuse } from './refuse.ts'

/** What came of a call. */
type Settled = { readonly value: unknown } | { readonly error: unknown }

interface Run {
  readonly results: readonly Settled[]
  at: number
  /** The call at which the native was broken off. */
  pending: Twin | undefined
}

let run: Run | null = null

/** The twin of a leaf. */
const plainly = (callback: Native) =>
  // biome-ignore lint/correctness/useYield: there is nothing to be seen
  function* (this: unknown, ...args: unknown[]): Twin {
    return Reflect.apply(callback, this, args) as unknown
  }

const CHANGED =
  'a native calls a function that changes something, and then one that touches shared memory, where it can not be interrupted'

/** Thrown through the native. */
const BROKEN_OFF = { name: 'broken off' }

/**
 * Calls a native that changes nothing before its end, again and again, until it needs no twin any more. `read`: what it
 * reads before it calls back, which these calls may not change.
 */
export function* restarting<T>(native: () => T, read: Iterable<unknown> = []): Twin<T> {
  if (!runtime.running) return native()
  const results: Settled[] = []
  let before: ReadonlyMap<unknown, readonly unknown[]> | undefined
  for (;;) {
    const mine: Run = { results, at: 0, pending: undefined }
    // It takes as long as many turns of a loop that touches nothing.
    runtime.spare -= 64
    run = mine
    const { changes } = runtime
    try {
      const value = native()
      if (mine.pending === undefined) return value
    } catch (error) {
      if (mine.pending === undefined) throw error
    } finally {
      run = null
    }
    // What has no twin runs again with the native.
    if (runtime.changes !== changes) refuse(-1, CHANGED)
    before ??= contentsOf(read)
    results.push(yield* settled(mine.pending!))
    for (const [object, values] of contentsOf(before.keys())) {
      const then = before.get(object)!
      if (values.length !== then.length || values.some((value, at) => !Object.is(value, then[at]))) refuse(-1, REREAD)
    }
  }
}

/** The members of objects, names and values in turn; those of proxies and views are not looked at. */
function contentsOf(objects: Iterable<unknown>): Map<unknown, readonly unknown[]> {
  const contents = new Map<unknown, readonly unknown[]>()
  for (const object of objects) {
    if (typeof object !== 'object' || object === null || ArrayBuffer.isView(object) || isProxy(object)) continue
    const own = Object.getOwnPropertyDescriptors(object)
    contents.set(
      object,
      Reflect.ownKeys(own).flatMap((key) => [key, Object.getOwnPropertyDescriptor(own, key)!.value.value]),
    )
  }
  return contents
}

const REREAD =
  'a native calls a function that changes what the native has been handed, and what it has read of that before can not be told'

function* settled(twin: Twin): Twin<Settled> {
  try {
    return { value: yield* twin }
  } catch (error) {
    return { error }
  }
}

/** The answer to a call out of such a native, if one is under way. Breaks the native off if there is none yet. */
export function answered(twin: Twin): { readonly value: unknown } | undefined {
  if (run === null) return undefined
  // Broken off already: an iterator that is closed on the way out.
  if (run.pending !== undefined) throw BROKEN_OFF
  const result = run.results[run.at++]
  if (result === undefined) {
    run.pending = twin
    throw BROKEN_OFF
  }
  if ('error' in result) throw result.error
  return result
}

/** Does what may not be done twice: what it calls is not answered. */
export function once<T>(work: () => T): T {
  const before = run
  run = null
  try {
    return work()
  } finally {
    run = before
  }
}

/** A callback as such a native may call it, whatever its parameters. One without a twin is not called twice either. */
export function answering(callback: unknown): unknown {
  if (typeof callback !== 'function' || !Object.hasOwn(callback, TWIN)) return callback
  const twin = (callback as { [TWIN]?: unknown })[TWIN] ?? plainly(callback)
  return function (this: unknown, ...args: unknown[]) {
    const made = Reflect.apply(twin as () => Twin, this, args) as Twin
    const answer = answered(made)
    return answer === undefined ? Reflect.apply(callback as () => unknown, this, args) : answer.value
  }
}
