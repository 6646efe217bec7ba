/**
 * Rules for locks that need no deadlock to be seen broken: who may release, what may not be done while holding,
 * and one order in which locks are taken.
 */
import { W } from '../engine/access.ts'
import type { Finding } from '../engine/finding.ts'
import { locksOf, ownerOf } from '../engine/held-locks.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { BARRIER, GRACE, LOCK, READ_EXIT, TRYLOCK, UNLOCK, WAIT } from '../runtime/kinds.ts'

type Fault = Omit<Finding, 'at' | 'thread'>

/** Locks by class, and in which order they were taken: grows over all executions of a search. */
export interface LockOrder {
  /** class -> class taken while it was held -> sites of the two. */
  readonly after: Map<string, Map<string, [number, number]>>
  readonly reported: Set<string>
  /** Each execution is judged by itself, as if there had been no other. */
  alone: boolean
}

export function createLockOrder(): LockOrder {
  return { after: new Map(), reported: new Set(), alone: false }
}

/** What is wrong with new event `i`, before it is performed. */
export function judgeLocking(
  x: Execution,
  i: number,
  order: LockOrder,
  nameOf: (lock: number) => string,
): Fault | undefined {
  const { trace, primitives } = x
  const { locks } = primitives
  const t = trace.thread[i]
  switch (trace.kind[i]) {
    case UNLOCK: {
      const lock = trace.address[i]
      const owner = ownerOf(locks, lock)
      if (owner === t) return undefined
      if (owner < 0) return fault(x, i, `unlocks ${nameOf(lock)}, which is not locked`, lastOn(x, i, lock))
      const holder = nameOfThread(x, owner)
      return fault(x, i, `unlocks ${nameOf(lock)}, which ${holder} holds`, takenBy(x, trace.last[owner], [lock]))
    }
    case LOCK:
      return locks.count === 0 ? undefined : judgeOrder(x, i, order, nameOf)
    case GRACE:
    case BARRIER:
      if (primitives.nesting[t] > 0) {
        return fault(x, i, 'waits for a grace period inside a read section: it waits for itself')
      }
      return judgeHolding(x, i, 'waits for a grace period', nameOf)
    case WAIT:
      return judgeHolding(x, i, 'may sleep', nameOf)
    case READ_EXIT:
      return primitives.nesting[t] === 0 ? fault(x, i, 'leaves a read section that it is not in') : undefined
    default:
      return undefined
  }
}

/** Event `i` must not be while its thread holds a lock. */
function judgeHolding(x: Execution, i: number, what: string, nameOf: (lock: number) => string): Fault | undefined {
  const { locks } = x.primitives
  const held = locks.count === 0 ? [] : locksOf(locks, x.trace.thread[i])
  if (held.length === 0) return undefined
  return fault(x, i, `${what} while holding ${held.map(nameOf).join(', ')}`, takenBy(x, i, held))
}

/** A misuse by event `i`, and the events that made it one. */
function fault({ trace }: Execution, i: number, message: string, before: readonly number[] = []): Fault {
  const events = [...before, i]
  return { kind: 'lock-misuse', message, sites: [i, ...before].map((event) => trace.site[event]), events }
}

/** The event with which a thread took a lock that it holds, looked for from event `k` of that thread on; -1 for none. */
export function takenAt({ trace }: Execution, k: number, lock: number): number {
  while (k >= 0 && !(trace.address[k] === lock && (trace.kind[k] === LOCK || trace.kind[k] === TRYLOCK)))
    k = trace.past[k]
  return k
}

/** The events with which a thread took these locks. */
const takenBy = (x: Execution, k: number, locks: readonly number[]): number[] =>
  locks.map((lock) => takenAt(x, k, lock)).filter((event) => event >= 0)

/** The latest unlock of that lock before event `i`, if there was one. */
function lastOn({ trace }: Execution, i: number, lock: number): number[] {
  for (let k = i - 1; k >= 0; k--) if (trace.kind[k] === UNLOCK && trace.address[k] === lock) return [k]
  return []
}

