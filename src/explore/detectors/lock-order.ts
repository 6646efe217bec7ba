/**
 * One order in which locks are taken: whoever takes them in a circle deadlocks in some schedule, perhaps in none that
 * is run.
 */
import { W } from '../engine/access.ts'
import { locksOf, takenAt } from '../engine/held-locks.ts'
import { inPlace, whereIs } from '../engine/place-in-source.ts'
import type { Execution } from '../engine/state.ts'
import { LOCK, TRYLOCK, UNLOCK } from '../runtime/kinds.ts'
import type { Fault, PlaceName } from './detector.ts'

/** Locks by class, and in which order they were taken: grows over all executions of a search. */
export interface LockOrder {
  /** class -> class taken while it was held -> sites of the two. */
  readonly after: Map<string, Map<string, [number, number]>>
  readonly reported: Set<string>
  /** Threads of executions up to where an order was taken for the first time. */
  readonly learned: number[][]
  /** Each execution is judged by itself, as if there had been no other. */
  alone: boolean
}

export function createLockOrder(): LockOrder {
  return { after: new Map(), reported: new Set(), learned: [], alone: false }
}

/** Lock classes must have one order: an edge that closes a circle is a deadlock waiting for its schedule. */
export function judgeOrder(x: Execution, i: number, order: LockOrder, nameOf: PlaceName): Fault | undefined {
  const { trace } = x
  const classOf = (event: number) => {
    const label = trace.extra[event]
    return typeof label === 'string' ? label : nameOf(trace.address[event])
  }
  if (order.alone) learnAgain(x, i, order, classOf)
  const mine = classOf(i)
  const site = trace.site[i]
  for (const held of locksOf(x.primitives.locks, trace.thread[i])) {
    const taken = takenAt(trace, trace.past[i], held)
    if (taken < 0) continue
    const outer = classOf(taken)
    if (outer === mine) continue
    let inner = order.after.get(outer)
    if (inner === undefined) order.after.set(outer, (inner = new Map()))
    if (inner.has(mine)) continue
    inner.set(mine, [trace.site[taken], site])
    if (!order.alone) order.learned.push(Array.from(trace.thread.subarray(0, i + 1)))
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
      elsewhere: true,
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
