/**
 * Natives that call another function: calls by another name.
 */

import { isSharedMemory } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import { call, make, makeOf } from './calls.ts'
import { isFollowed } from './construction.ts'
import { perform, reads } from './native-events.ts'
import type { Family, Native } from './native-table.ts'
import { refuse } from './refuse.ts'

function* arrayLike(site: number, list: unknown): Twin<unknown[]> {
  if (list === undefined || list === null) return []
  yield* reads(site, list)
  return Array.from({ length: (list as ArrayLike<unknown>).length }, (_, at) => (list as ArrayLike<unknown>)[at])
}

export const otherCalls: Family = [
  [
    Function.prototype.call,
    function* (site, _, self, args) {
      return yield* call(site, self, args[0], args.slice(1))
    },
  ],
  [
    Function.prototype.apply,
    function* (site, _, self, args) {
      return yield* call(site, self, args[0], yield* arrayLike(site, args[1]))
    },
  ],
  [
    Reflect.apply,
    function* (site, _, __, args) {
      return yield* call(site, args[0], args[1], yield* arrayLike(site, args[2]))
    },
  ],
  [
    Reflect.construct,
    function* (site, fn, self, args) {
      const [constructed, list, target = constructed] = args
      const values = yield* arrayLike(site, list)
      if (target === constructed) return yield* make(site, constructed, values)
      if (isFollowed(constructed as Native)) return yield* makeOf(site, constructed as Native, values, target as Native)
      if (values.some(isSharedMemory))
        refuse(site, 'Reflect.construct is handed a view of shared memory and another new.target')
      return perform(fn, self, args)
    },
  ],
]
