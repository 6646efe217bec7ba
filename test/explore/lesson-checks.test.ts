/** What a lesson's task takes: presses that do it, and how seldom somebody does it who presses at random. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isAnswered, isReached } from '../../lessons/claim.ts'
import { EDITED } from '../../lessons/exhibits.ts'
import { FAULTS } from '../../lessons/faults.ts'
import type { Lesson } from '../../lessons/lesson.ts'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { readPlace } from '../../lessons/link.ts'
import { ENDS, objectionToPrediction } from '../../lessons/prediction.ts'
import { TEXTS, textsOf } from '../../lessons/texts.ts'
import { EXHIBITS } from '../../museum/exhibits.ts'
import { openScenario } from '../../museum/open.ts'
import { check } from '../../src/explore/explore.ts'
import type { Moment } from '../../src/explore/moment.ts'
import type { Scenario } from '../../src/explore/scenario.ts'
import { readSchedule } from '../../src/explore/schedule/schedule.ts'
import { createStepper, type Stepper } from '../../src/explore/stepper.ts'
import { createRandom, nextBits } from '../../src/random/random.ts'
import { shareOf } from '../share.ts'

/** Attempts at random, each with a fixed seed. */
const ATTEMPTS = 20
/** Presses of one attempt. */
const PRESSES = 40
/** More steps than a CPU has. */
const ALL = 400

/**
 * How many of the attempts may do the task, by lesson: what the seeds gave when it was written. Where more come to the
 * moment by chance, there is a question.
 */
const CEILINGS: Readonly<Record<string, number>> = {
  'lost-update': 2,
  cmpxchg: 2,
  'spin-lock': 2,
  publish: 2,
  'grace-period': 2,
  'two-creators': 2,
  'cache-slot': 2,
  'map-free': 2,
  'socket-death': 2,
  clone: 2,
  'lost-wakeup': 2,
  aba: 2,
  'take-reference': 2,
  'rcu-barrier': 2,
  reordering: 2,
  'plain-publication': 2,
  packets: 2,
  museum: 2,
}

/**
 * What does the task: a CPU's next step, `0>` to its end, `0?cas` until that comes next on a socket’s pointer. Where
 * none stands, the task is to break something, and is done along what the search finds.
 */
const PLAYS: Readonly<Record<string, string>> = {
  'lost-update': '0 1 1 0',
  cmpxchg: '0 1 1 0 0 0',
  'spin-lock': '0 0 0 0',
  'grace-period': '1 1 0> 1> 0>',
  'two-creators': '0?cas 1> 0>',
  'lost-wakeup': '0 0 0 0 1> 0>',
  aba: '0 0 1> 0>',
  'take-reference': '1 1 0> 1 1 0> 1',
  'rcu-barrier': '1 1 0> 1> 0.1> 0>',
  reordering: '0 1 0r0 1r0',
  'plain-publication': '0> 1 1r0',
  packets: '0?cas 1> 0> 0.1> 0.2>',
}

const stepperFor = ({ memory }: Lesson, scenario: Scenario<unknown>): Stepper<unknown> =>
  createStepper(scenario, memory && { memory })

/** The buttons of the desk, without a page. */
class Desk {
  readonly stepper: Stepper<unknown>
  path: readonly string[] = []
  now: Moment

  constructor(stepper: Stepper<unknown>) {
    this.stepper = stepper
    this.now = stepper.at([])
  }

  press(label: string, times = 1): void {
    // What can't be followed is not taken.
    const taken = this.stepper.at([...this.path, ...Array<string>(times).fill(label)]).steps.length
    this.path = [...this.path, ...Array<string>(taken - this.path.length).fill(label)]
    this.now = this.stepper.at(this.path)
  }

  nextOf = (label: string) => this.now.threads.find((each) => each.label === label)?.next
}

const isNext = (desk: Desk, label: string, operation: string) =>
  desk.nextOf(label)?.operation === operation && /^sock \d+ word 0$/.test(desk.nextOf(label)!.place)

