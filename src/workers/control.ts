/**
 * The machine's own words, beside the memory it runs: start barrier, stop flag, requests to the kworker, live counts.
 *
 * They are in a SharedArrayBuffer of their own, since the kernel's memory holds nothing that a kernel would not have.
 */

/** Operations that workloads count, in the order of their words. */
export const OPS = [
  'get',
  'create',
  'update',
  'delete',
  'clone',
  'iterate',
  'socketOpen',
  'socketClose',
  'mapCreate',
  'mapFree',
] as const

export type Op = (typeof OPS)[number]

/** Grace-period latencies kept for the median. */
export const LATENCIES = 1024

export const CONTROL = {
  /** Not 0: whoever runs a workload ends it soon. */
  stop: 0,
  /** Gang start: who has arrived, and how often a whole gang has. */
  arrived: 16,
  generation: 17,
  /** Not 0: the kworker ends. */
  kworkerStop: 32,
  /** Goes up with each request to come to rest; the kworker answers by storing the number it has served. */
  settleAsked: 33,
  settleDone: 34,
  /** Not 0: the kworker measures grace periods. */
  measure: 35,
  /** How many were measured, and the last LATENCIES of them in microseconds. */
  measured: 36,
  latencies: 48,
  /** One line a CPU: its counts of OPS, by the owner. */
  counts: 48 + LATENCIES,
  LINE: 16,
} as const

/** A control block for `cpus` CPUs. */
export function createControl(cpus: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * (CONTROL.counts + cpus * CONTROL.LINE)))
}

/** Where the counts of a CPU begin. */
export function countsOf(id: number): number {
  return CONTROL.counts + id * CONTROL.LINE
}
