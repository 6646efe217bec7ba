/**
 * What handlers of natives have in common: announcing ranges, then calling the native itself.
 */

import { type Handler, handlers, type Native } from './native-table.ts'
import { RANGE_READ, RANGE_WRITE, runtime, type Twin } from './runtime.ts'
import { type Elements, isShared } from './shared-view.ts'

/** Puts a handler in the table, unless this engine lacks the native. */
export function add(fn: Native | undefined, handler: Handler): void {
  if (fn) handlers.set(fn, handler)
}

export function perform(fn: Native, self: unknown, args: unknown[]): unknown {
  return Reflect.apply(fn, self, args)
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

/** Everything is read: the view, and any other view among the arguments. */
export function* readAll(site: number, fn: Native, self: unknown, args: unknown[]): Twin {
  yield* reads(site, self)
  for (const each of args) yield* reads(site, each)
  return perform(fn, self, args)
}
