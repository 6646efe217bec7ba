/**
 * Lines of executions of memory models: each outcome and each violation has one that replays it.
 */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { type Litmus, litmusScenario } from '../../../src/explore/litmus.ts'
import { loadInstrumentedText } from '../../../src/explore/load/load-text.ts'
import { formatViolation } from '../../../src/explore/report/text.ts'
import type { MemoryModel, Result } from '../../../src/explore/result.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'
import { readReplayLine } from '../../../src/explore/schedule/replay-line.ts'
import { readSchedule, scheduleLine, shortLine } from '../../../src/explore/schedule/schedule.ts'
import { createRandom, nextBits } from '../../../src/random/random.ts'
import { LONG, seedOf } from '../../share.ts'

/** The program, so that each end is a violation that says its outcome. */
function telling(text: string): Scenario<Litmus> {
  const scenario = litmusScenario(text)
  return {
    ...scenario,
    after: (context, results) => {
      throw new Error(String(scenario.outcome!(context, results)))
    },
  }
}

const ecma = { memory: 'ecma', keepGoing: true } as const

/** Steps of the notation without locks, and with; `$` stands for a word. */
const PLAIN = ['w $ 1', 'w $ 2', 'r $', 'r $', 'W $ 3', 'W $ 4', 'R $', 'A $ 10', 'X $ 5', 'C $ 0 6']
const MORE = [...PLAIN, 'L m; r $; w $ 7; U m', 'T m; r $; U m', '(; r $; )', '(; d $; r $; )', 'GP', 'AWAIT $!=0']

function randomText(below: (n: number) => number, forms: readonly string[]): string {
  const one = () => forms[below(forms.length)].replaceAll('$', () => 'xy'[below(2)])
  const threads = 2 + below(2)
  return Array.from({ length: threads }, () => Array.from({ length: 1 + below(3) }, one).join('; ')).join(' | ')
}

/** What a schedule says that a program does: its outcome, by the notation's own words. */
function outcomeAlong(text: string, line: string): string {
  const { threads, ends = [] } = readSchedule(line)
  const programs = text.split('|').map((its) => its.split(';').map((each) => each.trim().split(' ')))
  const at = programs.map(() => 0)
  const seen: string[][] = programs.map(() => [])
  const stores: { word: string; value: number; step: number }[] = []
  const latest = (word: string, from = 0) =>
    from > 0 ? stores.find(({ step }) => step === from)! : stores.filter((store) => store.word === word).at(-1)
  for (const [k, step] of threads.entries()) {
    const [, thread, from] = /^(\d+)(?:r(\d+))?/.exec(step)!
    const [letter, word, a, b] = programs[Number(thread)][at[Number(thread)]++]
    const value = from === '0' ? 0 : (latest(word, Number(from ?? 0))?.value ?? 0)
    const store = (stored: number) => stores.push({ word, value: stored, step: k + 1 })
    if (letter.toUpperCase() !== 'W') seen[Number(thread)].push(`${word}=${value}`)
    if (letter.toUpperCase() === 'W' || letter === 'X') store(Number(a))
    if (letter === 'A') store(value + Number(a))
    if (letter === 'C' && value === Number(a)) store(Number(b))
  }
  const words = [...new Set(programs.flat().map(([, word]) => word))]
  const end = words.map((word) => {
    const chosen = ends.find((step) => stores.some((store) => store.step === step && store.word === word))
    return `${word}=${latest(word, Number(chosen ?? 0))?.value ?? 0}`
  })
  return [...seen.map((its, t) => (its.length === 0 ? '' : `${t}: ${its.join(' ')}`)), `end: ${end.join(' ')}`]
    .filter((part) => part !== '')
    .join('; ')
}

