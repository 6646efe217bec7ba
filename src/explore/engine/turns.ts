/**
 * Turns of loops: which of them may wait.
 *
 * A turn is what a thread does between two visits of a loop's head. One that only looked, and left everything private
 * as it was, does the same again as long as it reads the same: then the thread waits, at the head, for one of the words
 * to change. Leaving such a turn out is no loss either, since nobody could see it: so no outcome is missed. It may have
 * held locks in between, if nobody failed to take one of them meanwhile.
 *
 * Where turns are counted, one that is like the one before goes on until few are left, at once (a *poll*), or goes on
 * with words that have changed. The last turns are taken one by one, since what they see may matter to what comes
 * after.
 */
import { type Loop, NEVER } from '../runtime/engine.ts'
import { LOCK, NOTIFY, PAUSE, POLL, READ_ENTER, READ_EXIT, UNLOCK } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { R } from './access.ts'
import { finish } from './execution.ts'
import { anchorAt, closesCircle } from './fair-cycle.ts'
import { isObserved, turnSince } from './idle-turn.ts'
import type { Shape } from './memory.ts'
import { SLEEPS_AGAIN, STORES_AGAIN } from './pending-state.ts'
import { whereIs } from './place-in-source.ts'
import { goesOn, goOnPolling, KEPT } from './polling.ts'
import { propose } from './propose.ts'
import type { Execution, Position } from './state.ts'
import { LAZY } from './thread-status.ts'
import type { Trace } from './trace.ts'
import { type Course, isUnchanged, noteHead, type Turn } from './turns-state.ts'

/**
 * The latest event of the thread that runs; -1. It is the latest of all, since only its own lets it run. One that has
 * not come to its first operation has none, though that may have been chosen already.
 */
const latestOf = ({ position }: Execution, t: number): number =>
  position.starting || position.status[t] === LAZY ? -1 : position.step - 1

/** A thread comes to the head of a loop. True: it goes on at once. */
export function beginTurn(x: Execution, loop: Loop, left: number | undefined, values: readonly unknown[]): boolean {
  const { turns, position } = x
  const t = position.current
  if (t < 0) return true
  // On the way to its first operation, a thread has not yet performed that.
  if (!position.starting) finish(x)
  const latest = latestOf(x, t)
  const depth = x.primitives.nesting[t] ?? 0
  if (turns.polling !== null) return goOnPolling(turns, loop, left, values, latest, depth)
  const since = loop.latest
  const unchanged = since !== NEVER && isUnchanged(loop, values, depth)
  turns.heads[t] = latest
  // A count has gone on, whatever else is as it was. Loops within the turn are over, and what they counted with them.
  if (!unchanged || left !== undefined) loop.version = ++turns.version
  turns.versions[t] = loop.version
  const pauses = turns.pauses[t] ?? 0
  const paused = loop.pauses !== pauses
  noteHead(loop, latest, values, depth, pauses)
  const before = loop.course as Course | null
  loop.course = null
  // Dearer than the turn of a loop that touches nothing.
  if (latest === since && (runtime.spare -= 16) < 0) runtime.endless(loop.site)
  // Most turns. Without a step nobody can see it, and it is no matter of order how often it turns.
  if (latest === since || (!unchanged && before?.polled !== true)) return true
  const site = paused ? turns.pausedAt[t] : loop.site
  return afterTurn(x, t, { loop, left, since, unchanged, paused, site, before })
}

/** A turn with steps that may have been no more than looking, or after which turns must not be left out any more. */
interface Ended {
  readonly loop: Loop
  readonly left: number | undefined
  /** The latest event before it. */
  readonly since: number
  /** Everything private is as it was. */
  readonly unchanged: boolean
  /** The thread said in it that it waits. */
  readonly paused: boolean
  /** Where the thread waits, if it does. */
  readonly site: number
  /** What was known before it. */
  readonly before: Course | null
}

/** Whether a thread at a head goes on at once after such a turn. */
function afterTurn(x: Execution, t: number, { loop, left, since, unchanged, paused, site, before }: Ended): boolean {
  const { trace, turns, position } = x
  const { latest } = loop
  const turn = unchanged ? turnSince(x, latest, since) : undefined
  const course: Course = { polled: false, transient: 0, steps: [], anchor: null, recent: [], turns: 0 }
  loop.course = course
  if (turn === undefined) {
    if (before?.polled === true) goesOn(x, loop, before.transient, latest, since)
    return !unchanged || left !== undefined || !goesRound(x, t, loop, before)
  }
  if (turn.letsGo) {
    turns.armed[t] = { turn, since: latest, execution: runtime.execution }
    // Without a pause there is no place where it could wait without the lock.
    return paused || left !== undefined || !goesRound(x, t, loop, before)
  }
  const p = position.own[t]
  if (left === undefined) {
    // It waits, and goes round all the same where what it waits for comes and goes.
    if (before !== null) [course.anchor, course.recent, course.turns] = [before.anchor, before.recent, before.turns]
    if (!turn.sleeps && turn.stores.every((i) => i === latest)) turns.looked[latest] = runtime.execution
    setSpin(trace, p, turn.reads)
    p.b = turn.stores.length > 0 ? STORES_AGAIN : turn.sleeps ? SLEEPS_AGAIN : undefined
    return propose(x, t, PAUSE, site, null, 0)
  }
  if (!(left > KEPT) || turn.steps.some((i) => trace.class[i] !== R)) return true
  course.polled = true
  setSpin(trace, p, turn.reads)
  course.steps = turn.steps
  return propose(x, t, POLL, site, loop, 0)
}

