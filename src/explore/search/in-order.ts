/**
 * Several events in front of one: which may be moved there after which. Rules R4 and R8, and the end of R6
 * (docs/optimal.md).
 *
 * Rule R4: the lowest thread first. In `0:W x 1`, `1:R x`, `2:R x` both loads may be moved in front of the store. `2:R`
 * joins `1:R` there; `1:R` does not join `2:R`, which would be the same trace.
 *
 * Rule R8: but only as far as each could have come first. In `0:wait x 1`, `1:notify x`, `2:W x 1` the wait finds 0 and
 * does not sleep, until `2:W` is moved in front of it. `1:notify` joins `2:W` there: before that it did not race with
 * the wait. And only as long as each still races. In `0:wait x 0`, `1:notify x`, `2:W x 1` the wait sleeps, and
 * `1:notify` is moved in front of it. `2:W` does not join it: the wait would not sleep then, and the notify would be
 * nothing to it.
 */
import { CONFLICTS } from '../engine/access.ts'
import { happensBefore } from '../engine/dependence.ts'
import type { Trace } from '../engine/trace.ts'
import { WAIT, WAIT_ASYNC } from '../runtime/kinds.ts'
import type { Moved } from './moved.ts'
import { conflict, isStep } from './operation.ts'
import { becomes, isPast, type Race } from './race.ts'
import { classAfter } from './without.ts'

/** Whether `f` may join those that were moved in front of `e` before, the last of which is `moved[last]` at most. */
export function isInOrder(trace: Trace, race: Race, moved: readonly Moved[], last: number): boolean {
  const { e, f } = race
  if (comesLate(trace, race, moved, last)) return false
  // A wait alone: a CAS that fails after the store `f` still races with stores, and loads come before `f` in any case.
  const mayChange = (trace.kind[e] === WAIT || trace.kind[e] === WAIT_ASYNC) && moved[last].at !== e
  let became = -1
  /** Whether `f` could have been moved before those looked at so far. */
  let free = true
  for (let k = latestOf(trace, e, moved, last, Number.POSITIVE_INFINITY); k >= 0; ) {
    const { at, rival, turn } = moved[k]
    k = latestOf(trace, e, moved, last, turn)
    if (isPast(trace, race, at)) {
      free = false
      continue
    }
    if (free) {
      // R8: `e`, as it was then, did not race with `f`.
      if (!conflict(rival, becomes(trace, race))) free = false
      // R4
      else if (isLower(trace, f, at)) return false
    }
    if (!mayChange) continue
    // R8: `e`, as it becomes after `f`, does not race any more with what is there.
    if (became < 0) became = classAfter(trace, e, f)
    if (((CONFLICTS[became] >> trace.class[at]) & 1) === 0) return false
  }
  return true
}

/**
 * R6: whether something has passed one of those in front of `e`, and `f` comes too late to join them. In `2:notify x`,
 * `1:wait x 0`, `0:W x 1` the notify has passed the wait. `3:R x` was to join the wait before that. A load of thread 2,
 * after its notify, may join now: it could not before.
 */
function comesLate(trace: Trace, race: Race, moved: readonly Moved[], last: number): boolean {
  const { e } = race
  // Most often nothing has.
  let p = 0
  while (p <= last && !moved[p].passed) p++
  if (p > last) return false
  const latest = latestOf(trace, e, moved, last, Number.POSITIVE_INFINITY)
  if (latest < 0) return false
  for (; p <= last; p++) {
    const { passed, at, rival, turn } = moved[p]
    if (!passed) continue
    const depends = isPast(trace, race, at)
    // The latest one in front of `e` came after the passing, so `f` may do so too.
    if (!depends && turn < moved[latest].turn) continue
    for (let k = 0; k <= last; k++) {
      const its = moved[k]
      if (its.settled || !isStep(trace, e, its.rival) || !isStep(trace, its.at, rival)) continue
      // `f` was to join before the passing; or, if it depends on what passed, before `its` did, if that could come
      // later.
      if (!depends || couldComeAfter(trace, race, moved, last, its.at)) return true
    }
  }
  return false
}

/** Whether the moved event `q`, in front of `e`, could by R4 have joined the others there after `f`. */
function couldComeAfter(trace: Trace, race: Race, moved: readonly Moved[], last: number, q: number): boolean {
  const { e, f } = race
  if (isLower(trace, q, f) || isPast(trace, race, q)) return false
  let k = latestOf(trace, e, moved, last, Number.POSITIVE_INFINITY)
  for (; k >= 0; k = latestOf(trace, e, moved, last, moved[k].turn)) {
    const { at } = moved[k]
    if (at === q) continue
    if (happensBefore(trace, at, q)) return true
    if (isLower(trace, q, at)) return false
  }
  return true
}

/** Whether the thread of `i` is lower than that of `j`. */
const isLower = ({ thread, rank }: Trace, i: number, j: number) => rank[thread[i]] < rank[thread[j]]

/** Of those moved in front of `e` before that turn, settled ones left out: the index of the latest; -1 for none. */
function latestOf(trace: Trace, e: number, moved: readonly Moved[], last: number, before: number): number {
  let latest = -1
  for (let k = 0; k <= last; k++) {
    const { settled, rival, turn } = moved[k]
    if (settled || turn >= before || !isStep(trace, e, rival)) continue
    if (latest < 0 || turn > moved[latest].turn) latest = k
  }
  return latest
}
