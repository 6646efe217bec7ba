/**
 * The operations whose effect is the engine's own: locks, wait queues, read sections, callbacks.
 *
 * Taken as primitives they cost one event each, and a thread that can't go on has none. State here is built
 * anew in every execution, replayed events included.
 */

import type { AsyncWait, Loop } from '../runtime/engine.ts'
import {
  ALLOC,
  ARRIVES,
  AWAIT,
  BARRIER,
  CALLBACK,
  DUE,
  EXIT,
  EXIT_AWAIT,
  FREE,
  GRACE,
  LOCK,
  NOTIFY,
  POLL,
  POST,
  READ_ENTER,
  READ_EXIT,
  RECEIVE,
  SECTION_AWAIT,
  TIMED,
  TRYLOCK,
  UNLOCK,
  WAIT,
  WAIT_ASYNC,
  WOKEN,
} from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { QUEUES } from './access.ts'
import { dropLock, ownerOf, takeLock } from './held-locks.ts'
import { createHelper } from './helper-threads.ts'
import { EXITS, presentValue, SECTIONS, TIMERS } from './memory.ts'
import type { Pending } from './pending-state.ts'
import type { Primitives } from './primitives-state.ts'
import { declareDead, declareLive } from './shadow.ts'
import { isOutOfDate } from './spun-words.ts'
import type { Execution } from './state.ts'
import { agentOf, createTask } from './tasks.ts'
import { DONE, READY } from './thread-status.ts'
import type { Trace } from './trace.ts'

/** Runs a helper thread's body up to its first operation. */
export type StartHelper = (x: Execution, t: number) => void

/** Performs event `i`, the pending operation `op` of thread `t`. True: the thread goes on. */
export function perform(x: Execution, t: number, op: Pending, i: number, startHelper: StartHelper): boolean {
  const p = x.primitives
  const { start } = op
  if (op.kind !== LOCK && op.kind !== UNLOCK) p.used = true
  switch (op.kind) {
    case LOCK:
      takeLock(p.locks, start, t)
      return true
    case UNLOCK:
      dropLock(p.locks, start)
      return true
    case TRYLOCK:
      runtime.result = ownerOf(p.locks, start) < 0
      if (runtime.result === true) takeLock(p.locks, start, t)
      return true
    case AWAIT:
      runtime.result = presentValue(op.shape!, start)
      return true
    case WAIT:
      return wait(x, t, op, i)
    case WAIT_ASYNC:
      waitAsync(x, op, i)
      return true
    case TIMED:
    case DUE:
      endSleep(x, t, op, i)
      return goesOn(x, t, startHelper)
    case WOKEN:
      runtime.result = 'ok'
      return goesOn(x, t, startHelper)
    case ARRIVES:
      return goesOn(x, t, startHelper)
    case POST:
    case RECEIVE:
      passMessage(x, op, i)
      return true
    case NOTIFY:
      notify(p, op)
      if (runtime.result === 0) x.turns.unheard[i] = runtime.execution
      return true
    case READ_ENTER:
    case READ_EXIT:
      p.nesting[t] = op.kind === READ_ENTER ? 1 : 0
      x.trace.newLow[i] = ++p.sections[t]
      return true
    case GRACE:
      p.waits[t] = openSections(p, x.trace)
      return nextWait(x, t, op, startHelper)
    case SECTION_AWAIT:
    case EXIT_AWAIT:
      return nextWait(x, t, op, startHelper)
    case CALLBACK:
      queueCallback(x, t, op, i, startHelper)
      return true
    case BARRIER:
      // Those that have ended too: to leave them out would make this step depend on their last one.
      p.waits[t] = [...p.queued].sort((a, b) => b - a).flatMap((helper) => [helper, -1])
      return nextWait(x, t, op, startHelper)
    case EXIT:
      p.exits[t] = 1
      x.trace.newLow[i] = 1
      x.position.status[t] = DONE
      return false
    case ALLOC:
      leaveAllocator(p, t)
      declareLive(p.shadow, start, op.end, { pointer: op.index, length: Number(op.a) }, String(op.b ?? 'object'), i)
      return true
    case FREE:
      enterAllocator(p, t)
      declareDead(p.shadow, start, i)
      return true
    case POLL:
      if ((op.a as number[]).some((j) => isOutOfDate(x, j))) return true
      x.turns.polling = op.view as Loop
      x.turns.place = 0
      return true
    default:
      return true
  }
}

/** Ends a sleep with a timeout: somebody has woken the thread, or it is late. */
function endSleep(x: Execution, t: number, { kind, start, b }: Pending, i: number): void {
  const p = x.primitives
  const late = p.woken[t] === 0
  if (late && start < TIMERS) leaveQueue(p, start, t)
  // What has slept for a task has its clock go on where that begins.
  if (late && kind === TIMED && x.position.generators[t] !== null) p.slept[agentOf(x, t)] += Number(b)
  runtime.result = late ? 'timed-out' : 'ok'
  x.trace.extra[i] = { late, deadline: p.deadlines[t] } satisfies Slept
}

/** Posts a message to a queue, or looks how many stand there. */
function passMessage({ primitives: { posted }, trace }: Execution, { kind, start, a }: Pending, i: number): void {
  const before = posted.get(start) ?? 0
  trace.oldLow[i] = before
  if (kind === POST) posted.set(start, Number(a) < 0 ? before + 1 : Number(a))
  trace.newLow[i] = posted.get(start) ?? 0
}

