/**
 * What the runtime asks before each visible operation: may the thread go on at once?
 *
 * Turns a view and an index into bytes, lets a replayed access pass, and otherwise makes the operation the thread's
 * pending one and asks the strategy who is next.
 */

import {
  ALLOC,
  ALLOC_BEGIN,
  ALOAD,
  ARENA,
  BARRIER,
  BEGIN,
  CALLBACK,
  CAS,
  END,
  FREE,
  FREE_END,
  GRACE,
  NOTIFY,
  PAUSE,
  RANGE_READ,
  RANGE_WRITE,
  READ,
  READ_ENTER,
  READ_EXIT,
  WAIT,
  WRITE,
} from '../runtime/runtime.ts'
import { ENGINE_MADE, R, SEVERAL, STORES, TOUCHES, W } from './access.ts'
import { differs, execute, finish } from './execution.ts'
import { coerced, EXITS, HISTORY, markDirty, SECTIONS, type Shape, shapeOf } from './memory.ts'
import { enterAllocator, leaveAllocator } from './primitives.ts'
import { allocationAt, declareArena, declareDead, declareLive } from './shadow.ts'
import type { Execution } from './state.ts'
import type { Trace } from './trace.ts'

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
  // Most indexes are small integers, and need no second look.
  if (typeof index !== 'number' || index !== (index | 0)) index = elementOf(kind, index)
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
        markDirty(known.region, trace.address[step], trace.limit[step])
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
    if (kind === WAIT && Number(b) <= 0) {
      // A wait that may take no time only looks: there is no value with which it joins the queue.
      b = a
      a = undefined
    }
    if (kind === RANGE_READ || kind === RANGE_WRITE) end = shape.base + (a as number) * shape.size
    else if (kind === ALLOC) end = start + (a as number) * shape.size
    else if (kind === FREE) end = allocationAt(x.primitives.shadow, start)?.end ?? start + shape.size
    else if (shape.scratch === null && (kind === READ || kind === WRITE)) end = start + (a as number)
    // Outside its view nothing is touched; Atomics throw by themselves.
    if (!(end > start && start >= shape.base && end <= shape.base + shape.length * shape.size)) return true
  } else if (kind === ALLOC_BEGIN || kind === FREE_END) {
    if (kind === ALLOC_BEGIN) enterAllocator(x.primitives, t)
    else leaveAllocator(x.primitives, t)
    return true
  } else if (kind === ARENA) return true
  else if (kind === READ_ENTER || kind === READ_EXIT) {
    // Nested sections are the outermost one's business.
    const depth = x.primitives.nesting[t]
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
      start = least(trace.start, read)
      end = most(trace.end, read)
    }
  }
  const p = x.pending[t]
  if (x.starting) {
    x.starting = false
    if (p.kind !== kind || p.start !== start || p.site !== site) return differs(x, t, kind, site)
    x.pending[t] = x.own[t]
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
  const next = x.step < x.trace.n ? x.trace.thread[x.step] : x.strategy.choose()
  if (next === t && SEVERAL[kind] === 0) {
    execute(x, t)
    return x.stopped === ''
  }
  x.chosen = next
  return false
}

/**
 * The element that an index names which is no small integer: NaN for names that are no element, such as `Symbol.iterator`,
 * 'length' or 0.5. `Atomics` round towards zero.
 */
function elementOf(kind: number, index: unknown): number {
  if (typeof index === 'symbol') return Number.NaN
  if (kind >= ALOAD && kind <= NOTIFY) return Math.trunc(Number(index)) || 0
  const number = typeof index === 'number' ? index : Number(String(index))
  return Number.isInteger(number) && String(number) === String(index) ? number : Number.NaN
}

/** Remembers the last two views, since a thread mostly goes through the same one or two. Plain arrays drive none out. */
function look(x: Execution, view: unknown): Shape | null {
  if (!ArrayBuffer.isView(view)) return null
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
  let i = x.step === trace.n ? trace.last[t] : lastBefore(trace, t, x.step)
  for (; i >= 0 && trace.kind[i] !== PAUSE; i = trace.past[i]) {
    if (trace.class[i] === W) return null
    if (trace.class[i] === R && trace.place[i] > 0 && trace.start[i] < SECTIONS) read.push(i)
  }
  return read.length > 0 ? read : null
}

function least(column: Int32Array, rows: readonly number[]): number {
  return Math.min(...rows.map((i) => column[i]))
}

function most(column: Int32Array, rows: readonly number[]): number {
  return Math.max(...rows.map((i) => column[i]))
}

function lastBefore(trace: Trace, t: number, step: number): number {
  for (let i = step - 1; i >= 0; i--) if (trace.thread[i] === t) return i
  return -1
}
