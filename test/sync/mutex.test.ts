import { describe, expect, it } from 'vitest'
import { bpfSpinLock } from '../../src/sync/bpf-spin-lock.ts'
import { PERCPU, WAITING_MUTEX, WAITING_NOTHING } from '../../src/sync/cpu.ts'
import { lockOwner } from '../../src/sync/lock-word.ts'
import { mutexLock, mutexUnlock } from '../../src/sync/mutex.ts'
import { rcuIsOnline, rcuOffline, rcuOnline } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock } from '../../src/sync/rcu.ts'
import { callRcu } from '../../src/sync/rcu-callback.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import { spinLock } from '../../src/sync/spin-lock.ts'
import { synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'
import {
  chain,
  expectBug,
  expectBugUntouched,
  gracePeriodsIn,
  neverParking,
  newHead,
  own,
  ownAt,
  setting,
  whileParked,
} from './setting.ts'
import { allDone, allowForThreads, eventually, REAL_THREADS, runThreads, startThreads } from './threads.ts'

allowForThreads()

describe('a free mutex', () => {
  it('is taken without going offline, and is no spin lock: its holder may sleep', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    const mutex = house.take()
    rcuOnline(cpu)
    mutexLock(cpu, mutex)
    expect(lockOwner(house.words, mutex)).toBe(0)
    expect(rcuIsOnline(cpu)).toBe(true)
    expect(own(cpu, 'locksHeld')).toBe(0)
    expect(gracePeriodsIn(house, () => synchronizeRcu(cpu))).toBe(1)
    mutexUnlock(cpu, mutex)
    expect(house.words[mutex]).toBe(0)
  })
})

describe('a held mutex', () => {
  it('is waited for offline, so that the owner’s grace period does not wait for the waiter', () => {
    const house = setting(2)
    const [cpu, owner] = house.cpus
    const mutex = house.take()
    rcuOnline(cpu)
    rcuOnline(owner)
    mutexLock(owner, mutex)
    whileParked(() => {
      expect([own(cpu, 'waitingKind'), own(cpu, 'waitingAt')]).toEqual([WAITING_MUTEX, mutex])
      expect(rcuIsOnline(cpu)).toBe(false)
      expect(own(cpu, 'quiescent')).toBe(0)
      expect(gracePeriodsIn(house, () => synchronizeRcu(owner))).toBe(1)
      mutexUnlock(owner, mutex)
    })
    mutexLock(cpu, mutex)
    expect(lockOwner(house.words, mutex)).toBe(cpu.id)
    expect(rcuIsOnline(cpu)).toBe(true)
    expect(own(cpu, 'quiescent')).toBe(house.words[house.rcu + RCU.started])
    expect(own(cpu, 'waitingKind')).toBe(WAITING_NOTHING)
  })

  it('leaves an offline waiter offline', () => {
    const house = setting(2)
    const [cpu, owner] = house.cpus
    const mutex = house.take()
    mutexLock(owner, mutex)
    whileParked(() => mutexUnlock(owner, mutex))
    mutexLock(cpu, mutex)
    expect(rcuIsOnline(cpu)).toBe(false)
    expect(own(cpu, 'quiescent')).toBe(0)
  })

  it('lets the waiter leave its callbacks to the kworker first', () => {
    const house = setting(3)
    const [cpu, owner, reader] = house.cpus
    const mutex = house.take()
    const head = newHead(house)
    for (const each of house.cpus) rcuOnline(each)
    rcuReadLock(reader)
    callRcu(cpu, head, 0)
    mutexLock(owner, mutex)
    whileParked(() => {
      expect(chain(house.words, house.words[house.rcu + RCU.orphans])).toEqual([head])
      mutexUnlock(owner, mutex)
    })
    mutexLock(cpu, mutex)
    expect(own(cpu, 'callbacks')).toBe(0)
    expect(house.ran).toEqual([])
  })
})

