import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check, ExplorationFailure, explore } from '../../src/explore/explore.ts'
import { replay } from '../../src/explore/failure/replay.ts'
import { litmusScenario } from '../../src/explore/litmus.ts'
import { resultLine } from '../../src/explore/report/json.ts'
import { perfettoTrace } from '../../src/explore/report/perfetto.ts'
import { shivizLog } from '../../src/explore/report/shiviz.ts'
import { formatResult, formatViolation } from '../../src/explore/report/text.ts'
import { ALOAD, ASTORE, PAUSE, RMW } from '../../src/explore/runtime/kinds.ts'
import { MisuseError } from '../../src/explore/runtime/misuse-error.ts'
import { runtime as $e } from '../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../src/explore/runtime/twin.ts'
import type { Checkpoint, Scenario } from '../../src/explore/scenario.ts'
import { readSchedule, shortLine } from '../../src/explore/schedule/schedule.ts'
import { runAlong, schedule } from '../../src/explore/schedule-arbitrary.ts'

const base = $e.module('counter.ts', 'v1', [
  { file: 'counter.ts', line: 3, column: 9, operation: 'Atomics.load', source: 'Atomics.load(words, 0)' },
  { file: 'counter.ts', line: 4, column: 3, operation: 'Atomics.store', source: 'Atomics.store(words, 0, seen + 1)' },
])

function* increment(words: Int32Array): Twin<void> {
  $e.op(ALOAD, base, words, 0) || (yield)
  const seen = Atomics.load(words, 0)
  $e.op(ASTORE, base + 1, words, 0) || (yield)
  Atomics.store(words, 0, seen + 1)
}
function* atomically(words: Int32Array): Twin<void> {
  $e.op(RMW, base, words, 0) || (yield)
  Atomics.add(words, 0, 1)
}

type Threads = ((words: Int32Array) => Twin<void>)[]
const counting = (threads: Threads): Scenario<Int32Array> => ({
  name: 'increments',
  setup: () => new Int32Array(new SharedArrayBuffer(8)),
  threads: threads.map(
    (thread) =>
      function* (words: Int32Array): Twin<void> {
        yield* thread(words)
      },
  ),
  after: (words) => expect(words[0]).toBe(threads.length),
  outcome: (words) => words[0],
  placeName: (index) => (index === 0 ? 'counter' : undefined),
})
const lost = counting([increment, increment])

