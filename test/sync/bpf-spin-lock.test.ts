import { describe, expect, it } from 'vitest'
import { bpfSpinLock, bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import { WAITING_LOCK } from '../../src/sync/cpu.ts'
import { lockOwner } from '../../src/sync/lock-word.ts'
import { spinLock, spinUnlock } from '../../src/sync/spin-lock.ts'
import { expectBugUntouched, own, setting, whileParked } from './setting.ts'
import { allowForThreads, REAL_THREADS, runThreads } from './threads.ts'

allowForThreads()

it('names the lock that the CPU holds until it is released, and counts as a spin lock', () => {
  const house = setting(2)
  const [cpu, other] = house.cpus
  const lock = house.take()
  bpfSpinLock(cpu, lock)
  expect(lockOwner(house.words, lock)).toBe(0)
  expect([own(cpu, 'bpfLock'), own(cpu, 'locksHeld')]).toEqual([lock, 1])
  expect([own(other, 'bpfLock'), own(other, 'locksHeld')]).toEqual([0, 0])
  bpfSpinUnlock(cpu, lock)
  expect(house.words[lock]).toBe(0)
  expect([own(cpu, 'bpfLock'), own(cpu, 'locksHeld')]).toEqual([0, 0])
})

it('may be followed by the next once it is released', () => {
  const house = setting(1)
  const [cpu] = house.cpus
  for (const lock of [house.take(), house.take()]) {
    bpfSpinLock(cpu, lock)
    expect(own(cpu, 'bpfLock')).toBe(lock)
    bpfSpinUnlock(cpu, lock)
  }
})

it('may be taken under a raw spin lock, as the kernel does to copy a value', () => {
  const house = setting(1)
  const [cpu] = house.cpus
  const [raw, lock] = [house.take(), house.take()]
  spinLock(cpu, raw)
  bpfSpinLock(cpu, lock)
  expect(own(cpu, 'locksHeld')).toBe(2)
  bpfSpinUnlock(cpu, lock)
  expect([own(cpu, 'locksHeld'), own(cpu, 'bpfLock')]).toEqual([1, 0])
  spinUnlock(cpu, raw)
})

it('waits for another CPU like any spin lock, and counts as held only when it is', () => {
  const house = setting(2)
  const [cpu, owner] = house.cpus
  const lock = house.take()
  bpfSpinLock(owner, lock)
  whileParked(() => {
    expect([own(cpu, 'waitingKind'), own(cpu, 'waitingAt')]).toEqual([WAITING_LOCK, lock])
    expect([own(cpu, 'bpfLock'), own(cpu, 'locksHeld')]).toEqual([0, 0])
    bpfSpinUnlock(owner, lock)
  })
  bpfSpinLock(cpu, lock)
  expect([own(cpu, 'bpfLock'), own(cpu, 'locksHeld')]).toEqual([lock, 1])
})

describe('misuse', () => {
  it('throws at a second bpf_spin_lock, also when it is the same or free, and keeps the first', () => {
    const house = setting(2)
    const cpu = house.cpus[1]
    const [first, second] = [house.take(), house.take()]
    bpfSpinLock(cpu, first)
    for (const lock of [first, second]) {
      const message = `CPU 1 takes the bpf_spin_lock at word ${lock} while it holds the one at word ${first}: a program may hold one at a time`
      expectBugUntouched(house, 'second-bpf-spin-lock', message, () => bpfSpinLock(cpu, lock))
    }
    bpfSpinUnlock(cpu, first)
  })

  it('throws at a word that this CPU holds as a raw spin lock, and is not counted', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    const lock = house.take()
    spinLock(cpu, lock)
    const message = `CPU 0 takes the lock at word ${lock}, which it already holds: a deadlock with itself`
    expectBugUntouched(house, 'double-lock', message, () => bpfSpinLock(cpu, lock))
  })

  it('throws at the release by the other kind’s function, of either kind, and keeps the lock', () => {
    const house = setting(2)
    const [cpu] = house.cpus
    const [raw, lock] = [house.take(), house.take()]
    spinLock(cpu, raw)
    const asBpf = `CPU 0 releases the lock at word ${raw} with bpfSpinUnlock, expected spinUnlock: it was not taken with bpfSpinLock`
    expectBugUntouched(house, 'unlock-of-other-kind', asBpf, () => bpfSpinUnlock(cpu, raw))
    bpfSpinLock(cpu, lock)
    expectBugUntouched(house, 'unlock-of-other-kind', asBpf, () => bpfSpinUnlock(cpu, raw))
    const asRaw = `CPU 0 releases the lock at word ${lock} with spinUnlock, expected bpfSpinUnlock: it was taken with bpfSpinLock`
    expectBugUntouched(house, 'unlock-of-other-kind', asRaw, () => spinUnlock(cpu, lock))
    bpfSpinUnlock(cpu, lock)
    spinUnlock(cpu, raw)
    expect([own(cpu, 'locksHeld'), own(cpu, 'bpfLock')]).toEqual([0, 0])
  })

  it('throws at the release of a lock that nobody or another CPU holds, and forgets nothing', () => {
    const house = setting(2)
    const [cpu, other] = house.cpus
    const [mine, free, foreign] = [house.take(), house.take(), house.take()]
    bpfSpinLock(cpu, mine)
    bpfSpinLock(other, foreign)
    const message = (lock: number) => `CPU 0 releases the lock at word ${lock}, which it does not hold:`
    expectBugUntouched(house, 'unlock-not-owner', `${message(free)} nobody does`, () => bpfSpinUnlock(cpu, free))
    expectBugUntouched(house, 'unlock-not-owner', `${message(foreign)} CPU 1 does`, () => bpfSpinUnlock(cpu, foreign))
    expect(own(cpu, 'bpfLock')).toBe(mine)
  })
})

it.runIf(REAL_THREADS)(
  'on real threads a value that is written and read whole under its lock is never torn',
  async () => {
    const house = setting(6)
    const value = house.take(17)
    const lock = value + 16
    const job = { file: 'lock-jobs', job: 'fillOrRead', args: { lock, value, size: 16, rounds: 3_000 } } as const
    const torn = await runThreads(
      house,
      0,
      house.cpus.map(() => job),
      [lock],
    )
    expect(torn).toEqual([0, 0, 0, 0, 0, 0])
    expect(house.words[lock]).toBe(0)
    for (const cpu of house.cpus) expect([own(cpu, 'locksHeld'), own(cpu, 'bpfLock')]).toEqual([0, 0])
  },
)
