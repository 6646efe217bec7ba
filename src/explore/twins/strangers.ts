/**
 * Functions that are neither instrumented nor the engine's own, and views that hide inside what they are handed.
 *
 * A package that nobody instrumented has methods that look harmless: `queue.push(1)` hands over no view, but the queue
 * holds one. So what such a function is handed is looked through before it runs.
 */

import { isProxy, proxied } from '../runtime/proxies.ts'
import { isSharedMemory } from '../runtime/shared-view.ts'

/** Is this written in JavaScript, by somebody else? Asked of functions without a twin only. */
export const isStranger = (fn: object): boolean => !Function.prototype.toString.call(fn).includes('[native code]')

/** Levels of objects that are looked through. Beyond lies what a test runner hangs on its objects. */
const LEVELS = 4
/** Objects that are looked through. */
const MOST = 1000

/** Is there a view of shared memory among these values, or in the fields of objects they hold? Getters aren't run. */
export function carriesShared(values: readonly unknown[]): boolean {
  const seen = new Set<unknown>()
  let level = [...values]
  for (let depth = 0; depth < LEVELS && level.length > 0; depth++) {
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null || seen.has(value) || seen.size >= MOST) continue
      if (isProxy(value)) {
        seen.add(value)
        const parts = proxied(value)
        // What somebody else's proxy reaches, nobody can tell.
        if (parts === undefined) return true
        next.push(parts.target, parts.handler)
        continue
      }
      if (isSharedMemory(value)) return true
      seen.add(value)
      if (ArrayBuffer.isView(value)) continue
      if (value instanceof Map) for (const pair of value) next.push(...pair)
      else if (value instanceof Set) next.push(...value)
      for (const key of Reflect.ownKeys(value)) next.push(Object.getOwnPropertyDescriptor(value, key)?.value)
    }
    level = next
  }
  return false
}
