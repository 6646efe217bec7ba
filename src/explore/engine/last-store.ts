/**
 * What the last event of an execution stores that was stopped at it, before it was performed.
 */

import { runtime } from '../runtime/runtime.ts'
import { STORES, W } from './access.ts'
import { carryOut } from './execution.ts'
import type { Execution, Position } from './state.ts'
import { chosenBy, NOBODY } from './strategy.ts'

/** Has the last event performed, for its value. What its thread would find or do after that is no part of it. */
export function performLast(x: Execution): void {
  const { trace, findings } = x
  const position: Position = x.position
  const i = trace.n - 1
  if (position.stopped !== 'finding' || i < 0 || trace.shape[i] === null) return
  if (STORES[trace.kind[i]] === 0 || trace.class[i] !== W) return
  const { length } = findings
  const t = trace.thread[i]
  position.unfinished = i
  runtime.running = true
  try {
    chosenBy(x, NOBODY, carryOut, t)
  } finally {
    runtime.running = false
    position.current = -1
    position.unfinished = -1
  }
  findings.length = length
}
