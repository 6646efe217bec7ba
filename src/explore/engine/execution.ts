/**
 * One execution after another of the same program: threads as generators, asked inline.
 *
 * A thread that is about to do something visible announces it as its *pending* operation. When the strategy chooses the
 * same thread again it goes on at once; only a switch unwinds to the loop here. Events already in the trace are
 * replayed without being computed again; only their effects on the engine's own state are. A replayed step costs a
 * fifth of a new one, and more than half of that is the program's own code: docs/speed.md.
 */

import { DUE, ENDS, EXIT, NOTIFY, PASS, POLL } from '../runtime/kinds.ts'
import { putBackFunctions } from '../runtime/language-functions.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'
import { isA } from '../runtime/thrown-value.ts'
import type { Twin } from '../runtime/twin.ts'
import { BLOCKING, CONDITIONAL, ENGINE_MADE, SEVERAL, STORES, W } from './access.ts'
import { cutOff } from './cut.ts'
import { append } from './dependence.ts'
import { differs } from './differs.ts'
import { fail } from './fail.ts'
import type { Finding } from './finding.ts'
import { EXITS, MEMORY_END, type Shape, wordAt } from './memory.ts'
import { classNow, isDue } from './pending.ts'
import { noPending } from './pending-state.ts'
import { perform } from './primitives.ts'
import { markDirty, saveMemory } from './put-back.ts'
import { reset } from './reset.ts'
import { settleShadow } from './shadow.ts'
import type { Execution, Position } from './state.ts'
import { chosenBy, NOBODY, type Strategy } from './strategy.ts'
import { ABSENT, DONE, LAZY, READY } from './thread-status.ts'
import { thrownBy } from './thrown.ts'
import { pass } from './time.ts'

/**
 * The method of all generators. Each twin's generators are of a kind of their own, so that to look it up in them costs
 * as much as to resume one.
 */
const { next } = Object.getPrototypeOf(function* () {}).prototype as Twin

/** Notes what the last new event stored, now that its thread has come back. */
export function finish(x: Execution): void {
  const position: Position = x.position
  const i = position.unfinished
  if (i < 0) return
  position.unfinished = -1
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
  x.hooks.performed?.()
}

/** Turns the pending operation of a thread into an event. True: resume the thread. */
export function execute(x: Execution, t: number): boolean {
  const { trace, hooks } = x
  const position: Position = x.position
  const p = position.pending[t]
  const { kind, shape } = p
  const i = position.step
  const apart = kind === ENDS ? cutOff : kind === DUE && !isDue(x, t) ? pass : null
  if (apart !== null) {
    if (i >= x.limits.maxSteps) position.stopped = 'steps'
    else if (!apart(x, t)) differs(x, t, kind === ENDS ? ENDS : PASS, p.site)
    else if (kind === ENDS) start(x, t)
    return false
  }
  if (i < trace.n) {
    if (trace.kind[i] !== kind || trace.address[i] !== p.start || trace.thread[i] !== t)
      return differs(x, t, kind, p.site)
    position.step = i + 1
    // A buffer that a thread makes is another one in each execution.
    const before = trace.shape[i] as Shape | null
    if (before !== shape && shape !== null && before!.region !== shape.region) trace.shape[i] = shape
    if (STORES[kind] === 1 && shape!.region.dirty !== null) markDirty(shape!.region, p.start, p.end)
    return ENGINE_MADE[kind] === 1 ? perform(x, t, p, i, start) : true
  }
  if (i >= x.limits.maxSteps) {
    position.stopped = 'steps'
    return false
  }
  const cls = classNow(x, p)
  const parent = trace.last[t] < 0 && t >= x.program.given ? x.primitives.parents[t] : -1
  const everything = x.program.watched && cls === W && STORES[kind] === 1
  // What a spin over several words depends on stands there.
  trace.extra[i] = BLOCKING[kind] === 1 || CONDITIONAL[kind] === 1 || kind === NOTIFY || kind === POLL ? p.a : undefined
  append(trace, t, kind, cls, everything ? 0 : p.start, everything ? MEMORY_END : p.end, p.site, parent)
  trace.address[i] = p.start
  trace.limit[i] = p.end
  position.step = i + 1
  x.totals.newSteps++
  const { pulse } = runtime
  if (pulse !== null) {
    pulse[0]++
    pulse[1] = p.site
  }
  trace.shape[i] = shape
  if (shape !== null) {
    const old = wordAt(shape.region, p.start)
    trace.oldLow[i] = old
    trace.newLow[i] = old
    if (p.end - p.start === 8) trace.oldHigh[i] = trace.newHigh[i] = wordAt(shape.region, p.start + 4)
    if (STORES[kind] === 1) {
      if (shape.region.dirty !== null) markDirty(shape.region, p.start, p.end)
      if (cls === W) position.unfinished = i
    }
  }
  if (hooks.detect !== null) hooks.detect(i)
  hooks.strategy.stepped(i)
  return ENGINE_MADE[kind] === 1 ? perform(x, t, p, i, start) : true
}

/** Runs one execution by that strategy, replaying the events in the trace first. */
export function run(x: Execution, strategy: Strategy): void {
  const position: Position = x.position
  runtime.execution++
  const refused = x.totals.executions++ === 0 ? prepare(x) : []
  runtime.execution++
  runtime.running = true
  try {
    reset(x)
    if (refused.length > 0) {
      x.findings.push(...refused)
      position.stopped = 'finding'
      return
    }
    startSilent(x)
    chosenBy(x, strategy, goOn, strategy)
    finish(x)
    if (x.memory.settled === 0) x.memory.settled = x.memory.bytes
  } finally {
    runtime.running = false
    position.current = -1
    // Looked at once, since it takes as long as an execution, and always where there was something.
    if (x.totals.executions === 1 || x.totals.replaced !== '') {
      const replaced = putBackFunctions()
      if (replaced !== undefined) x.totals.replaced = replaced
    }
  }
}

