/**
 * Rules for locks that need no deadlock to be seen broken: who may release, what may not be done while holding,
 * and one order in which locks are taken.
 */
import { locksOf, ownerOf } from './held-locks.ts'
import { BARRIER, GRACE, LOCK, READ_EXIT, TRYLOCK, UNLOCK, WAIT } from './runtime.ts'
import { type Execution, type Finding, nameOfThread } from './state.ts'

type Fault = Omit<Finding, 'at' | 'thread'>

/** Locks by class, and in which order they were taken: grows over all executions of a search. */
export interface LockOrder {
  /** class -> class taken while it was held -> sites of the two. */
  readonly after: Map<string, Map<string, [number, number]>>
  readonly reported: Set<string>
}

export function createLockOrder(): LockOrder {
  return { after: new Map(), reported: new Set() }
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
  const t = trace.thread[i]!
  switch (trace.kind[i]) {
    case UNLOCK: {
      const lock = trace.address[i]!
      const owner = ownerOf(locks, lock)
      if (owner === t) return undefined
      return fault(
        x,
        i,
        `unlocks ${nameOf(lock)}, which ${owner < 0 ? 'is not locked' : `${nameOfThread(x, owner)} holds`}`,
      )
    }
    case LOCK:
      return locks.count === 0 ? undefined : judgeOrder(x, i, order, nameOf)
    case GRACE:
    case BARRIER:
      if (primitives.nesting[t]! > 0) {
        return fault(x, i, 'waits for a grace period inside a read section: it waits for itself')
      }
      if (locks.count === 0 || locksOf(locks, t).length === 0) return undefined
      return fault(x, i, `waits for a grace period while holding ${locksOf(locks, t).map(nameOf).join(', ')}`)
    case WAIT:
      if (locks.count === 0 || locksOf(locks, t).length === 0) return undefined
      return fault(x, i, `may sleep while holding ${locksOf(locks, t).map(nameOf).join(', ')}`)
    case READ_EXIT:
      return primitives.nesting[t] === 0 ? fault(x, i, 'leaves a read section that it is not in') : undefined
    default:
      return undefined
  }
}

const fault = (x: Execution, i: number, message: string): Fault => ({
  kind: 'lock-misuse',
  message,
  sites: [x.trace.site[i]!],
  events: [i],
})

/** The event with which the thread of `i` took a lock that it holds. */
function takenAt({ trace }: Execution, i: number, lock: number): number {
  let k = trace.past[i]!
  while (k >= 0 && !(trace.address[k] === lock && (trace.kind[k] === LOCK || trace.kind[k] === TRYLOCK)))
    k = trace.past[k]!
  return k
}

/** Lock classes must have one order: an edge that closes a circle is a deadlock waiting for its schedule. */
function judgeOrder(x: Execution, i: number, order: LockOrder, nameOf: (lock: number) => string): Fault | undefined {
  const { trace } = x
  const classOf = (event: number) => {
    const label = trace.extra[event]
    return typeof label === 'string' ? label : nameOf(trace.address[event]!)
  }
  const mine = classOf(i)
  const site = trace.site[i]!
  for (const held of locksOf(x.primitives.locks, trace.thread[i]!)) {
    const taken = takenAt(x, i, held)
    if (taken < 0) continue
    const outer = classOf(taken)
    if (outer === mine) continue
    let inner = order.after.get(outer)
    if (inner === undefined) order.after.set(outer, (inner = new Map()))
    if (inner.has(mine)) continue
    inner.set(mine, [trace.site[taken]!, site])
    const path = pathBetween(order, mine, outer, new Set())
    if (path === undefined) continue
    const key = [...path].sort().join()
    if (order.reported.has(key)) continue
    order.reported.add(key)
    // `path` leads from mine back to outer; the new edge from outer to mine closes the circle.
    const others = path.slice(1).flatMap((to, k) => order.after.get(path[k]!)?.get(to) ?? [])
    return {
      kind: 'lock-order',
      message: `locks are taken in a circle: ${[outer, ...path].join(' -> ')}`,
      sites: [site, trace.site[taken]!, ...others],
      events: [taken, i],
    }
  }
  return undefined
}

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

/** Locks that thread `t` holds though it has ended. */
export function heldAtExit(x: Execution, t: number, nameOf: (lock: number) => string): string | undefined {
  const { locks } = x.primitives
  const held = locks.count === 0 ? [] : locksOf(locks, t)
  return held.length === 0 ? undefined : `ends while holding ${held.map(nameOf).join(', ')}`
}
