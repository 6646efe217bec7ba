/**
 * CPUs that wait: for a lock, a mutex, a grace period. Explored with the implementation of these, where a waiter may go
 * to sleep and must be woken: each scenario asks for that itself (`raw`).
 */

import { HEADER } from '../../src/shared/records.ts'
import { mutexLock, mutexUnlock } from '../../src/sync/mutex.ts'
import { rcuOffline } from '../../src/sync/quiescent-state.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import { spinLock, spinUnlock } from '../../src/sync/spin-lock.ts'
import { synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'
import { RAW_AT_ONCE } from './beneath-tags.ts'
import { inReadSection, type Setting, setting } from './setting.ts'

/** Nothing but CPUs. The one that set them up is offline: nobody would report for it. */
function cpusAlone(threads: number): Setting {
  const given = setting({ threads, maps: 0, sockets: 0 })
  rcuOffline(given.cpus[threads])
  return given
}

/** A lock that nobody here has another use for. */
const LOCK = HEADER.fdLock

const locker =
  (id: number) =>
  ({ cpus }: Setting): void => {
    spinLock(cpus[id], LOCK)
    spinUnlock(cpus[id], LOCK)
  }

const updater =
  (id: number) =>
  ({ cpus }: Setting): void =>
    synchronizeRcu(cpus[id])

/** A reader, and others that are offline already while they wait for it. */
function readerAlone(updaters: number): Setting {
  const given = cpusAlone(1 + updaters)
  for (const cpu of given.cpus.slice(1, -1)) rcuOffline(cpu)
  return given
}

/** One waits while the other has it. */
export const twoLockers = { ...RAW_AT_ONCE, setup: () => cpusAlone(2), threads: [locker(0), locker(1)] }

/** Two wait at once. */
export const threeLockers = { ...RAW_AT_ONCE, setup: () => cpusAlone(3), threads: [locker(0), locker(1), locker(2)] }

/** A reader, whose CPU then goes offline. */
const reader = ({ cpus: [cpu] }: Setting): void => {
  inReadSection(cpu, () => {})
  rcuOffline(cpu)
}

/** One waits for a reader. */
export const updaterAgainstReader = { ...RAW_AT_ONCE, setup: () => readerAlone(1), threads: [reader, updater(1)] }

/** Two wait for one reader, and whoever is first completes the grace period for both. */
export const twoUpdatersAgainstReader = {
  ...RAW_AT_ONCE,
  setup: () => readerAlone(2),
  threads: [reader, updater(1), updater(2)],
}

const holder =
  (id: number) =>
  ({ cpus }: Setting): void => {
    const cpu = cpus[id]
    mutexLock(cpu, cpu.rcu + RCU.orphanMutex)
    if (id === 0) synchronizeRcu(cpu)
    mutexUnlock(cpu, cpu.rcu + RCU.orphanMutex)
    rcuOffline(cpu)
  }

/** A mutex is held through a grace period, and the other wants it. */
export const mutexAgainstGracePeriod = { ...RAW_AT_ONCE, setup: () => cpusAlone(2), threads: [holder(0), holder(1)] }
