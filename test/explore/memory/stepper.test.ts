/**
 * Executions of memory models, stepped by hand: which stores a load may read, and where that leads.
 */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { litmusScenario } from '../../../src/explore/litmus.ts'
import type { Moment } from '../../../src/explore/moment.ts'
import type { MemoryModel } from '../../../src/explore/result.ts'
import { readReplayLine } from '../../../src/explore/schedule/replay-line.ts'
import { readSchedule } from '../../../src/explore/schedule/schedule.ts'
import { createStepper } from '../../../src/explore/stepper.ts'

const MODELS = ['sc', 'x86', 'arm', 'ecma'] as const
type Asked = Exclude<MemoryModel, 'sc'>

/** What loads saw, in all executions that can be stepped, all choices taken. */
function stepped(text: string, memory: Asked): string[] {
  const stepper = createStepper(litmusScenario(text), { memory })
  const seen = new Set<string>()
  const go = (steps: readonly string[]): void => {
    const { threads, ending, diverged } = stepper.at(steps)
    expect(diverged, steps.join()).toBeUndefined()
    if (ending === 'complete') seen.add(threads.map(({ result }) => String(result)).join(' | '))
    for (const { label, status, next } of threads) {
      if (status !== 'ready') continue
      if (next!.mayRead === undefined) go([...steps, label])
      else for (const { step } of next!.mayRead) go([...steps, `${label}r${step}`])
    }
  }
  go([])
  return [...seen].sort()
}

/** The same of those that the search finds. */
function found(text: string, memory: Asked): string[] {
  const scenario = litmusScenario(text)
  const outcome = (_: unknown, results: readonly unknown[]) => results.map(String).join(' | ')
  return check({ ...scenario, outcome }, { memory, keepGoing: true })
    .outcomes.map((each) => each.outcome)
    .sort()
}

const view = ({ threads }: Moment, t: number) => threads[t].next!.mayRead!.map(({ step, value }) => [step, value])

