/**
 * Whether a reader has done what a file of the page claims: each task is stepped, or explored, again.
 */

import type { Claim } from '../../lessons/claim.ts'
import { EDITED } from '../../lessons/exhibits.ts'
import type { HandIn } from '../../lessons/hand-in.ts'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { type Place, readPlace } from '../../lessons/link.ts'
import { objectionTo } from '../../lessons/objection.ts'
import { objectionToPrediction } from '../../lessons/prediction.ts'
import { openScenario, placed } from '../../museum/open.ts'
import { check, createStepper, litmusScenario, loadInstrumented } from '../explore/index.ts'
import { type AnyScenario, openExhibit } from './scenario-source.ts'

/** What is known of a task. */
export interface Checked {
  /** Number of the lesson, from 1. */
  readonly number: number
  readonly lesson: string
  readonly title: string
  readonly state: 'done' | 'missing' | 'wrong'
  /** Of a wrong one: why. */
  readonly why: string
}

/** Seconds that a search may take. */
const TIME = 60

/** All lessons, in their order. */
export async function checkHandIn({ tasks }: HandIn): Promise<Checked[]> {
  const all: Checked[] = []
  for (const [k, { id, title }] of LESSONS.entries()) {
    const claim = tasks.get(id)
    const why = claim === undefined ? '' : await objection(id, claim)
    const state = claim === undefined ? 'missing' : why === '' ? 'done' : 'wrong'
    all.push({ number: k + 1, lesson: id, title, state, why })
  }
  return all
}

/** Why a claim does not hold, in a sentence; '' if it does. */
async function objection(id: string, claim: Claim): Promise<string> {
  const lesson = LESSONS.find((each) => each.id === id)!
  const { place, problem } = readPlace(claim.link)
  if (problem !== '') return problem
  if (place.lesson !== id) return `its link leads to the lesson '${place.lesson}'`
  const scenario = await scenarioAt(place)
  if (typeof scenario === 'string') return scenario
  if (lesson.done !== 'predicted') {
    const { exhibit } = place
    const schedule = place.schedule.slice(0, place.at)
    const named = { ...scenario, threadNames: scenario.threads.map((_, cpu) => `CPU ${cpu}`) }
    const stepper = createStepper(named, lesson.memory && { memory: lesson.memory })
    return objectionTo(lesson, claim, stepper.at(schedule), { exhibit, steps: schedule.length })
  }
  if (claim.expected === undefined) return 'it says nothing of what was expected'
  const result = check(scenario, { seconds: TIME, ...(lesson.memory && { memory: lesson.memory }) })
  if (result.violation === null && !result.exhaustive) return `not all of its interleavings were seen in ${TIME} s`
  return objectionToPrediction(claim.expected, result)
}

/** What is stepped at a place, or why that can't be. */
async function scenarioAt({ lesson: id, exhibit, text }: Place): Promise<AnyScenario | string> {
  if (id === 'museum') return exhibit === '' ? 'nothing is broken there' : openExhibit(exhibit)
  if (id === 'litmus') {
    try {
      return litmusScenario(text) as AnyScenario
    } catch (error) {
      return (error as Error).message
    }
  }
  const { file, scenario: name } = LESSONS.find((each) => each.id === id)!
  if (name !== '') return openScenario({ file, name }, EDITED.get(exhibit)?.edits)
  const { scenarioNamed } = await loadInstrumented(placed({ file, name }, []).file)
  return (scenarioNamed as (text: string) => AnyScenario)(text)
}
