/**
 * Natives that make text of the views they are handed, or views of text.
 */

import { ordinary } from './calls.ts'
import { perform, readAll, readAllInside, writes } from './native-events.ts'
import type { Family, Handler } from './native-table.ts'

const prints = ['log', 'info', 'warn', 'error', 'debug', 'dir', 'table'] as const
/** Generic, as in `Array.prototype.join.call(view)`. The `toString` of views is that of arrays. */
const joins = ['join', 'toString', 'toLocaleString'] as const

/** `String(value)`. A function is asked as it is, for its text, unless it has one of its own. */
const textOf: Handler = (site, fn, self, args) => {
  const [value] = args
  const isPlain = typeof value === 'function' && value.toString === Function.prototype.toString
  return isPlain && !(Symbol.toPrimitive in value)
    ? ordinary(site, fn, self, args)
    : readAllInside(site, fn, self, args)
}

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
  [String, textOf],
  [String.raw, readAllInside],
  ...prints.map((name) => [console[name], readAllInside] as const),
  ...joins.map((name) => [Array.prototype[name], readAllInside] as const),
]