/** Lets one thread after another go on until nobody can, or the execution is stopped. */
function goOn(x: Execution, strategy: Strategy): void {
  const { trace } = x
  const position: Position = x.position
  for (;;) {
    let t = position.chosen
    position.chosen = -1
    if (t < 0) t = position.step < trace.n ? trace.thread[position.step] : strategy.choose()
    if (t < 0 || position.stopped !== '') return
    go(x, t)
  }
}

/** Runs the author's code that belongs to no thread, in the midst of an execution or after it. */
export function outsideThreads(x: Execution, work: () => void): void {
  const position: Position = x.position
  const { current } = position
  position.current = -1
  runtime.running = false
  try {
    work()
  } finally {
    position.current = current
    runtime.running = current >= 0
  }
}

function go(x: Execution, t: number): void {
  const position: Position = x.position
  const { status } = position
  if (status[t] === ABSENT || status[t] === DONE) {
    differs(x, t, -1, 0)
    return
  }
  if (status[t] === LAZY && isEager(x, t)) start(x, t)
  position.current = t
  if (execute(x, t) && position.stopped === '') carryOut(x, t)
}

/** Whether a thread must be started before its first operation is chosen. */
const isEager = ({ program, position }: Execution, t: number): boolean =>
  t < program.given ? program.eager[t] : SEVERAL[position.pending[t].kind] === 1

/** The thread does the operation that has become an event, and goes on to its next one. */
export function carryOut(x: Execution, t: number): void {
  const position: Position = x.position
  if (position.status[t] === LAZY) {
    position.status[t] = READY
    position.generators[t] = begun(x, x.program.bodies[t])
    position.starting = true
  }
  resume(x, t)
}

/** A thread that begins. */
const begun = ({ hooks: { instead } }: Execution, body: () => Twin): Twin => (instead === null ? body() : instead(body))

/** Runs a thread up to its next pending operation. */
function resume(x: Execution, t: number): void {
  const position: Position = x.position
  const generator = position.generators[t]
  const { changes } = x.turns
  position.current = t
  if (generator === null || generator === undefined) {
    position.status[t] = DONE
    return
  }
  runtime.changes = changes[t] ?? 0
  try {
    const { done, value } = next.call(generator, true)
    changes[t] = runtime.changes
    if (done !== true) return
    position.results[t] = value
    if (t < x.program.given && hasMore(x, t, value)) return
  } catch (error) {
    if (!isA(error, Refusal)) {
      finish(x)
      fail(x, thrownBy(x, t, error))
    }
  }
  finish(x)
  end(x, t)
}

/** Whether a thread whose function has given that value goes on with what it still has to do. */
function hasMore(x: Execution, t: number, value: unknown): boolean {
  const { generators, results } = x.position
  const { rests } = x.agents
  if (value === undefined && runtime.asynchronous !== runtime.execution) return false
  if (generators[t] === rests[t]) return false
  const rest = runtime.afterBody(value)
  if (rest === null) return false
  const body = begun(x, () => rest)
  generators[t] = rests[t] = body
  const given = next.call(body, true)
  x.turns.changes[t] = runtime.changes
  if (given.done === true) results[t] = given.value
  return given.done !== true
}

/** Thread `t` has come to its end. That of a helper thread is an event, which others may wait for. */
function end(x: Execution, t: number): void {
  const position: Position = x.position
  position.generators[t] = null
  if (position.starting && position.stopped === '') differs(x, t, -1, 0)
  position.starting = false
  position.status[t] = DONE
  if (t < x.program.given) return
  Object.assign(position.pending[t], noPending(), { kind: EXIT, start: EXITS + 4 * t, end: EXITS + 4 * t + 4 })
  position.status[t] = READY
}

/** Starts a thread: runs it up to its first pending operation, which nobody has chosen yet. */
export function start(x: Execution, t: number): void {
  const position: Position = x.position
  position.generators[t] = begun(x, x.program.bodies[t])
  position.status[t] = LAZY
  position.pending[t] = position.own[t]
  const { step, chosen, current } = position
  const { changes } = runtime
  position.step = x.trace.n
  // The first operation is only announced here: no one may be chosen for it.
  chosenBy(x, NOBODY, resume, t)
  if (position.status[t] === LAZY) position.status[t] = READY
  position.step = step
  position.chosen = chosen
  position.current = current
  runtime.changes = changes
}

/** Runs the threads that never do anything visible: nobody can be chosen for them, but their results count. */
function startSilent(x: Execution): void {
  const { given, first } = x.program
  for (let t = 0; t < given; t++) if (first[t] === undefined) start(x, t)
}

/**
 * Before the first execution: what each thread does first. Gives what was refused on the way: it may not come again, as
 * where a generator that setup made is at its end now.
 */
function prepare(x: Execution): Finding[] {
  const { given, first, eager } = x.program
  const { status, pending } = x.position
  saveMemory(x.memory)
  settleShadow(x.primitives.shadow)
  reset(x)
  runtime.running = true
  for (let t = 0; t < given; t++) {
    start(x, t)
    first[t] = status[t] === READY ? Object.assign(noPending(), pending[t]) : undefined
    // What stands before the first operation must not be done twice.
    eager[t] = SEVERAL[pending[t].kind] === 1 || (x.primitives.shadow.inside[t] ?? 0) > 0 || (x.memory.made[t] ?? 0) > 0
  }
  runtime.running = false
  return x.findings.filter(({ kind }) => kind === 'refused')
}
