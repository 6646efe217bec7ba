/**
 * `Atomics`, when it is reached in a way the transform could not see: an alias, a function value.
 */

import { ALOAD, ASTORE, CAS, NOTIFY, PAUSE, RMW, WAIT } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { isShared, isWaitable } from '../runtime/shared-view.ts'
import { perform } from './native-events.ts'
import type { Family, Handler, Native } from './native-table.ts'

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

function atomic(kind: number): Handler {
  return function* (site, fn, self, args) {
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
