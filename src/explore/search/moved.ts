/**
 * What reversals have moved, and which moves count where operations become others: rules R6 and R7 (docs/optimal.md).
 *
 * Rule R6: a moved event may let another one pass. In `0:W x 1`, `1:wait x 0`, `2:notify x` the wait is moved in front
 * of `0:W`, and sleeps only there. Whether the notify comes before it has not been decided: the notify passes the wait.
 *
 * Rule R7: no move in vain. In `0:W x 1`, `1:notify x`, `2:wait x 1` the wait sleeps, and is moved in front of the
 * notify. It does not go on to before `0:W`: there it would not sleep, and the notify would be nothing to it.
 */
import { happensBefore } from '../engine/dependence.ts'
import type { Trace } from '../engine/trace.ts'
import { conflict, conflictAt, isStep, type Operation, operationOf } from './operation.ts'
import { becomes, isPast, type Race } from './race.ts'

/**
 * An event that a reversal has put in front of another, its *rival*: in `1:R`, `0:W`, if that is `0:W`, `1:R` reversed.
 */
export interface Moved {
  /** Its number. */
  readonly at: number
  /** What it was before. */
  readonly was: Operation
  /** What the rival was before. */
  readonly rival: Operation
  /** How many had been moved before it. */
  readonly turn: number
  /**
   * R4: it came along with an event that was moved later, and is where it is for that one's sake. In `0:R y`, `1:W x`,
   * `2:R x; W y` first `2:R` is moved in front of `1:W`, then `2:W` in front of `0:R`, and `2:R` comes along.
   */
  readonly settled: boolean
  /** R6: it has passed its rival, which was moved itself. */
  readonly passed: boolean
}

/**
 * R6: whether `f` may pass `e`, which is moved. It may if neither what `e` was nor the rival of `e` raced with what `f`
 * is there: then the order of `e` and `f` was never decided.
 */
export function passes(trace: Trace, race: Race, { was, rival }: Moved): boolean {
  const now = becomes(trace, race)
  return !conflict(was, now) && !conflict(rival, now)
}

/** Where the rival of the moved event `e` stands. It is `e` itself if there is none after it, or if `e` is settled. */
export function placeOfRival(trace: Trace, e: number, { rival, settled }: Moved): number {
  if (settled) return e
  for (let r = e + 1; r < trace.n; r++) if (isStep(trace, r, rival)) return r
  return e
}

/**
 * A moved event that comes along with another one, to `at`. It is settled, unless its rival is one that lets the other
 * pass.
 */
export function movedAlong(moved: Moved, at: number, passing: Moved | undefined): Moved {
  const { rival } = moved
  // R6: what stands in front of the same rival stays there.
  const stays = passing?.settled === false && passing.rival.thread === rival.thread && passing.rival.nth === rival.nth
  return { ...moved, at, settled: moved.settled || !stays }
}

/**
 * R7: whether `f`, which was moved before and becomes another one in front of `e`, was moved in vain. It was if
 * something that came along with it need not come before it there, or if it would not race there with its rival.
 */
export function wasInVain(trace: Trace, race: Race, moved: readonly Moved[], floor: number): boolean {
  const { e, f } = race
  const own = moved.find(({ at }) => at === f)
  if (own === undefined) return false
  for (let j = floor; j < f; j++) {
    if (!happensBefore(trace, e, j) && happensBefore(trace, j, f) && !isPast(trace, race, j)) return true
  }
  let r = f + 1
  while (r < trace.n && !isStep(trace, r, own.rival)) r++
  const rival = r < trace.n ? operationOf(trace, r) : own.rival
  if (conflict(becomes(trace, race), rival)) return false
  // The rival may happen after `e`, and so after `f`, all the same.
  for (let k = e; k < f; k++) {
    if (k !== e && !happensBefore(trace, e, k)) continue
    if (trace.thread[k] === rival.thread || conflictAt(trace, k, rival)) return false
  }
  return true
}