/** Lock classes must have one order: an edge that closes a circle is a deadlock waiting for its schedule. */
function judgeOrder(x: Execution, i: number, order: LockOrder, nameOf: (lock: number) => string): Fault | undefined {
  const { trace } = x
  const classOf = (event: number) => {
    const label = trace.extra[event]
    return typeof label === 'string' ? label : nameOf(trace.address[event])
  }
  if (order.alone) learnAgain(x, i, order, classOf)
  const mine = classOf(i)
  const site = trace.site[i]
  for (const held of locksOf(x.primitives.locks, trace.thread[i])) {
    const taken = takenAt(x, trace.past[i], held)
    if (taken < 0) continue
    const outer = classOf(taken)
    if (outer === mine) continue
    let inner = order.after.get(outer)
    if (inner === undefined) order.after.set(outer, (inner = new Map()))
    if (inner.has(mine)) continue
    inner.set(mine, [trace.site[taken], site])
    const path = pathBetween(order, mine, outer, new Set())
    if (path === undefined) continue
    const key = [...path].sort().join()
    if (order.reported.has(key)) continue
    order.reported.add(key)
    // `path` leads from mine back to outer; the new edge from outer to mine closes the circle.
    const circle = [outer, ...path]
    const edges = path.map((to, k) => ({ from: circle[k], to, at: order.after.get(circle[k])!.get(to)! }))
    return {
      kind: 'lock-order',
      message: `locks are taken in a circle: ${circle.join(' -> ')}`,
      sites: edges.flatMap(({ at: [first, second] }) => [second, first]),
      events: [taken, i],
      why: edges.map(({ from, to, at: [first, second] }) => {
        const since = whereIs(first) === '' ? '' : `, which is held since ${whereIs(first)}`
        return `${from} -> ${to}: ${to} is taken${inPlace(second)} under ${from}${since}`
      }),
    }
  }
  return undefined
}

/** Forgets other executions, and learns the orders of this one up to event `i`: of what is replayed nobody tells. */
function learnAgain({ trace }: Execution, i: number, order: LockOrder, classOf: (event: number) => string): void {
  order.after.clear()
  order.reported.clear()
  const held = new Map<number, number[]>()
  for (let k = 0; k < i; k++) {
    const kind = trace.kind[k]
    const taken = held.get(trace.thread[k]) ?? []
    if (kind === UNLOCK) {
      const left = taken.filter((event) => trace.address[event] !== trace.address[k])
      held.set(trace.thread[k], left)
    } else if (kind === LOCK || (kind === TRYLOCK && trace.class[k] === W)) {
      held.set(trace.thread[k], [...taken, k])
      if (kind === TRYLOCK) continue
      for (const outer of taken) {
        if (classOf(outer) === classOf(k)) continue
        const inner = order.after.get(classOf(outer)) ?? new Map()
        order.after.set(classOf(outer), inner)
        if (!inner.has(classOf(k))) inner.set(classOf(k), [trace.site[outer], trace.site[k]])
      }
    }
  }
}

const inPlace = (site: number): string => (whereIs(site) === '' ? '' : ` at ${whereIs(site)}`)

/** Classes from `from` to `to` along edges taken so far, both included. */
function pathBetween(order: LockOrder, from: string, to: string, seen: Set<string>): string[] | undefined {
  if (from === to) return [to]
  seen.add(from)
  for (const next of order.after.get(from)?.keys() ?? []) {
    if (seen.has(next)) continue
    const rest = pathBetween(order, next, to, seen)
    if (rest !== undefined) return [from, ...rest]
  }
  return undefined
}

/** The locks that thread `t` holds though it has ended. */
export function heldAtExit(x: Execution, t: number, nameOf: (lock: number) => string): Finding | undefined {
  const { trace } = x
  const { locks } = x.primitives
  const held = locks.count === 0 ? [] : locksOf(locks, t)
  if (held.length === 0) return undefined
  const events = takenBy(x, trace.last[t], held)
  return {
    kind: 'lock-misuse',
    message: `${nameOfThread(x, t)} ends while holding ${held.map(nameOf).join(', ')}`,
    sites: events.map((event) => trace.site[event]),
    events,
    thread: t,
    at: -1,
  }
}