describe('explore', () => {
  it('replays a livelock with the bound it was found with, from a folded line', () => {
    const spin: Scenario<Int32Array> = {
      setup: () => new Int32Array(new SharedArrayBuffer(4)),
      threads: [
        function* (words: Int32Array): Twin {
          for (;;) {
            $e.op(ALOAD, 0, words, 0) || (yield)
            Atomics.load(words, 0)
          }
        },
      ],
    }
    const { violation } = check(spin, { maxSteps: 50 })
    expect(violation?.kind).toBe('livelock')
    expect(violation?.replay).toMatch(/ S0-\{49\} \(c\)\{50\}$/)
    expect(replay(spin, violation!.replay, { maxSteps: 50 })).toMatchObject({
      diverged: undefined,
      violation: { kind: 'livelock' },
    })
  })

  it('gives after() what a thread returned that did nothing visible, in the first execution too', () => {
    const seen: string[] = []
    const shared = new Int32Array(new SharedArrayBuffer(4))
    // biome-ignore lint/correctness/useYield: it does nothing visible
    const silent = function* (): Twin {
      return 'silent'
    }
    const result = check({
      setup: () => shared,
      threads: [silent, silent],
      after: (_, results) => void seen.push(results.join(' ')),
    })
    expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(['silent | silent'])
    expect(new Set(seen)).toEqual(new Set(['silent silent']))
  })

  it('takes a busy trylock for an outcome, and releases only what was taken', () => {
    const result = check(litmusScenario('T m; U m | T m; U m'))
    expect(result).toMatchObject({ violation: null, exhaustive: true, redundant: 0 })
    expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual([
      '0: m busy; 1: m taken',
      '0: m taken; 1: m busy',
      '0: m taken; 1: m taken',
    ])
  })

  it('throws with the report as its message when something is wrong, and returns the counts when nothing is', () => {
    expect(() => explore(lost)).toThrow(ExplorationFailure)
    expect(explore(counting([atomically, atomically]))).toMatchObject({
      complete: 2,
      exhaustive: true,
      violation: null,
    })
  })

  it('refuses a thread that is not instrumented, by an error with a class and a sentence of its own', () => {
    const refused = () => explore({ setup: () => 0, threads: [() => 1] })
    expect(refused).toThrow('not instrumented')
    expect(refused).toThrow(MisuseError)
    // For those who know it by the older class.
    expect(refused).toThrow(TypeError)
    const error = new MisuseError('this and that')
    expect(error).toMatchObject({ message: 'explore: this and that', sentence: 'this and that', name: 'MisuseError' })
  })

  it('ends after so many seconds, or so much time, which is the older name', () => {
    const many = litmusScenario('R a; W b 1; R c | R b; W c 1; R a | W a 1; R b; R c | W b 2; R a; W c 3')
    expect(check(many, { seconds: 0 })).toMatchObject({ budget: 'time', exhaustive: false })
    expect(check(many, { time: 0 })).toMatchObject({ budget: 'time', exhaustive: false })
    expect(() => check(many, { seconds: 1, time: 1 })).toThrow('explore: got seconds and time, expected one of them')
  })

  it('with keepGoing counts every trace and how many fail', () => {
    expect(check(lost, { keepGoing: true })).toMatchObject({ complete: 4, failing: 2, redundant: 0, exhaustive: true })
  })

  it('says what went wrong: schedule, columns with values, the step after which all was lost, the replay line', () => {
    // Without colours, unless they are asked for.
    const text = formatViolation(check(lost).violation!)
    expect(text.replace(/explore1 increments \w+/, 'explore1 increments CODE')).toMatchInlineSnapshot(`
      "assertion: expected 1 to be 2 // Object.is equality  (counter.ts:4)
      schedule S0P1-S0  1 preemption, 4 steps
      found with 2 preemptions and 4 steps, then shrunk

      step  thread 0               thread 1             
         1  load counter = 0                              counter.ts:3
         2                         load counter = 0       counter.ts:3  <- thread 0 is preempted  <- lost here
         3                         store counter: 0 -> 1  counter.ts:4
         4  store counter: 1 -> 1                         counter.ts:4  <- thread 1 has ended

      lost at step 2: before it there was still a way to end well, after it there is none
      next: look among the steps for a value that was out of date when it was used: between those two steps an order is missing
      replay: explore1 increments CODE S0P1-S0 ccdd"
    `)
  })

  it('says to look elsewhere than between the threads for what fails in every execution', () => {
    const next = (after: (words: Int32Array) => void) =>
      / *next: (.*)/.exec(formatViolation(check({ ...lost, after }).violation!, { colours: false }))![1]
    expect(next((words) => expect(words[0]).toBe(3))).toContain('every execution fails')
    expect(next((words) => expect(words[0]).toBe(2))).not.toContain('every execution fails')
  })

  it('prints the outcomes of an exhaustive success with a schedule for each', () => {
    const result = check(litmusScenario('W x 1; R y | W y 1; R x'))
    expect(formatResult(result, { colours: false })).toMatchInlineSnapshot(`
      "W x 1; R y | W y 1; R x: exhaustive: 3 traces, 0 blocked (optimal)

      outcome                          count  first seen on
      0: y=0; 1: x=1; end: x=1 y=1         1  S0-S1-
      0: y=1; 1: x=1; end: x=1 y=1         1  S0P1-S0
      0: y=1; 1: x=0; end: x=1 y=1         1  S1-S0-"
    `)
  })

  it('starts every execution from what setup made, also in a large buffer', () => {
    const far = 200_000
    const result = check({
      setup: () => {
        const words = new Int32Array(new SharedArrayBuffer(1 << 20))
        words[far] = 5
        return words
      },
      threads: [1, 2, 3].map(
        (step) =>
          function* (words: Int32Array): Twin<number> {
            $e.op(RMW, 0, words, far) || (yield)
            return Atomics.add(words, far, step)
          },
      ),
      after: (words) => expect([words[far], words[far + 1]]).toEqual([11, 0]),
    })
    expect(result).toMatchObject({ complete: 6, violation: null })
  })

  it('gives the fewest preemptions', () => {
    const thrice = check(counting([increment, increment, increment]), { strategy: 'random', seed: 5 }).violation!
    expect(thrice.preemptions).toBe(1)
    expect(thrice.found.preemptions).toBeGreaterThanOrEqual(1)
  })

  it('finds the step after which every continuation fails', () => {
    // Both have loaded 0 after the second load: only then is an increment sure to be lost.
    const { inflection, steps } = check(lost).violation!
    const loads = steps.flatMap(({ operation }, i) => (operation === 'load' ? [i + 1] : []))
    expect(inflection).toBe(loads[1])
  })

  it('finds that step also of a fault that ends the execution', () => {
    // Both load 0 in some executions, and then no invariant is broken.
    const { violation } = check({
      ...counting([increment, increment]),
      after: undefined,
      invariant: (words) => words[0] < 2,
    })
    expect(violation).toMatchObject({ kind: 'invariant', inflection: 2 })
  })

  it('says what a spin loop over two words waits for', () => {
    const pauses = function* (words: Int32Array): Twin<void> {
      const loop = $e.loop(base)
      for (;;) {
        $e.turn(loop) || (yield)
        $e.op(ALOAD, base, words, 1) || (yield)
        $e.op(ALOAD, base, words, 0) || (yield)
        $e.op(PAUSE, base) || (yield)
      }
    }
    const { violation } = check({ ...counting([increment]), threads: [pauses, increment] })
    expect(violation).toMatchObject({ kind: 'deadlock' })
    expect(violation!.message).toBe('stuck: thread 0 spins until somebody stores to shared[1] or counter')
    expect(formatViolation(violation!, { colours: false })).toContain('next: look who should change what it waits for')
  })

  it.each<[what: string, scenario: object, message: string]>([
    ['no setup', { threads: [increment] }, 'explore: setup: got undefined, expected a function'],
    ['no threads', { setup: () => 0, thread: [increment] }, "explore: got 'thread' in a scenario, expected threads"],
    [
      'an empty list',
      { setup: () => 0, threads: [] },
      'explore: threads: expected an array of functions, at least one',
    ],
    ['no function', { ...lost, outcome: 3 }, 'explore: outcome: got number, expected a function'],
    ['an async setup', { ...lost, setup: async () => 0 }, 'explore: setup returned a promise'],
    [
      'a strategy of no name',
      { ...lost, strategy: 'foo' },
      "explore: strategy: got 'foo', expected 'optimal', 'random', ",
    ],
  ])('refuses a scenario with %s', (_, scenario, message) => {
    expect(() => explore(scenario as typeof lost)).toThrow(message)
  })

  it('takes an async after for a fault, since nobody waits for it', () => {
    const after = async () => {
      throw new Error('later')
    }
    const { violation } = check({ ...counting([atomically]), after })
    expect(violation).toMatchObject({ kind: 'assertion', message: expect.stringContaining('after returned a promise') })
  })

  it('counts the same within a bound on preemptions as without one when the bound is no limit', () => {
    const bounded = check(lost, { keepGoing: true, maxPreemptions: 9 })
    expect(bounded).toMatchObject({ complete: 4, failing: 2 })
    const none = check(lost, { keepGoing: true, maxPreemptions: 0 })
    expect(none).toMatchObject({ complete: 2, failing: 0 })
    expect(formatResult(none, { colours: false })).toContain('exhaustive with at most 0 preemptions: 2 traces')
  })
})

