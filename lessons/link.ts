/**
 * A moment as a link: lesson, exhibit, schedule and how many of its steps have been taken. Also understands a replay
 * line of the command, as `#replay=LINE`.
 */

import { type ReplayLine, readReplayLine, readSchedule, scheduleLine } from '../src/explore/internals.ts'
import type { Chosen } from './chosen.ts'
import { MUSEUM } from './exhibit-index.ts'
import type { Lesson } from './lesson.ts'
import { LESSONS } from './lesson-list.ts'
import { readPrograms } from './own-programs.ts'
import { shownExhibit } from './shown-exhibit.ts'

/** Where the page stands. */
export interface Place extends Chosen {
  /** The threads of the schedule, by label. */
  readonly schedule: readonly string[]
  /** Steps taken. */
  readonly at: number
}

/** What a link says. */
export interface ReadLink {
  readonly place: Place
  /** What of it can't be read, in a sentence; '' if all can. */
  readonly problem: string
  /** The command's line that it holds, if it is of that kind. */
  readonly line: ReplayLine | undefined
}

export const START: Place = { lesson: LESSONS[0].id, exhibit: '', text: '', schedule: [], at: 0 }

/** Steps that a link may have: the stepper stops an execution there. */
const MOST_STEPS = 20_000
const PARTS = ['lesson', 'broken', 'program', 'schedule', 'at', 'replay']

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
  if (text !== '' || firstText(lesson) !== '') parts.set('program', text)
  if (schedule.length > 0) {
    parts.set('schedule', scheduleLine({ threads: schedule, preempted: [] }))
    if (at !== schedule.length) parts.set('at', String(at))
  }
  return parts.toString()
}

/**
 * Reads it. Where something can't be read, that is told in `problem`, and the lesson alone is taken, if there is such a
 * lesson.
 */
export function readPlace(hash: string): ReadLink {
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  let place = START
  try {
    const replay = parts.get('replay')
    refuseStray([...parts.keys()])
    if (replay !== null) {
      const line = readReplayLine(replay, MOST_STEPS)
      return { place: refuseModel(placeOfReplay(line), line), problem: '', line }
    }
    const lesson = LESSONS.find(({ id }) => id === (parts.get('lesson') ?? START.lesson))
    if (lesson === undefined) throw new SyntaxError(`there is no lesson '${parts.get('lesson')}'`)
    place = { ...START, lesson: lesson.id, text: firstText(lesson.id) }
    const exhibit = readExhibit(parts.get('broken') ?? '', lesson)
    const text = readText(parts.get('program'), exhibit, lesson)
    const schedule = readSchedule(parts.get('schedule') ?? '', MOST_STEPS).threads
    const at = readAt(parts.get('at'), schedule.length)
    return { place: { lesson: lesson.id, exhibit, text, schedule, at }, problem: '', line: undefined }
  } catch (error) {
    const { message } = error as Error
    return { place, problem: `This link can’t be read: ${message.replace(/^explore: /, '')}`, line: undefined }
  }
}

/** Throws for a part that no link has, or that is there twice. */
function refuseStray(names: readonly string[]): void {
  const stray = names.find((name) => !PARTS.includes(name))
  if (stray !== undefined) throw new SyntaxError(`got the part '${stray}', expected ${PARTS.join(', ')}`)
  const twice = names.find((name, k) => names.indexOf(name) !== k)
  if (twice !== undefined) throw new SyntaxError(`got '${twice}' twice`)
  if (names.includes('replay') && names.length > 1)
    throw new SyntaxError("got more parts than 'replay', which says it all")
}

function readExhibit(exhibit: string, { id, exhibits }: Lesson): string {
  if (exhibit === '' || exhibits.includes(exhibit)) return exhibit
  const offered = id === 'museum' || exhibits.length === 0 ? '' : `, expected ${exhibits.join(' or ')}`
  throw new SyntaxError(`the lesson '${id}' has no exhibit '${exhibit}'${offered}`)
}

/**
 * The program that a lesson is about. A litmus program may be any text: what is wrong with it stands where it is typed.
 */
function readText(given: string | null, exhibit: string, { id }: Lesson): string {
  if (given === null) return id === 'museum' && exhibit !== '' ? exhibit : firstText(id)
  if (firstText(id) === '') throw new SyntaxError(`got a program, and the lesson '${id}' has its own`)
  if (id === 'free-play') readPrograms(given)
  if (id === 'museum') {
    const shown = shownExhibit(given)
    if (exhibit !== '' && exhibit !== shown.id)
      throw new SyntaxError(`it shows the exhibit '${given}' and breaks '${exhibit}'`)
  }
  return given
}

function readAt(given: string | null, steps: number): number {
  if (given === null) return steps
  if (/^\d+$/.test(given) && Number(given) <= steps) return Number(given)
  throw new SyntaxError(`at: got '${given}', expected a number of steps from 0 to ${steps}`)
}

/** Throws for a line of a memory model that the lesson does not step. An interleaving is an execution of each. */
function refuseModel(place: Place, { memory }: ReplayLine): Place {
  const { title, memory: wanted } = LESSONS.find(({ id }) => id === place.lesson)!
  if (memory === undefined || memory.model === wanted) return place
  throw new SyntaxError(
    `it is an execution of ${memory.model}, and the page steps '${title}' as ${wanted ?? 'interleavings'}`,
  )
}

function placeOfReplay({ scenario, schedule }: ReplayLine): Place {
  const steps = { schedule: schedule.threads, at: schedule.threads.length }
  const [named, exhibit = ''] = scenario.split('@')
  const stands = (at: string) => named === at || named.endsWith(`/${at}`)
  const museum = MUSEUM.find(({ lineName }) => scenario === lineName)
  if (museum !== undefined) return { lesson: 'museum', exhibit: museum.id, text: museum.id, ...steps }
  if (scenario.startsWith('museum#')) shownExhibit(scenario.slice('museum#'.length))
  if (!scenario.includes('#') && scenario.includes(' '))
    return { lesson: 'litmus', exhibit: '', text: scenario, ...steps }
  const lesson = LESSONS.find(({ file, scenario: name, exhibits }) => {
    const fits = exhibit === '' || exhibits.includes(exhibit)
    return (
      file !== '' && fits && (name === '' ? stands(`${file}#${named.replace(/^.*#/, '')}`) : stands(`${file}#${name}`))
    )
  })
  if (lesson !== undefined) {
    const text = lesson.scenario === '' ? named.replace(/^.*#/, '') : ''
    if (text !== '') readPrograms(text)
    return { lesson: lesson.id, exhibit, text, ...steps }
  }
  const mended = MUSEUM.find(({ mended, file, scenario: name }) => mended === '' && stands(`${file}#${name}`))
  if (mended !== undefined && exhibit === '') return { lesson: 'museum', exhibit: '', text: mended.id, ...steps }
  throw new SyntaxError(`no lesson steps the scenario '${scenario}'`)
}