describe('stepping an execution of a memory model', () => {
  it.each([
    'w x 1; w p &x | d p; r x',
    'w x 1; W p &x | d p; r x',
    'w x 1; r y | w y 1; r x',
    'W x 1; R y | W y 1; R x',
    'w x 1; r y | A y 1; r x',
    'w x 1; w x 2 | r x; r x',
    '(; r x; r y; ) | w y 1; GP; w x 1',
    'L m; w x 1; U m | L m; r x; U m; r x',
    'C x 0 1; r x | C x 0 2; w x 3',
    'w x 1; W y 1 | AWAIT y==1; r x',
  ])('offers what leads to the outcomes of the model, and nothing else: %s', (text) => {
    for (const memory of MODELS.slice(1) as Asked[])
      expect([memory, ...stepped(text, memory)]).toEqual([memory, ...found(text, memory)])
  })

  it('says which stores a load may read, who stored and which is the latest', () => {
    const stepper = createStepper(litmusScenario('w x 1; w y 1 | r y; r x'), { memory: 'arm' })
    const { threads } = stepper.at(['0', '0', '1'])
    expect(threads[1].next).toMatchObject({
      operation: 'read',
      place: 'x',
      mayRead: [
        { step: 0, thread: undefined, value: '0', isLatest: false },
        { step: 1, thread: 0, value: '1', isLatest: true },
      ],
    })
    expect(createStepper(litmusScenario('w x 1 | r x')).at(['0']).threads[1].next!.mayRead).toBeUndefined()
    const ended = stepper.at(['0', '0', '1', '1r0'])
    expect(ended).toMatchObject({ ending: 'complete', steps: [{}, {}, { readsFrom: 2 }, { readsFrom: 0 }] })
    expect(ended.steps[3].address).toBe(stepper.addressOf(stepper.context.words, 0))
    expect([...stepper.context.words]).toEqual([1, 1])
  })

  it('offers less under a stronger model', () => {
    const at = (memory: Asked, p: 'w' | 'W') =>
      view(createStepper(litmusScenario(`w x 1; ${p} p &x | d p; r x`), { memory }).at(['0', '0', '1']), 1)
    expect([at('x86', 'w'), at('arm', 'w'), at('arm', 'W'), at('ecma', 'W')].map((its) => its.length)).toEqual([
      1, 2, 1, 2,
    ])
  })

  it('comes to what a violation shows, and gives lines that replay follows', () => {
    const scenario = litmusScenario('w x 1; w y 2 | w y 1; w x 2 exists (x=1 /\\ y=1)')
    const { violation } = check(scenario, { memory: 'arm' })
    const { schedule } = readReplayLine(violation!.replay)
    const moment = createStepper(scenario, { memory: 'arm' }).at(schedule.threads, schedule.ends)
    expect(moment.wrong).toMatchObject({ kind: 'assertion', message: violation!.message })
    expect(moment.replay).toBe(violation!.replay)
    expect(moment.steps).toMatchObject(
      violation!.steps.map(({ operation, place, before, after, where, switched }) => {
        return { operation, place, before, after, where, switched }
      }),
    )
    expect(replay(scenario, moment.replay)).toMatchObject({ diverged: undefined, line: moment.replay })
  })

  it('shows the same moment whatever was looked at before', () => {
    const text = '(; r x; ) | w y 1; GP; w x 1; r y'
    const steps = ['1', '1', '0', '0', '0', '1r2', '1']
    const stepper = createStepper(litmusScenario(text), { memory: 'ecma' })
    const forward = steps.map((_, k) => JSON.stringify(stepper.at(steps.slice(0, k))))
    for (let k = steps.length - 1; k >= 0; k--) expect(JSON.stringify(stepper.at(steps.slice(0, k)))).toBe(forward[k])
    expect(new Set(forward).size).toBe(forward.length)
  })

  it('says why a thread waits, who holds a lock and what can not be followed', () => {
    const locked = createStepper(litmusScenario('L m; w x 1; U m | L m; r x; U m'), { memory: 'arm' }).at(['0'])
    expect(locked.threads[1]).toMatchObject({ status: 'blocked', why: 'waits for m, held by thread 0', waitsFor: 0 })
    expect(locked.locks).toMatchObject([{ place: 'm', owner: 0 }])
    const reading = createStepper(litmusScenario('(; r x; ) | GP'), { memory: 'arm' }).at(['0', '1'])
    expect(reading.threads[0].inReadSection).toBe(true)
    expect(reading.threads[1].why).toBe('waits for a grace period: thread 0 is inside a read section')
    const stepper = createStepper(litmusScenario('w x 1; w y 1 | r y; r x'), { memory: 'x86' })
    expect(stepper.at(['0', '0', '1', '1r0']).diverged).toEqual({ step: 4, why: 'no execution of x86 is like that' })
    expect(stepper.at(['0', '1r3']).diverged).toEqual({ step: 1, why: 'step 3 comes later' })
    const invariant = { ...litmusScenario('W x 1'), invariant: () => true }
    expect(() => createStepper(invariant, { memory: 'arm' })).toThrow('memory: got a scenario with an invariant')
  })

  it('tells what is wrong with an execution that is over', () => {
    const scenario = litmusScenario('w x 1; r y | w y 1; r x exists (0:y=0 /\\ 1:x=0)')
    const stepper = createStepper(scenario, { memory: 'x86' })
    const { threads } = readSchedule('S0-P1-r0')
    expect(stepper.at(threads.slice(0, 3)).wrong).toBeNull()
    expect(stepper.at(threads).wrong).toMatchObject({ kind: 'assertion' })
    expect(createStepper(litmusScenario('L m | L m'), { memory: 'arm' }).at(['0'])).toMatchObject({
      ending: 'blocked',
      wrong: { kind: 'deadlock' },
    })
  })
})
