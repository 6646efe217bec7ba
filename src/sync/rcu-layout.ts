/**
 * What all CPUs share for RCU and deferred work, and where each CPU's own corner lies.
 */

import { PERCPU } from './cpu.ts'

/** What all CPUs share. The CPUs' own corners (PERCPU) follow it, one after the other. */
export const RCU = {
  /**
   * Number of the newest grace period. Loaded as a hint by every CPU between two programs, so it is alone with its kin
   * on a line.
   */
  started: 0,
  /** Number of the newest grace period that has ended. */
  completed: 1,
  /** How many CPUs there are; constant. */
  cpus: 2,

  /** Callbacks that CPUs left behind when they went offline, newest first. */
  orphans: 16,
  /** Held by whoever runs orphans. */
  orphanMutex: 17,

  /** Deferred work, newest first; see deferred-work.ts. */
  work: 32,
  /** Goes up whenever there is something for the kworker; it parks on this word. */
  workBell: 33,
  /** Work queued and not yet finished. */
  workPending: 34,
  SIZE: 48,
} as const

/** Grace-period numbers are odd and advance by two: never 0, which means offline, not even when they wrap. */
export const FIRST_GRACE_PERIOD = 1
export const GRACE_PERIOD_STEP = 2

/** The nesting of an offline CPU: so far below zero that no rcuReadLock brings it up. */
export const NESTING_OFFLINE = -0x1000_0000

/** Prepares the shared state for `cpus` CPUs, all of them offline. Nobody else may have the memory yet. */
export function initRcu(words: Int32Array, rcu: number, cpus: number): void {
  words[rcu + RCU.started] = FIRST_GRACE_PERIOD
  words[rcu + RCU.completed] = FIRST_GRACE_PERIOD
  words[rcu + RCU.cpus] = cpus
  for (let id = 0; id < cpus; id++) words[cpuBase(rcu, id) + PERCPU.nesting] = NESTING_OFFLINE
}

/** Word index of a CPU's own corner. */
export function cpuBase(rcu: number, id: number): number {
  return rcu + RCU.SIZE + id * PERCPU.SIZE
}
