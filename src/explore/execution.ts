/**
 * One execution after another of the same program: threads as generators, asked inline.
 *
 * A thread that is about to do something visible announces it as its *pending* operation. When the strategy
 * chooses the same thread again it goes on at once; only a switch unwinds to the loop here. Events already in
 * the trace are replayed without being computed again; only their effects on the engine's own state are.
 */
import {
  BLOCKING,
  CLASS,
  CONDITIONAL,
  ENGINE_MADE,
  EXIT,
  EXIT_AWAIT,
  NONE,
  R,
  SECTION_AWAIT,
  SEVERAL,
  STORES,
  TOUCHES,
  W,
  WOKEN,
} from './access.ts'
import { ownerOf } from './held-locks.ts'
import {
  coerced,
  EXITS,
  HISTORY,
  MEMORY_END,
  markDirty,
  restoreMemory,
  SECTIONS,
  type Shape,
  saveMemory,
  shapeOf,
  wordAt,
} from './memory.ts'
import { enterAllocator, leaveAllocator, perform } from './primitives.ts'
import { resetPrimitives } from './primitives-state.ts'
import {
  ALLOC,
  ALLOC_BEGIN,
  ARENA,
  AWAIT,
  BARRIER,
  BEGIN,
  CALLBACK,
  CAS,
  END,
  FREE,
  FREE_END,
  GRACE,
  KIND_NAMES,
  LOCK,
  NOTIFY,
  PAUSE,
  RANGE_READ,
  RANGE_WRITE,
  READ,
  READ_ENTER,
  READ_EXIT,
  Refusal,
  runtime,
  TRYLOCK,
  WAIT,
  WRITE,
} from './runtime.ts'
import { allocationAt, declareArena, declareDead, declareLive, settleShadow } from './shadow.ts'
import { ABSENT, DONE, type Execution, fail, LAZY, nameOfThread, noPending, type Pending, READY } from './state.ts'
import { append, type Trace, truncate } from './trace.ts'

/** Whether a thread's pending operation could go on now. */
export function isEnabled(x: Execution, thread: number): boolean {
  const status = x.status[thread]!
  if (status !== READY && status !== LAZY) return false
  const p = x.pending[thread]!
  return BLOCKING[p.kind] === 0 || isOpen(x, thread, p)
}

function isOpen(x: Execution, thread: number, p: Pending): boolean {
  const { locks, woken, sections, exits } = x.primitives
  switch (p.kind) {
    case LOCK:
      return ownerOf(locks, p.start) < 0
    case AWAIT:
      return (p.a as (value: unknown) => boolean)((p.view as ArrayLike<unknown>)[p.index])
    case WOKEN:
      return woken[thread] === 1
    case SECTION_AWAIT:
      return sections[p.index] !== p.a
    case EXIT_AWAIT:
      return exits[p.index] !== 0
    default:
      return pauseIsOver(x, p)
  }
}

/** A spin loop goes on when a word it read since its last turn has another value now. */
function pauseIsOver(x: Execution, p: Pending): boolean {
  const events = p.a as number[] | null
  if (events === null) return true
  for (const i of events)
    if (wordAt((x.trace.shape[i] as Shape).region, x.trace.address[i]!) !== x.trace.oldLow[i]) return true
  return false
}

/** The class of a pending operation if it were performed now. */
export function classNow(x: Execution, p: Pending): number {
  const cls = CLASS[p.kind]!
  if (p.kind === CAS || p.kind === WAIT) return (p.view as ArrayLike<unknown>)[p.index] === p.a ? cls : R
  if (p.kind === TRYLOCK) return ownerOf(x.primitives.locks, p.start) < 0 ? cls : R
  if (p.kind === PAUSE && p.a === null) return NONE
  return cls
}

