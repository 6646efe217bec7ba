/**
 * Which locks are held, and by whom. Few at a time, so a short list beats a map.
 */
import { LOCK, TRYLOCK } from '../runtime/kinds.ts'
import type { Trace } from './trace.ts'

export interface HeldLocks {
  count: number
  readonly address: number[]
  readonly owner: number[]
  /** Locks that are the engine's own: nobody is told that they are held. */
  readonly hidden: Set<number>
}

export const createHeldLocks = (): HeldLocks => ({ count: 0, address: [], owner: [], hidden: new Set() })

/** The thread that holds a lock; -1 for nobody. */
export function ownerOf({ count, address, owner }: HeldLocks, lock: number): number {
  for (let k = 0; k < count; k++) if (address[k] === lock) return owner[k]
  return -1
}

export function takeLock(locks: HeldLocks, lock: number, thread: number): void {
  locks.address[locks.count] = lock
  locks.owner[locks.count++] = thread
}

/** Nobody holds the lock any more. */
export function dropLock(locks: HeldLocks, lock: number): void {
  const { address, owner } = locks
  for (let k = 0; k < locks.count; k++) {
    if (address[k] !== lock) continue
    const last = --locks.count
    // In the order in which they were taken, for whoever reads the list.
    for (; k < last; k++) {
      address[k] = address[k + 1]
      owner[k] = owner[k + 1]
    }
    return
  }
}

/** The locks of the program's own that a thread holds, first taken first. */
export function locksOf({ count, address, owner, hidden }: HeldLocks, thread: number): number[] {
  const held: number[] = []
  for (let k = 0; k < count; k++) if (owner[k] === thread && !hidden.has(address[k])) held.push(address[k])
  return held
}

/**
 * The event with which a thread took a lock that it holds, looked for from event `k` of that thread on; -1 for none.
 */
export function takenAt(trace: Trace, k: number, lock: number): number {
  const { address, kind, past } = trace
  while (k >= 0 && !(address[k] === lock && (kind[k] === LOCK || kind[k] === TRYLOCK))) k = past[k]
  return k
}
