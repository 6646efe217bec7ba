/**
 * Turns of loops: which of them may wait.
 *
 * A turn is what a thread does between two visits of a loop's head. One that only looked, and left everything private
 * as
 * it was, does the same again as long as it reads the same: then the thread waits, at the head, for one of the words to
 * change. Leaving such a turn out is no loss either, since nobody could see it: so no outcome is missed. It may have
 * held
 * locks in between, if nobody failed to take one of them meanwhile.
 *
 * Where turns are counted, one that is like the one before goes on until few are left, at once (a *poll*), or goes on
 * with
 * words that have changed. The last turns are taken one by one, since what they see may matter to what comes after.
 */
import type { Loop } from '../runtime/engine.ts'
import { LOCK, PAUSE, POLL, READ_ENTER, READ_EXIT, UNLOCK } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { R } from './access.ts'
import { finish } from './execution.ts'
import { anchorAt, closesCircle } from './fair-cycle.ts'
import { isObserved, type Turn, turnSince } from './idle-turn.ts'
import type { Shape } from './memory.ts'
import { goesOn, goOnPolling, KEPT } from './polling.ts'
import { propose } from './propose.ts'
import type { Execution, Position } from './state.ts'
import type { Trace } from './trace.ts'
import { isUnchanged, type LoopState, latestOf, type Turns } from './turns-state.ts'

/** A thread comes to the head of a loop. True: it goes on at once. */
export function beginTurn(x: Execution, loop: Loop, left: number | undefined, values: readonly unknown[]): boolean {
  const { turns, position } = x
  const t = position.current
  if (t < 0) return true
  // On the way to its first operation, a thread has not yet performed that.
  if (!position.starting) finish(x)
  const latest = latestOf(x, t)
  const state = loop.state as LoopState | null
  if (turns.polling !== null) return goOnPolling(turns, loop, left, values, latest, depthOf(x, t))
  if (state === null) {
    loop.state = begin(turns, t, values, latest, depthOf(x, t))
    head(turns, t, latest, false)
    return true
  }
  const unchanged = isUnchanged(state, values, depthOf(x, t))
  if (!state.polled && (!unchanged || latest === state.latest)) {
    // Most turns. The record is used again.
    state.latest = latest
    state.values = values
    state.changes = runtime.changes
    state.depth = depthOf(x, t)
    state.pauses = turns.pauses[t] ?? 0
    state.transient = 0
    state.anchor = null
    head(turns, t, latest, unchanged)
    return true
  }
  // Without a step nobody can see it, and it is no matter of order how often it turns.
  const turn = unchanged && latest !== state.latest ? turnSince(x, latest, state.latest) : undefined
  const site = state.pauses === turns.pauses[t] ? loop.site : turns.pausedAt[t]
  const before = { ...state }
  Object.assign(state, begin(turns, t, values, latest, depthOf(x, t)))
  head(turns, t, latest, unchanged)
  if (turn === undefined) {
    if (latest === before.latest) return true
    goesOn(x, state, before, latest)
    return !unchanged || left !== undefined || !goesRound(x, t, state, before)
  }
  state.transient = 0
  if (turn.letsGo) {
    turns.armed[t] = { turn, since: latest }
    return true
  }
  const p = position.own[t]
  if (left === undefined) {
    setSpin(x.trace, p, turn.reads)
    p.b = turn.stores.length > 0
    return propose(x, t, PAUSE, site, null, 0)
  }
  if (!(left > KEPT) || turn.steps.some((i) => x.trace.class[i] !== R)) return true
  state.polled = true
  setSpin(x.trace, p, turn.reads)
  state.steps = turn.steps
  return propose(x, t, POLL, site, loop, 0)
}

/** Notes that a thread is at a head, and whether everything private is as it was at the last one. */
function head(turns: Turns, t: number, latest: number, unchanged: boolean): void {
  turns.heads[t] = latest
  if (!unchanged) turns.versions[t] = ++turns.version
}

/** Looks whether all threads go round for ever; if they do, the execution ends. */
function goesRound(x: Execution, t: number, state: LoopState, { anchor, turns }: LoopState): boolean {
  const closed = anchor === null ? 'no' : closesCircle(x, t, anchor)
  if (anchor !== null && closed !== 'no') {
    const position: Position = x.position
    if (closed === 'fair') x.turns.circle = anchor.step
    // Others could end it, but in this order they never come to that: whatever follows would follow without the circle,
    // too.
    position.stopped = closed === 'fair' ? 'steps' : 'circle'
    return true
  }
  // The circle may be longer than one turn: later anchors are kept for longer.
  const late = anchor === null || turns === anchor.turns
  state.anchor = late ? anchorAt(x, anchor === null ? 1 : anchor.turns * 2) : anchor
  state.turns = late ? 1 : turns + 1
  return false
}

const depthOf = ({ primitives }: Execution, t: number) => primitives.nesting[t] ?? 0

function begin(turns: Turns, t: number, values: readonly unknown[], latest: number, depth: number): LoopState {
  const pauses = turns.pauses[t] ?? 0
  return {
    latest,
    values,
    changes: runtime.changes,
    depth,
    pauses,
    polled: false,
    transient: 0,
    steps: [],
    anchor: null,
    turns: 0,
  }
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
  p.start = reads.length === 0 ? 0 : Math.min(...reads.map((i) => trace.start[i]))
  p.end = reads.length === 0 ? 0 : Math.max(...reads.map((i) => trace.end[i]))
}

/** A thread says that it waits. True: it goes on at once, as it does but where its lock had to be let go first. */
export function pause(x: Execution, t: number, site: number): boolean {
  const { turns, position, trace } = x
  if (!position.starting) finish(x)
  const latest = latestOf(x, t)
  const idle = turns.pausedAfter[t] === latest
  turns.pausedAfter[t] = latest
  turns.pausedAt[t] = site
  turns.pauses[t] = (turns.pauses[t] ?? 0) + 1
  const armed = turns.armed[t]
  turns.armed[t] = undefined
  const p = position.own[t]
  if (armed !== undefined && isSameSoFar(x, armed.turn, latest, armed.since)) {
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
    if (kind[i] !== UNLOCK) continue
    const taken = turn.steps.findLast((m) => address[m] === address[i] && kind[m] !== UNLOCK)
    if (taken === undefined || isObserved(x.trace, taken, i)) return false
  }
  const open = new Set<number>()
  for (const j of turn.steps.slice(steps.length)) if (kind[j] === LOCK || kind[j] === READ_ENTER) open.add(address[j])
  // Whatever is taken again in the rest of the turn has been let go by now.
  for (const i of steps) if (kind[i] === UNLOCK || kind[i] === READ_EXIT) open.delete(address[i])
  return open.size === 0
}
