/** What tests expect for good, and what they are told for a slip of the pen. */

import { afterEach, describe, expect, it, vi } from 'vitest'
import { expectReplay, prove, ReplayFailure, UnprovedError } from '../../../src/explore/expectations.ts'
import { check, ExplorationFailure, explore } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { litmusScenario } from '../../../src/explore/litmus.ts'
import { createHistory } from '../../../src/explore/program/history.ts'
import { runAlong } from '../../../src/explore/schedule-arbitrary.ts'
import { createStepper } from '../../../src/explore/stepper.ts'
import { nextTicket, nextTicketFixed } from './tickets.ts'

const setup = () => new Int32Array(new SharedArrayBuffer(4))
/** The third thread's answer is a text, which `after` knows by its type. */
const lost = {
  setup,
  threads: [nextTicket, nextTicket] as const,
  after: (_: Int32Array, [mine, yours]: readonly [number, number]) => mine.toFixed() !== yours.toFixed(),
}
const fixed = { ...lost, threads: [nextTicketFixed, nextTicketFixed] as const }

afterEach(() => vi.restoreAllMocks())

describe('prove', () => {
  it('gives the result of a search that has run everything', () => {
    expect(prove(fixed)).toMatchObject({ exhaustive: true, complete: 2 })
  })

  it('throws the report for what it finds', () => {
    expect(() => prove(lost)).toThrow(ExplorationFailure)
  })

  it('throws when the search ended before the end', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    expect(() => prove({ ...fixed, name: 'fixed' }, { maxExecutions: 1 })).toThrow(UnprovedError)
    expect(() => prove({ ...fixed, name: 'fixed', maxExecutions: 1 })).toThrow(
      /^prove: the search of fixed ended before all interleavings were run: it had run as many executions as it may, after 1 executions/,
    )
  })

  it('throws when a history was too long to tell', () => {
    const history = createHistory()
    const take = (thread: number) => (words: Int32Array) => history.run(thread, 'next', () => nextTicketFixed(words))
    const scenario = {
      setup,
      threads: [take(0), take(1)],
      // Gives up at once.
      after: () => history.check({ init: () => 0, apply: (next: number) => ({ state: next + 1, output: next }) }, 0),
    }
    expect(() => prove(scenario)).toThrow(/^prove: of \d executions the history was too long to tell/)
  })

  it('throws where a memory model has executions that are left out', () => {
    const scenario = { ...litmusScenario('r x; w y 1 | r y; w x 1'), name: 'LB' }
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    for (const memory of ['arm', 'ecma'] as const)
      expect(() => prove(scenario, { memory })).toThrow(
        `prove: the search of LB left out what ${memory} may do: that these loads take a value from their own future (litmus:1  r x, litmus:2  r y). Make them atomic, and the stores that they read`,
      )
    expect(prove(scenario, { memory: 'x86' })).toMatchObject({ exhaustive: true, memory: { allButBuffering: true } })
    expect(prove(litmusScenario('R x; W y 1 | R y; W x 1'), { memory: 'ecma' }).exhaustive).toBe(true)
    expect(() => prove(scenario, { memory: 'arm', maxExecutions: 1 })).toThrow(
      'ended before all executions of arm were run: it had run as many executions as it may',
    )
  })

  it('refuses what proves nothing', () => {
    expect(() => prove(fixed, { strategy: 'pct' })).toThrow("prove: got the strategy 'pct', expected 'optimal'")
    expect(() => prove({ ...fixed, maxPreemptions: 1 })).toThrow('prove: got maxPreemptions, expected none')
  })
})

