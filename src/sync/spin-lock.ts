/**
 * raw_spinlock_t: guards a storage's list, a map's bucket, an allocator's depot.
 *
 * Its sections are short and never sleep. Order where two are held: storage before bucket, never the reverse.
 */

import { type Cpu, PERCPU, WAITING_LOCK } from './cpu.ts'
import { KernelBug } from './kernel-bug.ts'
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
 * Releases the lock. Throws KernelBug 'unlock-not-owner' if this CPU does not hold it, 'unlock-of-other-kind' if it
 * took it with bpfSpinLock.
 * @explore unlock cpu.words[lock]
 */
export function spinUnlock(cpu: Cpu, lock: number): void {
  // A program's lock would stay noted as held, and its next helper call be refused.
  if (cpu.words[cpu.base + PERCPU.bpfLock] === lock) throwOtherKind(cpu, lock)
  releaseWord(cpu, lock)
  cpu.words[cpu.base + PERCPU.locksHeld]--
}

function throwOtherKind(cpu: Cpu, lock: number): never {
  throw new KernelBug(
    'unlock-of-other-kind',
    `CPU ${cpu.id} releases the lock at word ${lock} with spinUnlock, expected bpfSpinUnlock: it was taken with bpfSpinLock`,
  )
}
