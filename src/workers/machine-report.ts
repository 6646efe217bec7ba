/**
 * A machine in numbers.
 */

import type { Memory } from '../shared/memory.ts'
import { HEADER } from '../shared/records.ts'
import { liveObjects, peakBytes } from '../shared/slab.ts'
import { KIND_NAMES } from '../shared/slab-layout.ts'
import { RCU } from '../sync/rcu-layout.ts'
import { CONTROL, LATENCIES } from './control.ts'

/** What the machine did in its life. */
export interface MachineReport {
  /** Grace periods that were completed. */
  readonly gracePeriods: number
  /** Median latency of those that were measured, in milliseconds; undefined if none was. */
  readonly gracePeriodMs: number | undefined
  /** Bytes of the heap ever handed out. */
  readonly peakBytes: number
  /** Objects that are alive now, and the bytes they take. */
  readonly leaks: { readonly objects: number; readonly bytes: number }
}

/** Numbers of a machine so far. Live objects are exact only at rest. */
export function machineReport(memory: Memory, control: Int32Array): MachineReport {
  const { words } = memory
  const measured = Math.min(LATENCIES, Atomics.load(control, CONTROL.measured))
  const latencies = control.slice(CONTROL.latencies, CONTROL.latencies + measured).sort()
  const live = liveObjects(memory)
  return {
    gracePeriods: (Atomics.load(words, words[HEADER.rcu] + RCU.completed) - 1) / 2,
    gracePeriodMs: measured === 0 ? undefined : latencies[measured >> 1] / 1000,
    peakBytes: peakBytes(memory),
    leaks: { objects: KIND_NAMES.reduce((sum, name) => sum + live[name], 0), bytes: live.words * 4 },
  }
}