describe('expectReplay', () => {
  const line = check(lost).violation!.replay

  it('shows the report while the execution fails', () => {
    expect(() => expectReplay(lost, line)).toThrow(ReplayFailure)
    expect(() => expectReplay(lost, line)).toThrow(/^assertion: [\s\S]*\nstep {2}thread 0/)
  })

  it('fails on a stale line with the one that is right now, and takes that', () => {
    let message = ''
    try {
      expectReplay(fixed, line)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toMatch(
      /the code has changed since the line was made.*left it at step 1, .*tickets\.ts:\d+: it was a load and is a rmw now/,
    )
    const fresh = message.split('\n').at(-1)!
    expect(fresh).toMatch(/^explore1 - \w+ S0S1 /)
    expect(expectReplay(fixed, fresh)).toBeUndefined()
  })
})

describe('the results in after', () => {
  it('have the types of what the threads return', () => {
    const lengths: number[] = []
    explore({
      setup,
      threads: [nextTicketFixed, (words) => `ticket ${nextTicketFixed(words)}`],
      after: (words, [mine, yours]) => {
        lengths.push(mine + yours.length + words.length)
        // @ts-expect-error: a number has no length.
        lengths.push(mine.length)
      },
    })
    expect(lengths).toContain(10)
  })
})

describe('options', () => {
  const line = check(lost).violation!.replay
  const odd = { maxExecution: 3 } as object

  it.each([
    ['explore', () => explore(fixed, odd)],
    ['check', () => check(fixed, odd)],
    ['replay', () => replay(fixed, line, odd)],
    ['runAlong', () => runAlong(fixed, [], odd)],
    ['prove', () => prove(fixed, odd)],
  ])('of %s: one that is misspelt is told with the nearest name', (_, call) => {
    expect(call).toThrow("explore: got the unknown option 'maxExecution', expected maxExecutions")
  })

  it.each([
    ['explore', (bound: object) => explore({ ...fixed, ...bound })],
    ['check', (bound: object) => check({ ...fixed, ...bound })],
    ['replay', (bound: object) => replay({ ...fixed, ...bound }, line)],
    ['runAlong', (bound: object) => runAlong({ ...fixed, ...bound }, [])],
  ])('of %s stand in the scenario as well', (_, call) => {
    expect(() => call({ detect: { races: false } })).toThrow("detect: got 'races'")
  })

  it('of another memory model than can be followed are refused, and one that stands in the scenario holds', () => {
    const scenario = litmusScenario('w x 1; w y 1 | r y; r x exists (1:y=1 /\\ 1:x=0)')
    const weak = { ...scenario, memory: 'arm' } as const
    const found = check(weak).violation!.replay
    expect(() => runAlong(weak, [])).toThrow('runAlong: got memory, expected none, since switches say')
    expect(() => runAlong(scenario, [], { memory: 'x86' })).toThrow('runAlong: got memory')
    for (const options of [{}, { memory: 'arm' }] as const)
      expect(replay(weak, found, options).violation!.message).toMatch('reached: exists')
    expect(replay({ ...weak, memory: 'x86' }, found).violation).not.toBeNull()
    expect(() => replay(scenario, found, { memory: 'x86' })).toThrow('replay: got memory "x86" and a line of arm')
    expect(() => replay(weak, check(scenario).violation!.replay)).toThrow('and a line of an interleaving')
    expect(() => replay(scenario, found, { detect: { dataRaces: false } })).toThrow('detect: got memory as well')
    expect(createStepper(weak).at(['0', '0', '1']).threads[1].next!.mayRead).toHaveLength(2)
    expect(createStepper(scenario).at(['0', '0', '1']).threads[1].next!.mayRead).toBeUndefined()
    expect(() => createStepper(scenario, { maxSteps: 5 } as object)).toThrow(
      'got maxSteps for a stepper, expected no option but memory',
    )
  })

  it('beside the scenario go before those in it', () => {
    const { executions } = check({ ...fixed, maxExecutions: 1 }, { maxExecutions: 2 })
    expect(executions).toBe(2)
    expect(check({ ...fixed, maxExecutions: 1 }, { maxExecutions: undefined }).executions).toBe(1)
  })

  it('are told by a slip in a scenario too, where other names are the author’s own', () => {
    expect(() => check({ ...fixed, afterwards: 1, thread: [] } as never)).toThrow(
      "got 'thread' in a scenario, expected threads",
    )
    expect(check({ ...fixed, story: 'of two callers' } as never).complete).toBe(2)
  })
})
