/**
 * What an object stands for where something primitive is wanted (ToPrimitive of ECMA-262): each is asked once, in a way
 * that can be interrupted.
 */

import { isShared } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import { call } from './calls.ts'
import { valueOfMember } from './members.ts'
import { simple } from './simple.ts'

export type Hint = 'number' | 'string' | 'default'

/** What an object gives where a primitive is wanted; others as they are. */
export function* primitive(value: unknown, hint: Hint = 'number', site = -1): Twin {
  if (simple(value)) return value
  // Refused by what stands in for its `join`.
  if (isShared(value)) return String(value)
  const object = value as object
  const exotic = yield* valueOfMember(object, Symbol.toPrimitive, object)
  if (exotic !== undefined && exotic !== null) {
    const given = yield* call(site, exotic, value, [hint])
    if (simple(given)) return given
  } else {
    for (const name of hint === 'string' ? ['toString', 'valueOf'] : ['valueOf', 'toString']) {
      const method = yield* valueOfMember(object, name, object)
      if (typeof method !== 'function') continue
      const given = yield* call(site, method, value, [])
      if (simple(given)) return given
    }
  }
  throw new TypeError('Cannot convert object to primitive value')
}

/** Arguments from one of them on, asked in their order. */
export function* primitives(args: readonly unknown[], from = 0): Twin<unknown[]> {
  const given = [...args]
  for (let at = from; at < given.length; at++) if (!simple(given[at])) given[at] = yield* primitive(given[at])
  return given
}
