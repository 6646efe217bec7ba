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

/** What the bell stands at; look before looking for work, so that a ring in between is not missed. */
export function readWorkBell(cpu: Cpu): number {
  return Atomics.load(cpu.words, cpu.rcu + RCU.workBell)
}

/**
 * Parks until the bell has moved on from `seen`, or `ms` milliseconds. The CPU must be offline: nobody would see it
 * leave its read sections.
 */
export function waitForWorkBell(cpu: Cpu, seen: number, ms: number): void {
  Atomics.wait(cpu.words, cpu.rcu + RCU.workBell, seen, ms)
}
