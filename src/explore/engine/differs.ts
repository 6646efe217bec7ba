/**
 * An execution that does not repeat: the same schedule has led elsewhere.
 */

import { nounOf } from '../runtime/kinds.ts'
import { fail } from './fail.ts'
import { type Execution, nameOfThread, type Position } from './state.ts'

/** Thread `t` does something else than the last time; kind -1: it has ended. */
export function differs(x: Execution, t: number, kind: number, site: number): false {
  const { trace } = x
  const position: Position = x.position
  const { step, pending } = position
  // What is not replayed was the first operation of its thread, which is known from the start.
  const replayed = step < trace.n
  const before = replayed ? trace.kind[step] : pending[t].kind
  const sites = [site, replayed ? trace.site[step] : pending[t].site]
  const now = kind < 0 ? 'the thread has ended' : `it is a ${nounOf(kind)}${kind === before ? ' elsewhere' : ''}`
  fail(x, {
    kind: 'nondeterminism',
    message: `the same schedule led elsewhere: ${nameOfThread(x, t)}, step ${step + (replayed ? 1 : 0)}: it was a ${nounOf(before)}, and now ${now}`,
    sites: kind < 0 ? sites.slice(1) : sites,
    events: [],
    thread: t,
    at: -1,
  })
  position.stopped = 'nondeterminism'
  return false
}
