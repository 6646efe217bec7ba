/**
 * What handlers of natives have in common: announcing ranges, then calling the native itself.
 */

import { RANGE_READ, RANGE_WRITE } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { type Elements, isShared } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import { refuse } from './calls.ts'
import type { Handler, Native } from './native-table.ts'

/** A handler that makes no event of its own: it refuses, or just calls. */
export function silently(act: (site: number, fn: Native, self: unknown, args: unknown[]) => unknown): Handler {
  // biome-ignore lint/correctness/useYield: there is nothing to be seen
  return function* (site, fn, self, args) {
    return act(site, fn, self, args)
  }
}

/** Whether a native runs whose events have been announced. */
export const announced = { now: false }

export function perform(fn: Native, self: unknown, args: unknown[]): unknown {
  const before = announced.now
  announced.now = true
  try {
    return Reflect.apply(fn, self, args)
  } finally {
    announced.now = before
  }
}

/** Announces a read of a range of elements, if the view is shared. */
export function* reads(site: number, view: unknown, from = 0, to?: number): Twin<void> {
  if (!isShared(view)) return
  const end = to ?? (view as Elements).length ?? view.byteLength
  if (from < end && !runtime.op(RANGE_READ, site, view, from, end)) yield
}

/** The same of a write. */
export function* writes(site: number, view: unknown, from = 0, to?: number): Twin<void> {
  if (!isShared(view)) return
  const end = to ?? (view as Elements).length ?? view.byteLength
  if (from < end && !runtime.op(RANGE_WRITE, site, view, from, end)) yield
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
  if (Array.isArray(self) || isShared(self)) seen.add(self)
  for (const each of seen) {
    if (isShared(each)) yield* reads(site, each)
    else if (typeof each !== 'object' || each === null) continue
    else if (each instanceof Map) for (const pair of each) for (const part of pair) seen.add(part)
    else if (each instanceof Set) for (const part of each) seen.add(part)
    else for (const { value } of Object.values(Object.getOwnPropertyDescriptors(each))) seen.add(value)
    if (seen.size > LOOKED_AT)
      refuse(site, `${fn.name} is handed more than ${LOOKED_AT} objects, any of which may hold shared memory`)
  }
  return perform(fn, self, args)
}

/** Everything is read: the view, and any other view among the arguments. */
export function* readAll(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  yield* reads(site, self)
  for (const each of args) yield* reads(site, each)
  return perform(fn, self, args)
}