/** Each outcome's line replays an execution with that outcome, of that model, and is what replaying gives again. */
function expectLines(scenario: Scenario<Litmus>, { outcomes, scenario: text }: Result): void {
  for (const { outcome, model, replay: line } of outcomes) {
    const now = replay(scenario, line!)
    expect(now, `${text} ${line}`).toMatchObject({ stale: false, diverged: undefined, line })
    const { message, why } = now.violation!
    if (!outcome.includes('(blocked)')) expect(message, `${text} ${line}`).toBe(outcome)
    expect(strongest(why), `${text} ${line}`).toBe(model)
  }
}

const strongest = (why: readonly string[]): MemoryModel =>
  (why.map((line) => /the strongest model that has it is (\w+)/.exec(line)?.[1]).find(Boolean) ?? 'sc') as MemoryModel

describe('lines of executions of a memory model', () => {
  it('replay each outcome of random programs', () => {
    const random = createRandom(seedOf('lines of the memory model'))
    let weak = 0
    for (let k = 0; k < (LONG ? 1000 : 10); k++) {
      const scenario = telling(randomText((n) => nextBits(random) % n, MORE))
      const result = check(scenario, ecma)
      expectLines(scenario, result)
      weak += result.outcomes.filter(({ model }) => model !== 'sc').length
    }
    expect(weak).toBeGreaterThan(0)
  })

  it('say what each load reads and what is left at the end', () => {
    const random = createRandom(seedOf('schedules of the memory model'))
    let odd = 0
    for (let k = 0; k < (LONG ? 1000 : 20); k++) {
      const text = randomText((n) => nextBits(random) % n, PLAIN)
      for (const { outcome, witness } of check(telling(text), ecma).outcomes) {
        expect(outcomeAlong(text, witness), `${text} ${witness}`).toBe(outcome)
        if (/[rbE]/.test(witness)) odd++
      }
    }
    expect(odd).toBeGreaterThan(0)
  })

  it.each([
    ['an older store is read', 'w x 1; w y 1 | r y; r x', 'arm', /:S0-S1-r0 /],
    ['an overwritten store is there at the end', 'w x 1; w y 2 | w y 1; w x 2', 'ecma', /E1 |E2 /],
    ['a SeqCst store stands before an earlier one', 'W x 1; w y 1 | r y; W x 2; R x', 'ecma', /b1/],
  ] as const)('%s: %s', (_, text, memory, line) => {
    const result = check(telling(text), { memory, keepGoing: true })
    expectLines(telling(text), result)
    expect(result.outcomes.some(({ replay: its }) => line.test(its!))).toBe(true)
  })

  it('replay under the model that was asked for alone', () => {
    const scenario = telling('w x 1; w y 1 | r y; r x')
    const line = check(scenario, { memory: 'arm', keepGoing: true }).outcomes.at(-1)!.replay!
    expect(replay(scenario, line).diverged).toBeUndefined()
    expect(replay(scenario, line.replace('arm:', 'x86:')).diverged).toMatchObject({
      why: 'no such execution of x86: the strongest model is arm',
    })
  })

  it('stay what they are when they are read and written', () => {
    for (const line of [
      'S0-S1-r0',
      'S0-r3b1-P1r2E1E4',
      `S0${'-'.repeat(12)}r0--b2`,
      'S0.1-r2',
      'S0-S1r0_2-r1_1_0_0b1E2E1_3',
    ])
      expect([scheduleLine(readSchedule(line)), scheduleLine(readSchedule(shortLine(line)))]).toEqual([line, line])
    expect(shortLine(`S0${'-'.repeat(12)}r0`)).toBe('S0-{11}-r0')
    const line = 'explore1 - abc arm/0/2.1:S0-r0 ab'
    expect(readReplayLine(line)).toMatchObject({
      schedule: { threads: ['0', '0r0'] },
      memory: { model: 'arm', sections: ['0', '2.1'] },
    })
    expect(() => readReplayLine('explore1 - abc power:S0 a')).toThrow("can't read 'power:S0'")
    expect(() => readSchedule('S0E1S0')).toThrow("can't read 'S0' at character 5")
  })

  it.each([
    ['S1-r9', 'step 9 comes later'],
    ['S0-S1-r2', 'step 2 does not store to what thread 1 reads'],
    ['S0r1', 'thread 0 reads nothing there'],
    ['S1b1', 'thread 1 stores nothing atomically there'],
    ['S0--', 'thread 0 has ended'],
    ['S4', 'there is no thread 4'],
    ['S0-S1r2-r0', 'what thread 1 would read there is overwritten for it'],
  ])('that can not be followed say why: %s', (schedule, why) => {
    const text = 'w x 1; W y 1 | R y; r x'
    expect(replay(telling(text), `explore1 - abc ecma:${schedule}`).diverged?.why).toBe(why)
  })
})