describe('a replay line', () => {
  const { replay: line } = check(lost).violation!

  it('shows the same violation again', () => {
    expect(replay(lost, line)).toMatchObject({ stale: false, diverged: undefined, violation: { kind: 'assertion' } })
  })

  it('made from other code says so, and at which step and line the code does something else', () => {
    const fixed = replay(counting([atomically, atomically]), line)
    expect(fixed.violation).toBeNull()
    expect(fixed.diverged).toMatchObject({ step: 1, where: 'counter.ts:3', why: 'it was a load and is a rmw now' })
  })

  it('of an execution that is longer now is followed to its end, and goes on', () => {
    const short = litmusScenario('W x 1 | W x 2')
    const race = check({ ...short, after: ({ words }) => expect(words[0]).toBe(2) }).violation!
    expect(replay(litmusScenario('W x 1; R y | W x 2; R y'), race.replay)).toMatchObject({
      diverged: undefined,
      violation: null,
    })
  })

  it('that is left midway finds no deadlock in the threads that were still to run', () => {
    const { violation, diverged } = replay(litmusScenario('W x 1 | R x'), 'explore1 - 0 S0-S1 dd')
    expect(violation).toBeNull()
    expect(diverged).toMatchObject({ step: 2, why: 'thread 0 has ended' })
  })

  it('may be written as it is shown, with long stretches counted', () => {
    const line = `S0${'-'.repeat(20)}P1-S0.1--`
    expect(shortLine(line)).toBe('S0-{20}P1-S0.1--')
    expect(readSchedule(shortLine(line))).toEqual(readSchedule(line))
    expect(() => readSchedule('S0{5}')).toThrow("can't read '{5}' at character 3")
  })

  it('is refused before it is written out when it is longer than any execution', () => {
    expect(() => readSchedule('S0-{999999999}')).toThrow(
      'schedule: got 1000000000 steps or more, expected at most 10000000',
    )
    expect(() => readSchedule('S0-{60}P1-{60}', 100)).toThrow('schedule: got 122 steps or more, expected at most 100')
    expect(readSchedule('S0-{49}P1-{49}', 100).threads).toHaveLength(100)
    expect(() => replay(lost, 'explore1 - 0 S0 (ab){999999999}')).toThrow(
      'the kinds of 1999999998 steps, expected at most',
    )
  })

  it('is refused with a name that nobody wrote', () => {
    expect(() => replay(lost, 'explore1 %E0%A4%A 0 S0 d')).toThrow("explore: got the name '%E0%A4%A' in a replay line")
  })

  it('is refused for a statement that no litmus program has, whatever an object inherits', () => {
    expect(() => litmusScenario('toString x')).toThrow("no statement 'toString', expected W x v")
  })

  it('is refused when it is none', () => {
    expect(() => replay(lost, 'S0-P1')).toThrow(SyntaxError)
    const { replay: line } = check(lost).violation!
    expect(() => replay(lost, `${line} ${line}`)).toThrow(SyntaxError)
  })
})

