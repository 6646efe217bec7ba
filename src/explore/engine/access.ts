/**
 * What an event does to the bytes it touches, and which two of them depend on each other.
 *
 * Two events of different threads are dependent iff their byte ranges overlap and their classes conflict. Most
 * classes are reads and writes; the others exist because a wait queue and a callback queue are not the words
 * next to them: a notify doesn't conflict with a store, two queued callbacks don't conflict with each other.
 */
import { type Flag, KINDS, type KindClass } from '../runtime/kinds.ts'

/** Touches nothing another thread can see. */
export const NONE = 0
export const R = 1
export const W = 2
/** Checks a cell and joins its wait queue. */
export const QUEUES = 3
/** Takes waiters off a cell's queue. */
export const NOTIFIES = 4
/** A waiter that was taken off goes on, or one takes itself off. */
const WAKES = 5
/** Queues a callback: sees which read sections are open, and becomes visible to barriers. */
const DEFERS = 6
/** Sees which callbacks are queued. */
const BARS = 7
/** Time passes: comes after everything. */
export const PASSES = 8
/** Looks whether a word was stored to, or somebody joined its wait queue. */
export const WATCHES = 9
const CLASSES = 10

/** `CONFLICTS[class]` has a bit for each class it conflicts with. */
export const CONFLICTS = new Int32Array(CLASSES)
CONFLICTS[R] = 1 << W
CONFLICTS[W] = (1 << R) | (1 << W) | (1 << QUEUES) | (1 << DEFERS) | (1 << WATCHES)
CONFLICTS[QUEUES] = (1 << W) | (1 << QUEUES) | (1 << NOTIFIES) | (1 << WATCHES)
CONFLICTS[NOTIFIES] = (1 << QUEUES) | (1 << NOTIFIES) | (1 << WAKES)
CONFLICTS[WAKES] = 1 << NOTIFIES
CONFLICTS[DEFERS] = (1 << W) | (1 << BARS)
CONFLICTS[BARS] = 1 << DEFERS
CONFLICTS[WATCHES] = (1 << W) | (1 << QUEUES)
for (let each = R; each < CLASSES; each++) {
  CONFLICTS[each] |= 1 << PASSES
  CONFLICTS[PASSES] |= 1 << each
}

/**
 * `STOPS[class]` has a bit for each class whose event already happens after everything older that `class`
 * conflicts with on the same bytes: a walk back along those bytes may stop there.
 */
export const STOPS = new Int32Array(CLASSES)
for (let mine = 1; mine < CLASSES; mine++) {
  for (let its = 1; its < CLASSES; its++) {
    const sees = (CONFLICTS[mine] >> its) & 1
    if (sees === 1 && (CONFLICTS[mine] & ~CONFLICTS[its]) === 0) STOPS[mine] |= 1 << its
  }
}

const NUMBERS: Readonly<Record<KindClass, number>> = {
  nothing: NONE,
  reads: R,
  writes: W,
  queues: QUEUES,
  notifies: NOTIFIES,
  wakes: WAKES,
  defers: DEFERS,
  bars: BARS,
  passes: PASSES,
}

/** The class of each kind, if it succeeds: a CAS, WAIT or TRYLOCK that fails reads. */
export const CLASS = Int32Array.from(KINDS, (kind) => NUMBERS[kind.class])

/** For each kind, whether it has one of those flags: an array, since the hot path asks. */
export const flagged = (...wanted: Flag[]) =>
  Uint8Array.from(KINDS, ({ flags }) => (wanted.some((flag) => flags.includes(flag)) ? 1 : 0))

/** Kinds that may have to wait. They have no event before they can go on. */
export const BLOCKING = flagged('blocks')
/** Kinds whose class depends on the state. */
export const CONDITIONAL = flagged('conditional')
/** Kinds that are several events: the thread is not resumed after the first one. */
export const SEVERAL = flagged('several')
/** Kinds whose effect the engine itself performs. */
export const ENGINE_MADE = flagged('engine')
/** Kinds that look at what a turn of a loop has read; that stands in their `extra`. */
export const SPINS = flagged('spins')
/** Kinds that depend on less than their class and their bytes say. */
export const PICKS = flagged('spins', 'ends')
/** Kinds that are about a lock, and not the word under it. */
export const LOCKS = flagged('lock')
/** Kinds that may stand in a turn which only looks, as far as they are reads. */
export const LOOKS = flagged('looks')
/** Kinds that touch `view[index]`. */
export const TOUCHES = flagged('touches')
/** Kinds that store to memory themselves, so that a page becomes dirty. */
export const STORES = flagged('stores')
/** Kinds that round an index towards zero. */
export const ROUNDS = flagged('rounds')

/** Whether two accesses depend on each other. */
export function dependent(a: number, aStart: number, aEnd: number, b: number, bStart: number, bEnd: number): boolean {
  return ((CONFLICTS[a] >> b) & 1) === 1 && aStart < bEnd && bStart < aEnd
}
