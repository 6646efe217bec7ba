/**
 * RCU, the reader's side: sections that cost nothing, and the two ways a pointer crosses between threads.
 *
 * Quiescent-state based, as on a kernel that does not preempt: a reader announces nothing when it begins or ends. A CPU
 * says from time to time that it is between two sections (grace-period.ts), and whoever wants to free something waits
 * for that.
 */

import { type Cpu, PERCPU } from './cpu.ts'
import { KernelBug } from './kernel-bug.ts'

/**
 * Begins a read section: what a dereference finds from here on is not freed before the matching rcuReadUnlock. Sections
 * nest. Writes only this CPU's own line. Throws KernelBug 'cpu-offline' on a CPU that no grace period waits for.
 * @explore read-enter
 */
export function rcuReadLock(cpu: Cpu): void {
  const { words, base } = cpu
  // `| 0`, since V8 checks a sum that is looked at for overflow: a quarter of an empty section.
  const depth = (words[base + PERCPU.nesting] + 1) | 0
  words[base + PERCPU.nesting] = depth
  if (depth <= 0) throwOffline(cpu)
}

/**
 * Ends the innermost read section. Throws KernelBug 'read-section-unbalanced' if there is none.
 * @explore read-exit
 */
export function rcuReadUnlock(cpu: Cpu): void {
  const { words, base } = cpu
  const depth = (words[base + PERCPU.nesting] - 1) | 0
  words[base + PERCPU.nesting] = depth
  if (depth < 0) throwUnbalanced(cpu)
}

/** Whether this CPU is inside a read section. Model: rcu_read_lock_held(). */
export function rcuReadLockHeld(cpu: Cpu): boolean {
  return cpu.words[cpu.base + PERCPU.nesting] > 0
}

// Out of line, so that the two above stay small enough to be inlined everywhere.
function throwOffline(cpu: Cpu): never {
  cpu.words[cpu.base + PERCPU.nesting]--
  throw new KernelBug(
    'cpu-offline',
    `rcuReadLock on CPU ${cpu.id}, which is offline: no grace period would wait for it; call rcuOnline first`,
  )
}

function throwUnbalanced(cpu: Cpu): never {
  cpu.words[cpu.base + PERCPU.nesting]++
  throw new KernelBug('read-section-unbalanced', `rcuReadUnlock on CPU ${cpu.id} without an rcuReadLock`)
}

/**
 * Loads a pointer that others publish, inside a read section.
 *
 * A plain load, on purpose. V8 turns every Atomics.load on a typed array into a call, 6 to 10 ns, where a cached lookup
 * as a whole takes two or three; a plain aligned 32-bit load is one machine load on every V8 target, neither hoisted
 * nor merged. The accesses that depend on its value are ordered behind it by the address dependency: the contract Linux
 * itself relies on. ECMAScript promises no such order, so by its letter this load, and the plain reads of the object
 * behind it, race with the publisher. This is the one place where the code leans on the machine instead of the
 * standard.
 *
 * Pairs with rcuAssignPointer, or with the cmpxchg that publishes a socket's storage. It orders what is read *through*
 * the pointer and nothing else.
 * @explore deref words[at]
 */
export function rcuDereference(words: Int32Array, at: number): number {
  return words[at]
}

/**
 * Publishes a pointer: whoever dereferences it sees the object as it was filled in before. Pairs with rcuDereference.
 * Also used to unlink (0, or the next node): readers find either the old or the new.
 */
export function rcuAssignPointer(words: Int32Array, at: number, pointer: number): void {
  Atomics.store(words, at, pointer)
}

/**
 * A plain load that may race with atomic stores (READ_ONCE). What it returns may be stale, so it may decide nothing but
 * whether to look again, properly.
 * @explore hint words[at]
 */
export function hintLoad(words: Int32Array, at: number): number {
  return words[at]
}

/**
 * A plain store that dereferences and hints may race with (WRITE_ONCE). An aligned 32-bit store is never torn, says the
 * standard, and everybody sees it at the latest with the next atomic step of its thread, such as the release of a lock.
 *
 * It publishes nothing: right for NULL, for a number, for a link that is only compared. All others who touch the word,
 * writers above all, do so under a lock that the caller holds.
 * @explore write-once words[at] value=value
 */
export function writeOnce(words: Int32Array, at: number, value: number): void {
  words[at] = value
}