/** What the runtime calls before each visible operation. */
export function announce(
  x: Execution,
  kind: number,
  site: number,
  view: unknown,
  index: number,
  a: unknown,
  b: unknown,
) {
  const t = x.current
  if (t < 0) return outside(x, kind, view, index, a, b)
  const { trace, step } = x
  if (
    step < trace.n &&
    trace.thread[step] === t &&
    ENGINE_MADE[kind] === 0 &&
    trace.kind[step] === kind &&
    !x.starting
  ) {
    // A replay of a plain or atomic access: it only has to be the same one.
    const known = trace.shape[step] as Shape | null
    if (known !== null && known.view === view && known.base + index * known.size === trace.address[step]) {
      x.step = step + 1
      x.points++
      if (known.region.dirty !== null && STORES[kind] === 1)
        markDirty(known.region, trace.address[step]!, trace.limit[step]!)
      return true
    }
  }
  let shape: Shape | null = null
  let start = 0
  let end = 0
  if (TOUCHES[kind] === 1) {
    if (view === x.lastView) shape = x.lastShape
    else if (view === x.otherView) shape = x.otherShape
    else shape = look(x, view)
    if (shape === null) return true
    start = shape.base + index * shape.size
    end = start + shape.size
    if (kind === CAS || kind === WAIT) a = coerced(shape, a)
    else if (kind === RANGE_READ || kind === RANGE_WRITE) end = shape.base + (a as number) * shape.size
    else if (kind === ALLOC) end = start + (a as number) * shape.size
    else if (kind === FREE) end = allocationAt(x.primitives.shadow, start)?.end ?? start + shape.size
    else if (shape.scratch === null && (kind === READ || kind === WRITE)) end = start + (a as number)
    // Outside its view nothing is touched; Atomics throw by themselves.
    if (end <= start || start < shape.base || end > shape.base + shape.length * shape.size) return true
  } else if (kind === ALLOC_BEGIN || kind === FREE_END) {
    if (kind === ALLOC_BEGIN) enterAllocator(x.primitives, t)
    else leaveAllocator(x.primitives, t)
    return true
  } else if (kind === ARENA) return true
  else if (kind === READ_ENTER || kind === READ_EXIT) {
    // Nested sections are the outermost one's business.
    const depth = x.primitives.nesting[t]!
    if (kind === READ_ENTER && depth > 0 && !x.starting) {
      x.primitives.nesting[t] = depth + 1
      return true
    }
    if (kind === READ_EXIT && depth > 1) {
      x.primitives.nesting[t] = depth - 1
      return true
    }
    start = SECTIONS + t * 4
    end = start + 4
  } else if (kind === GRACE || kind === CALLBACK || kind === BARRIER) {
    start = SECTIONS
    end = EXITS
  } else if (kind === BEGIN || kind === END) {
    start = HISTORY
    end = HISTORY + 4
  } else if (kind === PAUSE) {
    finish(x)
    const read = readSincePause(x, t)
    a = read
    if (read !== null) {
      start = Math.min(...read.map((i) => x.trace.start[i]!))
      end = Math.max(...read.map((i) => x.trace.end[i]!))
    }
  }
  const p = x.pending[t]!
  if (x.starting) {
    x.starting = false
    if (p.kind !== kind || p.start !== start || p.site !== site) return differs(x, t, kind, site)
    x.pending[t] = x.own[t]!
    return true
  }
  finish(x)
  p.kind = kind
  p.site = site
  p.start = start
  p.end = end
  p.shape = shape
  p.view = view
  p.index = index
  p.a = a
  p.b = b
  if (x.stopped !== '') return false
  const next = x.step < x.trace.n ? x.trace.thread[x.step]! : x.strategy.choose()
  if (next === t && SEVERAL[kind] === 0) {
    execute(x, t)
    return x.stopped === ''
  }
  x.chosen = next
  return false
}

/** Remembers the last two views, since a thread mostly goes through the same one or two. */
function look(x: Execution, view: unknown): Shape | null {
  x.otherView = x.lastView
  x.otherShape = x.lastShape
  x.lastView = view
  x.lastShape = shapeOf(x.memory, view)
  return x.lastShape
}

/** Outside threads only the allocator's declarations matter: they make the first shadow. */
function outside(x: Execution, kind: number, view: unknown, index: number, a: unknown, b: unknown): boolean {
  if (kind !== ALLOC && kind !== FREE && kind !== ARENA) return true
  const shape = shapeOf(x.memory, view)
  if (shape === null) return true
  const start = shape.base + index * shape.size
  const { shadow } = x.primitives
  if (kind === ARENA) declareArena(shadow, start, shape.base + (a as number) * shape.size)
  else if (kind === ALLOC)
    declareLive(shadow, start, start + (a as number) * shape.size, index, String(b ?? 'object'), -1)
  else declareDead(shadow, start, -1)
  return true
}

