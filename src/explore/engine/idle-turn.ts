/**
 * What a turn of a loop did, if it did no more than to look, or took back whatever it did before anybody saw it.
 */
import { LOCK, NOTIFY, PAUSE, POLL, READ_ENTER, READ_EXIT, TIMED, TRYLOCK, UNLOCK, WAIT } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { LOOKS, QUEUES, R, STORES, W } from './access.ts'
import { type Shape, wordAt } from './memory.ts'
import type { Slept } from './primitives.ts'
import { hasFailed } from './spun-words.ts'
import type { Execution } from './state.ts'
import { placeOf } from './trace.ts'
import type { Turn } from './turns-state.ts'

/** The turn that ends with event `latest`; undefined if it did more than to look. */
export function turnSince(x: Execution, latest: number, since: number): Turn | undefined {
  const { trace } = x
  const { kind, class: classes, address, limit, oldLow, past } = trace
  const reads: number[] = []
  const steps: number[] = []
  /** Locks whose release was met, on the way back, and by which event; those taken and not released after that. */
  const released = new Map<number, number>()
  const taken = new Set<number>()
  /** Words that it stored to, and the event that did so first. */
  const stored = new Map<number, number>()
  let left = false
  let entered = false
  /** Whether the end of a sleep was met, on the way back, which had run out. */
  let woke = false
  let sleeps = false
  for (let i = latest; i > since; i = past[i]) {
    const is = kind[i]
    if (is === PAUSE || is === POLL) continue
    steps.push(i)
    if (is === TIMED && (trace.extra[i] as Slept).late) woke = true
    else if (is === WAIT && classes[i] === QUEUES) {
      // Who looked for sleepers meanwhile has woken those before it, as without it.
      if (!woke) return undefined
      woke = false
      sleeps = true
      reads.push(i)
    } else if (is === UNLOCK) released.set(address[i], i)
    else if (is === READ_EXIT) left = true
    else if (is === READ_ENTER) {
      if (left) left = false
      else entered = true
    } else if (is === LOCK || (is === TRYLOCK && classes[i] === W)) {
      const until = released.get(address[i])
      if (until === undefined) taken.add(address[i])
      else if (isObserved(x, i, until)) return undefined
      released.delete(address[i])
      if (is === TRYLOCK) reads.push(i)
    } else if (classes[i] === W && STORES[is] === 1 && trace.place[i] !== 0) stored.set(address[i] & ~3, i)
    else if (is === NOTIFY) {
      // It has seen that nobody sleeps there.
      if (x.turns.unheard[i] !== runtime.execution) return undefined
      reads.push(i)
    } else if (classes[i] !== R || LOOKS[is] === 0) return undefined
    else if (
      !reads.some(
        (j) => address[j] === address[i] && limit[j] === limit[i] && kind[j] === is && oldLow[j] === oldLow[i],
      )
    )
      reads.push(i)
  }
  if (released.size !== taken.size || left !== entered || woke) return undefined
  if (sleeps && asksClocks(trace.thread[latest])) return undefined
  for (const lock of taken) if (!released.has(lock)) return undefined
  steps.reverse()
  const letsGo = taken.size > 0 || entered
  const stores = [...stored.values()]
  if (stores.length === 0) return { reads, steps, letsGo, stores, sleeps }
  for (const i of stores) if (!isTakenBack(x, i)) return undefined
  // What it found in a word before it stored there matters, and not what it has left there itself.
  const others = reads.filter((i) => !(stored.get(address[i] & ~3)! < i))
  return { reads: [...others, ...stores].sort((a, b) => b - a), steps, letsGo, stores, sleeps }
}

/** Whether a thread has looked at a clock in this execution, which tells something new after a sleep. */
const asksClocks = (t: number): boolean => runtime.told.execution === runtime.execution && runtime.told.of.has(t)

/**
 * Whether the word that event `i` stored to is as it was before, and no other thread has looked at it since, but for
 * those whose whole turn came to nothing by it: such a turn could be left out as well, together with this one.
 */
function isTakenBack(x: Execution, i: number): boolean {
  const { trace, position } = x
  const { back, head, thread, address, shape, oldLow, place } = trace
  if (wordAt((shape[i] as Shape).region, address[i]) !== oldLow[i]) return false
  for (const first of [head[place[i]], head[0]]) {
    for (let j = first; j > i; j = back[j]) {
      if (
        j < position.step &&
        thread[j] !== thread[i] &&
        trace.start[j] < (address[i] | 3) + 1 &&
        trace.end[j] > (address[i] & ~3) &&
        !sawInVain(x, j)
      )
        return false
    }
  }
  return true
}

/**
 * Whether it came to nothing what event `j` saw: with it a turn ended that did no more than to look, or a thread went
 * on waiting, which it may do at any moment.
 */
const sawInVain = ({ turns, trace }: Execution, j: number): boolean =>
  turns.looked[j] === runtime.execution || trace.kind[j] === PAUSE

/** Whether another thread has met a lock that was held from one event to the other, and it mattered. */
export function isObserved(x: Execution, from: number, to: number): boolean {
  const { trace } = x
  const { back, head, thread, address } = trace
  for (let j = head[placeOf(trace, address[from] >> 2)]; j > from; j = back[j]) {
    if (j >= to || address[j] !== address[from] || thread[j] === thread[from]) continue
    if (hasFailed(trace, j) && !sawInVain(x, j)) return true
  }
  return false
}