describe('budgets', () => {
  const many = litmusScenario('A x 1; A x 1 | A x 1; A x 1 | A x 1; A x 1 | A x 1; A x 1')

  it('end a search and say so, with an estimate of the whole and its method', () => {
    const result = check(many, { maxExecutions: 100 })
    expect(result).toMatchObject({ executions: 100, exhaustive: false, budget: 'executions' })
    expect(result.estimate!.executions).toBeGreaterThan(100)
    expect(result.estimate!.method).not.toBe('')
  })

  it('leave a checkpoint from which the rest is explored, nothing twice and nothing lost', () => {
    for (const first of [1, 7, 100, 2000]) {
      let saved: Checkpoint | undefined
      check(many, { maxExecutions: first, onCheckpoint: (checkpoint) => (saved = checkpoint) })
      const resume = JSON.parse(JSON.stringify(saved)) as Checkpoint
      const rest = check(many, { resume })
      expect(rest).toMatchObject({ complete: 2520, executions: 2520, redundant: 0, exhaustive: true })
    }
  })

  // Exchanges hand on what was there before, so that an outcome tells the order on each word.
  const orders = litmusScenario('X x 1; X y 2; X x 3; X y 4 | X y 5; X x 6; X y 7; X x 8 | X x 9; X y 10')

  it.each(['random', 'pct', 'pos', 'surw', 'portfolio'] as const)(
    'leave a checkpoint from which a sample by %s goes on as if it had not been cut',
    (strategy) => {
      const whole = check(orders, { strategy, seed: 5, maxExecutions: 60 })
      for (const first of [1, 2, 3, 5, 30]) {
        let saved: Checkpoint | undefined
        const onCheckpoint = (checkpoint: Checkpoint) => (saved = checkpoint)
        check(orders, { strategy, seed: 5, maxExecutions: first, onCheckpoint })
        const resume = JSON.parse(JSON.stringify(saved)) as Checkpoint
        const { outcomes, steps, seed, estimate } = check(orders, { strategy, resume, maxExecutions: 60 })
        expect({ outcomes, steps, seed, estimate }).toEqual({
          outcomes: whole.outcomes,
          steps: whole.steps,
          seed: 5,
          estimate: whole.estimate,
        })
      }
    },
  )

  it('leave a checkpoint that knows the outcomes so far and the first failure', () => {
    const lost = { ...litmusScenario('R x; W x 1 | R x; W x 2'), name: "who's #1?" }
    const scenario: typeof lost = {
      ...lost,
      after: ({ words }) => {
        if (words[0] === 1) throw new Error('lost')
      },
    }
    const whole = check(scenario, { keepGoing: true })
    let saved: Checkpoint | undefined
    check(scenario, { keepGoing: true, maxExecutions: 4, onCheckpoint: (checkpoint) => (saved = checkpoint) })
    const rest = check(scenario, { keepGoing: true, resume: JSON.parse(JSON.stringify(saved)) })
    expect(saved!.failed).not.toBeNull()
    expect(rest.outcomes).toEqual(whole.outcomes)
    expect(rest.failing).toBe(whole.failing)
    expect(rest.violation).toMatchObject({ kind: 'assertion', schedule: whole.violation!.schedule })
    expect(rest.violation!.replay).toMatch(/^explore1 who%27s%20#1\? /)
    expect(replay(scenario, rest.violation!.replay)).toMatchObject({ stale: false, diverged: undefined })
  })

  it('of steps end an execution and make the search no longer exhaustive', () => {
    expect(check(many, { maxSteps: 3 })).toMatchObject({ exhaustive: false, violation: { kind: 'livelock' } })
  })
})

describe('sampling', () => {
  const reorder = (): Scenario<Int32Array> => {
    const setter = function* (words: Int32Array): Twin<void> {
      $e.op(ASTORE, 0, words, 0) || (yield)
      Atomics.store(words, 0, 1)
      $e.op(ASTORE, 0, words, 1) || (yield)
      Atomics.store(words, 1, -1)
    }
    const checker = function* (words: Int32Array): Twin<void> {
      $e.op(ALOAD, 0, words, 0) || (yield)
      const a = Atomics.load(words, 0)
      $e.op(ALOAD, 0, words, 1) || (yield)
      const b = Atomics.load(words, 1)
      if (!((a === 0 && b === 0) || (a === 1 && b === -1))) throw new Error('torn')
    }
    return { setup: () => new Int32Array(new SharedArrayBuffer(8)), threads: [setter, setter, checker] }
  }

  for (const strategy of ['random', 'pct', 'pos', 'surw', 'portfolio'] as const) {
    it(`${strategy} finds a torn read, and finds it again with the seed it returned`, () => {
      const first = check(reorder(), { strategy, maxExecutions: 5000 })
      expect(first.violation?.kind).toBe('assertion')
      const again = check(reorder(), { strategy, maxExecutions: 5000, seed: first.seed! })
      expect(again.executions).toBe(first.executions)
    })
  }

  it('pct finds a bug of depth d in a share of its runs that its bound promises', () => {
    // n = 2 threads, k = 4 steps, d = 2: the other thread must come between load and store.
    const result = check(lost, { strategy: 'pct', depth: 2, seed: 1, maxExecutions: 4000, keepGoing: true })
    expect(result.executions).toBe(4000)
    expect(result.failing / result.executions).toBeGreaterThanOrEqual(1 / (2 * 4))
  })

  it('random estimates how many schedules there are', () => {
    // 4 + 4 steps: 70 interleavings.
    const result = check(litmusScenario('A x 1; A x 1; A x 1; A x 1 | A x 1; A x 1; A x 1; A x 1'), {
      strategy: 'random',
      seed: 7,
      maxExecutions: 3000,
    })
    expect(result.estimate!.executions).toBeGreaterThan(60)
    expect(result.estimate!.executions).toBeLessThan(80)
  })

  it('the others estimate it by random walks at the end, which are none of their executions', () => {
    for (const strategy of ['pct', 'pos', 'surw'] as const) {
      const result = check(litmusScenario('A x 1; A x 1; A x 1; A x 1 | A x 1; A x 1; A x 1; A x 1'), {
        strategy,
        seed: 7,
        maxExecutions: 10,
      })
      expect(result).toMatchObject({ executions: 10, complete: 10, steps: 80 })
      expect(result.estimate!.executions).toBeGreaterThan(35)
      expect(result.estimate!.executions).toBeLessThan(140)
    }
  })

  it('surw draws every order of two threads of unequal length about equally often', () => {
    const result = check(litmusScenario('A x 1 | A x 16; A x 16; A x 16; A x 16; A x 16'), {
      strategy: 'surw',
      seed: 3,
      maxExecutions: 6000,
    })
    const shares = result.outcomes.map(({ count }) => count / result.executions)
    expect(shares).toHaveLength(6)
    for (const share of shares) expect(share).toBeGreaterThan(0.12)
  })
})

describe('files for other tools', () => {
  const result = check(lost)

  it('JSON has the keys that scripts rely on', () => {
    const line = JSON.parse(JSON.stringify(resultLine(result)))
    expect(line).toMatchObject({
      schema: 1,
      event: 'result',
      scenario: 'increments',
      strategy: 'optimal',
      redundant: 0,
      violation: { kind: 'assertion', preemptions: 1 },
    })
  })

  it('ShiViz reads its log with the parser that stands beside it, and finds clocks that fit together', () => {
    const { threads } = lost
    for (const threadNames of [undefined, ['one thread', 'other\tthread'], ['worker', 'worker'], ['', '{"a":1}']]) {
      const { violation } = check({ ...lost, threads, ...(threadNames && { threadNames }) })
      // As ShiViz reads an uploaded file: the expression, what parts executions (here nothing), and the log.
      const [parser, delimiter, ...rest] = shivizLog(violation!).split('\n')
      expect(delimiter).toBe('')
      const log = rest.join('\n')
      const events = [...log.matchAll(new RegExp(parser, 'gm'))].map(({ groups }) => groups!)
      expect(events.map(({ host, clock, event }) => `${host} ${clock}\n${event}\n`).join('')).toBe(log)
      const told = new Map<string, number>()
      for (const { host, clock } of events) {
        const counts = JSON.parse(clock) as Record<string, number>
        const own = (told.get(host) ?? 0) + 1
        expect(counts[host]).toBe(own)
        for (const [other, count] of Object.entries(counts))
          if (other !== host) expect(count).toBeLessThanOrEqual(told.get(other) ?? 0)
        told.set(host, own)
      }
      expect([...told.values()]).toEqual([2, 2])
    }
  })

  it('Perfetto finds what its trace event format asks for: names of tracks, complete events in order, an instant', () => {
    const { traceEvents } = perfettoTrace(result.violation!)
    const tracks = new Set<unknown>()
    let last = -1
    for (const event of JSON.parse(JSON.stringify(traceEvents))) {
      expect(event).toMatchObject({ name: expect.any(String), pid: 1, tid: expect.any(Number), args: {} })
      if (event.ph === 'M') {
        if (event.name === 'thread_name') tracks.add(event.tid)
        expect(event.args.name).toEqual(expect.any(String))
        continue
      }
      expect(event.ts).toBeGreaterThan(last)
      last = event.ts
      if (event.ph === 'X') expect(event).toMatchObject({ dur: 1000, cat: expect.any(String) })
      else expect(event).toMatchObject({ ph: 'i', s: 'g' })
      expect(tracks).toContain(event.tid)
    }
    expect(traceEvents.at(-1)).toMatchObject({ ph: 'i', name: expect.stringMatching(/^assertion: /) })
  })

  it('ShiViz gets one clock per step, Perfetto one slice per step', () => {
    const lines = shivizLog(result.violation!).trimEnd().split('\n').slice(2)
    expect(lines).toHaveLength(result.violation!.steps.length * 2)
    expect(lines[0]).toMatch(/^0 \{"0":1\}$/)
    const { traceEvents } = perfettoTrace(result.violation!)
    expect(traceEvents.filter(({ ph }) => ph === 'X')).toHaveLength(result.violation!.steps.length)
  })
})

describe('schedules as values of fast-check', () => {
  it('shrink to one switch for a lost update', () => {
    const details = fc.check(
      fc.property(schedule(), (switches) => runAlong(lost, switches) === null),
      { seed: 1, numRuns: 200 },
    )
    expect(details.failed).toBe(true)
    expect(details.counterexample![0].length).toBeLessThanOrEqual(2)
  })
})
