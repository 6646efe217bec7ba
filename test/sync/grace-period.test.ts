import { describe, expect, it } from 'vitest'
import { PERCPU, WAITING_GRACE_PERIOD, WAITING_NOTHING } from '../../src/sync/cpu.ts'
import { nextGracePeriod, pushGracePeriod, reached, waitForReport } from '../../src/sync/grace-period.ts'
import { rcuOffline, rcuOnline, rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { cpuBase, FIRST_GRACE_PERIOD, GRACE_PERIOD_STEP, RCU } from '../../src/sync/rcu-layout.ts'
import { interrupt, numbers, own, ownAt, recordAtomics, setNumbers, setting, whileParked } from './setting.ts'

const STEP = GRACE_PERIOD_STEP

/** Numbers just before they turn negative, and just before they come back to where they began. */
const BEFORE_WRAPS = [0x7fff_ffff - 4, -5]

describe('reached', () => {
  it('orders numbers up to half the circle apart, on both sides of either wrap', () => {
    for (const from of [FIRST_GRACE_PERIOD, 0x7fff_ffff, -0x7fff_ffff, -1, -3]) {
      expect(reached(from, from)).toBe(true)
      for (const apart of [2, 4, 1000, 0x3fff_fffe, 0x7fff_fffe]) {
        expect(reached((from + apart) | 0, from)).toBe(true)
        expect(reached(from, (from + apart) | 0)).toBe(false)
      }
    }
  })
})

describe('nextGracePeriod', () => {
  it('is the one behind the newest begun, whether that has ended or not', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    expect(nextGracePeriod(cpu)).toBe(FIRST_GRACE_PERIOD + STEP)
    rcuOnline(reader)
    pushGracePeriod(cpu)
    expect(nextGracePeriod(cpu)).toBe(FIRST_GRACE_PERIOD + 2 * STEP)
  })

  it.each(BEFORE_WRAPS)('wraps and is never 0, from %i', (number) => {
    const house = setting(1)
    const [cpu] = house.cpus
    for (let i = 0; i < 6; i++) {
      setNumbers(house, (number + i * STEP) | 0)
      expect(nextGracePeriod(cpu)).toBe((number + (i + 1) * STEP) | 0)
      expect(nextGracePeriod(cpu) % 2).not.toBe(0)
    }
  })
})

describe('pushGracePeriod', () => {
  it('begins and ends one at once where every CPU is offline, and waits for the caller itself like for any other', () => {
    const house = setting(3)
    const [cpu] = house.cpus
    expect(pushGracePeriod(cpu)).toBe(0)
    expect(numbers(house)).toEqual({ started: FIRST_GRACE_PERIOD + STEP, completed: FIRST_GRACE_PERIOD + STEP })
    rcuOnline(cpu)
    expect(pushGracePeriod(cpu)).toBe(ownAt(cpu, 'quiescent'))
    rcuQuiescentState(cpu)
    expect(pushGracePeriod(cpu)).toBe(0)
    expect(numbers(house).completed).toBe(FIRST_GRACE_PERIOD + 2 * STEP)
  })

  it('begins one and names a CPU that has not reported, one after the other, until the last has', () => {
    const house = setting(4)
    const [cpu, ...readers] = house.cpus
    for (const reader of readers) rcuOnline(reader)
    for (const reader of readers) {
      expect(pushGracePeriod(cpu)).toBe(ownAt(reader, 'quiescent'))
      expect(numbers(house)).toEqual({ started: FIRST_GRACE_PERIOD + STEP, completed: FIRST_GRACE_PERIOD })
      rcuQuiescentState(reader)
    }
    expect(pushGracePeriod(cpu)).toBe(0)
    expect(numbers(house)).toEqual({ started: FIRST_GRACE_PERIOD + STEP, completed: FIRST_GRACE_PERIOD + STEP })
  })

  it('does not wait for a CPU that went offline instead of reporting', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    rcuOnline(reader)
    expect(pushGracePeriod(cpu)).toBe(ownAt(reader, 'quiescent'))
    rcuOffline(reader)
    expect(pushGracePeriod(cpu)).toBe(0)
    expect(numbers(house).completed).toBe(FIRST_GRACE_PERIOD + STEP)
  })

  it('asks the CPUs there are and no word behind the last', () => {
    const house = setting(2)
    const [cpu] = house.cpus
    // What the state of a third CPU would be, had it reported nothing since the beginning.
    const behind = cpuBase(house.rcu, 2) + PERCPU.quiescent
    house.words[behind] = FIRST_GRACE_PERIOD
    expect(pushGracePeriod(cpu)).toBe(0)
    house.words[behind] = 0
  })

  it('may be moved on by any CPU, whoever began: nobody’s death stops it', () => {
    const house = setting(3)
    const [first, second, reader] = house.cpus
    rcuOnline(reader)
    pushGracePeriod(first)
    rcuQuiescentState(reader)
    pushGracePeriod(second)
    expect(numbers(house)).toEqual({ started: FIRST_GRACE_PERIOD + STEP, completed: FIRST_GRACE_PERIOD + STEP })
  })

  it('begins one, not two, when another CPU begins it in between', () => {
    const house = setting(3)
    const [cpu, other, reader] = house.cpus
    rcuOnline(reader)
    interrupt(
      'compareExchange',
      (at) => at === house.rcu + RCU.started,
      () => pushGracePeriod(other),
    )
    expect(pushGracePeriod(cpu)).toBe(ownAt(reader, 'quiescent'))
    expect(numbers(house)).toEqual({ started: FIRST_GRACE_PERIOD + STEP, completed: FIRST_GRACE_PERIOD })
  })

  it('ends nothing when others have ended it, and the next is in progress', () => {
    const house = setting(3)
    const [cpu, other, reader] = house.cpus
    rcuOnline(reader)
    pushGracePeriod(cpu)
    rcuQuiescentState(reader)
    interrupt(
      'compareExchange',
      (at) => at === house.rcu + RCU.completed,
      () => {
        expect(pushGracePeriod(other)).toBe(0)
        expect(pushGracePeriod(other)).toBe(ownAt(reader, 'quiescent'))
      },
    )
    expect(pushGracePeriod(cpu)).toBe(0)
    expect(numbers(house)).toEqual({ started: FIRST_GRACE_PERIOD + 2 * STEP, completed: FIRST_GRACE_PERIOD + STEP })
  })

  it.each(BEFORE_WRAPS)('goes on across the wrap with readers to wait for, from %i', (number) => {
    const house = setting(3)
    setNumbers(house, number)
    const [cpu, reader, sleeper] = house.cpus
    rcuOnline(reader)
    for (let i = 1; i <= 6; i++) {
      const now = (number + i * STEP) | 0
      expect(pushGracePeriod(cpu)).toBe(ownAt(reader, 'quiescent'))
      expect(numbers(house)).toEqual({ started: now, completed: (now - STEP) | 0 })
      // One that comes online now is not waited for before the next.
      rcuOnline(sleeper)
      rcuQuiescentState(reader)
      expect(pushGracePeriod(cpu)).toBe(0)
      expect(numbers(house)).toEqual({ started: now, completed: now })
      rcuOffline(sleeper)
    }
  })

  it.each(BEFORE_WRAPS)('waits across the wrap for the one reader that does not move, from %i', (number) => {
    const house = setting(3)
    setNumbers(house, number)
    const [cpu, reader, stuck] = house.cpus
    rcuOnline(reader)
    for (let i = 0; i < 3; i++) {
      pushGracePeriod(cpu)
      rcuQuiescentState(reader)
      pushGracePeriod(cpu)
    }
    rcuOnline(stuck)
    const { completed } = numbers(house)
    for (let i = 0; i < 3; i++) {
      pushGracePeriod(cpu)
      rcuQuiescentState(reader)
      expect(pushGracePeriod(cpu)).toBe(ownAt(stuck, 'quiescent'))
    }
    expect(numbers(house)).toEqual({ started: (completed + STEP) | 0, completed })
  })
})

