/**
 * A thread of a gang: makes its operation, lets V8 settle, begins together with the others, and repeats it.
 */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { type GangAnswer, type GangOrder, START } from './gang-layout.ts'

const { job, args, thread, threads, start, warmup, time, latency, rate } = workerData as GangOrder

/** Milliseconds between two looks at the clock. */
const LOOK = 0.02
/** Operations between two looks, at the most. */
const MOST = 4096

/** Waits until all threads have come here. */
function together(): void {
  const meeting = Atomics.load(start, START.meeting)
  if (Atomics.add(start, START.arrived, 1) === threads - 1) {
    Atomics.store(start, START.arrived, 0)
    Atomics.add(start, START.meeting, 1)
    Atomics.notify(start, START.meeting)
  } else {
    while (Atomics.load(start, START.meeting) === meeting) Atomics.wait(start, START.meeting, meeting)
  }
}

let all = 0
let chunk = 1

/** Repeats an operation for so long. The chunks between two looks at the clock grow until they take `LOOK`. */
function repeat(operation: () => void, ms: number): Omit<GangAnswer, 'all'> {
  const begin = performance.now()
  let done = 0
  let before = begin
  let now = begin
  do {
    for (let i = 0; i < chunk; i++) operation()
    done += chunk
    before = now
    now = performance.now()
    if (now - before < LOOK && chunk < MOST) chunk *= 2
  } while (now - begin < ms)
  all += done
  return { done, begin: performance.timeOrigin + begin, end: performance.timeOrigin + now }
}

/**
 * Nanoseconds that each operation takes, a look at the clock included. With a rate they begin at fixed moments, and an
 * operation that is late because the one before took long has waited: it counts from the moment at which it should have
 * begun.
 */
function latencies(operation: () => void, ms: number): RecordableHistogram {
  const histogram = createHistogram()
  const between = rate === 0 ? 0 : 1000 / rate
  const begin = performance.now()
  let due = begin
  let now = begin
  while (now - begin < ms) {
    if (between === 0) due = now
    else while (now < due) now = performance.now()
    operation()
    now = performance.now()
    histogram.record(Math.max(1, Math.round((now - due) * 1e6)))
    due += between
    all++
  }
  return histogram
}

const { default: make } = (await import(job)) as { default?: unknown }
if (typeof make !== 'function') throw new TypeError(`${job}: got no function as its default export, expected one`)
const operation: unknown = await make({ args, thread, threads })
if (typeof operation !== 'function')
  throw new TypeError(`${job}: got ${typeof operation} from its function, expected the operation to repeat`)
const run = operation as () => void
// Together too: what V8 makes of the code is to know the others.
together()
repeat(run, warmup)
together()
const counted = repeat(run, time)
let histogram: RecordableHistogram | null = null
if (latency) {
  together()
  histogram = latencies(run, time)
}
const answer: GangAnswer = { ...counted, all }
parentPort!.postMessage({ answer, histogram })
