import { describe, expect, it } from 'vitest'
import { rcuOffline, rcuOnline } from '../../src/sync/quiescent-state.ts'
import {
  hintLoad,
  rcuAssignPointer,
  rcuDereference,
  rcuReadLock,
  rcuReadLockHeld,
  rcuReadUnlock,
  writeOnce,
} from '../../src/sync/rcu.ts'
import { changesIn, expectBugUntouched, own, ownAt, recordAtomics, setting } from './setting.ts'
import { allowForThreads, REAL_THREADS, runThreads } from './threads.ts'

allowForThreads()

describe('a read section', () => {
  it('is held from the outermost rcuReadLock to the rcuReadUnlock that matches it', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    rcuOnline(cpu)
    const held = () => rcuReadLockHeld(cpu)
    const seen = [held()]
    for (const step of [rcuReadLock, rcuReadLock, rcuReadUnlock, rcuReadUnlock]) {
      step(cpu)
      seen.push(held())
    }
    expect(seen).toEqual([false, true, true, true, false])
  })

  it('touches one private word of its CPU', () => {
    const house = setting(2)
    const [cpu] = house.cpus
    rcuOnline(cpu)
    const nesting = ownAt(cpu, 'nesting')
    expect(changesIn(house, () => rcuReadLock(cpu))).toEqual([[nesting, 0, 1]])
    expect(changesIn(house, () => rcuReadUnlock(cpu))).toEqual([[nesting, 1, 0]])
  })

  it('is refused on an offline CPU, again and again: no grace period would wait for it', () => {
    const house = setting(2)
    const cpu = house.cpus[1]
    const message = 'rcuReadLock on CPU 1, which is offline: no grace period would wait for it; call rcuOnline first'
    for (let i = 0; i < 3; i++) expectBugUntouched(house, 'cpu-offline', message, () => rcuReadLock(cpu))
    rcuOnline(cpu)
    rcuReadLock(cpu)
    rcuReadUnlock(cpu)
    rcuOffline(cpu)
    expectBugUntouched(house, 'cpu-offline', message, () => rcuReadLock(cpu))
    expect(rcuReadLockHeld(cpu)).toBe(false)
  })

  it('is not ended without being begun, online or offline', () => {
    const house = setting(2)
    const cpu = house.cpus[1]
    const message = 'rcuReadUnlock on CPU 1 without an rcuReadLock'
    expectBugUntouched(house, 'read-section-unbalanced', message, () => rcuReadUnlock(cpu))
    rcuOnline(cpu)
    expectBugUntouched(house, 'read-section-unbalanced', message, () => rcuReadUnlock(cpu))
    rcuReadLock(cpu)
    rcuReadUnlock(cpu)
    expectBugUntouched(house, 'read-section-unbalanced', message, () => rcuReadUnlock(cpu))
    expect(own(cpu, 'nesting')).toBe(0)
  })
})

describe('pointers', () => {
  it('are published by an atomic store, and dereferenced as they were published', () => {
    const house = setting(1)
    const slot = house.take()
    const steps = recordAtomics()
    rcuAssignPointer(house.words, slot, 1234)
    expect(steps).toContain(`store ${slot}`)
    expect(rcuDereference(house.words, slot)).toBe(1234)
    expect(hintLoad(house.words, slot)).toBe(1234)
    rcuAssignPointer(house.words, slot, 0)
    expect(rcuDereference(house.words, slot)).toBe(0)
  })

  it('are cleared where nobody needs to be told more than that', () => {
    const house = setting(1)
    const slot = house.take()
    rcuAssignPointer(house.words, slot, 1234)
    writeOnce(house.words, slot, 0)
    expect(rcuDereference(house.words, slot)).toBe(0)
  })
})

describe.runIf(REAL_THREADS)('on real threads', () => {
  /**
   * One published object, changed by `updaters` CPUs and read by `readers`. Each object has one number in all of its
   * words.
   */
  async function publish(
    readers: number,
    updaters: number,
    update: string,
    rounds: number,
    helpers: readonly string[] = [],
  ) {
    const house = setting(readers + updaters + helpers.length)
    const [slot, stop, left] = [house.take(), house.take(), house.take()]
    const seen = update === 'updateAtOnce' ? house.take() : undefined
    const behind = Array.from({ length: readers }, () => house.take())
    const pools = Array.from({ length: updaters }, () => house.take(64 * 16))
    house.words[left] = updaters
    const first = house.take(16)
    house.words.fill(1, first, first + 16)
    house.words[slot] = first
    const jobs = [
      ...behind.map((online) => ({ file: 'rcu-jobs', job: 'read', args: { slot, stop, online, seen } }) as const),
      ...pools.map(
        (pool) => ({ file: 'rcu-jobs', job: update, args: { slot, stop, left, pool, rounds, behind, seen } }) as const,
      ),
      ...helpers.map((job) => ({ file: 'rcu-jobs', job, args: { stop } }) as const),
    ]
    const results = await runThreads<{ reads?: number; poisoned?: number; freed?: number }>(house, 0, jobs)
    const sum = (field: 'reads' | 'poisoned' | 'freed') =>
      results.reduce((total, each) => total + (each[field] ?? 0), 0)
    return { house, reads: sum('reads'), poisoned: sum('poisoned'), freed: sum('freed') }
  }

  it('readers never see an object that was poisoned after synchronizeRcu', async () => {
    const { reads, poisoned, freed } = await publish(3, 2, 'updateAndWait', 150)
    expect(poisoned).toBe(0)
    expect(freed).toBe(300)
    expect(reads).toBeGreaterThan(0)
  })

  it('nor one that was poisoned by a callback', async () => {
    const { reads, poisoned, freed } = await publish(3, 2, 'updateAndCall', 1_500, ['kworker'])
    expect(poisoned).toBe(0)
    expect(freed).toBe(3_000)
    expect(reads).toBeGreaterThan(0)
  })

  it('nor when CPUs come and go between their sections, and more of them than cores', async () => {
    const { reads, poisoned, freed } = await publish(6, 4, 'updateAndWait', 25)
    expect(poisoned).toBe(0)
    expect(freed).toBe(100)
    expect(reads).toBeGreaterThan(0)
  })

  it('and this catches an updater that frees at once', async () => {
    // Until it is seen: on a busy machine the readers may all be asleep for as long as thousands of rounds take.
    const { poisoned } = await publish(3, 1, 'updateAtOnce', 500_000_000)
    expect(poisoned).toBeGreaterThan(0)
  })
})
