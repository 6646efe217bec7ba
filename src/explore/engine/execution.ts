/**
 * One execution after another of the same program: threads as generators, asked inline.
 *
 * A thread that is about to do something visible announces it as its *pending* operation. When the strategy
 * chooses the same thread again it goes on at once; only a switch unwinds to the loop here. Events already in
 * the trace are replayed without being computed again; only their effects on the engine's own state are.
 *
 * A replayed step costs a fifth of a new one, and more than half of that is the program's own code: docs/limits.md.
 */

import { KIND_NAMES, NOTIFY, Refusal, runtime } from '../runtime/runtime.ts'
import { BLOCKING, CONDITIONAL, ENGINE_MADE, EXIT, SEVERAL, STORES, W } from './access.ts'
import { append } from './dependence.ts'
import { EXITS, MEMORY_END, markDirty, restoreMemory, type Shape, saveMemory, wordAt } from './memory.ts'
import { classNow } from './pending.ts'
import { perform } from './primitives.ts'
import { resetPrimitives } from './primitives-state.ts'
import { settleShadow } from './shadow.ts'
import { ABSENT, DONE, type Execution, fail, LAZY, nameOfThread, noPending, READY } from './state.ts'

/** Notes what the last new event stored, now that its thread has come back. */
export function finish(x: Execution): void {
  const i = x.unfinished
  if (i < 0) return
  x.unfinished = -1
  const { trace } = x
  const shape = trace.shape[i] as Shape
  const start = trace.address[i]
  const end = trace.limit[i]
  trace.newLow[i] = wordAt(shape.region, start)
  if (trace.place[i] === 0) {
    if (end - start === 8) trace.newHigh[i] = wordAt(shape.region, start + 4)
    const { bytes, base } = shape.region
    trace.wide.set(i, bytes.slice(start - base, end - base))
  }
  if (x.performed !== null) x.performed()
}

/** Turns the pending operation of a thread into an event. True: resume the thread. */
export function execute(x: Execution, t: number): boolean {
  const { trace } = x
  const p = x.pending[t]
  const { kind, shape } = p
  const i = x.step
  x.points++
  if (i < trace.n) {
    if (trace.kind[i] !== kind || trace.address[i] !== p.start || trace.thread[i] !== t)
      return differs(x, t, kind, p.site)
    x.step = i + 1
    if (STORES[kind] === 1 && shape!.region.dirty !== null) markDirty(shape!.region, p.start, p.end)
    return ENGINE_MADE[kind] === 1 ? perform(x, t, p, i) : true
  }
  if (i >= x.maxSteps) {
    x.stopped = 'steps'
    return false
  }
  const cls = classNow(x, p)
  const parent = trace.last[t] < 0 && t >= x.given ? x.primitives.parents[t] : -1
  const everything = x.watched && cls === W && STORES[kind] === 1
  append(trace, t, kind, cls, everything ? 0 : p.start, everything ? MEMORY_END : p.end, p.site, parent)
  trace.address[i] = p.start
  trace.limit[i] = p.end
  x.step = i + 1
  x.newPoints++
  trace.shape[i] = shape
  trace.extra[i] = BLOCKING[kind] === 1 || CONDITIONAL[kind] === 1 || kind === NOTIFY ? p.a : undefined
  if (shape !== null) {
    const old = wordAt(shape.region, p.start)
    trace.oldLow[i] = old
    trace.newLow[i] = old
    if (p.end - p.start === 8) trace.oldHigh[i] = trace.newHigh[i] = wordAt(shape.region, p.start + 4)
    if (STORES[kind] === 1) {
      if (shape.region.dirty !== null) markDirty(shape.region, p.start, p.end)
      if (cls === W) x.unfinished = i
    }
  }
  if (x.detect !== null) x.detect(i)
  x.strategy.stepped(i)
  return ENGINE_MADE[kind] === 1 ? perform(x, t, p, i) : true
}

/** Thread `t` does something else than the last time; kind -1: it has ended. */
export function differs(x: Execution, t: number, kind: number, site: number): false {
  const { trace } = x
  // What is not replayed was the first operation of its thread, which is known from the start.
  const replayed = x.step < trace.n
  const before = replayed ? trace.kind[x.step] : x.pending[t].kind
  const sites = [site, replayed ? trace.site[x.step] : x.pending[t].site]
  const now = kind < 0 ? 'the thread has ended' : `it is a ${KIND_NAMES[kind]}${kind === before ? ' elsewhere' : ''}`
  fail(x, {
    kind: 'nondeterminism',
    message: `the same schedule led elsewhere: ${nameOfThread(x, t)}, step ${x.step + (replayed ? 1 : 0)}: it was a ${KIND_NAMES[before] ?? 'step'}, and now ${now}`,
    sites: kind < 0 ? sites.slice(1) : sites,
    events: [],
    thread: t,
    at: -1,
  })
  x.stopped = 'nondeterminism'
  return false
}

