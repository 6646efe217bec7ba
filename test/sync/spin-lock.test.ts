import { describe, expect, it, vi } from 'vitest'
import { WAITING_LOCK, WAITING_MUTEX, WAITING_NOTHING } from '../../src/sync/cpu.ts'
import { acquireWord, lockOwner, releaseWord, tryAcquireWord } from '../../src/sync/lock-word.ts'
import { spinLock, spinTryLock, spinUnlock } from '../../src/sync/spin-lock.ts'
import {
  changesIn,
  expectBug,
  expectBugUntouched,
  interrupt,
  neverParking,
  own,
  recordAtomics,
  setting,
  whileParked,
} from './setting.ts'
import { allDone, allowForThreads, eventually, REAL_THREADS, runThreads, startThreads } from './threads.ts'

allowForThreads()

const CONTENDED = 0x1_0000

describe('a free lock', () => {
  it('is taken and released, and wakes nobody', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    const lock = house.take()
    const steps = recordAtomics()
    spinLock(cpu, lock)
    spinUnlock(cpu, lock)
    expect(steps).not.toContain(`notify ${lock}`)
    expect(house.words[lock]).toBe(0)
  })

  it('names its owner while held, contended or not, and nobody else', () => {
    const house = setting(3)
    const lock = house.take()
    expect(lockOwner(house.words, lock)).toBe(-1)
    spinLock(house.cpus[2], lock)
    expect(lockOwner(house.words, lock)).toBe(2)
    house.words[lock] |= CONTENDED
    expect(lockOwner(house.words, lock)).toBe(2)
    spinUnlock(house.cpus[2], lock)
    expect(lockOwner(house.words, lock)).toBe(-1)
  })

  it('counts as held on the CPU that took it, so that nothing sleeps under it', () => {
    const house = setting(2)
    const [cpu, other] = house.cpus
    const locks = [house.take(), house.take()]
    spinLock(cpu, locks[0])
    expect(spinTryLock(cpu, locks[1])).toBe(true)
    expect(own(cpu, 'locksHeld')).toBe(2)
    expect(own(other, 'locksHeld')).toBe(0)
    spinUnlock(cpu, locks[0])
    spinUnlock(cpu, locks[1])
    expect(own(cpu, 'locksHeld')).toBe(0)
  })
})

describe('spinTryLock', () => {
  it('gives up at once when another CPU holds the lock, and changes nothing', () => {
    const house = setting(2)
    const lock = house.take()
    spinLock(house.cpus[0], lock)
    expect(changesIn(house, () => expect(spinTryLock(house.cpus[1], lock)).toBe(false))).toEqual([])
  })

  it('gives up as well when this CPU holds it', () => {
    const house = setting(1)
    const lock = house.take()
    spinLock(house.cpus[0], lock)
    expect(spinTryLock(house.cpus[0], lock)).toBe(false)
    expect(own(house.cpus[0], 'locksHeld')).toBe(1)
  })
})

describe('misuse', () => {
  it.each([0, CONTENDED])(
    'throws at a lock that this CPU holds already, contended bit 0x%x, and leaves it held',
    (bit) => {
      const house = setting(2)
      const lock = house.take()
      const cpu = house.cpus[1]
      spinLock(cpu, lock)
      house.words[lock] |= bit
      const message = `CPU 1 takes the lock at word ${lock}, which it already holds: a deadlock with itself`
      expectBugUntouched(house, 'double-lock', message, () => spinLock(cpu, lock))
      spinUnlock(cpu, lock)
      expect(house.words[lock]).toBe(0)
    },
  )

  it('throws at the release of a lock that nobody holds', () => {
    const house = setting(1)
    const lock = house.take()
    const message = `CPU 0 releases the lock at word ${lock}, which it does not hold: nobody does`
    expectBugUntouched(house, 'unlock-not-owner', message, () => spinUnlock(house.cpus[0], lock))
  })

  it.each([0, CONTENDED])(
    'throws at the release of another CPU’s lock, contended bit 0x%x, and leaves it held',
    (bit) => {
      const house = setting(3)
      const lock = house.take()
      spinLock(house.cpus[2], lock)
      house.words[lock] |= bit
      const message = `CPU 0 releases the lock at word ${lock}, which it does not hold: CPU 2 does`
      expectBugUntouched(house, 'unlock-not-owner', message, () => spinUnlock(house.cpus[0], lock))
      expect(lockOwner(house.words, lock)).toBe(2)
    },
  )

  it('throws at a second release', () => {
    const house = setting(1)
    const lock = house.take()
    spinLock(house.cpus[0], lock)
    spinUnlock(house.cpus[0], lock)
    const message = `CPU 0 releases the lock at word ${lock}, which it does not hold: nobody does`
    expectBugUntouched(house, 'unlock-not-owner', message, () => spinUnlock(house.cpus[0], lock))
  })
})

