/**
 * `Object.freeze` and `Object.seal` of a proxy: they ask it for one thing after the other, and each of these answers
 * may have to be waited for (ECMA-262, SetIntegrityLevel).
 */

import { proxied } from '../runtime/proxies.ts'
import type { Twin } from '../runtime/twin.ts'
import { ordinary } from './calls.ts'
import type { Family, Handler } from './native-table.ts'
import { restarting } from './restarts.ts'

const CONFIGURED: PropertyDescriptor = { configurable: false }
const WRITTEN: PropertyDescriptor = { configurable: false, writable: false }

function settling(freezes: boolean): Handler {
  return function* (site, fn, self, args) {
    const object = args[0] as object
    if (proxied(object) === undefined) return yield* ordinary(site, fn, self, args)
    if (!(yield* restarting(() => Reflect.preventExtensions(object))))
      throw new TypeError("'preventExtensions' on proxy: trap returned falsish")
    for (const key of yield* restarting(() => Reflect.ownKeys(object))) {
      const own = freezes ? yield* restarting(() => Reflect.getOwnPropertyDescriptor(object, key)) : CONFIGURED
      if (own !== undefined) yield* define(object, key, own !== CONFIGURED && 'value' in own ? WRITTEN : CONFIGURED)
    }
    return object
  }
}

function* define(object: object, key: PropertyKey, as: PropertyDescriptor): Twin<void> {
  if (yield* restarting(() => Reflect.defineProperty(object, key, as))) return
  throw new TypeError(`'defineProperty' on proxy: trap returned falsish for property '${String(key)}'`)
}

export const integrity: Family = [
  [Object.freeze, settling(true)],
  [Object.seal, settling(false)],
]
