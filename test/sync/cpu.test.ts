import { describe, expect, it } from 'vitest'
import {
  beginWait,
  endWait,
  mightSleep,
  PERCPU,
  WAITING_GRACE_PERIOD,
  WAITING_LOCK,
  WAITING_MUTEX,
  WAITING_NOTHING,
} from '../../src/sync/cpu.ts'
import { rcuOnline } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { cpuBase, FIRST_GRACE_PERIOD, GRACE_PERIOD_STEP, initRcu, RCU } from '../../src/sync/rcu-layout.ts'
import { spinLock, spinUnlock } from '../../src/sync/spin-lock.ts'
import { expectBugUntouched, neverParking, own, recordAtomics, setting } from './setting.ts'

const LINE = 16

describe('the layout', () => {
  it('keeps what others scan, what is private and what the watchdog reads on lines of their own', () => {
    const line = (word: number) => Math.floor(word / LINE)
    const { quiescent, waitingKind, waitingAt, waits, allocator, SIZE, ...privates } = PERCPU
    expect(Object.values(privates).map(line)).not.toContain(line(quiescent))
    expect([waitingKind, waitingAt, waits].map(line)).toEqual([2, 2, 2])
    expect(new Set(Object.values(privates).map(line))).toEqual(new Set([1]))
    expect(line(allocator)).toBeGreaterThan(2)
    expect(allocator).toBeLessThan(SIZE)
    expect(SIZE % LINE).toBe(0)
  })

  it('gives no two fields one word, in a CPU’s corner and in what all share', () => {
    for (const record of [PERCPU, RCU]) expect(new Set(Object.values(record)).size).toBe(Object.keys(record).length)
  })

  it('puts the grace-period numbers on a line that callbacks and work do not write', () => {
    expect(RCU.started).toBeLessThan(LINE)
    expect(RCU.completed).toBeLessThan(LINE)
    for (const written of [RCU.orphans, RCU.orphanMutex, RCU.work, RCU.workBell, RCU.workPending]) {
      expect(written).toBeGreaterThanOrEqual(LINE)
    }
  })

  it('sets the CPUs’ corners one behind the other, behind what they share', () => {
    expect(cpuBase(64, 0)).toBe(64 + RCU.SIZE)
    expect(cpuBase(64, 3)).toBe(64 + RCU.SIZE + 3 * PERCPU.SIZE)
  })

  it('counts grace periods by odd numbers, so that none is ever 0', () => {
    expect(FIRST_GRACE_PERIOD % 2).toBe(1)
    expect(GRACE_PERIOD_STEP % 2).toBe(0)
  })
})

it('initRcu begins with no grace period in progress and every CPU offline, and writes nothing else', () => {
  const words = new Int32Array(cpuBase(16, 3) + 16)
  initRcu(words, 16, 3)
  expect([words[16 + RCU.started], words[16 + RCU.completed], words[16 + RCU.cpus]]).toEqual([1, 1, 3])
  const written = [16 + RCU.started, 16 + RCU.completed, 16 + RCU.cpus]
  for (let id = 0; id < 3; id++) {
    expect(words[cpuBase(16, id) + PERCPU.quiescent]).toBe(0)
    expect(words[cpuBase(16, id) + PERCPU.nesting]).toBeLessThan(-1_000_000)
    written.push(cpuBase(16, id) + PERCPU.nesting)
  }
  expect([...words.keys()].filter((at) => words[at] !== 0)).toEqual(written)
})

describe('the watchdog’s words', () => {
  it('tell kinds of waits apart', () => {
    const kinds = [WAITING_NOTHING, WAITING_LOCK, WAITING_GRACE_PERIOD, WAITING_MUTEX]
    expect(new Set(kinds).size).toBe(4)
    expect(WAITING_NOTHING).toBe(0)
  })

  it('say what is waited for and how often, on the waiter’s own line only', () => {
    const house = setting(2)
    const [cpu, other] = house.cpus
    const others = house.words.slice(other.base, other.base + PERCPU.SIZE)
    for (const [kind, at, waits] of [
      [WAITING_LOCK, 77, 1],
      [WAITING_MUTEX, 78, 2],
    ]) {
      beginWait(cpu, kind, at)
      expect([own(cpu, 'waitingKind'), own(cpu, 'waitingAt'), own(cpu, 'waits')]).toEqual([kind, at, waits])
      endWait(cpu)
      expect([own(cpu, 'waitingKind'), own(cpu, 'waits')]).toEqual([WAITING_NOTHING, waits])
    }
    expect(house.words.slice(other.base, other.base + PERCPU.SIZE)).toEqual(others)
  })

  it('are never seen with a new kind and an old place: the place is written first', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    const steps = recordAtomics()
    beginWait(cpu, WAITING_LOCK, 77)
    const place = steps.indexOf(`store ${cpu.base + PERCPU.waitingAt}`)
    expect(place).toBeGreaterThanOrEqual(0)
    expect(steps.indexOf(`store ${cpu.base + PERCPU.waitingKind}`)).toBeGreaterThan(place)
  })
})

describe('mightSleep', () => {
  it('lets an online CPU sleep outside of everything, and an offline one', () => {
    const house = setting(2)
    rcuOnline(house.cpus[0])
    expect(() => mightSleep(house.cpus[0], 'the test')).not.toThrow()
    expect(() => mightSleep(house.cpus[1], 'the test')).not.toThrow()
  })

  it('throws inside a read section, and no longer behind the outermost', () => {
    const house = setting(2)
    const cpu = house.cpus[1]
    rcuOnline(cpu)
    rcuReadLock(cpu)
    rcuReadLock(cpu)
    rcuReadUnlock(cpu)
    const message = 'the test inside an RCU read section on CPU 1: it would wait for itself'
    expectBugUntouched(house, 'sleep-in-read-section', message, () => mightSleep(cpu, 'the test'))
    rcuReadUnlock(cpu)
    expect(() => mightSleep(cpu, 'the test')).not.toThrow()
  })

  it('throws under spin locks and says how many', () => {
    const house = setting(2)
    const cpu = house.cpus[1]
    const locks = [house.take(), house.take()]
    spinLock(cpu, locks[0])
    const one = 'the test with 1 spin lock held on CPU 1: release before sleeping'
    expectBugUntouched(house, 'sleep-under-lock', one, () => mightSleep(cpu, 'the test'))
    spinLock(cpu, locks[1])
    const two = 'the test with 2 spin locks held on CPU 1: release before sleeping'
    expectBugUntouched(house, 'sleep-under-lock', two, () => mightSleep(cpu, 'the test'))
    for (const lock of locks) spinUnlock(cpu, lock)
    expect(() => mightSleep(cpu, 'the test')).not.toThrow()
  })

  it('throws in a callback', () => {
    const house = setting(2)
    const cpu = house.cpus[1]
    house.words[cpu.base + PERCPU.inCallback] = 1
    const message = 'the test inside an RCU callback on CPU 1: callbacks may not sleep'
    expectBugUntouched(house, 'sleep-in-callback', message, () => mightSleep(cpu, 'the test'))
  })

  it('throws on a CPU that may not wait', () => {
    const house = setting(2)
    const cpu = neverParking(house.cpus[1])
    const message = 'the test on CPU 1, which may not wait: call it on a worker CPU'
    expectBugUntouched(house, 'may-not-wait', message, () => mightSleep(cpu, 'the test'))
  })
})