describe('the lock word underneath', () => {
  it('is taken and released like the lock, without counting as a spin lock held', () => {
    const house = setting(2)
    const [cpu, other] = house.cpus
    const lock = house.take()
    expect(tryAcquireWord(cpu, lock)).toBe(true)
    expect(tryAcquireWord(other, lock)).toBe(false)
    expect(own(cpu, 'locksHeld')).toBe(0)
    releaseWord(cpu, lock)
    acquireWord(other, lock, WAITING_LOCK)
    expect(lockOwner(house.words, lock)).toBe(1)
  })

  it.each([WAITING_LOCK, WAITING_MUTEX])(
    'shows the watchdog what it waits for (kind %i) while it does, and one more wait behind it',
    (kind) => {
      const house = setting(2)
      const [cpu, owner] = house.cpus
      const lock = house.take()
      spinLock(owner, lock)
      const waits = own(cpu, 'waits')
      whileParked(() => {
        expect([own(cpu, 'waitingKind'), own(cpu, 'waitingAt'), own(cpu, 'waits')]).toEqual([kind, lock, waits + 1])
        spinUnlock(owner, lock)
      })
      acquireWord(cpu, lock, kind)
      expect([own(cpu, 'waitingKind'), own(cpu, 'waits')]).toEqual([WAITING_NOTHING, waits + 1])
    },
  )
})

describe('a held lock', () => {
  it('is got by spinning, without parking or a word to the watchdog, when it is released soon', () => {
    const house = setting(2)
    const [cpu, owner] = house.cpus
    const lock = house.take()
    spinLock(owner, lock)
    let looks = 0
    interrupt(
      'load',
      (at) => at === lock && ++looks === 5,
      () => spinUnlock(owner, lock),
    )
    spinLock(cpu, lock)
    expect(house.words[lock]).toBe(cpu.id + 1)
    expect(own(cpu, 'waits')).toBe(0)
  })

  it('is marked contended by a waiter before it parks, and still when the waiter got it: others may be parked behind', () => {
    const house = setting(2)
    const [cpu, owner] = house.cpus
    const lock = house.take()
    spinLock(owner, lock)
    whileParked((at) => {
      expect(at).toBe(lock)
      expect(house.words[lock]).toBe((owner.id + 1) | CONTENDED)
      spinUnlock(owner, lock)
    })
    spinLock(cpu, lock)
    expect(house.words[lock]).toBe((cpu.id + 1) | CONTENDED)
    const steps = recordAtomics()
    spinUnlock(cpu, lock)
    expect(steps).toContain(`notify ${lock}`)
    expect(house.words[lock]).toBe(0)
  })

  it('is not slept through: a release between mark and park makes the wait return at once', () => {
    const house = setting(2)
    const [cpu, owner] = house.cpus
    const lock = house.take()
    spinLock(owner, lock)
    // A wait that would park throws in here.
    interrupt(
      'wait',
      (at) => at === lock,
      () => spinUnlock(owner, lock),
    )
    spinLock(cpu, lock)
    expect(lockOwner(house.words, lock)).toBe(cpu.id)
  })

  it('is marked again by a waiter who was woken and found a third CPU quicker', () => {
    const house = setting(3)
    const [cpu, owner, thief] = house.cpus
    const lock = house.take()
    spinLock(owner, lock)
    const owners: number[] = []
    whileParked(() => {
      owners.push(lockOwner(house.words, lock))
      expect(house.words[lock] & CONTENDED).toBe(CONTENDED)
      if (owners.length === 1) {
        spinUnlock(owner, lock)
        spinLock(thief, lock)
      } else {
        spinUnlock(thief, lock)
      }
    })
    spinLock(cpu, lock)
    expect(owners).toEqual([owner.id, thief.id])
    expect(lockOwner(house.words, lock)).toBe(cpu.id)
  })
})

describe('a CPU that may not park', () => {
  /** Makes `performance.now` a clock that goes on `ms` each time it is read, and calls `tick` then. */
  function clock(ms: number, tick: () => void = () => {}): void {
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => {
      tick()
      return (now += ms)
    })
  }

  it('spins until the owner is done, never marks the lock and never parks', () => {
    const house = setting(2)
    const cpu = neverParking(house.cpus[0])
    const owner = house.cpus[1]
    const lock = house.take()
    spinLock(owner, lock)
    let looks = 0
    clock(1, () => {
      expect(house.words[lock]).toBe(owner.id + 1)
      expect([own(cpu, 'waitingKind'), own(cpu, 'waitingAt')]).toEqual([WAITING_LOCK, lock])
      if (++looks === 50) spinUnlock(owner, lock)
    })
    const steps = recordAtomics()
    spinLock(cpu, lock)
    vi.restoreAllMocks()
    expect(house.words[lock]).toBe(cpu.id + 1)
    expect(own(cpu, 'waitingKind')).toBe(WAITING_NOTHING)
    expect(steps.filter((step) => step.startsWith('wait'))).toEqual([])
  })

  it('gives up on an owner that does not come back, and says who holds what since when', () => {
    const house = setting(4)
    const cpu = neverParking(house.cpus[0])
    const lock = house.take()
    spinLock(house.cpus[3], lock)
    clock(100)
    const message = `CPU 0 waits for the lock at word ${lock} since 3000 ms; CPU 3 holds it`
    expectBug('soft-lockup', message, () => spinLock(cpu, lock))
    vi.restoreAllMocks()
    expect(lockOwner(house.words, lock)).toBe(3)
    expect(own(cpu, 'locksHeld')).toBe(0)
  })

  it('is no longer shown as waiting once it gave up', () => {
    const house = setting(2)
    const cpu = neverParking(house.cpus[0])
    const lock = house.take()
    spinLock(house.cpus[1], lock)
    clock(100)
    expect(() => spinLock(cpu, lock)).toThrow('holds it')
    vi.restoreAllMocks()
    expect(own(cpu, 'waitingKind')).toBe(WAITING_NOTHING)
  })
})

