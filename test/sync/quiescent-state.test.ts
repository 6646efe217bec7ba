import { describe, expect, it } from 'vitest'
import { WAITING_GRACE_PERIOD } from '../../src/sync/cpu.ts'
import { pushGracePeriod } from '../../src/sync/grace-period.ts'
import { rcuIsOnline, rcuOffline, rcuOnline, rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { callRcu } from '../../src/sync/rcu-callback.ts'
import { GRACE_PERIOD_STEP, RCU } from '../../src/sync/rcu-layout.ts'
import { synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'
import {
  chain,
  changesIn,
  expectBugUntouched,
  gracePeriodsIn,
  interrupt,
  newHead,
  numbers,
  own,
  ownAt,
  recordAtomics,
  setNumbers,
  setting,
  whileParked,
} from './setting.ts'
import { allDone, allowForThreads, eventually, REAL_THREADS, startThreads } from './threads.ts'

allowForThreads()

describe('rcuOnline', () => {
  it('makes grace periods wait for the CPU, beginning with the next', () => {
    const house = setting(2)
    const [cpu, updater] = house.cpus
    expect(rcuIsOnline(cpu)).toBe(false)
    rcuOnline(cpu)
    expect(rcuIsOnline(cpu)).toBe(true)
    expect(own(cpu, 'quiescent')).toBe(numbers(house).started)
    expect(pushGracePeriod(updater)).toBe(ownAt(cpu, 'quiescent'))
  })

  it('does not hold up the grace period in progress, which began without it', () => {
    const house = setting(3)
    const [cpu, updater, reader] = house.cpus
    rcuOnline(reader)
    pushGracePeriod(updater)
    rcuOnline(cpu)
    expect(pushGracePeriod(updater)).toBe(ownAt(reader, 'quiescent'))
    rcuQuiescentState(reader)
    expect(pushGracePeriod(updater)).toBe(0)
    expect(numbers(house).completed).toBe(numbers(house).started)
  })

  it('changes nothing on a CPU that is online, least of all in a read section', () => {
    const house = setting(2)
    const [cpu, updater] = house.cpus
    rcuOnline(cpu)
    rcuReadLock(cpu)
    pushGracePeriod(updater)
    expect(changesIn(house, () => rcuOnline(cpu))).toEqual([])
    expect(pushGracePeriod(updater)).toBe(ownAt(cpu, 'quiescent'))
  })

  it('lets the CPU look at its next quiescent state, whatever it had looked after before', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    rcuOnline(cpu)
    rcuQuiescentState(cpu)
    expect(own(cpu, 'attended')).toBe(numbers(house).started)
    rcuOffline(cpu)
    rcuOnline(cpu)
    expect(own(cpu, 'attended')).toBe(0)
  })

  // No machine of ours shows the stale load that the second look prevents (on x86 an Atomics.store is a full barrier):
  // so look at the steps.
  it('stores its state and then loads the number again, in this order: the online rule', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    const steps = recordAtomics()
    rcuOnline(cpu)
    const started = `load ${house.rcu + RCU.started}`
    const stored = steps.indexOf(`store ${ownAt(cpu, 'quiescent')}`)
    expect(stored).toBeGreaterThanOrEqual(0)
    expect(steps.slice(stored)).toContain(started)
  })

  it('is waited for when the updater advances between its look at the number and its store', () => {
    const house = setting(2)
    const [cpu, updater] = house.cpus
    const state = ownAt(cpu, 'quiescent')
    const first = numbers(house).started
    interrupt(
      'store',
      (at) => at === state,
      () => synchronizeRcu(updater),
    )
    rcuOnline(cpu)
    expect(own(cpu, 'quiescent')).toBe(first)
    // The one that ended meanwhile needed nothing of it, the next one does.
    expect(numbers(house).completed).toBe(first + GRACE_PERIOD_STEP)
    expect(pushGracePeriod(updater)).toBe(state)
    rcuQuiescentState(cpu)
    expect(pushGracePeriod(updater)).toBe(0)
  })
})