/** Runs one execution, replaying the events in the trace first. */
export function run(x: Execution): void {
  x.startHelper = start
  runtime.execution++
  if (x.executions++ === 0) prepare(x)
  runtime.execution++
  runtime.running = true
  try {
    reset(x)
    startSilent(x)
    for (;;) {
      let t = x.chosen
      x.chosen = -1
      if (t < 0) t = x.step < x.trace.n ? x.trace.thread[x.step] : x.strategy.choose()
      if (t < 0 || x.stopped !== '') break
      go(x, t)
    }
    finish(x)
  } finally {
    runtime.running = false
    x.current = -1
  }
}

function go(x: Execution, t: number): void {
  const status = x.status[t]
  if (status === ABSENT || status === DONE) {
    differs(x, t, -1, 0)
    return
  }
  if (status === LAZY && (SEVERAL[x.pending[t].kind] === 1 || x.eager[t] === true)) start(x, t)
  x.current = t
  if (!execute(x, t) || x.stopped !== '') return
  if (x.status[t] === LAZY) {
    x.status[t] = READY
    x.generators[t] = x.bodies[t]()
    x.starting = true
  }
  resume(x, t)
}

/** Runs a thread up to its next pending operation. */
function resume(x: Execution, t: number): void {
  const generator = x.generators[t]
  x.current = t
  if (generator === null || generator === undefined) {
    x.status[t] = DONE
    return
  }
  try {
    const { done, value } = generator.next(true)
    if (done !== true) return
    x.results[t] = value
  } catch (error) {
    if (!(error instanceof Refusal)) {
      finish(x)
      const { trace } = x
      const last = trace.last[t]
      const message = error instanceof Error ? error.message : String(error)
      fail(x, {
        kind: 'assertion',
        message: `${nameOfThread(x, t)} threw: ${message}`,
        sites: last >= 0 ? [trace.site[last]] : [],
        events: last >= 0 ? [last] : [],
        thread: t,
        at: -1,
        error,
      })
    }
  }
  finish(x)
  x.generators[t] = null
  if (x.starting && x.stopped === '') differs(x, t, -1, 0)
  x.starting = false
  x.status[t] = DONE
  if (t >= x.given) {
    const p = x.pending[t]
    Object.assign(p, noPending(), { kind: EXIT, start: EXITS + 4 * t, end: EXITS + 4 * t + 4 })
    x.status[t] = READY
  }
}

/** Starts a thread: runs it up to its first pending operation, which nobody has chosen yet. */
function start(x: Execution, t: number): void {
  x.generators[t] = x.bodies[t]()
  x.status[t] = READY
  x.pending[t] = x.own[t]
  const { step, chosen, strategy, current } = x
  // The first operation is only announced here: no one may be chosen for it.
  x.strategy = { choose: () => -1, stepped: () => {} }
  x.step = x.trace.n
  resume(x, t)
  x.strategy = strategy
  x.step = step
  x.chosen = chosen
  x.current = current
}

/** Runs the threads that never do anything visible: nobody can be chosen for them, but their results count. */
function startSilent(x: Execution): void {
  for (let t = 0; t < x.given; t++) if (x.first[t] === undefined) start(x, t)
}

/** Before the first execution: what each thread does first. */
function prepare(x: Execution): void {
  saveMemory(x.memory)
  settleShadow(x.primitives.shadow)
  reset(x)
  runtime.running = true
  for (let t = 0; t < x.given; t++) {
    start(x, t)
    x.first[t] = x.status[t] === READY ? Object.assign(noPending(), x.pending[t]) : undefined
    // What stands before the first operation must not be done twice.
    x.eager[t] = (x.primitives.shadow.inside[t] ?? 0) > 0
  }
  runtime.running = false
}

function reset(x: Execution): void {
  restoreMemory(x.memory)
  resetPrimitives(x.primitives)
  x.step = 0
  x.chosen = -1
  x.current = -1
  x.starting = false
  x.stopped = ''
  x.unfinished = -1
  if (x.findings.length > 0) x.findings = x.findings.filter(({ at }) => at >= 0 && at < x.trace.n)
  const { status, first, pending, generators } = x
  for (let t = 0; t < x.given; t++) {
    generators[t] = null
    x.results[t] = undefined
    const f = first[t]
    if (f === undefined) {
      status[t] = DONE
      continue
    }
    status[t] = LAZY
    pending[t] = f
  }
  for (let t = x.given; t < x.trace.threads; t++) {
    status[t] = ABSENT
    generators[t] = null
  }
}
