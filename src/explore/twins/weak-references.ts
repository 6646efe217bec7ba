/**
 * `WeakRef`: in a thread nothing is collected, so that one keeps its object.
 *
 * A native one would keep it longer: until the job is over in which it was made or asked, and that is the whole search.
 */

import type { Twin } from '../runtime/twin.ts'
import type { Native } from './native-table.ts'

/** What those refer to that threads have made. */
const targets = new WeakMap<object, object>()

/** `new WeakRef(target)` */
// biome-ignore lint/correctness/useYield: a handler
export function* weakRef(_site: number, fn: Native, _self: unknown, args: unknown[]): Twin<object> {
  const [target] = args
  // It has its own words for what can't be collected.
  if ((typeof target !== 'object' || target === null) && typeof target !== 'function')
    return Reflect.construct(fn, args) as object
  const made = Object.create(fn.prototype as object) as object
  targets.set(made, target)
  return made
}

/** `deref()` */
// biome-ignore lint/correctness/useYield: a handler
export function* deref(_site: number, fn: Native, self: unknown): Twin {
  return targets.get(self as object) ?? (fn.call(self) as unknown)
}