function play(desk: Desk, presses: string): void {
  for (const press of presses.split(' ')) {
    const [, label, until] = /^([\d.]+(?:r\d+)?)(.*)$/.exec(press)!
    if (until === '') desk.press(label)
    else if (until === '>') desk.press(label, ALL)
    else while (!isNext(desk, label, until.slice(1))) desk.press(label)
  }
}

describe('what a lesson says', () => {
  it('stands in one place for each', () => {
    expect(Object.keys(TEXTS)).toEqual(LESSONS.filter(({ texts }) => texts === undefined).map(({ id }) => id))
    expect(LESSONS.flatMap(({ id, texts }) => (texts === undefined ? [] : [id]))).toEqual(['lost-update'])
    const asked = (lesson: Lesson) => textsOf(lesson).question !== undefined
    expect(LESSONS.filter(asked)).toEqual(LESSONS.filter(({ isAnswer }) => isAnswer !== undefined))
  })
})

describe('the answer for teachers', () => {
  const answers = [...readFileSync('docs/answers.md', 'utf8').matchAll(/^\| (\d+) \| `(#[^`]+)` \| (\d*) ?\|/gm)]

  it('stands there for every task that is done by hand in a program of the lesson', () => {
    const tasks = LESSONS.flatMap(({ done, file }, k) => (done !== 'predicted' && file !== '' ? [`${k + 1}`] : []))
    expect(answers.map(([, number]) => number)).toEqual(tasks)
  })

  it.each(answers.map(([, number, link, step]) => ({ number: Number(number), link, step: Number(step) })))(
    '$number does the task',
    async (answer) => {
      const { place, problem } = readPlace(answer.link)
      expect(problem).toBe('')
      const lesson = LESSONS[answer.number - 1]
      const { id, file, scenario, isAnswer } = lesson
      expect(place.lesson).toBe(id)
      expect(answer.step > 0).toBe(isAnswer !== undefined)
      const stepper = stepperFor(lesson, await openScenario({ file, name: scenario }, EDITED.get(place.exhibit)?.edits))
      const seenAt = (schedule: readonly string[]) => ({ moment: stepper.at(schedule), exhibit: place.exhibit })
      const there = seenAt(place.schedule)
      expect(isReached(lesson, there)).toBe(true)
      const steps = there.moment.steps.map((_, k) => k + 1)
      expect(steps.filter((step) => isAnswered(lesson, there, step))).toEqual(
        isAnswer === undefined ? steps : [answer.step],
      )
      expect(isReached(lesson, seenAt(place.schedule.slice(0, -1)))).toBe(false)
    },
  )
})

describe('the task of the lesson', () => {
  const tasks = LESSONS.filter(({ done, file }) => done !== 'predicted' && file !== '')

  it('has a ceiling, whichever it is', () => {
    expect(Object.keys(CEILINGS)).toEqual([...tasks.map(({ id }) => id), 'museum'])
    expect(Math.max(...Object.values(CEILINGS))).toBeLessThanOrEqual(ATTEMPTS / 10)
  })

  const opening = async (lesson: (typeof tasks)[number]) => {
    const { file, scenario, exhibits, id, texts = TEXTS[id] } = lesson
    const exhibit = /^Break it/.test(texts.task) ? exhibits[0] : ''
    const opened = () => openScenario({ file, name: scenario }, EDITED.get(exhibit)?.edits)
    const isDone = (moment: Moment) => isReached(lesson, { moment, exhibit })
    const answers = (moment: Moment, k: number) => isAnswered(lesson, { moment, exhibit }, k + 1)
    return { opened, isDone, answers, stepper: stepperFor(lesson, await opened()) }
  }

  it.each(tasks)('$id is done by hand', async (lesson) => {
    const { opened, isDone, stepper } = await opening(lesson)
    const desk = new Desk(stepper)
    expect(isDone(desk.now)).toBe(false)
    if (lesson.id in PLAYS) play(desk, PLAYS[lesson.id])
    else desk.now = stepper.at(readSchedule(check(await opened()).violation!.schedule).threads)
    expect(isDone(desk.now)).toBe(true)
  })

  /** Presses at random, until the execution is over or a moment is the wanted one, and then what is said of it. */
  function attempt(stepper: Stepper<unknown>, seed: number, ...[isDone, answers]: Judge): boolean {
    const random = createRandom(seed)
    const other = new Desk(stepper)
    for (let press = 0; press < PRESSES && other.now.wrong === null; press++) {
      const ready = other.now.threads.filter(({ status }) => status === 'ready')
      if (ready.length === 0) return false
      const { label, next } = ready[nextBits(random) % ready.length]
      const { mayRead = [] } = next ?? {}
      // A button for each store that a load may read, where there is a choice.
      if (mayRead.length > 1) other.press(`${label}r${mayRead[nextBits(random) % mayRead.length].step}`)
      else other.press(label, nextBits(random) % 4 === 0 ? ALL : 1)
      if (isDone(other.now)) return answers(other.now, nextBits(random) % other.now.steps.length)
    }
    return false
  }

  it.each(shareOf('lessons done at random', tasks, 4))('$id is done seldom at random', async (lesson) => {
    const { isDone, answers, stepper } = await opening(lesson)
    const seeds = Array.from({ length: ATTEMPTS }, (_, seed) => seed + 1)
    const passed = seeds.filter((seed) => attempt(stepper, seed, isDone, answers)).length
    expect(passed).toBeLessThanOrEqual(CEILINGS[lesson.id])
  })

  it('museum is done seldom at random, whatever is foretold', async () => {
    const lesson = LESSONS.find(({ id }) => id === 'museum')!
    const random = createRandom(1)
    const attempts = Array.from({ length: ATTEMPTS }, (_, k) => {
      const foretold = FAULTS[nextBits(random) % FAULTS.length][0]
      return { seed: k + 1, foretold, exhibit: EXHIBITS[nextBits(random) % EXHIBITS.length] }
    })
    let passed = 0
    for (const { seed, foretold, exhibit } of shareOf('exhibits stepped at random', attempts, 2)) {
      const { id, scenario, scale = [], edits } = exhibit
      const stepper = createStepper(await openScenario(scenario, [...scale, ...edits]))
      const isDone = (moment: Moment) => isReached(lesson, { moment, exhibit: id, foretold })
      if (attempt(stepper, seed, isDone, () => true)) passed++
    }
    expect(passed).toBeLessThanOrEqual(CEILINGS.museum)
  })

  it('of a prediction is seldom done at random, and never with a program of fewer than three outcomes', () => {
    expect(LESSONS.filter(({ done }) => done === 'predicted').map(({ id }) => id)).toEqual(['free-play', 'litmus'])
    const random = createRandom(1)
    const told = { violation: null, exhaustive: true, outcomes: outcomesOf(3) }
    const guesses = Array.from({ length: ATTEMPTS }, () => {
      return { ends: ENDS[nextBits(random) % ENDS.length][0], outcomes: 1 + (nextBits(random) % 8) }
    })
    expect(guesses.filter((guess) => objectionToPrediction(guess, told) === '').length).toBeLessThanOrEqual(2)
    expect(objectionToPrediction({ ends: 'fine', outcomes: 3 }, told)).toBe('')
    const trivial = { ...told, outcomes: outcomesOf(1) }
    expect(objectionToPrediction({ ends: 'fine', outcomes: 1 }, trivial)).toContain('3 outcomes or more')
    const failing = { ...told, violation: { inflection: 0 } }
    expect(objectionToPrediction({ ends: 'all', outcomes: 0 }, failing)).toContain('always ends well')
  })
})

type Judge = readonly [isDone: (moment: Moment) => boolean, answers: (moment: Moment, k: number) => boolean]

const outcomesOf = (count: number) =>
  Array.from({ length: count }, (_, k) => ({ outcome: `${k}`, count: 1, witness: '' }))