describe('waitForReport', () => {
  it('returns at once for a CPU that is offline or has reported since the scan', () => {
    const house = setting(3)
    const [cpu, offline, reader] = house.cpus
    rcuOnline(reader)
    pushGracePeriod(cpu)
    rcuQuiescentState(reader)
    // A wait that would park throws in here.
    waitForReport(cpu, ownAt(offline, 'quiescent'))
    waitForReport(cpu, ownAt(reader, 'quiescent'))
    expect(own(cpu, 'waits')).toBe(0)
  })

  it('looks for a while before it parks, and tells the watchdog nothing of that', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    rcuOnline(reader)
    const at = pushGracePeriod(cpu)
    let looks = 0
    interrupt(
      'load',
      (word) => word === at && ++looks === 20,
      () => rcuQuiescentState(reader),
    )
    waitForReport(cpu, at)
    expect(own(cpu, 'waits')).toBe(0)
  })

  it('parks on the CPU’s word until it reports, and shows that meanwhile', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    rcuOnline(reader)
    const at = pushGracePeriod(cpu)
    whileParked((word) => {
      expect(word).toBe(at)
      expect([own(cpu, 'waitingKind'), own(cpu, 'waitingAt'), own(cpu, 'waits')]).toEqual([WAITING_GRACE_PERIOD, at, 1])
      rcuQuiescentState(reader)
    })
    waitForReport(cpu, at)
    expect([own(cpu, 'waitingKind'), own(cpu, 'waits')]).toEqual([WAITING_NOTHING, 1])
  })

  it('does not sleep through a report that comes just before it parks', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    rcuOnline(reader)
    const at = pushGracePeriod(cpu)
    interrupt(
      'wait',
      (word) => word === at,
      () => rcuQuiescentState(reader),
    )
    waitForReport(cpu, at)
    expect(own(cpu, 'waitingKind')).toBe(WAITING_NOTHING)
  })

  it('returns as well when the CPU went offline and came back in between', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    rcuOnline(reader)
    const at = pushGracePeriod(cpu)
    interrupt(
      'wait',
      (word) => word === at,
      () => {
        rcuOffline(reader)
        rcuOnline(reader)
      },
    )
    waitForReport(cpu, at)
    const steps = recordAtomics()
    waitForReport(cpu, at)
    expect(steps.filter((step) => step.startsWith('wait'))).toEqual([])
  })
})
