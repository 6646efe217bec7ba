/**
 * Rules for locks that need no deadlock to be seen broken: who may release, what may not be done while holding, and one
 * order in which locks are taken.
 */
import { LOCKS } from '../engine/access.ts'
import { locksOf, ownerOf, takenAt } from '../engine/held-locks.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { DONE } from '../engine/thread-status.ts'
import { BARRIER, GRACE, LOCK, READ_EXIT, UNLOCK, WAIT } from '../runtime/kinds.ts'
import { type Detector, type Fault, type KnownFinding, NOTHING, type PlaceName } from './detector.ts'
import { createLockOrder, judgeOrder, type LockOrder } from './lock-order.ts'

/** Looks at each event, and for locks that are held by threads that have ended. */
export function createLocks(x: Execution, placeName: PlaceName): Detector {
  const order = createLockOrder()
  return {
    look: (i) => judgeLocking(x, i, order, placeName),
    atEnd: () => heldAtEnd(x, placeName),
    judgeAlone() {
      order.alone = true
    },
    learned: () => order.learned,
  }
}

/** What is wrong with new event `i`, before it is performed. */
function judgeLocking(x: Execution, i: number, order: LockOrder, nameOf: PlaceName): Fault | undefined {
  const { trace, primitives } = x
  const { locks } = primitives
  const t = trace.thread[i]
  if (LOCKS[trace.kind[i]] === 1 && locks.hidden.has(trace.address[i])) return undefined
  switch (trace.kind[i]) {
    case UNLOCK: {
      const lock = trace.address[i]
      const owner = ownerOf(locks, lock)
      if (owner === t) return undefined
      if (owner < 0) return fault(x, i, `unlocks ${nameOf(lock)}, which is not locked`, lastOn(x, i, lock))
      const holder = nameOfThread(x, owner)
      return fault(x, i, `unlocks ${nameOf(lock)}, which ${holder} holds`, takenBy(x, trace.last[owner], [lock]))
    }
    case LOCK:
      return locks.count === 0 ? undefined : judgeOrder(x, i, order, nameOf)
    case GRACE:
    case BARRIER:
      if (primitives.nesting[t] > 0) {
        return fault(x, i, 'waits for a grace period inside a read section: it waits for itself')
      }
      return judgeHolding(x, i, 'waits for a grace period', nameOf)
    case WAIT:
      return judgeHolding(x, i, 'may sleep', nameOf)
    case READ_EXIT:
      return primitives.nesting[t] === 0 ? fault(x, i, 'leaves a read section that it is not in') : undefined
    default:
      return undefined
  }
}

/** Event `i` must not be while its thread holds a lock. */
function judgeHolding(x: Execution, i: number, what: string, nameOf: PlaceName): Fault | undefined {
  const { locks } = x.primitives
  const held = locks.count === 0 ? [] : locksOf(locks, x.trace.thread[i])
  if (held.length === 0) return undefined
  return fault(x, i, `${what} while holding ${held.map(nameOf).join(', ')}`, takenBy(x, i, held))
}

/** A misuse by event `i`, and the events that made it one. */
function fault({ trace }: Execution, i: number, message: string, before: readonly number[] = []): Fault {
  const events = [...before, i]
  return { kind: 'lock-misuse', message, sites: [i, ...before].map((event) => trace.site[event]), events }
}

/** The events with which a thread took these locks. */
const takenBy = (x: Execution, k: number, locks: readonly number[]): number[] =>
  locks.map((lock) => takenAt(x.trace, k, lock)).filter((event) => event >= 0)

/** The latest unlock of that lock before event `i`, if there was one. */
function lastOn({ trace }: Execution, i: number, lock: number): number[] {
  for (let k = i - 1; k >= 0; k--) if (trace.kind[k] === UNLOCK && trace.address[k] === lock) return [k]
  return []
}

/** The locks that threads hold though they have ended. */
function heldAtEnd(x: Execution, nameOf: PlaceName): readonly KnownFinding[] {
  const { trace, position, primitives } = x
  const { locks } = primitives
  if (locks.count === 0) return NOTHING
  const findings: KnownFinding[] = []
  for (let t = 0; t < trace.threads; t++) {
    const held = position.status[t] === DONE ? locksOf(locks, t) : []
    if (held.length === 0) continue
    const events = takenBy(x, trace.last[t], held)
    findings.push({
      kind: 'lock-misuse',
      message: `${nameOfThread(x, t)} ends while holding ${held.map(nameOf).join(', ')}`,
      sites: events.map((event) => trace.site[event]),
      events,
      thread: t,
      at: -1,
    })
  }
  return findings
}
