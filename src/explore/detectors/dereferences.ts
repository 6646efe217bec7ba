/**
 * What a marked dereference orders: what its thread does to the allocation it points to, and onward through
 * dereferences from there, behind what the publisher did before. Nothing else.
 */
import { elementValue, type Shape } from '../engine/memory.ts'
import { allocationAt } from '../engine/shadow.ts'
import { DEREF } from '../runtime/kinds.ts'
import { ATOMIC, type Clocks, changes, latest } from './happens-before.ts'

/** These bytes, behind what this clock has seen. */
interface Grant {
  from: number
  to: number
  /** The allocation's number; -1 when none is declared there, and only the word itself is ordered. */
  allocation: number
  clock: Int32Array
}

/** By event; out of date where the event is no dereference. */
export type Grants = (Grant | undefined)[]

/** The latest dereference before `k` of its thread that orders accesses to those bytes; -1 for none. */
function grantFor({ x }: Clocks, grants: Grants, k: number, address: number): number {
  const { kind, past } = x.trace
  const id = allocationAt(x.primitives.shadow, address)?.id ?? -1
  for (; k >= 0; k = past[k]) {
    if (kind[k] !== DEREF) continue
    const grant = grants[k]!
    if (grant.allocation === id && address >= grant.from && address < grant.to) return k
  }
  return -1
}

/** Notes what dereference `i` orders. Its clock is set. */
export function dereference(clocks: Clocks, grants: Grants, i: number): void {
  const { x, rows, stride } = clocks
  const { trace } = x
  const shape = trace.shape[i] as Shape
  const pointer = Number(elementValue(shape, trace.address[i], trace.oldLow[i], trace.oldHigh[i]))
  const target = shape.base + pointer * shape.size
  let grant = grants[i]
  if (grant === undefined || grant.clock.length !== stride) {
    grants[i] = grant = { from: 0, to: 0, allocation: -1, clock: new Int32Array(stride) }
  } else grant.clock.fill(0)
  const { clock } = grant
  const w = latest(trace, i, changes)
  if (w >= 0 && ATOMIC[trace.kind[w]] === 1) {
    for (let t = 0, at = w * stride; t < stride; t++, at++) if (rows[at] > clock[t]) clock[t] = rows[at]
  }
  const { address, past } = trace
  for (
    let k = grantFor(clocks, grants, past[i], address[i]);
    k >= 0;
    k = grantFor(clocks, grants, past[k], address[i])
  ) {
    const carried = grants[k]!.clock
    for (let t = 0; t < stride; t++) if (carried[t] > clock[t]) clock[t] = carried[t]
  }
  const allocation = allocationAt(x.primitives.shadow, target)
  grant.from = allocation?.start ?? target
  grant.to = allocation?.end ?? target + shape.size
  grant.allocation = allocation?.id ?? -1
}

/** Whether a dereference orders `i` behind `j`. */
export function granted(clocks: Clocks, grants: Grants, i: number, j: number): boolean {
  const { past, address, thread, nth } = clocks.x.trace
  for (
    let k = grantFor(clocks, grants, past[i], address[i]);
    k >= 0;
    k = grantFor(clocks, grants, past[k], address[i])
  ) {
    if (grants[k]!.clock[thread[j]] > nth[j]) return true
  }
  return false
}
