/**
 * RCU, the updater's side: grace periods, which end when every CPU has been seen outside its read sections.
 *
 * Two numbers drive it: `started` goes up when a grace period begins, `completed` follows when it has ended. Any waiter
 * may move either (a compareExchange each), so there is no thread whose death would stop them, and all who wait at once
 * share one. Each CPU reports by storing the number of the grace period it saw into its own `quiescent` word.
 */

import { beginWait, type Cpu, endWait, PERCPU, WAITING_GRACE_PERIOD } from './cpu.ts'
import { cpuBase, GRACE_PERIOD_STEP, RCU } from './rcu-layout.ts'

/** Looks at a CPU that has not reported before parking on it. */
const SPINS = 200

/** Whether grace period `a` is `b` or a later one; right across the wrap. */
export function reached(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0
}

/**
 * The first grace period that begins after now: what was unlinked before this call is unreachable once it has
 * completed.
 */
export function nextGracePeriod(cpu: Cpu): number {
  return (Atomics.load(cpu.words, cpu.rcu + RCU.started) + GRACE_PERIOD_STEP) | 0
}

/**
 * Moves grace periods on as far as possible without waiting: starts one if none is in progress, completes it if every
 * CPU has reported. Returns the `quiescent` word of a CPU that has not, or 0 if there was progress.
 */
export function pushGracePeriod(cpu: Cpu): number {
  const { words, rcu } = cpu
  let started = Atomics.load(words, rcu + RCU.started)
  if (Atomics.load(words, rcu + RCU.completed) === started) {
    const next = (started + GRACE_PERIOD_STEP) | 0
    const was = Atomics.compareExchange(words, rcu + RCU.started, started, next)
    started = was === started ? next : was
  }
  const laggard = firstLaggard(cpu, started)
  if (laggard !== 0) return laggard
  // Somebody else may have completed it, and begun the next: then this exchange fails, as it should.
  Atomics.compareExchange(words, rcu + RCU.completed, (started - GRACE_PERIOD_STEP) | 0, started)
  return 0
}

/**
 * The `quiescent` word of a CPU that has not reported grace period `started`, or 0. The caller's own counts like any
 * other: it reports before it asks.
 */
function firstLaggard(cpu: Cpu, started: number): number {
  const { words, rcu } = cpu
  const cpus = words[rcu + RCU.cpus]
  for (let id = 0; id < cpus; id++) {
    const at = cpuBase(rcu, id) + PERCPU.quiescent
    const state = Atomics.load(words, at)
    if (state !== 0 && !reached(state, started)) return at
  }
  return 0
}

/**
 * Stores this CPU's state and wakes whoever waits for it. The notify can't be saved by asking whether a grace period is
 * in progress: another CPU may see our store and complete it before we ask, while a third still sleeps on this word.
 */
export function reportState(cpu: Cpu, state: number): void {
  Atomics.store(cpu.words, cpu.base + PERCPU.quiescent, state)
  Atomics.notify(cpu.words, cpu.base + PERCPU.quiescent)
}

/** Waits until the word changes: the CPU it belongs to has reported or gone offline. */
export function waitForReport(cpu: Cpu, at: number): void {
  const { words, rcu } = cpu
  const seen = Atomics.load(words, at)
  // It may have reported since the scan; then `seen` is new already and nobody would wake us.
  if (seen === 0 || reached(seen, Atomics.load(words, rcu + RCU.started))) return
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, at) !== seen) return
  beginWait(cpu, WAITING_GRACE_PERIOD, at)
  Atomics.wait(words, at, seen)
  endWait(cpu)
}
