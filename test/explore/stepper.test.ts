import { describe, expect, it } from 'vitest'
import { check } from '../../src/explore/explore.ts'
import { replay } from '../../src/explore/failure/replay.ts'
import { litmusScenario } from '../../src/explore/litmus.ts'
import { readSchedule } from '../../src/explore/schedule/schedule.ts'
import { createStepper } from '../../src/explore/stepper.ts'
import { lostUpdate } from '../../web/scenarios/lost-update.ts'
import { gracePeriod } from '../../web/scenarios/publish.ts'
import { twoCounters } from '../../web/scenarios/spin-lock.ts'
import { twoCreators } from '../../web/scenarios/two-creators.ts'

describe('stepping an execution by hand', () => {
  it('takes the steps that the search reports', () => {
    const { violation } = check(lostUpdate)
    const moment = createStepper(lostUpdate).at(readSchedule(violation!.schedule).threads)
    const told = moment.steps.map(({ thread, operation, place, before, after, where, switched }) => {
      return { thread, operation, place, before, after, where, switched }
    })
    expect(violation!.steps).toMatchObject(told)
    expect(told).toHaveLength(4)
    expect(moment.wrong).toMatchObject({ kind: 'assertion', message: 'two increments made 1: one was lost' })
    expect(moment.replay).toBe(violation!.replay)
  })

  it('comes to each outcome that the search counts, along its witness', () => {
    const scenario = litmusScenario('W x 1; R y | W y 1; R x')
    const { outcomes } = check(scenario)
    expect(outcomes).toHaveLength(3)
    const stepper = createStepper(scenario)
    for (const { outcome, witness } of outcomes) {
      const { ending, threads } = stepper.at(readSchedule(witness).threads)
      expect(ending).toBe('complete')
      expect(
        scenario.outcome!(
          stepper.context,
          threads.map(({ result }) => result),
        ),
      ).toBe(outcome)
    }
  })

  it('shows the same moment however one comes there', () => {
    const stepper = createStepper(twoCreators)
    const schedule = readSchedule('S0-{30}P1-{30}').threads
    const forward = schedule.map((_, k) => JSON.stringify(stepper.at(schedule.slice(0, k))))
    for (let k = schedule.length - 1; k >= 0; k--)
      expect(JSON.stringify(stepper.at(schedule.slice(0, k)))).toBe(forward[k])
    expect(new Set(forward).size).toBe(forward.length)
  })

  it('says who holds the lock that a thread waits for', () => {
    const { threads, locks } = createStepper(twoCounters).at(['0'])
    expect(locks).toMatchObject([{ owner: 0 }])
    expect(threads[1]).toMatchObject({ status: 'blocked', waitsFor: 0 })
    expect(threads[1].why).toMatch(/^waits for .*, held by thread 0$/)
    expect(threads[0]).toMatchObject({ status: 'ready', why: '' })
  })

  it('says whose read section a grace period waits for', () => {
    const { threads } = createStepper(gracePeriod).at(['1', '0', '0', '0'])
    expect(threads[0]).toMatchObject({
      status: 'blocked',
      why: 'waits for a grace period: thread 1 is inside a read section',
    })
    expect(threads[1]).toMatchObject({ status: 'ready', inReadSection: true })
  })

  it('stops where a schedule can’t be followed, and says why', () => {
    const { diverged, steps } = createStepper(lostUpdate).at(['0', '0', '0'])
    expect(steps).toHaveLength(2)
    expect(diverged).toEqual({ step: 2, why: 'thread 0 has ended' })
  })

  it('gives lines that replay follows', () => {
    const scenario = { ...twoCounters, name: 'two counters' }
    const { replay: line, ending } = createStepper(scenario).at(readSchedule('S0-----S1-----').threads)
    expect(ending).toBe('complete')
    expect(replay(scenario, line)).toEqual({ stale: false, diverged: undefined, violation: null, line })
  })
})
