/**
 * A start barrier: a gang of CPUs begins together, or the races it is after never happen.
 *
 * The pool hands out tasks one by one, each to a thread that may first have to wake up. A CPU that waits here is
 * offline for RCU, so that those who are not here yet can still wait for grace periods.
 */

import type { Cpu } from '../sync/cpu.ts'
import { rcuIsOnline, rcuOffline, rcuOnline } from '../sync/quiescent-state.ts'
import { CONTROL } from './control.ts'

/** Looks at the barrier before parking: those who wait last are released while they are still awake. */
const SPINS = 2000
/** Milliseconds between two looks at the stop flag while parked. */
const NAP = 20

/**
 * Waits until `size` CPUs have called it; the last to arrive releases all. May be used again at once. Returns false if
 * the machine's stop flag was set meanwhile: then somebody may have failed and will never come.
 */
export function gangWait(cpu: Cpu, control: Int32Array, size: number): boolean {
  const wasOnline = rcuIsOnline(cpu)
  if (wasOnline) rcuOffline(cpu)
  const generation = Atomics.load(control, CONTROL.generation)
  if (Atomics.add(control, CONTROL.arrived, 1) + 1 === size) {
    Atomics.store(control, CONTROL.arrived, 0)
    Atomics.add(control, CONTROL.generation, 1)
    Atomics.notify(control, CONTROL.generation)
  }
  for (let spin = 0; spin < SPINS && Atomics.load(control, CONTROL.generation) === generation; spin++);
  let stopped = false
  while (!stopped && Atomics.load(control, CONTROL.generation) === generation) {
    stopped = Atomics.load(control, CONTROL.stop) !== 0
    if (!stopped) Atomics.wait(control, CONTROL.generation, generation, NAP)
  }
  if (wasOnline) rcuOnline(cpu)
  return !stopped
}