const RCU = `
  /** @explore read-enter */ export function enter() {}
  /** @explore read-exit */ export function exit() {}
  /** @explore callback run(words) */ export function later(words, run) {}
  function poison(words) { words[1] = 66 }
  export const it = {
    setup: () => new Int32Array(new SharedArrayBuffer(16)),
    threads: [
      (words) => {
        if (Atomics.load(words, 2) === 1) { enter(); exit() }
        const old = words[0] === 0
        return old && words[1] === 66
      },
      (words) => { Atomics.store(words, 0, 1); later(words, poison) },
      (words) => { words[2] = 1 },
    ],
    after: (_, [freed]) => !freed,
  }
`

describe('violations under a memory model', () => {
  it('of callbacks and sections replay from their line, where other executions have more sections', async () => {
    const { it: scenario } = (await loadInstrumentedText(RCU, 'program.js')) as { it: Scenario<unknown> }
    const { violation } = check(scenario, { memory: 'arm' })
    expect(violation!.replay).toContain(' arm/0:')
    const now = replay(scenario, violation!.replay)
    expect(now).toMatchObject({ stale: false, diverged: undefined, line: violation!.replay })
    const { found: _, ...rest } = now.violation!
    expect(violation).toMatchObject(rest)
  })

  it('are shrunk: to as few other stores than the latest, preemptions and steps as an execution has', () => {
    const text = 'w x 1; w x 2; w y 1; w z 1 | r z; r y; r x exists (1:x=0 /\\ 1:z=1)'
    const shrunk = check(litmusScenario(text), { memory: 'arm' }).violation!
    expect(shrunk.schedule).toBe('S0---S1--r0')
    const asFound = check(litmusScenario(text), { memory: 'arm', shrink: false }).violation!
    expect(asFound.found).toEqual({ steps: asFound.steps.length, preemptions: asFound.preemptions })
    const stale = ({ schedule }: typeof shrunk) => schedule.split('r').length
    expect(stale(shrunk)).toBeLessThan(stale(asFound))
  })

  it('of interleavings are shrunk as well, and are counted as they were found', () => {
    const text = 'R y; R x | W y 1; R x | W x 1 exists (0:x=1)'
    const [asFound, shrunk] = [false, true].map((shrink) => check(litmusScenario(text), { memory: 'arm', shrink }))
    expect(shrunk.executions).toBe(asFound.executions)
    expect(shrunk.memory!.violates).toBe('sc')
    expect(shrunk.violation!.preemptions).toBeLessThan(asFound.violation!.preemptions)
    expect(shrunk.violation!.found.preemptions).toBe(asFound.violation!.preemptions)
  })

  it('say of each load whose store it reads', () => {
    const { violation } = check(litmusScenario('w x 1; w y 1 | r y; r x exists (1:y=1 /\\ 1:x=0)'), { memory: 'arm' })
    expect(violation!.steps.map(({ readsFrom }) => readsFrom)).toEqual([undefined, undefined, 2, 0])
    expect(formatViolation(violation!)).toMatch(/read x = 0 +litmus:2 {2}from the start/)
  })
})
