/**
 * Which executions are the same trace, by a number of 64 bits: the sum of their events' hashes, so that the order of
 * independent events does not matter. Two traces count as one with a chance of 2^-64 per pair.
 */
import type { Trace } from '../engine/trace.ts'

const mix = (h: number, value: number) => {
  h = Math.imul(h ^ value, 0x9e3779b1)
  return (h ^ (h >>> 15)) | 0
}

/** What event `i` adds to the two halves: who does what, after what. */
export function hashOfEvent(trace: Trace, i: number): readonly [low: number, high: number] {
  const { clock, stride, threads } = trace
  let low = mix(mix(0x1234567, trace.thread[i]), trace.kind[i] * 8 + trace.class[i])
  let high = mix(mix(0x7654321, trace.start[i]), trace.thread[i])
  for (let t = 0, at = i * stride; t < threads; t++, at++) {
    // Threads that have no part in it count for nothing, so that helper threads seen later change nothing.
    if (clock[at] === 0) continue
    low = mix(low, clock[at] * 64 + t)
    high = mix(high, clock[at] + t * 4096)
  }
  return [low, high]
}

/**
 * The threads of an execution that is the same trace, with few switches: each thread goes on until it would overtake a
 * step that comes before its own. Then goes the one that came first.
 */
export function withFewSwitches(trace: Trace): number[] {
  const { n, clock, stride, thread } = trace
  const steps: number[][] = Array.from({ length: trace.threads }, () => [])
  for (let i = 0; i < n; i++) steps[thread[i]].push(i)
  const done = new Int32Array(trace.threads)
  const next = (t: number) => steps[t][done[t]] ?? n
  const ready = (t: number) => {
    const i = next(t)
    if (i === n) return false
    for (let u = 0; u < trace.threads; u++) if (u !== t && clock[i * stride + u] > done[u]) return false
    return true
  }
  const threads: number[] = []
  let current = 0
  while (threads.length < n) {
    if (!ready(current)) {
      let first = -1
      for (let t = 0; t < trace.threads; t++) if (ready(t) && (first < 0 || next(t) < next(first))) first = t
      current = first
    }
    done[current]++
    threads.push(current)
  }
  return threads
}
