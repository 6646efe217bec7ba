/**
 * One word that is a lock: 0 when free, else the owner's CPU id + 1 and a contended bit.
 *
 * The owner stands in the word so that a hang can be told instead of suffered. The contended bit says that somebody is
 * parked: waking nobody costs 27 ns, so the release asks first. Waiting spins for a while and then parks, because there
 * may be more CPUs than cores and the owner may need ours. Model: the three-state futex mutex.
 */

import { cpuRelax } from './cmpxchg.ts'
import { beginWait, type Cpu, endWait } from './cpu.ts'
import { KernelBug } from './kernel-bug.ts'

/** The owner's id + 1. */
const OWNER = 0xffff
/** Somebody may be parked on the word. */
const CONTENDED = 0x1_0000

/** Looks at the lock before parking: about a microsecond, several times what our longest common section takes. */
const SPINS = 100
/** A CPU that may not park gives up after this many milliseconds: the owner is dead or deadlocked. */
const SPIN_LIMIT_MS = 3_000

/** Id of the CPU that holds the lock, or -1. */
export function lockOwner(words: Int32Array, lock: number): number {
  return (Atomics.load(words, lock) & OWNER) - 1
}

/** Takes the lock if it is free. */
export function tryAcquireWord(cpu: Cpu, lock: number): boolean {
  return Atomics.compareExchange(cpu.words, lock, 0, cpu.id + 1) === 0
}

/**
 * Takes the lock, waiting as long as it takes. `kind` is the WAITING_* shown to the watchdog. Throws KernelBug if this
 * CPU holds it already.
 */
export function acquireWord(cpu: Cpu, lock: number, kind: number): void {
  if (Atomics.compareExchange(cpu.words, lock, 0, cpu.id + 1) !== 0) acquireContended(cpu, lock, kind)
}

function acquireContended(cpu: Cpu, lock: number, kind: number): void {
  const { words } = cpu
  const me = cpu.id + 1
  let seen = Atomics.load(words, lock)
  if ((seen & OWNER) === me) {
    throw new KernelBug(
      'double-lock',
      `CPU ${cpu.id} takes the lock at word ${lock}, which it already holds: a deadlock with itself`,
    )
  }
  for (let spin = 0; spin < SPINS; spin++) {
    if (seen === 0 && Atomics.compareExchange(words, lock, 0, me) === 0) return
    cpuRelax()
    seen = Atomics.load(words, lock)
  }
  beginWait(cpu, kind, lock)
  const acquired = cpu.mayPark ? acquireParked(words, lock, me) : acquireSpinning(words, lock, me)
  endWait(cpu)
  if (!acquired) {
    const owner = lockOwner(words, lock)
    throw new KernelBug(
      'soft-lockup',
      `CPU ${cpu.id} waits for the lock at word ${lock} since ${SPIN_LIMIT_MS} ms; CPU ${owner} holds it`,
    )
  }
}

function acquireParked(words: Int32Array, lock: number, me: number): boolean {
  for (;;) {
    const seen = Atomics.load(words, lock)
    if (seen === 0) {
      // Others may be parked behind us: having slept, we can't know, so the bit stays set.
      if (Atomics.compareExchange(words, lock, 0, me | CONTENDED) === 0) return true
      continue
    }
    const marked = seen | CONTENDED
    if (seen !== marked && Atomics.compareExchange(words, lock, seen, marked) !== seen) continue
    // Pairs with the notify in releaseWord: a release between the two lines changes the word, and wait returns at once.
    Atomics.wait(words, lock, marked)
  }
}

/** For a CPU that may not park. Returns false when the limit is reached. */
function acquireSpinning(words: Int32Array, lock: number, me: number): boolean {
  const deadline = performance.now() + SPIN_LIMIT_MS
  while (Atomics.compareExchange(words, lock, 0, me) !== 0) {
    cpuRelax()
    if (performance.now() > deadline) return false
  }
  return true
}

/**
 * Releases the lock and wakes one waiter if there may be any. Throws KernelBug, changing nothing, if this CPU does not
 * hold it.
 */
export function releaseWord(cpu: Cpu, lock: number): void {
  const { words } = cpu
  const me = cpu.id + 1
  const was = Atomics.compareExchange(words, lock, me, 0)
  if (was === me) return
  if ((was & OWNER) !== me) {
    const holder = was === 0 ? 'nobody does' : `CPU ${(was & OWNER) - 1} does`
    throw new KernelBug(
      'unlock-not-owner',
      `CPU ${cpu.id} releases the lock at word ${lock}, which it does not hold: ${holder}`,
    )
  }
  Atomics.store(words, lock, 0)
  Atomics.notify(words, lock, 1)
}
