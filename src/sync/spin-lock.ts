/**
 * raw_spinlock_t: guards a storage's list, a map's bucket, an allocator's depot.
 *
 * Its sections are short and never sleep. Order where two are held: storage before bucket, never the reverse.
 */

import { type Cpu, PERCPU, WAITING_LOCK } from './cpu.ts'
import { acquireWord, releaseWord, tryAcquireWord } from './lock-word.ts'

/**
 * Takes the lock. Throws KernelBug 'double-lock' if this CPU holds it already.
 * @explore lock cpu.words[lock]
 */
export function spinLock(cpu: Cpu, lock: number): void {
  acquireWord(cpu, lock, WAITING_LOCK)
  cpu.words[cpu.base + PERCPU.locksHeld]++
}

/**
 * Takes the lock if it is free, and says whether it did.
 * @explore trylock cpu.words[lock]
 */
export function spinTryLock(cpu: Cpu, lock: number): boolean {
  if (!tryAcquireWord(cpu, lock)) return false
  cpu.words[cpu.base + PERCPU.locksHeld]++
  return true
}

/**
 * Releases the lock. Throws KernelBug 'unlock-not-owner' if this CPU does not hold it.
 * @explore unlock cpu.words[lock]
 */
export function spinUnlock(cpu: Cpu, lock: number): void {
  releaseWord(cpu, lock)
  cpu.words[cpu.base + PERCPU.locksHeld]--
}
