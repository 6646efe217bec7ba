/**
 * Where the reader is, and everything that follows from it.
 *
 * The place is the only thing that is kept; moments and pictures are computed from it, forwards and backwards alike.
 */

import { computed, signal } from '@preact/signals'
import type { Chosen } from '../lessons/chosen.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { lessonOf } from '../lessons/lesson-list.ts'
import { firstText, type Place, readPlace, writePlace } from '../lessons/link.ts'
import {
  createInterleavingStepper,
  type Moment,
  type Orders,
  type ReplayLine,
  readReplayLine,
  type Scenario,
  type Stepper,
} from '../src/explore/internals.ts'
import { drawingOf } from './picture/draw-memory.ts'
import { type Scene, wordsOf } from './picture/scene.ts'
import { loadProgram } from './program.ts'
import { withFieldNames } from './view/field-names.ts'

export const place = signal<Place>(readPlace(location.hash).place)
/** A sentence or two about what went wrong with the page itself. */
export const problem = signal('')
/** What a screen reader is told. */
export const announcement = signal('')
export const lesson = computed(() => lessonOf(place.value.lesson))
/**
 * Which steps of the schedule the reader has chosen. The others came with a link, from the search, or as the page
 * played on by itself.
 */
export const chosen = signal<readonly boolean[]>([])
/** Whether the reader chose every step that has been taken here. */
export const byHand = computed(() => {
  const { at } = place.value
  return chosen.value.slice(0, at).every((each) => each) && chosen.value.length >= at
})

/** What steps a program. Of a memory model nothing is told of what orders the steps. */
interface AnyStepper extends Stepper<unknown> {
  orders?(of: Moment, then: Moment): Orders
}

interface Loaded {
  readonly key: string
  readonly stepper: AnyStepper
  readonly draw: Awaited<ReturnType<typeof drawingOf>>
  readonly chosen: Chosen
}

/** The program that is loaded, and for which choice. */
const loaded = signal<Loaded | null>(null)
/** Which program that is; null before the first one. */
export const loadedChoice = computed((): Chosen | null => loaded.value?.chosen ?? null)
const keyOf = ({ lesson, exhibit, text }: Place) => JSON.stringify([lesson, exhibit, text])

export const ready = computed(() => loaded.value !== null && loaded.value.key === keyOf(place.value))

/** The moment at the end of the schedule, kept while the reader moves along it. */
const schedule = computed(() => place.value.schedule)
const atEnd = computed(() => loaded.value!.stepper.at(schedule.value))

/** All of the schedule, and the moment the reader looks at. */
export const view = computed((): { stepper: AnyStepper; whole: Moment; now: Moment; scene: Scene } | null => {
  const { at } = place.value
  const program = loaded.value
  if (program === null || program.key !== keyOf(place.value)) return null
  const before = at < schedule.value.length ? atEnd.value : null
  // Last, because the memory is drawn as this leaves it.
  const now = program.stepper.at(schedule.value.slice(0, at))
  const scene = program.draw(program.stepper, now)
  return { stepper: program.stepper, whole: before ?? now, now, scene }
})

/** A sentence of the explorer's, with the words of this program named. */
export function named(text: string): string {
  const context = loaded.value?.stepper.context
  return withFieldNames(text, lesson.value, context === undefined ? undefined : wordsOf(context))
}

/** What was wanted last that is a litmus program which can't be read. */
const unreadable = signal('')

/** Whether the present place is such a one. */
export const isUnreadable = computed(() => unreadable.value === keyOf(place.value))

async function stepperOf(scenario: Scenario<unknown>, { memory }: Lesson): Promise<AnyStepper> {
  if (memory === undefined) return createInterleavingStepper(scenario)
  const { createWeakStepper } = await import('./weak.ts')
  return createWeakStepper(scenario, { memory })
}

/** Loads the program of the present place, if it is another one. Says whether it is there. */
async function load(): Promise<boolean> {
  const wanted = place.value
  const key = keyOf(wanted)
  if (loaded.value?.key === key) return true
  try {
    const scenario = await loadProgram(wanted)
    const its = lessonOf(wanted.lesson)
    const stepper = await stepperOf(scenario, its)
    const draw = await drawingOf(its.picture)
    if (keyOf(place.value) !== key) return false
    loaded.value = { key, stepper, draw, chosen: wanted }
    return true
  } catch (error) {
    // What is wrong with a litmus program stands where it is typed.
    const told = wanted.lesson === 'litmus' && error instanceof SyntaxError
    if (told) unreadable.value = key
    else if (keyOf(place.value) === key) problem.value = (error as Error).message
    return false
  }
}

/** Comes to where the address bar leads, and says how far the schedule or the command's line can be followed. */
async function arrive(line: ReplayLine | undefined): Promise<void> {
  const wanted = place.value
  if (!(await load()) || place.value !== wanted) return
  const { whole } = view.value!
  const told: string[] = []
  if (line !== undefined) told.push(...departureOf(line, whole))
  if (whole.diverged !== undefined) {
    const { step, why } = whole.diverged
    told.push(`The schedule can only be followed for ${step} step${step === 1 ? '' : 's'}: ${why}.`)
  }
  // The steps that were taken: what was found wrong ends an execution, too.
  const taken = whole.steps.length
  if (whole.diverged === undefined && taken < wanted.schedule.length)
    told.push(`The execution has failed after ${taken} of the ${wanted.schedule.length} steps of the schedule.`)
  if (told.length > 0) problem.value = told.join(' ')
  if (taken < wanted.schedule.length) {
    place.value = { ...wanted, schedule: wanted.schedule.slice(0, taken), at: Math.min(wanted.at, taken) }
    history.replaceState(null, '', `#${writePlace(place.value)}`)
  }
}

/**
 * How an execution differs from the line that it was to follow: the code is another one, perhaps so much that the steps
 * are.
 */
function departureOf(line: ReplayLine, whole: Moment): string[] {
  const here = readReplayLine(whole.replay)
  const elsewhere = [...line.kinds].findIndex((kind, k) => k < here.kinds.length && here.kinds[k] !== kind)
  if (elsewhere >= 0)
    return [
      `The line was made from other code: its step ${elsewhere + 1} was another one than ${named(whole.steps[elsewhere].operation)} here.`,
    ]
  if (here.fingerprint === line.fingerprint) return []
  return ['The line was made from other code than this page steps: what it showed may not be what you see.']
}

/**
 * Goes somewhere. A new lesson, exhibit or program is a new entry in the browser's history; a step is not, nor is what
 * is being `typed`.
 */
export function go(to: Partial<Place>, { typed = false } = {}): void {
  const before = place.value
  const moved = to.lesson !== undefined && to.lesson !== before.lesson
  const fresh: Partial<Place> = moved ? { exhibit: '', text: firstText(to.lesson!), schedule: [], at: 0 } : {}
  const next = { ...before, ...fresh, ...to }
  const other = keyOf(next) !== keyOf(before)
  if (to.schedule === undefined || other) problem.value = ''
  const mine = chosen.value
  const same = other ? 0 : next.schedule.findIndex((thread, k) => thread !== before.schedule[k])
  chosen.value = next.schedule.map((_, k) => (same < 0 || k < same) && mine[k] === true)
  place.value = next
  const hash = `#${writePlace(next)}`
  if (other && !typed) history.pushState(null, '', hash)
  else history.replaceState(null, '', hash)
  void load()
}

/** Follows the address bar: as the page opens, a link that was pasted, or the browser's back button. */
export function follow(): void {
  const { place: to, problem: why, line } = readPlace(location.hash)
  problem.value = why
  chosen.value = []
  place.value = to
  void arrive(line)
}
