/**
 * Whether threads go round for ever: everything is as it was, and each of them that can go on has taken its turns.
 *
 * Looked for at the head of a loop whose turn was more than looking, but left everything private as it was. Two threads
 * that each take one lock, fail to take the other's, and let go again, do this. One whose compare-and-swap fails
 * because others get on does not: their words never come back.
 */
import { AWAIT, DUE, LOCK, NOTIFY, READ_ENTER, READ_EXIT, TIMED, UNLOCK, WAIT, WOKEN } from '../runtime/kinds.ts'
import { LOCKS, NONE, PASSES, R, STORES, W, WATCHES } from './access.ts'
import { ownerOf } from './held-locks.ts'
import { type Shape, wordAt } from './memory.ts'
import { isEnabled } from './pending.ts'
import type { Execution } from './state.ts'
import { ABSENT, DONE, READY } from './thread-status.ts'
import { sleeps } from './time.ts'
import type { Trace } from './trace.ts'
import type { Anchor } from './turns-state.ts'

/** Where all threads are now. */
export function anchorAt(x: Execution, turns: number): Anchor {
  const { versions, heads } = x.turns
  const { step } = x.position
  const latest = Array.from({ length: x.trace.threads }, (_, t) => latestBefore(x.trace, t, step))
  return { step, versions: [...versions], heads: [...heads], latest, sleeps: sleeps(x), asleep: asleep(x), turns }
}

function asleep({ primitives, position, trace }: Execution): string {
  const queues = [...primitives.waiters].filter(([, queue]) => queue.length > 0).sort(([a], [b]) => a - b)
  const woken = Array.from(
    { length: trace.threads },
    (_, t) => position.pending[t].kind === WOKEN && primitives.woken[t],
  )
  return JSON.stringify([queues, woken])
}

/**
 * Whether thread `t`, at a head with nothing private changed since the anchor, closes a circle. It is fair if all that
 * can go on have a part in it.
 */
export function closesCircle(x: Execution, t: number, anchor: Anchor): 'no' | 'fair' | 'unfair' {
  const { trace, position } = x
  const stepped = new Set<number>()
  let fair = true
  for (let i = anchor.step; i < position.step; i++) stepped.add(trace.thread[i])
  for (let u = 0; u < trace.threads; u++) {
    if (u === t) continue
    // Who has come to an end meanwhile is not back where it was.
    if (position.status[u] === DONE || position.status[u] === ABSENT) {
      if (stepped.has(u)) return 'no'
    } else if (!stepped.has(u)) fair &&= !isEnabled(x, u) && !couldGoOn(x, u, anchor.step)
    else if (!isBack(x, u, anchor)) return 'no'
  }
  if (stepped.size === 0 || !allIsBack(x, anchor.step) || asleep(x) !== anchor.asleep) return 'no'
  // Who sleeps must have as long to go: if time has passed, it would wake up some day.
  const now = sleeps(x)
  if (now.some((left, u) => u !== t && left !== (anchor.sleeps[u] ?? -1))) return 'no'
  // Who only looks and sleeps, while others store, is let go on some day.
  const storing = [...stepped].filter((u) => stores(x, u, anchor.step)).length
  return fair && (storing === 0 || storing === stepped.size) ? 'fair' : 'unfair'
}

/** Whether thread `u` does more from then on than to look and to sleep. */
function stores({ trace, position }: Execution, u: number, from: number): boolean {
  for (let i = from; i < position.step; i++) if (trace.thread[i] === u && trace.class[i] === W) return true
  return false
}

/**
 * Whether thread `u`, which waits for a lock or a word and does not spin, could have gone on somewhere in the circle.
 */
function couldGoOn({ trace, position }: Execution, u: number, from: number): boolean {
  const { kind, start, end } = position.pending[u]
  if (kind !== LOCK && kind !== AWAIT) return false
  for (let i = from; i < position.step; i++)
    if (trace.class[i] === W && trace.start[i] < end && start < trace.end[i]) return true
  return false
}

/** Whether thread `u` has turned, and stands in its turn where it stood. */
function isBack({ trace, turns, position }: Execution, u: number, anchor: Anchor): boolean {
  if (!(turns.versions[u] > turns.settled) || turns.versions[u] !== anchor.versions[u]) return false
  const before = between(trace, anchor.heads[u], anchor.latest[u])
  const now = between(trace, turns.heads[u], latestBefore(trace, u, position.step))
  const { kind, class: classes, address, oldLow } = trace
  const same = (i: number, j: number) =>
    kind[i] === kind[j] && classes[i] === classes[j] && address[i] === address[j] && oldLow[i] === oldLow[j]
  return before.length === now.length && before.every((i, k) => same(i, now[k]))
}

/** The latest event of a thread before that step; -1. */
function latestBefore({ last, past }: Trace, t: number, step: number): number {
  let i = last[t]
  while (i >= step) i = past[i]
  return i
}

/** The events of a thread after one of them, up to another. */
function between({ past }: Trace, after: number, upTo: number): number[] {
  const events: number[] = []
  for (let i = upTo; i > after; i = past[i]) events.push(i)
  return events
}

/** Whether words, locks and read sections are as they were before the steps from there on. */
function allIsBack(x: Execution, from: number): boolean {
  const { trace, position, primitives } = x
  const { kind, class: classes, address, thread, place, oldLow, shape } = trace
  const words = new Map<number, number>()
  const locks = new Map<number, number>()
  const sections = new Map<number, number>()
  const asleep = new Map<number, number>()
  let notifies = false
  for (let i = from; i < position.step; i++) {
    const is = kind[i]
    if (classes[i] === R || classes[i] === NONE || classes[i] === PASSES || classes[i] === WATCHES) continue
    if (is === WAIT || is === DUE || is === WOKEN) {
      // Who has joined a queue and left it again has left it as it was.
      asleep.set(thread[i], (asleep.get(thread[i]) ?? 0) + (is === WAIT ? 1 : -1))
      continue
    }
    if (is === NOTIFY) {
      notifies = true
      continue
    }
    if (classes[i] !== W) return false
    if (LOCKS[is] === 1) {
      if (!locks.has(address[i])) locks.set(address[i], is === UNLOCK ? thread[i] : -1)
    } else if (is === READ_ENTER || is === READ_EXIT) sections.set(thread[i], (sections.get(thread[i]) ?? 0) + 1)
    else if (STORES[is] === 0 || place[i] === 0) return false
    else if (!words.has(address[i] & ~3)) words.set(address[i] & ~3, i)
  }
  // Whom it woke goes on some day, and then it is no circle.
  if (notifies && isSomebodyWoken(x, from)) return false
  for (const [lock, owner] of locks) if (ownerOf(primitives.locks, lock) !== owner) return false
  for (const times of sections.values()) if (times % 2 !== 0) return false
  for (const times of asleep.values()) if (times !== 0) return false
  for (const i of words.values()) {
    if (wordAt((shape[i] as Shape).region, address[i]) !== oldLow[i]) return false
  }
  return true
}

/** Whether a sleeper was woken and has not gone on since that step. */
function isSomebodyWoken({ position, primitives, trace }: Execution, from: number): boolean {
  for (let t = 0; t < trace.threads; t++) {
    const { kind } = position.pending[t]
    if (kind === WOKEN && trace.last[t] >= from) continue
    const sleeps = kind === WOKEN || kind === TIMED || kind === DUE
    if (position.status[t] === READY && sleeps && primitives.woken[t] === 1) return true
  }
  return false
}