/** Heads that a circle may lead back to, beside one that lies further and further back. */
const RECENT = 6

/** Looks whether all threads go round for ever; if they do, the execution ends. */
function goesRound(x: Execution, t: number, loop: Loop, before: Course | null): boolean {
  const course = loop.course as Course
  const anchor = before?.anchor ?? null
  const recent = before?.recent ?? []
  for (const since of anchor === null ? recent : [...recent, anchor]) {
    const closed = closesCircle(x, t, since)
    if (closed === 'no') continue
    const position: Position = x.position
    if (closed === 'fair') x.turns.circle = since.step
    else x.turns.leftOut.add(whereIs(loop.site))
    // Others could end it, but in this order they never come to that: whatever follows would follow without the circle,
    // too.
    position.stopped = closed === 'fair' ? 'steps' : 'circle'
    return true
  }
  // The circle may be longer than one turn: later anchors are kept for longer.
  const late = anchor === null || before!.turns === anchor.turns
  const here = anchorAt(x, anchor === null ? 1 : late ? anchor.turns * 2 : anchor.turns)
  course.anchor = late ? here : anchor
  course.recent = [here, ...recent.slice(0, RECENT - 1)]
  course.turns = late ? 1 : before!.turns + 1
  return false
}

interface Spin {
  start: number
  end: number
  shape: Shape | null
  a: unknown
  b: unknown
}

/** Makes an operation of a spin over what these events have read. */
function setSpin(trace: Trace, p: Spin, reads: readonly number[]): void {
  p.shape = null
  p.a = reads
  p.b = undefined
  p.start = p.end = 0
  for (const [n, i] of reads.entries()) {
    p.start = n === 0 ? trace.start[i] : Math.min(p.start, trace.start[i])
    p.end = Math.max(p.end, trace.end[i])
  }
}

/** A thread says that it waits. True: it goes on at once, as it does but where its lock had to be let go first. */
export function pause(x: Execution, t: number, site: number): boolean {
  const { turns, position, trace } = x
  if (!position.starting) finish(x)
  const latest = latestOf(x, t)
  const idle = turns.pausedIn[t] === runtime.execution && turns.pausedAfter[t] === latest
  turns.pausedIn[t] = runtime.execution
  turns.pausedAfter[t] = latest
  turns.pausedAt[t] = site
  turns.pauses[t] = (turns.pauses[t] ?? 0) + 1
  const armed = turns.armed[t]
  turns.armed[t] = undefined
  const p = position.own[t]
  if (armed?.execution === runtime.execution && isSameSoFar(x, armed.turn, latest, armed.since)) {
    setSpin(trace, p, armed.turn.reads)
    return propose(x, t, PAUSE, site, null, 0)
  }
  if (!idle) return true
  // Nothing was done since it said so last: a step of its own, so that the loop is seen to turn.
  setSpin(trace, p, [])
  p.a = null
  return propose(x, t, PAUSE, site, null, 0)
}

/** Whether a thread did in this turn what it did in the last one, and has let go of what it held at the head. */
function isSameSoFar(x: Execution, turn: Turn, latest: number, since: number): boolean {
  const { kind, class: classes, address, oldLow, past } = x.trace
  const steps: number[] = []
  for (let i = latest; i > since; i = past[i]) steps.push(i)
  steps.reverse()
  if (steps.length >= turn.steps.length) return false
  for (const [k, i] of steps.entries()) {
    const j = turn.steps[k]
    if (kind[i] !== kind[j] || address[i] !== address[j] || classes[i] !== classes[j]) return false
    if (classes[i] === R && oldLow[i] !== oldLow[j]) return false
    if (kind[i] === NOTIFY && x.turns.unheard[i] !== runtime.execution) return false
    if (kind[i] !== UNLOCK) continue
    const taken = turn.steps.findLast((m) => address[m] === address[i] && kind[m] !== UNLOCK)
    if (taken === undefined || isObserved(x, taken, i)) return false
  }
  const open = new Set<number>()
  for (const j of turn.steps.slice(steps.length)) if (kind[j] === LOCK || kind[j] === READ_ENTER) open.add(address[j])
  // Whatever is taken again in the rest of the turn has been let go by now.
  for (const i of steps) if (kind[i] === UNLOCK || kind[i] === READ_EXIT) open.delete(address[i])
  return open.size === 0
}
