/**
 * A meeting point that can be used again and again, and that nobody is stuck at: when the machine wants the call to
 * end, all who wait are let go.
 */

import { rcuOffline, rcuOnline } from '../../sync/quiescent-state.ts'
import type { CallContext } from '../task.ts'

const RENDEZVOUS = { arrived: 0, generation: 1, SIZE: 16 } as const

/** Milliseconds between two looks at the stop flag. */
const LOOK = 20

/** The words of a rendezvous, to be sent to all CPUs. */
export function createRendezvous(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * RENDEZVOUS.SIZE))
}

/**
 * Waits for all CPUs of the gang, offline for RCU meanwhile. False if the machine wants the call to end: then not all
 * are here, and the caller ends, too. The answer may differ between CPUs, so one that goes on must look at it again
 * each time.
 */
export function rendezvous({ cpu, gang, stopping }: CallContext, words: Int32Array): boolean {
  const generation = Atomics.load(words, RENDEZVOUS.generation)
  if (Atomics.add(words, RENDEZVOUS.arrived, 1) + 1 === gang) {
    Atomics.store(words, RENDEZVOUS.arrived, 0)
    Atomics.add(words, RENDEZVOUS.generation, 1)
    Atomics.notify(words, RENDEZVOUS.generation)
    return true
  }
  rcuOffline(cpu)
  while (Atomics.load(words, RENDEZVOUS.generation) === generation && !stopping()) {
    Atomics.wait(words, RENDEZVOUS.generation, generation, LOOK)
  }
  rcuOnline(cpu)
  return Atomics.load(words, RENDEZVOUS.generation) !== generation
}
