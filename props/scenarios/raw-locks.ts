/**
 * Locks with their implementation and their loop that looks before it sleeps, taken more than once; and a CPU that may
 * not sleep, as the main thread.
 */

import { cpuOf } from '../../src/shared/cpu-of.ts'
import { HEADER } from '../../src/shared/records.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { lockOwner } from '../../src/sync/lock-word.ts'
import { mutexLock, mutexUnlock } from '../../src/sync/mutex.ts'
import { rcuOffline } from '../../src/sync/quiescent-state.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import { spinLock, spinTryLock, spinUnlock } from '../../src/sync/spin-lock.ts'
import { RAW } from './beneath-tags.ts'
import { type Setting, setting } from './setting.ts'

/** A lock that nobody here has another use for, and a word that it guards. */
const LOCK = HEADER.fdLock
const GUARDED = HEADER.fdHint

function cpusAlone(threads: number): Setting {
  const given = setting({ threads, maps: 0, sockets: 0 })
  given.memory.words[GUARDED] = 0
  rcuOffline(given.cpus[threads])
  return given
}

function bump(cpu: Cpu): void {
  spinLock(cpu, LOCK)
  cpu.words[GUARDED]++
  spinUnlock(cpu, LOCK)
}

const counted =
  (count: number) =>
  ({ memory }: Setting): void => {
    if (memory.words[GUARDED] !== count) throw new Error(`got ${memory.words[GUARDED]}, expected ${count}`)
    if (lockOwner(memory.words, LOCK) !== -1) throw new Error('the lock is held, expected it free')
  }

/** Both take it twice: whoever comes back may meet the other asleep. */
export const twoLockersTwice = {
  ...RAW,
  setup: () => cpusAlone(2),
  threads: [0, 1].map((id) => ({ cpus }: Setting): void => {
    bump(cpus[id])
    bump(cpus[id])
  }),
  after: counted(4),
}

/** One of them may not sleep: it goes on looking. */
export const spinnerAgainstLocker = {
  ...RAW,
  setup() {
    const given = cpusAlone(2)
    return { ...given, cpus: [cpuOf(given.memory, 0, false), ...given.cpus.slice(1)] }
  },
  threads: [({ cpus }: Setting): void => bump(cpus[0]), ({ cpus }: Setting): void => bump(cpus[1])],
  after: counted(2),
}

/** One only takes it if it is free. */
export const tryAgainstLocker = {
  ...RAW,
  setup: () => cpusAlone(2),
  threads: [
    ({ cpus: [cpu] }: Setting): boolean => {
      if (!spinTryLock(cpu, LOCK)) return false
      cpu.words[GUARDED]++
      spinUnlock(cpu, LOCK)
      return true
    },
    ({ cpus }: Setting): void => bump(cpus[1]),
  ],
  after({ memory }: Setting, [got]: readonly unknown[]): void {
    counted(got === true ? 2 : 1)({ memory } as Setting)
  },
}

/** A mutex, whose waiters sleep. */
export const twoMutexes = {
  ...RAW,
  setup: () => cpusAlone(2),
  threads: [0, 1].map((id) => ({ cpus }: Setting): void => {
    const cpu = cpus[id]
    mutexLock(cpu, cpu.rcu + RCU.orphanMutex)
    cpu.words[GUARDED]++
    mutexUnlock(cpu, cpu.rcu + RCU.orphanMutex)
    rcuOffline(cpu)
  }),
  after: counted(2),
}
