/**
 * What handlers of natives have in common: announcing ranges, then calling the native itself.
 */

import { RANGE_READ, RANGE_WRITE } from '../runtime/kinds.ts'
import { isProxy, proxied } from '../runtime/proxies.ts'
import { runtime } from '../runtime/runtime.ts'
import { type Elements, isSharedMemory } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import type { Handler, Native } from './native-table.ts'
import { refuse } from './refuse.ts'
import { answering, restarting } from './restarts.ts'

/** A handler that makes no event of its own: it refuses, or just calls. */
export function silently(act: (site: number, fn: Native, self: unknown, args: unknown[]) => unknown): Handler {
  // biome-ignore lint/correctness/useYield: there is nothing to be seen
  return function* (site, fn, self, args) {
    return act(site, fn, self, args)
  }
}

/** The views whose elements the native that runs now may read: what it does to them has been announced. */
export const announced: { views: readonly unknown[] } = { views: [] }

/**
 * Runs a native that has been announced. `views` are those that it may read in ways that are watched: as text, as
 * iterables.
 */
export function perform(fn: Native, self: unknown, args: unknown[], views: readonly unknown[] = []): unknown {
  return performing(views, () => Reflect.apply(fn, self, args) as unknown)
}

export function performing<T>(views: readonly unknown[], work: () => T): T {
  const before = announced.views
  announced.views = views
  try {
    return work()
  } finally {
    announced.views = before
    runtime.did(undefined)
  }
}

/** A view of all bytes of a buffer, the same one each time. */
const whole = new WeakMap<SharedArrayBuffer, Uint8Array>()

function viewOf(memory: ArrayBufferView | SharedArrayBuffer): ArrayBufferView {
  if (ArrayBuffer.isView(memory)) return memory
  let view = whole.get(memory)
  if (view === undefined) whole.set(memory, (view = new Uint8Array(memory)))
  return view
}

function* touches(kind: number, site: number, memory: unknown, from: number, to: number | undefined): Twin<void> {
  if (!isSharedMemory(memory)) return
  const view = viewOf(memory)
  const end = to ?? (view as Elements).length ?? view.byteLength
  if (from < end && !runtime.op(kind, site, view, from, end)) yield
}

/** Announces a read of a range of elements, if it is shared: of a view, or of the bytes of a buffer. */
export function reads(site: number, memory: unknown, from = 0, to?: number): Twin<void> {
  return touches(RANGE_READ, site, memory, from, to)
}

/** The same of a write. */
export function writes(site: number, memory: unknown, from = 0, to?: number): Twin<void> {
  return touches(RANGE_WRITE, site, memory, from, to)
}

/** The range of elements that a pair of relative indices means. */
export function range(view: Elements, start: unknown, end: unknown): [number, number] {
  const { length } = view
  const clamp = (value: unknown, otherwise: number): number => {
    const number = value === undefined ? otherwise : Math.trunc(Number(value)) || 0
    return number < 0 ? Math.max(0, length + number) : Math.min(number, length)
  }
  return [clamp(start, 0), clamp(end, length)]
}

/** Objects that a look for views inside an argument goes through before it gives up. */
const LOOKED_AT = 10_000

/**
 * Everything is read: any view among the arguments and, if it is one or an array, `self`, and those inside of arrays
 * and plain objects.
 */
export function* readAllInside(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  const seen = new Set<unknown>(args)
  if (Array.isArray(self) || isSharedMemory(self)) seen.add(self)
  for (const each of seen) {
    if (isSharedMemory(each)) yield* reads(site, each)
    else if (typeof each !== 'object' || each === null) continue
    else if (isProxy(each)) seen.add(proxied(each)?.target)
    else if (each instanceof Map) for (const pair of each) for (const part of pair) seen.add(part)
    else if (each instanceof Set) for (const part of each) seen.add(part)
    else for (const { value } of Object.values(Object.getOwnPropertyDescriptors(each))) seen.add(value)
    if (seen.size > LOOKED_AT)
      refuse(site, `${fn.name} is handed more than ${LOOKED_AT} objects, any of which may hold shared memory`)
  }
  const given = args.map(answering)
  return yield* restarting(() => perform(fn, self, given, [...seen]), seen)
}

/** Everything is read: the view, and any other view among the arguments. */
export function* readAll(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  yield* reads(site, self)
  for (const each of args) yield* reads(site, each)
  const given = args.map(answering)
  return yield* restarting(() => perform(fn, self, given, [self, ...args]), [self, ...args])
}
