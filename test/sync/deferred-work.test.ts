import { describe, expect, it } from 'vitest'
import { CALLBACK_BITS, type Cpu } from '../../src/sync/cpu.ts'
import { deferredWorkPending, queueRcuWork, queueWork, runDeferredWork } from '../../src/sync/deferred-work.ts'
import { rcuOffline, rcuOnline } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { callRcu } from '../../src/sync/rcu-callback.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import { spinLock } from '../../src/sync/spin-lock.ts'
import { synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'
import { readWorkBell, ringWorkBell, waitForWorkBell } from '../../src/sync/work-bell.ts'
import {
  changesIn,
  expectBugUntouched,
  gracePeriodsIn,
  interrupt,
  neverParking,
  newHead,
  recordAtomics,
  setting,
  whileParked,
} from './setting.ts'
import { allDone, allowForThreads, REAL_THREADS, runThreads, startThreads } from './threads.ts'

allowForThreads()

describe('queueWork', () => {
  it('counts the work as pending and rings the bell, and waits for nothing', () => {
    const house = setting(2)
    const cpu = neverParking(house.cpus[0])
    const bell = readWorkBell(cpu)
    const steps = recordAtomics()
    queueWork(cpu, newHead(house), 0)
    expect(steps).toContain(`notify ${house.rcu + RCU.workBell}`)
    expect(readWorkBell(cpu)).toBe(bell + 1)
    expect(deferredWorkPending(house.cpus[1])).toBe(1)
    expect(house.ran).toEqual([])
  })

  it('is allowed where nothing may sleep: in a read section, under a lock, on an offline CPU', () => {
    const house = setting(3)
    const [reading, locking, offline] = house.cpus
    rcuOnline(reading)
    rcuReadLock(reading)
    spinLock(locking, house.take())
    for (const cpu of [reading, locking, offline]) queueWork(cpu, newHead(house), 0)
    expect(deferredWorkPending(offline)).toBe(3)
  })

  it('loses nothing when another CPU queues in between', () => {
    const house = setting(2)
    const [cpu, other] = house.cpus
    const [mine, theirs] = [newHead(house), newHead(house)]
    interrupt(
      'compareExchange',
      (at) => at === house.rcu + RCU.work,
      () => queueWork(other, theirs, 0),
    )
    queueWork(cpu, mine, 0)
    expect(runDeferredWork(cpu)).toBe(2)
    expect(house.ran).toEqual([theirs, mine])
  })
})

describe('runDeferredWork', () => {
  it('does the oldest first, says how much there was, and leaves nothing pending', () => {
    const house = setting(2)
    const [cpu, other] = house.cpus
    const heads = Array.from({ length: 5 }, () => newHead(house))
    for (const [i, head] of heads.entries()) queueWork(i % 2 ? cpu : other, head, 0)
    expect(runDeferredWork(cpu)).toBe(5)
    expect(house.ran).toEqual(heads)
    expect(deferredWorkPending(cpu)).toBe(0)
    expect(runDeferredWork(cpu)).toBe(0)
    expect(house.ran).toEqual(heads)
  })

  it('names the function by the low bits of func and hands it the whole word and the head', () => {
    const calls: number[][] = []
    const house = setting(1, [(cpu, head, func) => calls.push([cpu.id, head, func])])
    const func = 1 | (0x2345678 << CALLBACK_BITS)
    const head = newHead(house)
    queueWork(house.cpus[0], head, func)
    runDeferredWork(house.cpus[0])
    expect(calls).toEqual([[0, head, func]])
  })

  it('lets work sleep, counts it as pending until it is done, and lets it free its head', () => {
    const pending: number[] = []
    const house = setting(1, [
      (cpu, head) => {
        synchronizeRcu(cpu)
        cpu.words.fill(-1, head, head + 2)
        pending.push(deferredWorkPending(cpu))
      },
    ])
    const [cpu] = house.cpus
    for (let i = 0; i < 3; i++) queueWork(cpu, newHead(house), 1)
    expect(runDeferredWork(cpu)).toBe(3)
    expect(pending).toEqual([3, 2, 1])
    expect(deferredWorkPending(cpu)).toBe(0)
  })

  it('leaves work that work queues to the next time, and the bell has rung for it', () => {
    const second: number[] = []
    const house = setting(1, [
      (cpu) => {
        second.push(newHead(house))
        queueWork(cpu, second[0], 0)
      },
    ])
    const [cpu] = house.cpus
    queueWork(cpu, newHead(house), 1)
    const bell = readWorkBell(cpu)
    expect(runDeferredWork(cpu)).toBe(1)
    expect(house.ran).toEqual([])
    expect(deferredWorkPending(cpu)).toBe(1)
    expect(readWorkBell(cpu)).toBe(bell + 1)
    expect(runDeferredWork(cpu)).toBe(1)
    expect(house.ran).toEqual(second)
  })

  it('runs orphaned callbacks behind the work, after a grace period, and counts them too', () => {
    const house = setting(3)
    const [kworker, cpu, reader] = house.cpus
    const [orphan, work] = [newHead(house), newHead(house)]
    rcuOnline(cpu)
    rcuOnline(reader)
    rcuReadLock(reader)
    callRcu(cpu, orphan, 0)
    rcuOffline(cpu)
    queueWork(cpu, work, 0)
    whileParked(() => {
      expect(house.ran).toEqual([work])
      rcuReadUnlock(reader)
      rcuOffline(reader)
    })
    expect(runDeferredWork(kworker)).toBe(2)
    expect(house.ran).toEqual([work, orphan])
  })

  it('goes on with work that asks for a grace period, all of it behind the same one, and counts it once', () => {
    const steps: string[] = []
    const heads: number[] = []
    const note = (step: string, cpu: Cpu, head: number) =>
      steps.push(`${step} of ${heads.indexOf(head)}, ${deferredWorkPending(cpu)} pending`)
    const house = setting(1, [
      (cpu, head) => {
        note('first', cpu, head)
        queueRcuWork(cpu, head, 2)
      },
      (cpu, head) => {
        note('second', cpu, head)
        if (head !== heads[1]) queueRcuWork(cpu, head, 3)
      },
      (cpu, head) => {
        note('third', cpu, head)
        cpu.words.fill(-1, head, head + 2)
      },
    ])
    const [cpu] = house.cpus
    for (let i = 0; i < 3; i++) heads.push(newHead(house))
    for (const head of heads) queueWork(cpu, head, 1)
    expect(gracePeriodsIn(house, () => expect(runDeferredWork(cpu)).toBe(3))).toBe(2)
    expect(steps).toEqual([
      'first of 0, 3 pending',
      'first of 1, 3 pending',
      'first of 2, 3 pending',
      'second of 0, 3 pending',
      'second of 1, 3 pending',
      'second of 2, 2 pending',
      'third of 0, 2 pending',
      'third of 2, 1 pending',
    ])
    expect(deferredWorkPending(cpu)).toBe(0)
  })

  it('does not go on before every read section has ended that was open when it asked', () => {
    const house = setting(2, [(cpu, head) => queueRcuWork(cpu, head, 0)])
    const [kworker, reader] = house.cpus
    const head = newHead(house)
    queueWork(kworker, head, 1)
    rcuOnline(reader)
    rcuReadLock(reader)
    let waits = 0
    whileParked(() => {
      waits++
      expect(house.ran).toEqual([])
      rcuReadUnlock(reader)
      rcuOffline(reader)
    })
    runDeferredWork(kworker)
    expect([waits, house.ran]).toEqual([1, [head]])
  })

  it('throws where nothing may sleep, and takes no work', () => {
    const house = setting(2)
    const [main, cpu] = house.cpus
    queueWork(cpu, newHead(house), 0)
    const onMain = 'runDeferredWork on CPU 0, which may not wait: call it on a worker CPU'
    expectBugUntouched(house, 'may-not-wait', onMain, () => runDeferredWork(neverParking(main)))
    rcuOnline(cpu)
    rcuReadLock(cpu)
    const inSection = 'runDeferredWork inside an RCU read section on CPU 1: it would wait for itself'
    expectBugUntouched(house, 'sleep-in-read-section', inSection, () => runDeferredWork(cpu))
    rcuReadUnlock(cpu)
    spinLock(cpu, house.take())
    const underLock = 'runDeferredWork with 1 spin lock held on CPU 1: release before sleeping'
    expectBugUntouched(house, 'sleep-under-lock', underLock, () => runDeferredWork(cpu))
  })
})

describe('the bell', () => {
  it('moves on with each ring', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    const bell = readWorkBell(cpu)
    ringWorkBell(cpu)
    ringWorkBell(cpu)
    expect(readWorkBell(cpu)).toBe(bell + 2)
  })

  it('is not slept through when it rang since it was looked at', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    const bell = readWorkBell(cpu)
    ringWorkBell(cpu)
    // A wait that would park throws in here.
    expect(changesIn(house, () => waitForWorkBell(cpu, bell, 1_000))).toEqual([])
  })

  it('wakes who sleeps on it', () => {
    const house = setting(2)
    const [cpu, other] = house.cpus
    const parkedOn: number[] = []
    whileParked((at) => {
      parkedOn.push(at)
      ringWorkBell(other)
    })
    waitForWorkBell(cpu, readWorkBell(cpu), 1_000)
    expect(parkedOn).toEqual([house.rcu + RCU.workBell])
  })
})

describe.runIf(REAL_THREADS)('on real threads', () => {
  it('work of many CPUs is done once each, by a kworker that sleeps while there is none', async () => {
    const house = setting(5)
    const count = 1_000
    const queues = Array.from({ length: 4 }, () => house.take(3 * count))
    const kworker = { file: 'rcu-jobs', job: 'workUntil', args: { total: 4 * count } } as const
    const queuers = queues.map((heads) => ({ file: 'rcu-jobs', job: 'queueWorks', args: { heads, count } }) as const)
    const [done] = await runThreads<number>(house, 0, [kworker, ...queuers])
    expect(done).toBe(4 * count)
    for (const heads of queues) {
      for (let i = 0; i < count; i++) expect(house.words[heads + 3 * i + 2]).toBe(1)
    }
    expect(deferredWorkPending(house.cpus[0])).toBe(0)
  })

  it('a sleeper without a bell gets up when its time is over', async () => {
    const house = setting(1)
    const threads = await startThreads(house, 0, [{ file: 'rcu-jobs', job: 'nap' }])
    await allDone(house, threads)
  })
})
