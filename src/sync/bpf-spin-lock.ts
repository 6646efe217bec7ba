/**
 * bpf_spin_lock: a lock that lies inside the value it guards.
 *
 * Programs take it around what they read and write in a value; the kernel takes it to copy a whole value in or out
 * (BPF_F_LOCK). A program may hold one at a time: with two, two programs could wait for each other.
 */

import { type Cpu, PERCPU, WAITING_LOCK } from './cpu.ts'
import { KernelBug } from './kernel-bug.ts'
import { acquireWord, lockOwner, releaseWord } from './lock-word.ts'

/**
 * Takes the lock in a value. Throws KernelBug if this CPU already holds a bpf_spin_lock.
 * @explore lock cpu.words[lock]
 */
export function bpfSpinLock(cpu: Cpu, lock: number): void {
  const held = cpu.words[cpu.base + PERCPU.bpfLock]
  if (held !== 0) {
    throw new KernelBug(
      'second-bpf-spin-lock',
      `CPU ${cpu.id} takes the bpf_spin_lock at word ${lock} while it holds the one at word ${held}: a program may hold one at a time`,
    )
  }
  acquireWord(cpu, lock, WAITING_LOCK)
  cpu.words[cpu.base + PERCPU.bpfLock] = lock
  cpu.words[cpu.base + PERCPU.locksHeld]++
}

/**
 * Releases the lock in a value. Throws KernelBug 'unlock-not-owner' if this CPU does not hold it,
 * 'unlock-of-other-kind' if it took it with spinLock.
 * @explore unlock cpu.words[lock]
 */
export function bpfSpinUnlock(cpu: Cpu, lock: number): void {
  if (cpu.words[cpu.base + PERCPU.bpfLock] !== lock) refuseOther(cpu, lock)
  releaseWord(cpu, lock)
  cpu.words[cpu.base + PERCPU.bpfLock] = 0
  cpu.words[cpu.base + PERCPU.locksHeld]--
}

/**
 * Throws where this CPU holds the word as another kind of lock; what it does not hold at all, the release itself
 * refuses.
 */
function refuseOther(cpu: Cpu, lock: number): void {
  if (lockOwner(cpu.words, lock) !== cpu.id) return
  throw new KernelBug(
    'unlock-of-other-kind',
    `CPU ${cpu.id} releases the lock at word ${lock} with bpfSpinUnlock, expected spinUnlock: it was not taken with bpfSpinLock`,
  )
}