describe('rcuOffline', () => {
  it('changes nothing on a CPU that is offline', () => {
    const house = setting(2)
    const [cpu, other] = house.cpus
    rcuOnline(cpu)
    rcuOffline(cpu)
    pushGracePeriod(other)
    expect(changesIn(house, () => rcuOffline(cpu))).toEqual([])
  })

  it('lets grace periods end without the CPU and refuses it read sections', () => {
    const house = setting(2)
    const [cpu, updater] = house.cpus
    rcuOnline(cpu)
    rcuOffline(cpu)
    expect(rcuIsOnline(cpu)).toBe(false)
    expect(own(cpu, 'quiescent')).toBe(0)
    expect(() => rcuReadLock(cpu)).toThrow('which is offline')
    expect(gracePeriodsIn(house, () => synchronizeRcu(updater))).toBe(1)
  })

  it('wakes who waits for the CPU', () => {
    const house = setting(2)
    const [cpu, updater] = house.cpus
    rcuOnline(cpu)
    whileParked((at) => {
      expect(at).toBe(ownAt(cpu, 'quiescent'))
      rcuOffline(cpu)
    })
    expect(gracePeriodsIn(house, () => synchronizeRcu(updater))).toBe(1)
  })

  it('hands callbacks over before it says that it is gone, so that a barrier which saw it gone finds them', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    const head = newHead(house)
    rcuOnline(cpu)
    rcuOnline(reader)
    callRcu(cpu, head, 0)
    let orphans: number[] = []
    interrupt(
      'store',
      (at, value) => at === ownAt(cpu, 'quiescent') && value === 0,
      () => {
        orphans = chain(house.words, house.words[house.rcu + RCU.orphans])
      },
    )
    rcuOffline(cpu)
    expect(orphans).toEqual([head])
  })

  it('runs callbacks itself when nobody is left to wait for', () => {
    const house = setting(2)
    const [cpu] = house.cpus
    const heads = [newHead(house), newHead(house)]
    rcuOnline(cpu)
    for (const head of heads) callRcu(cpu, head, 0)
    rcuOffline(cpu)
    expect(house.ran).toEqual(heads)
    expect(house.words[house.rcu + RCU.orphans]).toBe(0)
  })

  it('may be called on a CPU that is offline, which it stays', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    rcuOffline(cpu)
    rcuOffline(cpu)
    expect(rcuIsOnline(cpu)).toBe(false)
    rcuOnline(cpu)
    rcuReadLock(cpu)
    rcuReadUnlock(cpu)
    expect(own(cpu, 'nesting')).toBe(0)
  })

  it('throws inside a read section and says how deep', () => {
    const house = setting(2)
    const cpu = house.cpus[1]
    rcuOnline(cpu)
    rcuReadLock(cpu)
    rcuReadLock(cpu)
    const message = 'rcuOffline inside an RCU read section on CPU 1 (depth 2)'
    expectBugUntouched(house, 'quiescent-state-in-read-section', message, () => rcuOffline(cpu))
  })
})

