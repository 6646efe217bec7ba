import { describe, expect, it } from 'vitest'
import { litmusScenario } from '../../src/explore/litmus.ts'
import { createInterleavingStepper } from '../../src/explore/stepping.ts'

describe('what orders the steps of an execution', () => {
  it.each([
    // What is read, and by that the store behind it; what is not read orders nothing.
    ['W x 1; W y 1 | R y; R x', [0, 0, 1, 1], [{ from: 1, to: 2 }]],
    ['W x 1; W y 1 | R y; R x', [1, 0, 0, 1], [{ from: 1, to: 3 }]],
    [
      'W x 1; R y | W y 1; R x',
      [0, 1, 0, 1],
      [
        { from: 1, to: 2 },
        { from: 0, to: 3 },
      ],
    ],
    ['W x 1 | W x 2', [0, 1], []],
    ['L m; U m | L m; U m', [0, 0, 1, 1], [{ from: 1, to: 2 }]],
    // By way of a third thread: what follows from two pairs is no pair.
    [
      'W x 1 | R x; W y 1 | R y; R x',
      [0, 1, 1, 2, 2],
      [
        { from: 0, to: 1 },
        { from: 2, to: 3 },
      ],
    ],
  ])('%s, stepped %j', (program, schedule, pairs) => {
    const stepper = createInterleavingStepper(litmusScenario(program))
    const moment = stepper.at(schedule)
    expect(moment.steps).toHaveLength(schedule.length)
    expect(stepper.orders(moment, moment).pairs).toEqual(pairs)
  })

  it('says of each step which one of another thread it is behind, and leaves the memory as it is asked to', () => {
    const stepper = createInterleavingStepper(litmusScenario('W x 1; W y 1; W x 2 | R y; R x'))
    const start = stepper.at([])
    const moment = stepper.at([0, 0, 0, 1, 1])
    const { lastBefore } = stepper.orders(moment, start)
    expect([0, 1, 2, 3, 4].map((step) => lastBefore(step, 0))).toEqual([-1, -1, -1, 1, 2])
    expect([0, 3].map((step) => lastBefore(step, 1))).toEqual([-1, -1])
    expect([...stepper.context.words.slice(0, 2)]).toEqual([0, 0])
    stepper.orders(moment, moment)
    expect([...stepper.context.words.slice(0, 2)].sort()).toEqual([1, 2])
  })
})
