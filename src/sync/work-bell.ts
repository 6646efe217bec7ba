/**
 * The bell that wakes the kworker: one word, rung when there is deferred work or an orphaned callback.
 */

import type { Cpu } from './cpu.ts'
import { RCU } from './rcu-layout.ts'

/** Tells the kworker that there is something to do. */
export function ringWorkBell(cpu: Cpu): void {
  Atomics.add(cpu.words, cpu.rcu + RCU.workBell, 1)
  Atomics.notify(cpu.words, cpu.rcu + RCU.workBell, 1)
}