describe('rcuQuiescentState', () => {
  it('changes nothing where nothing has happened', () => {
    const house = setting(2)
    const [cpu] = house.cpus
    rcuOnline(cpu)
    rcuQuiescentState(cpu)
    expect(changesIn(house, () => rcuQuiescentState(cpu))).toEqual([])
  })

  it('reports the grace period in progress, and then that one can end', () => {
    const house = setting(2)
    const [cpu, updater] = house.cpus
    rcuOnline(cpu)
    expect(pushGracePeriod(updater)).toBe(ownAt(cpu, 'quiescent'))
    rcuQuiescentState(cpu)
    expect(own(cpu, 'quiescent')).toBe(numbers(house).started)
    expect(pushGracePeriod(updater)).toBe(0)
    expect(numbers(house).completed).toBe(numbers(house).started)
  })

  it('confirms the number by an atomic load before it reports: that load orders the next section behind the unlink', () => {
    const house = setting(2)
    const [cpu, updater] = house.cpus
    rcuOnline(cpu)
    pushGracePeriod(updater)
    const steps = recordAtomics()
    rcuQuiescentState(cpu)
    const report = steps.indexOf(`store ${ownAt(cpu, 'quiescent')}`)
    expect(steps.slice(0, report)).toContain(`load ${house.rcu + RCU.started}`)
    expect(steps.slice(report)).toContain(`notify ${ownAt(cpu, 'quiescent')}`)
  })

  it('reports the number that it read and not one that came up since', () => {
    const house = setting(3)
    const [cpu, updater] = house.cpus
    rcuOnline(cpu)
    pushGracePeriod(updater)
    const seen = numbers(house).started
    const state = ownAt(cpu, 'quiescent')
    interrupt(
      'store',
      (at) => at === state,
      () => Atomics.add(house.words, house.rcu + RCU.started, GRACE_PERIOD_STEP),
    )
    rcuQuiescentState(cpu)
    expect(own(cpu, 'quiescent')).toBe(seen)
    rcuQuiescentState(cpu)
    expect(own(cpu, 'quiescent')).toBe(seen + GRACE_PERIOD_STEP)
  })

  it('runs ripe callbacks before it reports, as rcuBarrier counts on', () => {
    const order: string[] = []
    const house = setting(3, [() => order.push('ran')])
    const [cpu, updater, reader] = house.cpus
    const state = ownAt(cpu, 'quiescent')
    rcuOnline(cpu)
    rcuOnline(reader)
    callRcu(cpu, newHead(house), 1)
    pushGracePeriod(updater)
    rcuQuiescentState(cpu)
    // The grace period in progress began before the callback had one: it needs the next.
    rcuQuiescentState(reader)
    pushGracePeriod(updater)
    pushGracePeriod(updater)
    rcuQuiescentState(cpu)
    rcuQuiescentState(reader)
    pushGracePeriod(updater)
    pushGracePeriod(updater)
    expect(order).toEqual([])
    interrupt(
      'store',
      (at) => at === state,
      () => order.push('reported'),
    )
    rcuQuiescentState(cpu)
    expect(order).toEqual(['ran', 'reported'])
  })

  it.each([0x7fff_fff9, -7])('goes on across the wrap of the numbers, from %i', (number) => {
    const house = setting(2)
    setNumbers(house, number)
    const [cpu, updater] = house.cpus
    rcuOnline(cpu)
    for (let round = 1; round <= 8; round++) {
      expect(pushGracePeriod(updater)).toBe(ownAt(cpu, 'quiescent'))
      rcuQuiescentState(cpu)
      expect(own(cpu, 'quiescent')).toBe((number + round * GRACE_PERIOD_STEP) | 0)
      expect(pushGracePeriod(updater)).toBe(0)
    }
  })

  it('throws inside a read section when there is something to report, and reports nothing', () => {
    const house = setting(2)
    const [updater, cpu] = house.cpus
    rcuOnline(cpu)
    rcuReadLock(cpu)
    pushGracePeriod(updater)
    const message = 'rcuQuiescentState inside an RCU read section on CPU 1 (depth 1)'
    expectBugUntouched(house, 'quiescent-state-in-read-section', message, () => rcuQuiescentState(cpu))
    rcuReadUnlock(cpu)
    rcuQuiescentState(cpu)
    expect(pushGracePeriod(updater)).toBe(0)
  })

  it('leaves an offline CPU offline', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    expect(changesIn(house, () => rcuQuiescentState(cpu))).toEqual([])
    expect(rcuIsOnline(cpu)).toBe(false)
  })

  it('wakes who waits for the CPU, also when the grace period has ended by then', () => {
    const house = setting(3)
    const [cpu, updater, other] = house.cpus
    rcuOnline(cpu)
    // Between the report and its notify another updater sees the report and ends the grace period.
    interrupt(
      'notify',
      (at) => at === ownAt(cpu, 'quiescent'),
      () => pushGracePeriod(other),
    )
    whileParked(() => rcuQuiescentState(cpu))
    expect(gracePeriodsIn(house, () => synchronizeRcu(updater))).toBe(1)
  })
})

it.runIf(REAL_THREADS)(
  'on real threads a parked updater is woken by a report, and another by the CPU going offline',
  async () => {
    const house = setting(2)
    const [reader, updater] = house.cpus
    const counter = house.take()
    for (const leave of [rcuQuiescentState, rcuOffline]) {
      rcuOnline(reader)
      rcuReadLock(reader)
      const args = { rounds: 1, counter }
      const threads = await startThreads(house, 1, [{ file: 'rcu-jobs', job: 'synchronize', args }])
      await eventually(house, 'it waits', () => own(updater, 'waitingKind') === WAITING_GRACE_PERIOD)
      expect(own(updater, 'waitingAt')).toBe(ownAt(reader, 'quiescent'))
      await new Promise((resolve) => setTimeout(resolve, 20))
      const waited = house.words[counter]
      rcuReadUnlock(reader)
      leave(reader)
      await allDone(house, threads)
      expect(house.words[counter]).toBe(waited + 1)
      if (rcuIsOnline(reader)) rcuOffline(reader)
    }
  },
)
