/**
 * What the runtime asks before each visible operation: may the thread go on at once?
 *
 * Turns a view and an index into bytes, lets a replayed access pass, and otherwise makes the operation the thread's
 * pending one and asks the strategy who is next.
 */

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
  LOCK,
  NOTIFY,
  PAUSE,
  POST,
  RANGE_READ,
  RANGE_WRITE,
  READ,
  READ_ENTER,
  READ_EXIT,
  RECEIVE,
  TRYLOCK,
  UNLOCK,
  WAIT,
  WAIT_ASYNC,
  WRITE,
} from '../runtime/kinds.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { runtime } from '../runtime/runtime.ts'
import { isShared, isWaitable } from '../runtime/shared-view.ts'
import { ENGINE_MADE, ROUNDS, STORES, TOUCHES } from './access.ts'
import { coerced, EXITS, HISTORY, recentShape, SECTIONS, type Shape, shapeOf } from './memory.ts'
import type { Pending } from './pending-state.ts'
import { isRepeated } from './polling.ts'
import { enterAllocator, leaveAllocator } from './primitives.ts'
import { propose } from './propose.ts'
import { markDirty } from './put-back.ts'
import { allocationAt, declareArena, declareDead, declareLive } from './shadow.ts'
import type { Execution, Position } from './state.ts'
import { pause } from './turns.ts'

/**
 * What the runtime calls before each visible operation. True: the thread goes on at once.
 *
 * Most are replayed. V8 puts the code for those in the place of a twin's question, so it is short, and all else stands
 * in functions of their own.
 */
export function announce(
  x: Execution,
  kind: number,
  site: number,
  view: unknown,
  index: number,
  a: unknown,
  b: unknown,
): boolean {
  return (
    (x.hooks.between === null &&
      (x.position.starting ? startsAsKnown(x, kind, site, view, index) : replays(x, kind, view, index))) ||
    ask(x, kind, site, view, index, a, b)
  )
}

/** Asks whoever stands between the threads and the engine, or else the engine. */
function ask(x: Execution, kind: number, site: number, view: unknown, index: number, a: unknown, b: unknown): boolean {
  const { between } = x.hooks
  return between === null ? announceAnew(x, kind, site, view, index, a, b) : between.op(kind, site, view, index, a, b)
}

/** The engine's own answer, for those who stand between. */
export function answer(
  x: Execution,
  kind: number,
  site: number,
  view: unknown,
  index: number,
  a: unknown,
  b: unknown,
): boolean {
  return replays(x, kind, view, index) || announceAnew(x, kind, site, view, index, a, b)
}

/** Does a plain or atomic access again: it only has to be the same one. False: it may be another one, or a new one. */
function replays(x: Execution, kind: number, view: unknown, index: number): boolean {
  const position: Position = x.position
  const { trace } = x
  const { step } = position
  if (
    step >= trace.n ||
    trace.kind[step] !== kind ||
    trace.thread[step] !== position.current ||
    ENGINE_MADE[kind] === 1 ||
    position.starting ||
    x.turns.polling !== null ||
    typeof index !== 'number'
  )
    return false
  const known = trace.shape[step] as Shape | null
  if (known === null || known.view !== view || known.base + index * known.size !== trace.address[step]) return false
  position.step = step + 1
  if (known.region.dirty !== null && STORES[kind] === 1) markDirty(known.region, trace.address[step], trace.limit[step])
  return true
}

function announceAnew(
  x: Execution,
  kind: number,
  site: number,
  view: unknown,
  index: number,
  a: unknown,
  b: unknown,
): boolean {
  // Most indexes are small integers, and need no second look.
  if (typeof index !== 'number' || index !== (index | 0)) index = elementOf(kind, index, view)
  const position: Position = x.position
  const t = position.current
  if (t < 0) return outside(x, kind, view, index, a, b)
  if (x.turns.polling !== null && isRepeated(x, kind, site, view, index, a)) return true
  if (position.starting && startsAsKnown(x, kind, site, view, index)) return true
  if (kind === PAUSE) return pause(x, t, site)
  const p = position.own[t]
  const visible = TOUCHES[kind] === 1 ? touch(x, p, kind, view, index, a, b) : concern(x, p, t, kind, index, a, b)
  return !visible || propose(x, t, kind, site, view, index)
}

/** A thread begins with the access that it was known to begin with. False: it may be another one. */
function startsAsKnown(x: Execution, kind: number, site: number, view: unknown, index: number): boolean {
  const position: Position = x.position
  const { current } = position
  const first = position.pending[current]
  const { shape } = first
  if (
    first.kind !== kind ||
    first.site !== site ||
    shape === null ||
    shape.view !== view ||
    x.turns.polling !== null ||
    typeof index !== 'number' ||
    shape.base + index * shape.size !== first.start
  )
    return false
  position.starting = false
  position.pending[current] = position.own[current]
  return true
}