describe.runIf(REAL_THREADS)('on real threads', () => {
  it.each([2, 10])('%i threads that add to a plain counter under the lock lose nothing', async (threads) => {
    const house = setting(threads)
    const [lock, counter] = [house.take(), house.take()]
    const rounds = 20_000 / threads
    const job = { file: 'lock-jobs', job: 'count', args: { lock, counter, rounds } } as const
    const all = Array.from({ length: threads }, () => job)
    await runThreads(house, 0, all, [lock])
    expect(house.words[counter]).toBe(20_000)
    expect(house.words[lock]).toBe(0)
    for (const cpu of house.cpus) expect([own(cpu, 'locksHeld'), own(cpu, 'waitingKind')]).toEqual([0, 0])
  })

  it('nor do threads that park, threads that may not, and threads that only try, all on one lock', async () => {
    const house = setting(5)
    const [lock, counter] = [house.take(), house.take()]
    const args = { lock, counter, rounds: 2_000 }
    const file = 'lock-jobs' as const
    const jobs = [
      { file, job: 'count', args },
      { file, job: 'count', args },
      { file, job: 'count', args },
      { file, job: 'count', args, mayPark: false },
      { file, job: 'countTrying', args },
    ]
    await runThreads(house, 0, jobs, [lock])
    expect(house.words[counter]).toBe(10_000)
    expect(house.words[lock]).toBe(0)
  })

  it('one release lets all parked waiters through, one behind the other', async () => {
    const house = setting(6)
    const [lock, counter] = [house.take(), house.take()]
    for (let round = 1; round <= 3; round++) {
      const [holder, ...waiters] = house.cpus
      spinLock(holder, lock)
      const job = { file: 'lock-jobs', job: 'takeOnce', args: { lock, counter } } as const
      const threads = await startThreads(
        house,
        1,
        waiters.map(() => job),
      )
      await eventually(house, 'all wait', () => waiters.every((cpu) => own(cpu, 'waits') === round), [lock])
      // They have said that they wait; a moment later they are parked.
      await new Promise((resolve) => setTimeout(resolve, 20))
      spinUnlock(holder, lock)
      await allDone(house, threads, [lock])
      expect(house.words[counter]).toBe(round * waiters.length)
    }
  })

  it('a waiter that dies parked takes nobody’s turn', async () => {
    const house = setting(5)
    const [lock, counter] = [house.take(), house.take()]
    const [holder, ...waiters] = house.cpus
    spinLock(holder, lock)
    const job = { file: 'lock-jobs', job: 'takeOnce', args: { lock, counter } } as const
    const threads = await startThreads(
      house,
      1,
      waiters.map(() => job),
    )
    await eventually(house, 'all wait', () => waiters.every((cpu) => own(cpu, 'waitingKind') !== 0), [lock])
    await new Promise((resolve) => setTimeout(resolve, 20))
    await Promise.all([threads[0].kill(), threads[2].kill()])
    spinUnlock(holder, lock)
    await allDone(house, [threads[1], threads[3]], [lock])
    expect(house.words[counter]).toBe(2)
    expect(house.words[lock]).toBe(0)
  })

  it('a lock whose owner died inside names the dead to whoever may not park', async () => {
    const house = setting(2)
    const [lock, counter, release] = [house.take(), house.take(), house.take()]
    const job = { file: 'lock-jobs', job: 'takeOnce', args: { lock, counter, release } } as const
    const [thread] = await startThreads(house, 1, [job])
    await eventually(house, 'the thread holds the lock', () => house.words[counter] === 1, [lock])
    await thread.kill()
    let now = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 100))
    const message = `CPU 0 waits for the lock at word ${lock} since 3000 ms; CPU 1 holds it`
    expectBug('soft-lockup', message, () => spinLock(neverParking(house.cpus[0]), lock))
    clock.mockRestore()
  })
})
