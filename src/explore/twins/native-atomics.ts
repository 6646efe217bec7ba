/**
 * `Atomics`, when it is reached in a way the transform could not see: an alias, a function value.
 */

import { ALOAD, ASTORE, CAS, NOTIFY, PAUSE, RMW, WAIT } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { isShared, isWaitable } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import { perform } from './native-events.ts'
import type { Family, Handler, Native } from './native-table.ts'
import { primitive, primitives } from './primitive.ts'

const kinds: Readonly<Record<string, number>> = {
  load: ALOAD,
  store: ASTORE,
  add: RMW,
  sub: RMW,
  and: RMW,
  or: RMW,
  xor: RMW,
  exchange: RMW,
  compareExchange: CAS,
  wait: WAIT,
  notify: NOTIFY,
}

/** The index is asked for first, and the rest only if there is such an element. Without a view nothing is asked for. */
function* asked(args: readonly unknown[]): Twin<unknown[]> {
  const [view, index, ...rest] = args
  if (!ArrayBuffer.isView(view) || args.length < 2) return [...args]
  const at = yield* primitive(index)
  const number = typeof at === 'bigint' ? Number.NaN : Math.trunc(Number(at)) || 0
  const inside = number >= 0 && number < (view as Int32Array).length
  return [view, at, ...(inside ? yield* primitives(rest) : rest)]
}

function atomic(kind: number): Handler {
  return function* (site, fn, self, given) {
    const args = yield* asked(given)
    if (!runtime.op(kind, site, args[0], args[1] as number, args[2], args[3])) yield
    const waits = kind === WAIT || kind === NOTIFY
    return waits && isShared(args[0]) && isWaitable(args[0]) ? runtime.result : perform(fn, self, args)
  }
}

export const atomics: Family = [
  ...Object.entries(kinds).map(([name, kind]) => [Atomics[name as 'load'], atomic(kind)] as const),
  [
    (Atomics as unknown as Record<string, Native | undefined>).pause,
    function* (site) {
      if (!runtime.op(PAUSE, site)) yield
    },
  ],
]
