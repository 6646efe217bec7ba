/** What threads do with counts and locks. Each job is handed its CPU and what the test gave it. */

import { bpfSpinLock, bpfSpinUnlock } from '../../../dist/src/sync/bpf-spin-lock.js'
import { cpuRelax } from '../../../dist/src/sync/cmpxchg.js'
import { mutexLock, mutexUnlock } from '../../../dist/src/sync/mutex.js'
import { rcuOffline, rcuOnline, rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { refcountDecAndTest, refcountIncNotZero } from '../../../dist/src/sync/refcount.js'
import { spinLock, spinTryLock, spinUnlock } from '../../../dist/src/sync/spin-lock.js'
import { synchronizeRcu } from '../../../dist/src/sync/synchronize-rcu.js'

/**
 * Holds one reference on each of the objects; takes and drops a second, drops the first, and tries to take one behind
 * it.
 */
export function dropReferences({ words }, { first, objects }) {
  let lasts = 0
  let revived = 0
  for (let at = first; at < first + objects; at++) {
    if (refcountIncNotZero(words, at) && refcountDecAndTest(words, at)) lasts++
    const last = refcountDecAndTest(words, at)
    if (last) lasts++
    // Others may hold theirs yet; but behind the last there is none to be had.
    if (refcountIncNotZero(words, at)) {
      if (last) revived++
      if (refcountDecAndTest(words, at)) lasts++
    }
  }
  return { lasts, revived }
}

/** Adds to a plain counter under the lock. */
export function count(cpu, { lock, counter, rounds }) {
  for (let round = 0; round < rounds; round++) {
    spinLock(cpu, lock)
    cpu.words[counter]++
    spinUnlock(cpu, lock)
  }
  return rounds
}

/** The same by trying only. */
export function countTrying(cpu, { lock, counter, rounds }) {
  for (let round = 0; round < rounds; round++) {
    while (!spinTryLock(cpu, lock)) cpuRelax()
    cpu.words[counter]++
    spinUnlock(cpu, lock)
  }
  return rounds
}

/** Takes the lock once, counts that it did, and holds it until `release` is not 0. */
export function takeOnce(cpu, { lock, counter, release }) {
  spinLock(cpu, lock)
  cpu.words[counter]++
  if (release !== undefined) Atomics.wait(cpu.words, release, 0)
  spinUnlock(cpu, lock)
}

/** Fills a value with its own number or reads it, under the value's lock. Returns how many torn ones it read. */
export function fillOrRead(cpu, { lock, value, size, rounds }) {
  const { words } = cpu
  let torn = 0
  for (let round = 0; round < rounds; round++) {
    bpfSpinLock(cpu, lock)
    if ((round + cpu.id) % 2 === 0) {
      for (let i = 0; i < size; i++) words[value + i] = cpu.id * rounds + round
    } else {
      for (let i = 1; i < size; i++) if (words[value + i] !== words[value]) torn++
    }
    bpfSpinUnlock(cpu, lock)
  }
  return torn
}

/**
 * Adds to a plain counter under the mutex, online, and sometimes waits for a grace period between reading and writing
 * it.
 */
export function countSleeping(cpu, { mutex, counter, rounds, every }) {
  rcuOnline(cpu)
  for (let round = 0; round < rounds; round++) {
    mutexLock(cpu, mutex)
    const seen = cpu.words[counter]
    if (round % every === 0) synchronizeRcu(cpu)
    cpu.words[counter] = seen + 1
    mutexUnlock(cpu, mutex)
    rcuQuiescentState(cpu)
  }
  rcuOffline(cpu)
  return rounds
}
