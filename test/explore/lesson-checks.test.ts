/** What a lesson's task takes: presses that do it, and how seldom somebody does it who presses at random. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openScenario } from '../../museum/open.ts'
import { check } from '../../src/explore/explore.ts'
import type { Moment } from '../../src/explore/moment.ts'
import { readSchedule } from '../../src/explore/schedule/schedule.ts'
import { createStepper, type Stepper } from '../../src/explore/stepper.ts'
import { createRandom, nextBits } from '../../src/random/random.ts'
import { EDITED } from '../../web/exhibits.ts'
import { LESSONS } from '../../web/lessons/lesson-list.ts'
import { readPlace } from '../../web/link.ts'
import { shareOf } from '../share.ts'

/** Attempts at random, each with a fixed seed. */
const ATTEMPTS = 20
/** Presses of one attempt. */
const PRESSES = 40
/** More steps than a CPU has. */
const ALL = 400

/** How many of the attempts may do the task, by lesson: what the seeds gave when it was written, and one more. */
const CEILINGS: Readonly<Record<string, number>> = {
  'lost-update': 10,
  cmpxchg: 10,
  'spin-lock': 9,
  publish: 8,
  'grace-period': 3,
  'two-creators': 1,
  'cache-slot': 1,
  'map-free': 3,
  'socket-death': 1,
  clone: 12,
  'lost-wakeup': 1,
  aba: 4,
  'take-reference': 1,
  'rcu-barrier': 6,
}

/**
 * What does the task: a CPU's next step, `0>` to its end, `0?cas` until that comes next on a socket’s pointer. Where
 * none stands, the task is to break something, and is done along what the search finds.
 */
const PLAYS: Readonly<Record<string, string>> = {
  'lost-update': '0 1 0 1',
  cmpxchg: '0 1 1 0 0 0',
  'spin-lock': '0 0 0 0',
  'grace-period': '1 1 0> 1> 0>',
  'two-creators': '0?cas 1> 0>',
  'lost-wakeup': '0 0 0 0 1> 0>',
  aba: '0 0 1> 0>',
  'take-reference': '1 1 0> 1 1 0> 1',
  'rcu-barrier': '1 1 0> 1> 0.1> 0>',
}

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
    const [, label, until] = /^([\d.]+)(.*)$/.exec(press)!
    if (until === '') desk.press(label)
    else if (until === '>') desk.press(label, ALL)
    else while (!isNext(desk, label, until.slice(1))) desk.press(label)
  }
}

describe('the answer for teachers', () => {
  const answers = [...readFileSync('docs/answers.md', 'utf8').matchAll(/^\| (\d+) \| `(#[^`]+)` \|/gm)]

  it('stands there for every task that is done by hand in a program of the lesson', () => {
    const tasks = LESSONS.flatMap(({ done, file }, k) => (done !== 'predicted' && file !== '' ? [`${k + 1}`] : []))
    expect(answers.map(([, number]) => number)).toEqual(tasks)
  })

  it.each(answers.map(([, number, link]) => ({ number: Number(number), link })))(
    '$number does the task',
    async (answer) => {
      const { place, problem } = readPlace(answer.link)
      expect(problem).toBe('')
      const { id, file, scenario, done } = LESSONS[answer.number - 1]
      expect(place.lesson).toBe(id)
      const stepper = createStepper(await openScenario({ file, name: scenario }, EDITED.get(place.exhibit)?.edits))
      const isDone = (moment: Moment) => done !== 'predicted' && done({ moment, exhibit: place.exhibit })
      expect(isDone(stepper.at(place.schedule))).toBe(true)
      expect(isDone(stepper.at(place.schedule.slice(0, -1)))).toBe(false)
    },
  )
})

describe('the task of the lesson', () => {
  const tasks = LESSONS.filter(({ done, file }) => done !== 'predicted' && file !== '')

  it('has a ceiling, whichever it is', () => {
    expect(Object.keys(CEILINGS)).toEqual(tasks.map(({ id }) => id))
  })

  const opening = async ({ file, scenario, exhibits, task, done }: (typeof tasks)[number]) => {
    const exhibit = /^Break it/.test(task) ? exhibits[0] : ''
    const opened = () => openScenario({ file, name: scenario }, EDITED.get(exhibit)?.edits)
    const isDone = (moment: Moment) => done !== 'predicted' && done({ moment, exhibit })
    return { opened, isDone, stepper: createStepper(await opened()) }
  }

  it.each(tasks)('$id is done by hand', async (lesson) => {
    const { opened, isDone, stepper } = await opening(lesson)
    const desk = new Desk(stepper)
    expect(isDone(desk.now)).toBe(false)
    if (lesson.id in PLAYS) play(desk, PLAYS[lesson.id])
    else desk.now = stepper.at(readSchedule(check(await opened()).violation!.schedule).threads)
    expect(isDone(desk.now)).toBe(true)
  })

  it.each(shareOf('lessons done at random', tasks, 4))('$id is done seldom at random', async (lesson) => {
    const { isDone, stepper } = await opening(lesson)
    const passed = Array.from({ length: ATTEMPTS }, (_, seed) => {
      const random = createRandom(seed + 1)
      const other = new Desk(stepper)
      for (let press = 0; press < PRESSES && other.now.wrong === null; press++) {
        const ready = other.now.threads.filter(({ status }) => status === 'ready')
        if (ready.length === 0) return false
        other.press(ready[nextBits(random) % ready.length].label, nextBits(random) % 4 === 0 ? ALL : 1)
        if (isDone(other.now)) return true
      }
      return false
    }).filter((each) => each).length
    expect(passed).toBeLessThanOrEqual(CEILINGS[lesson.id])
  })
})
