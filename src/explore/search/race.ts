/**
 * A race that may be reversed: what its later operation becomes in front of the earlier event, and what comes along.
 *
 * Rule R5 (docs/optimal.md). In `0:W x 1`, `1:notify x`, `2:wait x 0` the wait finds 1, does not sleep, and has nothing
 * to do with the notify. In front of `0:W x 1` it finds 0 and sleeps, so that it depends on the notify. The notify
 * stays where it is all the same, and comes after the wait.
 */
import { happensBefore } from '../engine/dependence.ts'
import { MEMORY_END } from '../engine/memory.ts'
import type { Trace } from '../engine/trace.ts'
import { conflictAt, type Operation, operationOf } from './operation.ts'

/** The race of event `e` with the operation in row `f`, which is later. */
export interface Race {
  e: number
  f: number
  /** What comes before `f` in its own thread, or created its thread; -1 for nothing. */
  origin: number
  /** What `f` becomes in front of `e`: its class, */
  class: number
  /** and whether it depends there on all that touches memory. */
  everything: boolean
  /**
   * What happens before `f` now need not do so there: `f` may become another one (R5), or it happens before `f` only by
   * way of what comes after `e`. In `0:try m`, `2:R x`, `0:add x`, `0:unlock m`, `1:lock m` the lock goes in front of
   * `0:try`, and `2:R x` came before it only by way of the rest of thread 0.
   */
  roundabout: boolean
  /** R6: what stands before this place, and not after `e`, comes along in any case. */
  until: number
  /** By thread: how many of its events happen before `f` there. Valid if `known`. */
  past: Int32Array
  known: boolean
  /** What `f` is there, as soon as it is asked for; null before. */
  operation: Operation | null
  /** Room for the rows of what comes along. */
  readonly along: number[]
}

export const createRace = (): Race => ({
  e: 0,
  f: 0,
  origin: -1,
  class: 0,
  everything: false,
  roundabout: false,
  until: 0,
  past: new Int32Array(8),
  known: false,
  operation: null,
  along: [],
})

/** Takes up another race. The record is used again, since most races are dropped at once. */
export function beginRace(race: Race, e: number, f: number, origin: number, cls: number, everything: boolean): void {
  race.e = e
  race.f = f
  race.origin = origin
  race.class = cls
  race.everything = everything
  race.known = false
  race.operation = null
}

/** What `f` is in front of `e`. */
export function becomes(trace: Trace, race: Race): Operation {
  race.operation ??= whatBecomes(trace, race)
  return race.operation
}

function whatBecomes(trace: Trace, { f, class: cls, everything }: Race): Operation {
  if (cls === trace.class[f]) return operationOf(trace, f)
  const [start, end] = everything ? [0, MEMORY_END] : [trace.address[f], trace.limit[f]]
  return { ...operationOf(trace, f), class: cls, start, end }
}

/** Whether event `j` happens before `f` when that is in front of `e`. */
export function isPast(trace: Trace, race: Race, j: number): boolean {
  if (!race.known) computePast(trace, race)
  return race.past[trace.thread[j]] > trace.nth[j]
}

function computePast(trace: Trace, race: Race): void {
  const { e, f, origin } = race
  const { stride, clock, thread } = trace
  race.known = true
  if (race.past.length < stride) race.past = new Int32Array(stride)
  const { past } = race
  const now = becomes(trace, race)
  for (let t = 0; t < stride; t++) past[t] = origin < 0 ? 0 : clock[origin * stride + t]
  for (let k = 0; k < f; k++) {
    if (thread[k] === now.thread || !conflictAt(trace, k, now)) continue
    // R5: what did not happen before `f` as what it was comes after it, as what it is now.
    if (k >= e && (happensBefore(trace, e, k) || !happensBefore(trace, k, f))) continue
    for (let t = 0; t < stride; t++) if (clock[k * stride + t] > past[t]) past[t] = clock[k * stride + t]
  }
}

/** Whether event `j`, after `e`, comes along when `f` is put in front of `e`. */
export function comesAlong(trace: Trace, race: Race, j: number): boolean {
  if (happensBefore(trace, race.e, j)) return false
  if (j < race.until) return true
  return race.roundabout ? isPast(trace, race, j) : happensBefore(trace, j, race.f)
}
