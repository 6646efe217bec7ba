/**
 * A thread has come to an operation, which is its pending one from now on: who is next?
 */
import { SEVERAL } from './access.ts'
import { differs } from './differs.ts'
import { execute, finish } from './execution.ts'
import type { Execution, Position } from './state.ts'

/** Makes the operation whose bytes are noted already the thread's pending one. True: the thread goes on at once. */
export function propose(x: Execution, t: number, kind: number, site: number, view: unknown, index: number): boolean {
  const position: Position = x.position
  if (position.starting) return begin(x, t, kind, site)
  finish(x)
  const p = position.own[t]
  p.kind = kind
  p.site = site
  p.view = view
  p.index = index
  if (position.stopped !== '') return false
  const { trace } = x
  const { step } = position
  const next = step < trace.n ? trace.thread[step] : x.hooks.strategy.choose()
  if (next === t && SEVERAL[kind] === 0) {
    execute(x, t)
    return position.stopped === ''
  }
  position.chosen = next
  return false
}

/** A thread that has been chosen for its first operation comes to it: it goes on if that is the one that was known. */
function begin(x: Execution, t: number, kind: number, site: number): boolean {
  const position: Position = x.position
  const first = position.pending[t]
  const own = position.own[t]
  position.starting = false
  if (first.kind !== kind || first.start !== own.start || first.site !== site) return differs(x, t, kind, site)
  position.pending[t] = own
  return true
}
