/**
 * A moment as a link: lesson, exhibit, schedule and how many of its steps have been taken. Also understands a replay
 * line of the command, as `#replay=LINE`.
 */

import { readReplayLine, readSchedule, scheduleLine } from '../src/explore/internals.ts'
import { LESSONS } from './lessons/lesson-list.ts'
import { MUSEUM, shownExhibit } from './museum.ts'
import type { Chosen } from './program.ts'

/** Where the page stands. */
export interface Place extends Chosen {
  /** The threads of the schedule, by label. */
  readonly schedule: readonly string[]
  /** Steps taken. */
  readonly at: number
}

export const START: Place = { lesson: LESSONS[0].id, exhibit: '', text: '', schedule: [], at: 0 }

const DEFAULT_TEXT: Record<string, string> = {
  'free-play': 'create|create',
  museum: MUSEUM[0].id,
  litmus: 'W x 1; R y | W y 1; R x',
}
/** The program that free play, the museum and the litmus corner begin with. */
export const firstText = (lesson: string): string => DEFAULT_TEXT[lesson] ?? ''

/** Writes the part of a link behind `#`. */
export function writePlace({ lesson, exhibit, text, schedule, at }: Place): string {
  const parts = new URLSearchParams({ lesson })
  if (exhibit !== '') parts.set('broken', exhibit)
  if (text !== '') parts.set('program', text)
  if (schedule.length > 0) {
    parts.set('schedule', scheduleLine({ threads: schedule, preempted: [] }))
    if (at !== schedule.length) parts.set('at', String(at))
  }
  return parts.toString()
}

/** Reads it. What can't be read is told in `problem`, and the rest is taken. */
export function readPlace(hash: string): { place: Place; problem: string } {
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  const replay = parts.get('replay')
  try {
    if (replay !== null) return { place: placeOfReplay(replay), problem: '' }
    const lesson = LESSONS.find(({ id }) => id === (parts.get('lesson') ?? START.lesson))
    if (lesson === undefined) throw new SyntaxError(`there is no lesson '${parts.get('lesson')}'`)
    const exhibit = parts.get('broken') ?? ''
    if (exhibit !== '' && !lesson.exhibits.includes(exhibit))
      throw new SyntaxError(`the lesson '${lesson.id}' has no exhibit '${exhibit}'`)
    const text = parts.get('program') ?? ((lesson.id === 'museum' && exhibit) || firstText(lesson.id))
    if (lesson.id === 'museum' && exhibit !== '' && exhibit !== shownExhibit(text).id)
      throw new SyntaxError(`it shows the exhibit '${text}' and breaks '${exhibit}'`)
    const schedule = readSchedule(parts.get('schedule') ?? '').threads
    const at = Math.min(schedule.length, Math.max(0, Number(parts.get('at') ?? schedule.length) || 0))
    return {
      place: { lesson: lesson.id, exhibit, text, schedule, at },
      problem: '',
    }
  } catch (error) {
    return { place: START, problem: `This link can’t be read: ${(error as Error).message}` }
  }
}

function placeOfReplay(line: string): Place {
  const { scenario, schedule } = readReplayLine(line)
  const at = schedule.threads.length
  const [named = '', exhibit = ''] = scenario.split('@')
  const lesson = LESSONS.find(({ file, scenario: name, exhibits }) => {
    const fits = exhibit === '' || exhibits.includes(exhibit)
    return file !== '' && fits && (name === '' ? named.includes(`${file}#`) : named.endsWith(`${file}#${name}`))
  })
  if (lesson !== undefined) {
    const text = lesson.scenario === '' ? named.slice(named.indexOf('#') + 1) : ''
    return { lesson: lesson.id, exhibit, text, schedule: schedule.threads, at }
  }
  if (scenario.startsWith('museum#')) {
    const { id } = shownExhibit(scenario.slice('museum#'.length))
    return { lesson: 'museum', exhibit: id, text: id, schedule: schedule.threads, at }
  }
  if (!scenario.includes(' ')) throw new SyntaxError(`no lesson steps the scenario '${scenario}'`)
  return { lesson: 'litmus', exhibit: '', text: scenario, schedule: schedule.threads, at }
}