/** Wakes those that have waited longest at its cell: as many as it says, or all. */
function notify({ waiters, woken }: Primitives, { start, a }: Pending): void {
  const queue = waiters.get(start) ?? []
  const first = queue.splice(0, a === undefined ? queue.length : Number(a))
  for (const waiter of first) woken[waiter] = 1
  runtime.result = first.length
}

/** How a sleep with a timeout ended, as `extra` of that event: by itself or not, and when it would have. */
export interface Slept {
  readonly late: boolean
  readonly deadline: number
}

/** Joins the queue of its cell, or finds another value there than it expected. */
function wait(x: Execution, t: number, op: Pending, i: number): boolean {
  const { trace, primitives, program } = x
  const { start } = op
  if (trace.class[i] !== QUEUES) {
    const looks = op.a === undefined && presentValue(op.shape!, start) === op.b
    runtime.result = looks ? 'timed-out' : 'not-equal'
    return true
  }
  const queue = primitives.waiters.get(start)
  if (queue === undefined) primitives.waiters.set(start, [t])
  else queue.push(t)
  primitives.woken[t] = 0
  op.kind = sleepOf(program.timeouts, Number(op.b))
  if (op.kind === DUE) {
    primitives.deadlines[t] = primitives.now + Number(op.b)
    x.totals.slept = true
  }
  return false
}

/** A task of its own joins the queue of the cell, or nobody does, since there is another value than expected. */
function waitAsync(x: Execution, op: Pending, i: number): void {
  const { trace, primitives, program } = x
  if (trace.class[i] !== QUEUES) {
    runtime.result = 'not-equal'
    return
  }
  const { timeout, body } = op.b as AsyncWait
  const helper = createTask(x, 'after waitAsync', op.site, body)
  trace.waiters[i] = helper
  const queue = primitives.waiters.get(op.start)
  if (queue === undefined) primitives.waiters.set(op.start, [helper])
  else queue.push(helper)
  const { start, end, shape, view, index, a } = op
  const kind = sleepOf(program.timeouts, timeout)
  Object.assign(x.position.pending[helper], { kind, start, end, shape, view, index, a, b: timeout })
  if (kind === DUE) {
    primitives.deadlines[helper] = primitives.now + timeout
    x.totals.slept = true
  }
  runtime.result = 'waits'
}

/** What a sleep of that length is. */
function sleepOf(timeouts: 'idle' | boolean, timeout: number): number {
  // Without a timeout, or with one that is no number, it waits for ever.
  if (timeouts === false || !(timeout < Number.POSITIVE_INFINITY)) return WOKEN
  return timeouts === 'idle' ? DUE : TIMED
}

/** Whoever has slept goes on. The helper thread of a task begins only then. */
function goesOn(x: Execution, t: number, startHelper: StartHelper): boolean {
  if (x.position.generators[t] !== null) return true
  startHelper(x, t)
  return false
}

function leaveQueue({ waiters }: Primitives, cell: number, t: number): void {
  const queue = waiters.get(cell)!
  queue.splice(queue.indexOf(t), 1)
}

/** From here on the thread may touch memory that nobody owns. */
export function enterAllocator(p: Primitives, t: number): void {
  const { shadow } = p
  p.used = true
  shadow.inside[t] = (shadow.inside[t] ?? 0) + 1
}

export function leaveAllocator({ shadow }: Primitives, t: number): void {
  if ((shadow.inside[t] ?? 0) > 0) shadow.inside[t]--
}

/** (thread, section) pairs of the sections open now, in the order in which they are popped. */
function openSections({ sections }: Primitives, { order }: Trace): number[] {
  const open: number[] = []
  for (let k = order.length - 1; k >= 0; k--)
    if ((sections[order[k]] & 1) === 1) open.push(order[k], sections[order[k]])
  return open
}

/** The next thing a grace period or a barrier waits for. True: nothing is left, the thread goes on. */
function nextWait(x: Execution, t: number, op: Pending, startHelper: StartHelper): boolean {
  const waits = x.primitives.waits[t]
  if (waits.length === 0) {
    if (x.position.generators[t] !== null) return true
    startHelper(x, t)
    return false
  }
  const section = waits.pop()!
  const whom = waits.pop()!
  op.kind = section < 0 ? EXIT_AWAIT : SECTION_AWAIT
  op.start = (section < 0 ? EXITS : SECTIONS) + whom * 4
  op.end = op.start + 4
  op.index = whom
  op.a = section
  return false
}

function queueCallback(x: Execution, t: number, op: Pending, i: number, startHelper: StartHelper): void {
  const p = x.primitives
  const turn = (p.turns[t] = (p.turns[t] ?? 0) + 1) - 1
  const helper = createHelper(x, t, turn, op.view as () => Twin)
  for (const column of [p.woken, p.nesting, p.sections, p.exits, p.turns]) column[helper] = 0
  p.parents[helper] = i
  p.queued.push(helper)
  p.waits[helper] = openSections(p, x.trace)
  x.position.status[helper] = READY
  const pending = x.position.pending[helper]
  pending.site = op.site
  pending.shape = null
  nextWait(x, helper, pending, startHelper)
}
