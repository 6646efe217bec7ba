/**
 * What an event does to the bytes it touches, and which two of them depend on each other.
 *
 * Two events of different threads are dependent iff their byte ranges overlap and their classes conflict. Most
 * classes are reads and writes; the others exist because a wait queue and a callback queue are not the words
 * next to them: a notify doesn't conflict with a store, two queued callbacks don't conflict with each other.
 */
import {
  ALLOC,
  ALOAD,
  ASTORE,
  AWAIT,
  BARRIER,
  BEGIN,
  CALLBACK,
  CAS,
  DEREF,
  END,
  FREE,
  GRACE,
  HINT,
  KINDS,
  LOCK,
  NOTIFY,
  PAUSE,
  RANGE_READ,
  RANGE_WRITE,
  READ,
  READ_ENTER,
  READ_EXIT,
  RMW,
  TRYLOCK,
  UNLOCK,
  WAIT,
  WRITE,
  WRITE_ONCE,
} from '../runtime/runtime.ts'

/** Touches nothing another thread can see. */
export const NONE = 0
export const R = 1
export const W = 2
/** Checks a cell and joins its wait queue. */
export const QUEUES = 3
/** Takes waiters off a cell's queue. */
const NOTIFIES = 4
/** A waiter that was taken off goes on, or one takes itself off. */
const WAKES = 5
/** Queues a callback: sees which read sections are open, and becomes visible to barriers. */
const DEFERS = 6
/** Sees which callbacks are queued. */
const BARS = 7

/** `CONFLICTS[class]` has a bit for each class it conflicts with. */
export const CONFLICTS = new Int32Array(8)
CONFLICTS[R] = 1 << W
CONFLICTS[W] = (1 << R) | (1 << W) | (1 << QUEUES) | (1 << DEFERS)
CONFLICTS[QUEUES] = (1 << W) | (1 << QUEUES) | (1 << NOTIFIES)
CONFLICTS[NOTIFIES] = (1 << QUEUES) | (1 << NOTIFIES) | (1 << WAKES)
CONFLICTS[WAKES] = 1 << NOTIFIES
CONFLICTS[DEFERS] = (1 << W) | (1 << BARS)
CONFLICTS[BARS] = 1 << DEFERS

/**
 * `STOPS[class]` has a bit for each class whose event already happens after everything older that `class`
 * conflicts with on the same bytes: a walk back along those bytes may stop there.
 */
export const STOPS = new Int32Array(8)
for (let mine = 1; mine < 8; mine++) {
  for (let its = 1; its < 8; its++) {
    const sees = (CONFLICTS[mine] >> its) & 1
    if (sees === 1 && (CONFLICTS[mine] & ~CONFLICTS[its]) === 0) STOPS[mine] |= 1 << its
  }
}

/** Kinds that the engine adds to those of the runtime: the later steps of operations that take several. */
export const WOKEN = KINDS
/** Waits for the end of one read section that a grace period saw open. */
export const SECTION_AWAIT = KINDS + 1
/** Waits for the end of a helper thread. */
export const EXIT_AWAIT = KINDS + 2
/** A helper thread ends. */
export const EXIT = KINDS + 3
/** A waiter with a timeout goes on: it was woken, or else its time has run out and it leaves the queue. */
export const TIMED = KINDS + 4
const ALL_KINDS = KINDS + 5

/** The class of each kind; for CAS, WAIT and TRYLOCK the one of success (a failed one reads). */
export const CLASS = new Int32Array(ALL_KINDS)
for (const kind of [READ, ALOAD, RANGE_READ, DEREF, HINT, AWAIT, PAUSE, GRACE, SECTION_AWAIT, EXIT_AWAIT])
  CLASS[kind] = R
for (const kind of [
  WRITE,
  WRITE_ONCE,
  ASTORE,
  RMW,
  CAS,
  RANGE_WRITE,
  ALLOC,
  FREE,
  LOCK,
  UNLOCK,
  TRYLOCK,
  READ_ENTER,
  READ_EXIT,
  EXIT,
])
  CLASS[kind] = W
CLASS[WAIT] = QUEUES
CLASS[NOTIFY] = NOTIFIES
CLASS[WOKEN] = WAKES
CLASS[TIMED] = WAKES
CLASS[CALLBACK] = DEFERS
CLASS[BARRIER] = BARS
// What matters of a history is which operation ended before which one began.
CLASS[BEGIN] = BARS
CLASS[END] = DEFERS

const flags = (...kinds: number[]) => {
  const table = new Uint8Array(ALL_KINDS)
  for (const kind of kinds) table[kind] = 1
  return table
}

/** Kinds that may have to wait. They have no event before they can go on. */
export const BLOCKING = flags(LOCK, AWAIT, PAUSE, WOKEN, SECTION_AWAIT, EXIT_AWAIT)
/** Kinds whose class depends on the state. */
export const CONDITIONAL = flags(CAS, WAIT, TRYLOCK)
/** Kinds that are several events: the thread is not resumed after the first one. */
export const SEVERAL = flags(WAIT, GRACE, BARRIER)
/** Kinds whose effect the engine itself performs. */
export const ENGINE_MADE = flags(
  WAIT,
  NOTIFY,
  LOCK,
  UNLOCK,
  TRYLOCK,
  AWAIT,
  PAUSE,
  READ_ENTER,
  READ_EXIT,
  GRACE,
  CALLBACK,
  BARRIER,
  ALLOC,
  FREE,
  WOKEN,
  SECTION_AWAIT,
  EXIT_AWAIT,
  EXIT,
  TIMED,
)
/** Kinds that touch `view[index]`. */
export const TOUCHES = flags(
  READ,
  WRITE,
  WRITE_ONCE,
  ALOAD,
  ASTORE,
  RMW,
  CAS,
  WAIT,
  NOTIFY,
  RANGE_READ,
  RANGE_WRITE,
  DEREF,
  HINT,
  LOCK,
  UNLOCK,
  TRYLOCK,
  AWAIT,
  ALLOC,
  FREE,
)
/** Kinds that store to memory themselves, so that a page becomes dirty. */
export const STORES = flags(WRITE, WRITE_ONCE, ASTORE, RMW, CAS, RANGE_WRITE)

/** Whether two accesses depend on each other. */
export function dependent(a: number, aStart: number, aEnd: number, b: number, bStart: number, bEnd: number): boolean {
  return ((CONFLICTS[a] >> b) & 1) === 1 && aStart < bEnd && bStart < aEnd
}