/** Which bytes an operation on a view touches. False: none that are shared. */
function touch(x: Execution, p: Pending, kind: number, view: unknown, index: number, a: unknown, b: unknown): boolean {
  const shape = recentShape(x.memory, view)
  if (shape === null) {
    if (STORES[kind] === 1) runtime.changes++
    return false
  }
  const { base, size } = shape
  if (kind === CAS || kind === WAIT || kind === WAIT_ASYNC) a = coerced(shape, a)
  if (kind === WAIT && Number(b) <= 0) {
    // A wait that may take no time only looks: there is no value with which it joins the queue.
    b = a
    a = undefined
  }
  const start = base + index * size
  let end = start + size
  if (kind === RANGE_READ || kind === RANGE_WRITE) end = base + (a as number) * size
  else if (kind === ALLOC) end = start + (a as number) * size
  else if (kind === FREE) end = allocationAt(x.primitives.shadow, start)?.end ?? end
  else if (shape.scratch === null && (kind === READ || kind === WRITE)) end = start + (a as number)
  // Outside its view nothing is touched, and nobody waits on small elements: Atomics throw by themselves.
  if ((kind === WAIT || kind === NOTIFY) && !isWaitable(shape.view)) return false
  if (!(end > start && start >= base && end <= base + shape.length * size)) {
    if (kind in TAGGED) throw misplaced(kind, shape, index, kind === ALLOC ? a : 1)
    return false
  }
  p.start = start
  p.end = end
  p.shape = shape
  p.a = a
  p.b = b
  return true
}

/** What an operation without a view is about, as bytes that belong to no view. False: nothing that others could see. */
function concern(x: Execution, p: Pending, t: number, kind: number, index: number, a: unknown, b: unknown): boolean {
  const { nesting } = x.primitives
  p.start = 0
  p.end = 0
  p.shape = null
  p.a = a
  p.b = b
  switch (kind) {
    case ALLOC_BEGIN:
      enterAllocator(x.primitives, t)
      return false
    case FREE_END:
      leaveAllocator(x.primitives, t)
      return false
    case ARENA:
      return false
    case READ_ENTER:
    case READ_EXIT:
      p.start = SECTIONS + t * 4
      p.end = p.start + 4
      return !nests(nesting, t, kind, x.position.starting)
    case GRACE:
    case CALLBACK:
    case BARRIER:
      p.start = SECTIONS
      p.end = EXITS
      return true
    case POST:
    case RECEIVE:
      p.start = index
      p.end = index + 4
      return true
    case BEGIN:
    case END:
      p.start = HISTORY
      p.end = HISTORY + 4
      return true
    default:
      return true
  }
}

/** Whether a read section lies inside another one, whose business it is. */
function nests(nesting: number[], t: number, kind: number, starting: boolean): boolean {
  const depth = nesting[t]
  if (kind === READ_ENTER) {
    if (depth === 0 || starting) return false
    nesting[t] = depth + 1
    return true
  }
  if (depth <= 1) return false
  nesting[t] = depth - 1
  return true
}

const OBJECT =
  'got an object as the index of an element, which would be asked for its number twice; expected a number, as Number(index)'

/**
 * The element that an index names which is no small integer: NaN for names that are no element, such as
 * `Symbol.iterator`, 'length' or 0.5. `Atomics` round towards zero.
 */
export function elementOf(kind: number, index: unknown, view: unknown): number {
  if (typeof index === 'symbol') return Number.NaN
  if ((typeof index === 'object' && index !== null) || typeof index === 'function') {
    if (isShared(view)) throw new MisuseError(OBJECT)
    return Number.NaN
  }
  if (ROUNDS[kind] === 1) return Math.trunc(Number(index)) || 0
  const number = typeof index === 'number' ? index : Number(String(index))
  return Number.isInteger(number) && String(number) === String(index) ? number : Number.NaN
}

/** Kinds that only a tag says. */
const TAGGED: Readonly<Record<number, string>> = {
  [LOCK]: 'a lock',
  [UNLOCK]: 'a lock',
  [TRYLOCK]: 'a lock',
  [AWAIT]: 'a word to wait for',
  [ALLOC]: 'an object',
  [FREE]: 'an object',
  [ARENA]: 'an arena',
}

/** A lock is taken by Atomics, which throw there: the thread's own mistake. Else it is one in the tag. */
export function misplaced(kind: number, { length }: Shape, index: unknown, size: unknown): Error {
  const told = `@explore: got ${TAGGED[kind]} at element ${String(index)}, ${String(size)} long, in a view of ${length}, expected it inside`
  return kind === LOCK || kind === UNLOCK || kind === TRYLOCK ? new RangeError(told) : new MisuseError(told)
}

/** Outside threads only the allocator's declarations matter: they make the first shadow. */
function outside(x: Execution, kind: number, view: unknown, index: number, a: unknown, b: unknown): boolean {
  if (kind !== ALLOC && kind !== FREE && kind !== ARENA) return true
  const shape = shapeOf(x.memory, view)
  if (shape === null) return true
  const size = kind === ARENA ? (a as number) - index : kind === ALLOC ? (a as number) : 1
  if (!(index >= 0 && size > 0 && index + size <= shape.length)) throw misplaced(kind, shape, index, size)
  const start = shape.base + index * shape.size
  const { shadow } = x.primitives
  if (kind === ARENA) declareArena(shadow, start, shape.base + (a as number) * shape.size)
  else if (kind === ALLOC)
    declareLive(shadow, start, start + size * shape.size, { pointer: index, length: size }, String(b ?? 'object'), -1)
  else declareDead(shadow, start, -1)
  return true
}