describe('misuse', () => {
  it('throws where sleeping is not allowed, also when the mutex is free, and takes nothing', () => {
    const house = setting(5)
    const [reading, locking, locking2, calling, main] = house.cpus
    const mutex = house.take()
    rcuOnline(reading)
    rcuReadLock(reading)
    const inSection = 'mutexLock inside an RCU read section on CPU 0: it would wait for itself'
    expectBugUntouched(house, 'sleep-in-read-section', inSection, () => mutexLock(reading, mutex))

    spinLock(locking, house.take())
    const underLock = 'mutexLock with 1 spin lock held on CPU 1: release before sleeping'
    expectBugUntouched(house, 'sleep-under-lock', underLock, () => mutexLock(locking, mutex))

    spinLock(locking2, house.take())
    bpfSpinLock(locking2, house.take())
    const underLocks = 'mutexLock with 2 spin locks held on CPU 2: release before sleeping'
    expectBugUntouched(house, 'sleep-under-lock', underLocks, () => mutexLock(locking2, mutex))

    house.words[calling.base + PERCPU.inCallback] = 1
    const inCallback = 'mutexLock inside an RCU callback on CPU 3: callbacks may not sleep'
    expectBugUntouched(house, 'sleep-in-callback', inCallback, () => mutexLock(calling, mutex))

    const onMain = 'mutexLock on CPU 4, which may not wait: call it on a worker CPU'
    expectBugUntouched(house, 'may-not-wait', onMain, () => mutexLock(neverParking(main), mutex))
  })

  it('throws at a mutex that this CPU holds already', () => {
    const house = setting(2)
    const mutex = house.take()
    mutexLock(house.cpus[1], mutex)
    const message = `CPU 1 takes the lock at word ${mutex}, which it already holds: a deadlock with itself`
    expectBug('double-lock', message, () => mutexLock(house.cpus[1], mutex))
    expect(lockOwner(house.words, mutex)).toBe(1)
  })

  it('leaves an online CPU online when it throws at a mutex that this CPU holds already', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    const mutex = house.take()
    rcuOnline(cpu)
    mutexLock(cpu, mutex)
    expect(() => mutexLock(cpu, mutex)).toThrow('which it already holds')
    expect(rcuIsOnline(cpu)).toBe(true)
  })

  it('throws at the release of a mutex that nobody or another CPU holds', () => {
    const house = setting(2)
    const [cpu, other] = house.cpus
    const mutex = house.take()
    const message = `CPU 0 releases the lock at word ${mutex}, which it does not hold:`
    expectBugUntouched(house, 'unlock-not-owner', `${message} nobody does`, () => mutexUnlock(cpu, mutex))
    mutexLock(other, mutex)
    expectBugUntouched(house, 'unlock-not-owner', `${message} CPU 1 does`, () => mutexUnlock(cpu, mutex))
  })
})

describe.runIf(REAL_THREADS)('on real threads', () => {
  it('an owner that waits for a grace period and online CPUs that wait for the owner all get on', async () => {
    const house = setting(5)
    const [mutex, counter] = [house.take(), house.take()]
    const args = { mutex, counter, rounds: 400, every: 4 }
    const jobs = house.cpus.map(() => ({ file: 'lock-jobs', job: 'countSleeping', args }) as const)
    await runThreads(house, 0, jobs, [mutex])
    expect(house.words[counter]).toBe(2_000)
    expect(house.words[mutex]).toBe(0)
    for (const cpu of house.cpus) expect(own(cpu, 'quiescent')).toBe(0)
  })

  it('a waiter parked on the mutex is offline: a grace period ends without it', async () => {
    const house = setting(3)
    const [owner, waiter, updater] = house.cpus
    const [mutex, counter] = [house.take(), house.take()]
    mutexLock(owner, mutex)
    const args = { mutex, counter, rounds: 1, every: 2 }
    const threads = await startThreads(house, 1, [{ file: 'lock-jobs', job: 'countSleeping', args }])
    await eventually(house, 'it waits', () => own(waiter, 'waitingKind') === WAITING_MUTEX, [mutex])
    expect(Atomics.load(house.words, ownAt(waiter, 'quiescent'))).toBe(0)
    expect(gracePeriodsIn(house, () => synchronizeRcu(updater))).toBe(1)
    rcuOffline(updater)
    mutexUnlock(owner, mutex)
    await allDone(house, threads, [mutex])
    expect(house.words[counter]).toBe(1)
  })
})
