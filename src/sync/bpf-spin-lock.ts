/**
 * bpf_spin_lock: a lock that lies inside the value it guards.
 *
 * Programs take it around what they read and write in a value; the kernel takes it to copy a whole value in or out
 * (BPF_F_LOCK). A program may hold one at a time: with two, two programs could wait for each other.
 */

import { type Cpu, PERCPU, WAITING_LOCK } from './cpu.ts'
import { KernelBug } from './kernel-bug.ts'
import { acquireWord, releaseWord } from './lock-word.ts'

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
 * Releases the lock in a value. Throws KernelBug 'unlock-not-owner' if this CPU does not hold it.
 * @explore unlock cpu.words[lock]
 */
export function bpfSpinUnlock(cpu: Cpu, lock: number): void {
  releaseWord(cpu, lock)
  cpu.words[cpu.base + PERCPU.bpfLock] = 0
  cpu.words[cpu.base + PERCPU.locksHeld]--
}
