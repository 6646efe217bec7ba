/**
 * The kworker: one more CPU, for work that sleeps. It frees maps, runs callbacks that CPUs left behind, and brings all
 * to rest when asked.
 */

import type { Cpu } from '../sync/cpu.ts'
import { deferredWorkPending, runDeferredWork } from '../sync/deferred-work.ts'
import { rcuOffline, rcuOnline } from '../sync/quiescent-state.ts'
import { callbacksPending } from '../sync/rcu-callback.ts'
import { rcuBarrier, synchronizeRcu } from '../sync/synchronize-rcu.ts'
import { readWorkBell, waitForWorkBell } from '../sync/work-bell.ts'
import { CONTROL, LATENCIES } from './control.ts'

/** How long it sleeps without a bell, in milliseconds. */
const NAP = 20

/** Works until it is told to end. */
export function kworkerLoop(cpu: Cpu, control: Int32Array): void {
  while (Atomics.load(control, CONTROL.kworkerStop) === 0) {
    const bell = readWorkBell(cpu)
    rcuOnline(cpu)
    runDeferredWork(cpu)
    if (Atomics.load(control, CONTROL.measure) !== 0) measureGracePeriod(cpu, control)
    serveSettle(cpu, control)
    rcuOffline(cpu)
    waitForWorkBell(cpu, bell, NAP)
  }
}

/**
 * Waits for one grace period and notes how long it took. Also our tick, which keeps them coming: a CPU with few
 * callbacks does not ask for one (BATCH in rcu-callback.ts).
 */
function measureGracePeriod(cpu: Cpu, control: Int32Array): void {
  const begin = performance.now()
  synchronizeRcu(cpu)
  const micros = Math.round((performance.now() - begin) * 1000)
  const index = Atomics.load(control, CONTROL.measured)
  control[CONTROL.latencies + (index % LATENCIES)] = micros
  Atomics.store(control, CONTROL.measured, index + 1)
}

/**
 * Comes to rest: no work queued, no callback waiting. A callback may queue work and work callbacks, so look again until
 * there is nothing.
 */
function serveSettle(cpu: Cpu, control: Int32Array): void {
  const asked = Atomics.load(control, CONTROL.settleAsked)
  if (asked === Atomics.load(control, CONTROL.settleDone)) return
  do {
    runDeferredWork(cpu)
    rcuBarrier(cpu)
    // What ran there may have left callbacks here, on our own list, or work in the queue.
  } while (callbacksPending(cpu) || deferredWorkPending(cpu) !== 0)
  Atomics.store(control, CONTROL.settleDone, asked)
  Atomics.notify(control, CONTROL.settleDone)
}
