/**
 * `Atomics.wait` and `notify` as accesses: ECMA-262, "WaiterList Objects".
 *
 * Each word has a list of waiters with a critical section, and whoever leaves that synchronizes with whoever enters it
 * next. So the list is a word of its own, each critical section a read-modify-write of it; but for that in which a
 * waiter looks at its word, which takes the list, looks, and gives it back, as it was or with itself in it. A waiter
 * goes on when it finds the list without itself.
 */
import { coerced, type Shape } from '../engine/memory.ts'
import { NOTIFY, TIMED, WAIT, WOKEN } from '../runtime/kinds.ts'
import { Refusal } from '../runtime/refusal.ts'
import type { Value } from './access.ts'
import type { Step } from './step.ts'

/** The list is a number: whether somebody looks, and above that the waiters, of whom the first has waited longest. */
const TAKEN = 1n
const BITS = 16n

const isTaken = (list: Value): boolean => (BigInt(list) & TAKEN) !== 0n

/** Who waits there, in order. */
export function waitersIn(list: Value): number[] {
  const waiters: number[] = []
  for (let left = BigInt(list) >> 1n; left > 0n; left >>= BITS) waiters.push(Number(left & ((1n << BITS) - 1n)) - 1)
  return waiters
}

const listOf = (waiters: readonly number[]): bigint =>
  waiters.reduceRight((rest, t) => (rest << BITS) | BigInt(t + 1), 0n) << 1n

/** A wait of that thread for a word to have another value, or to be notified. */
export interface Wait {
  readonly thread: number
  readonly site: number
  /** The list of those who wait for the word. */
  readonly list: number
  /** The word, and what it is compared as. */
  readonly word: Pick<Step, 'place' | 'bytes'>
  readonly shape: Shape
  readonly expected: unknown
  /** Milliseconds. */
  readonly timeout: number
  /** What the scenario says of timeouts. */
  readonly timeouts: 'idle' | boolean
}

/** Its first access. Throws a Refusal. */
export function waitStep(wait: Wait): Step {
  const { thread, site, word, shape, expected, timeout, timeouts } = wait
  const looksOnly = timeout <= 0
  const isTimed = !looksOnly && timeouts !== false && timeout < Number.POSITIVE_INFINITY
  if (isTimed && timeouts === 'idle')
    throw new Refusal('a wait with a timeout, where the scenario does not say timeouts: true or false')
  const value = coerced(shape, expected)
  const list = { kind: WAIT, site, place: wait.list, atomic: true, reads: true, writes: true }
  const goesOn: Step = {
    ...list,
    kind: isTimed ? TIMED : WOKEN,
    goesOn: (now) => !isTaken(now) && (isTimed || !waitersIn(now).includes(thread)),
    makes: (now) => listOf(waitersIn(now).filter((each) => each !== thread)),
    answers: (now) => (waitersIn(now).includes(thread) ? 'timed-out' : 'ok'),
  }
  const leaves = (before: Value, isAsExpected: boolean): Step => {
    const joins = isAsExpected && !looksOnly
    return {
      ...list,
      reads: false,
      makes: () => listOf([...waitersIn(before), ...(joins ? [thread] : [])]),
      answers: () => (isAsExpected ? 'timed-out' : 'not-equal'),
      ...(joins && { next: () => goesOn }),
    }
  }
  return {
    ...list,
    goesOn: (now) => !isTaken(now),
    makes: (now) => BigInt(now) | TAKEN,
    next: (before) => ({
      ...list,
      ...word,
      writes: false,
      next: (seen) => leaves(before, coerced(shape, seen) === value),
    }),
  }
}

/** A notify of those who wait in a list: as many as `count` says, or all. */
export function notifyStep(site: number, list: number, count: unknown): Step {
  const woken = (now: Value) => waitersIn(now).slice(0, count === undefined ? undefined : Number(count))
  return {
    kind: NOTIFY,
    site,
    place: list,
    atomic: true,
    reads: true,
    writes: true,
    goesOn: (now) => !isTaken(now),
    makes: (now) => listOf(waitersIn(now).slice(woken(now).length)),
    answers: (now) => woken(now).length,
  }
}
