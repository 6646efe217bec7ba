/**
 * A lock that may be held while sleeping. Model: struct mutex.
 */

import { type Cpu, mightSleep, WAITING_MUTEX } from './cpu.ts'
import { acquireWord, releaseWord, tryAcquireWord } from './lock-word.ts'
import { rcuIsOnline, rcuOffline, rcuOnline } from './quiescent-state.ts'

/**
 * Takes the mutex. Throws KernelBug where sleeping is not allowed.
 * @explore lock cpu.words[mutex]
 */
export function mutexLock(cpu: Cpu, mutex: number): void {
  mightSleep(cpu, 'mutexLock')
  if (tryAcquireWord(cpu, mutex)) return
  // The owner may be waiting for a grace period, and that for us: whoever sleeps is outside every read section and says
  // so.
  const wasOnline = rcuIsOnline(cpu)
  if (wasOnline) rcuOffline(cpu)
  try {
    acquireWord(cpu, mutex, WAITING_MUTEX)
  } finally {
    if (wasOnline) rcuOnline(cpu)
  }
}

/**
 * Releases the mutex. Throws KernelBug 'unlock-not-owner' if this CPU does not hold it.
 * @explore unlock cpu.words[mutex]
 */
export function mutexUnlock(cpu: Cpu, mutex: number): void {
  releaseWord(cpu, mutex)
}
