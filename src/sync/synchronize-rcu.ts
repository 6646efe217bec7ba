/**
 * The waits of RCU: for a grace period, and for callbacks to have run.
 */

import { type Cpu, mightSleep } from './cpu.ts'
import { nextGracePeriod, pushGracePeriod, reached, waitForReport } from './grace-period.ts'
import { mutexLock, mutexUnlock } from './mutex.ts'
import { rcuIsOnline, rcuOffline, rcuOnline } from './quiescent-state.ts'
import { invokeCallbacks } from './rcu-callback.ts'
import { RCU } from './rcu-layout.ts'

/**
 * Waits until every read section that was open when it was called has ended. Sleeps; while it does, this CPU counts as
 * offline, and its own callbacks are handed over. Throws KernelBug in a read section, under a spin lock, in a callback
 * and on the main thread.
 * @explore grace-period
 */
export function synchronizeRcu(cpu: Cpu): void {
  mightSleep(cpu, 'synchronizeRcu')
  const target = nextGracePeriod(cpu)
  const wasOnline = rcuIsOnline(cpu)
  if (wasOnline) rcuOffline(cpu)
  while (!reached(Atomics.load(cpu.words, cpu.rcu + RCU.completed), target)) {
    const laggard = pushGracePeriod(cpu)
    if (laggard !== 0) waitForReport(cpu, laggard)
  }
  if (wasOnline) rcuOnline(cpu)
}

/**
 * Waits a grace period for the orphans there are and runs them. Returns how many. Sleeps; the kworker's share of
 * callRcu.
 */
export function runOrphans(cpu: Cpu): number {
  const { words, rcu } = cpu
  mutexLock(cpu, rcu + RCU.orphanMutex)
  // Taken under the mutex, so that rcuBarrier, which takes it too, never misses a batch on its way.
  const first = Atomics.exchange(words, rcu + RCU.orphans, 0)
  let count = 0
  if (first !== 0) {
    synchronizeRcu(cpu)
    count = invokeCallbacks(cpu, first)
  }
  mutexUnlock(cpu, rcu + RCU.orphanMutex)
  return count
}

/**
 * Waits until every callback queued before the call, on whatever CPU, has run. Not those that callbacks queue in turn.
 *
 * Four grace periods are enough. A CPU may see the first with its `wait` list taken up by an older one and the rest
 * still in `next`; reporting the second it runs the old ones and gives the rest the third; the third completes; and
 * reporting the fourth it has run them, since it runs what is ripe before it reports. A CPU that goes offline meanwhile
 * leaves orphans, run at the end.
 *
 * Sleeps, and throws KernelBug where that is not allowed. Model: rcu_barrier().
 * @explore barrier
 */
export function rcuBarrier(cpu: Cpu): void {
  mightSleep(cpu, 'rcuBarrier')
  for (let i = 0; i < 4; i++) synchronizeRcu(cpu)
  runOrphans(cpu)
}
