/**
 * What an event depends on, computed once, when it is new: the clock of its past (how many events of each thread happen
 * before it or are it), and which of the earlier events it is in an immediate race with.
 */
import { ENDS } from '../runtime/kinds.ts'
import { BLOCKING, CONFLICTS, NONE, PICKS, STOPS } from './access.ts'
import { endsBeside } from './ended-agent.ts'
import { spinsBeside } from './spun-words.ts'
import { addRace, placeOf, spareRow, type Trace } from './trace.ts'

/**
 * Appends an event and computes its clock and races. `parent` is the event that created the thread, for the
 * first event of a helper thread; -1 otherwise.
 */
export function append(
  trace: Trace,
  thread: number,
  kind: number,
  cls: number,
  start: number,
  end: number,
  site: number,
  parent: number,
): number {
  const i = spareRow(trace)
  trace.n++
  const { stride, clock, last } = trace
  const before = last[thread]
  trace.thread[i] = thread
  trace.kind[i] = kind
  trace.class[i] = cls
  trace.start[i] = start
  trace.end[i] = end
  trace.site[i] = site
  trace.racesFrom[i] = trace.racesLength
  last[thread] = i
  const row = i * stride
  let nth = 0
  const origin = before >= 0 ? before : parent
  trace.past[i] = before
  // Loops, because a builtin costs more than a few entries.
  if (origin >= 0) for (let t = 0, from = origin * stride; t < stride; t++) clock[row + t] = clock[from + t]
  else for (let t = 0; t < stride; t++) clock[row + t] = 0
  if (before >= 0) nth = trace.nth[before] + 1
  trace.nth[i] = nth
  if (cls === NONE) {
    trace.place[i] = -1
  } else {
    const single = start >> 2 === (end - 1) >> 2
    const place = single ? placeOf(trace, start >> 2) : 0
    trace.place[i] = place
    if (single) meetOnPlace(trace, i, place)
    else meetAll(trace, i)
    trace.back[i] = trace.head[place]
    trace.head[place] = i
  }
  clock[row + thread] = nth + 1
  return i
}

/** Joins the pasts of what a one-word event depends on: its word's events and the wide ones, latest first. */
function meetOnPlace(trace: Trace, i: number, place: number): void {
  const { thread, kind, class: classes, start, end, back, head } = trace
  const mine = thread[i]
  const cls = classes[i]
  const from = start[i]
  const to = end[i]
  const conflicts = CONFLICTS[cls]
  const stops = STOPS[cls]
  const picks = PICKS[kind[i]] === 1
  let a = head[place]
  let b = head[0]
  while (a >= 0 || b >= 0) {
    let j = a
    if (a > b) a = back[a]
    else {
      j = b
      b = back[b]
    }
    const bit = 1 << classes[j]
    if ((conflicts & bit) === 0 || start[j] >= to || from >= end[j]) continue
    if ((picks || PICKS[kind[j]] === 1) && isBeside(trace, i, j)) continue
    if (thread[j] !== mine) meet(trace, i, j)
    if ((stops & bit) !== 0 && start[j] <= from && end[j] >= to && kind[j] !== ENDS) return
  }
}

/** The same for an event that spans several words: any earlier event may touch it. */
function meetAll(trace: Trace, i: number): void {
  const { thread, kind, class: classes, start, end } = trace
  const mine = thread[i]
  const from = start[i]
  const to = end[i]
  const conflicts = CONFLICTS[classes[i]]
  const stops = STOPS[classes[i]]
  const picks = PICKS[kind[i]] === 1
  for (let j = i - 1; j >= 0; j--) {
    const bit = 1 << classes[j]
    if ((conflicts & bit) === 0 || start[j] >= to || from >= end[j]) continue
    if ((picks || PICKS[kind[j]] === 1) && isBeside(trace, i, j)) continue
    if (thread[j] !== mine) meet(trace, i, j)
    if ((stops & bit) !== 0 && start[j] <= from && end[j] >= to && kind[j] !== ENDS) return
  }
}

/**
 * Whether one of the two is a spin over several words, and the other lies between those; or one of them ends an agent
 * that the other has nothing to do with.
 */
export const isBeside = (trace: Trace, i: number, j: number): boolean =>
  spinsBeside(trace, j, trace.start[i], trace.end[i]) ||
  spinsBeside(trace, i, trace.start[j], trace.end[j]) ||
  endsBeside(trace, i, j) ||
  endsBeside(trace, j, i)

/** `i` depends on the earlier `j` of another thread: a race, unless a later one already carried `j` over. */
function meet(trace: Trace, i: number, j: number): void {
  const { clock, stride, nth } = trace
  const row = i * stride
  if (clock[row + trace.thread[j]] > nth[j]) return
  if (BLOCKING[trace.kind[i]] === 0) addRace(trace, j)
  const other = j * stride
  for (let t = 0; t < stride; t++) if (clock[other + t] > clock[row + t]) clock[row + t] = clock[other + t]
}

/** Whether event `i` happens before event `j` (or is it), by dependence. */
export function happensBefore(trace: Trace, i: number, j: number): boolean {
  return trace.clock[j * trace.stride + trace.thread[i]] > trace.nth[i]
}