/** The thread's reads since its last turn of a spin loop; null when it also stored, so that a turn is not idle. */
function readSincePause(x: Execution, t: number): number[] | null {
  const { trace } = x
  const read: number[] = []
  let i = x.step === trace.n ? trace.last[t]! : lastBefore(trace, t, x.step)
  for (; i >= 0 && trace.kind[i] !== PAUSE; i = trace.past[i]!) {
    if (trace.class[i] === W) return null
    if (trace.class[i] === R && trace.place[i]! > 0 && trace.start[i]! < SECTIONS) read.push(i)
  }
  return read.length > 0 ? read : null
}

function lastBefore(trace: Trace, t: number, step: number): number {
  for (let i = step - 1; i >= 0; i--) if (trace.thread[i] === t) return i
  return -1
}

/** Notes what the last new event stored, now that its thread has come back. */
export function finish(x: Execution): void {
  const i = x.unfinished
  if (i < 0) return
  x.unfinished = -1
  const { trace } = x
  const shape = trace.shape[i] as Shape
  const start = trace.address[i]!
  const end = trace.limit[i]!
  trace.newLow[i] = wordAt(shape.region, start)
  if (trace.place[i] === 0) {
    if (end - start === 8) trace.newHigh[i] = wordAt(shape.region, start + 4)
    const { bytes, base } = shape.region
    trace.wide.set(i, bytes.slice(start - base, end - base))
  }
  if (x.performed !== null) x.performed()
}

/** Turns the pending operation of a thread into an event. True: resume the thread. */
function execute(x: Execution, t: number): boolean {
  const { trace } = x
  const p = x.pending[t]!
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
  const parent = trace.last[t]! < 0 && t >= x.given ? x.primitives.parents[t]! : -1
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

function differs(x: Execution, t: number, kind: number, site: number): false {
  const { trace } = x
  fail(x, {
    kind: 'nondeterminism',
    message: `the same schedule led elsewhere: step ${x.step + 1} of thread ${t} was ${KIND_NAMES[trace.kind[x.step]!] ?? 'nothing'} before and is ${KIND_NAMES[kind] ?? kind} now`,
    sites: [site, trace.site[x.step]!],
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
  reset(x)
  runtime.running = true
  try {
    for (;;) {
      let t = x.chosen
      x.chosen = -1
      if (t < 0) t = x.step < x.trace.n ? x.trace.thread[x.step]! : x.strategy.choose()
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
  const status = x.status[t]!
  if (status === ABSENT || status === DONE) {
    differs(x, t, -1, 0)
    return
  }
  if (status === LAZY && (SEVERAL[x.pending[t]!.kind] === 1 || x.eager[t] === true)) start(x, t)
  x.current = t
  if (!execute(x, t) || x.stopped !== '') return
  if (x.status[t] === LAZY) {
    x.status[t] = READY
    x.generators[t] = x.bodies[t]!()
    x.starting = true
  }
  resume(x, t)
}

/** Runs a thread up to its next pending operation. */
export function resume(x: Execution, t: number): void {
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
      const last = trace.last[t]!
      const message = error instanceof Error ? error.message : String(error)
      fail(x, {
        kind: 'assertion',
        message: `${nameOfThread(x, t)} threw: ${message}`,
        sites: last >= 0 ? [trace.site[last]!] : [],
        events: last >= 0 ? [last] : [],
        thread: t,
        at: -1,
        error,
      })
    }
  }
  finish(x)
  x.generators[t] = null
  x.starting = false
  x.status[t] = DONE
  if (t >= x.given) {
    const p = x.pending[t]!
    Object.assign(p, noPending(), { kind: EXIT, start: EXITS + 4 * t, end: EXITS + 4 * t + 4 })
    x.status[t] = READY
  }
}

/** Starts a thread: runs it up to its first pending operation, which nobody has chosen yet. */
function start(x: Execution, t: number): void {
  x.generators[t] = x.bodies[t]!()
  x.status[t] = READY
  x.pending[t] = x.own[t]!
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
      if (x.executions > 1) start(x, t)
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

/** Forgets everything from event `n` on. */
export function rewind(x: Execution, n: number): void {
  truncate(x.trace, n)
}
