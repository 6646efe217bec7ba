/**
 * Natives that make text of the views they are handed, or views of text.
 */

import { perform, readAll, readAllInside, writes } from './native-events.ts'
import type { Family } from './native-table.ts'

const prints = ['log', 'info', 'warn', 'error', 'debug', 'dir', 'table'] as const
/** Generic, as in `Array.prototype.join.call(view)`. The `toString` of views is that of arrays. */
const joins = ['join', 'toString', 'toLocaleString'] as const

export const text: Family = [
  [TextDecoder.prototype.decode, readAll],
  [
    TextEncoder.prototype.encodeInto,
    function* (site, fn, self, args) {
      yield* writes(site, args[1])
      return perform(fn, self, args)
    },
  ],
  [JSON.stringify, readAllInside],
  [String, readAllInside],
  [String.raw, readAllInside],
  ...prints.map((name) => [console[name], readAllInside] as const),
  ...joins.map((name) => [Array.prototype[name], readAllInside] as const),
]
