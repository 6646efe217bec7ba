/**
 * Rules for locks that need no deadlock to be seen broken: who may release, what may not be done while holding,
 * and one order in which locks are taken.
 */
import { BARRIER, GRACE, LOCK, READ_EXIT, UNLOCK, WAIT } from './runtime.ts'
import type { Execution, Finding } from './state.ts'

type Fault = Omit<Finding, 'at' | 'thread'>

/** Locks by class, and in which order they were taken: grows over all executions of a search. */
export interface LockOrder {
  /** class -> class taken while it was held -> sites of the two. */
  readonly after: Map<string, Map<string, [number, number]>>
  /** The event at which each held lock was taken, by address. */
  readonly taken: Map<number, { class: string; site: number }>
  readonly reported: Set<string>
}

export function createLockOrder(): LockOrder {
  return { after: new Map(), taken: new Map(), reported: new Set() }
}

const heldBy = (x: Execution, t: number) =>
  [...x.primitives.locks].filter(([, owner]) => owner === t + 1).map(([lock]) => lock)

/** What is wrong with new event `i`, before it is performed. */
export function judgeLocking(
  x: Execution,
  i: number,
  order: LockOrder,
  nameOf: (lock: number) => string,
): Fault | undefined {
  const { trace, primitives } = x
  const t = trace.thread[i]!
  const site = trace.site[i]!
  const lock = trace.address[i]!
  const fault = (message: string): Fault => ({ kind: 'lock-misuse', message, sites: [site], events: [i] })
  switch (trace.kind[i]) {
    case UNLOCK: {
      const owner = primitives.locks.get(lock)
      if (owner === t + 1) return undefined
      if (owner === undefined) return fault(`unlocks ${nameOf(lock)}, which is not locked`)
      return fault(`unlocks ${nameOf(lock)}, which thread ${owner - 1} holds`)
    }
    case LOCK:
      return judgeOrder(x, i, order, nameOf)
    case GRACE:
    case BARRIER:
      if (primitives.nesting[t]! > 0)
        return fault('waits for a grace period inside a read section: it waits for itself')
      if (primitives.locks.size > 0 && heldBy(x, t).length > 0)
        return fault(`waits for a grace period while holding ${heldBy(x, t).map(nameOf).join(', ')}`)
      return undefined
    case WAIT:
      if (primitives.locks.size > 0 && heldBy(x, t).length > 0)
        return fault(`may sleep while holding ${heldBy(x, t).map(nameOf).join(', ')}`)
      return undefined
    case READ_EXIT:
      if (primitives.nesting[t] === 0) return fault('leaves a read section that it is not in')
      return undefined
    default:
      return undefined
  }
}

/** Lock classes must have one order: an edge that closes a circle is a deadlock waiting for its schedule. */
function judgeOrder(x: Execution, i: number, order: LockOrder, nameOf: (lock: number) => string): Fault | undefined {
  const { trace, pending } = x
  const t = trace.thread[i]!
  const lock = trace.address[i]!
  const label = pending[t]!.a
  const mine = typeof label === 'string' ? label : nameOf(lock)
  const site = trace.site[i]!
  order.taken.set(lock, { class: mine, site })
  if (x.primitives.locks.size === 0) return undefined
  for (const held of heldBy(x, t)) {
    const outer = order.taken.get(held)
    if (outer === undefined || outer.class === mine) continue
    let inner = order.after.get(outer.class)
    if (inner === undefined) order.after.set(outer.class, (inner = new Map()))
    if (inner.has(mine)) continue
    inner.set(mine, [outer.site, site])
    const path = pathBetween(order, mine, outer.class, new Set())
    if (path === undefined) continue
    const circle = [outer.class, ...path]
    const key = [...circle].sort().join()
    if (order.reported.has(key)) continue
    order.reported.add(key)
    return {
      kind: 'lock-order',
      message: `locks are taken in a circle: ${circle.join(' -> ')} -> ${outer.class}`.replace(
        / -> ([^ ]+) -> \1$/,
        ' -> $1',
      ),
      sites: [
        site,
        outer.site,
        ...circle.slice(1).flatMap((from, k) => order.after.get(from)?.get(circle[k + 2] ?? outer.class) ?? []),
      ],
      events: [i],
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
  const held = x.primitives.locks.size === 0 ? [] : heldBy(x, t)
  return held.length === 0 ? undefined : `ends while holding ${held.map(nameOf).join(', ')}`
}
