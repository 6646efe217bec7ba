/**
 * Where the reader is, and everything that follows from it.
 *
 * The place is the only thing that is kept; moments and pictures are computed from it, forwards and backwards alike.
 */

import { computed, signal } from '@preact/signals'
import { createStepper, type Moment, type Stepper } from '../src/explore/internals.ts'
import { lessonOf } from './lessons/lesson-list.ts'
import { firstText, type Place, readPlace, writePlace } from './link.ts'
import { drawMemory } from './picture/draw-memory.ts'
import type { Scene } from './picture/scene.ts'
import { loadProgram } from './program.ts'
import { withFieldNames } from './view/field-names.ts'

const first = readPlace(location.hash)
export const place = signal<Place>(first.place)
/** One sentence about what went wrong with the page itself. */
export const problem = signal(first.problem)
/** What a screen reader is told. */
export const announcement = signal('')
export const lesson = computed(() => lessonOf(place.value.lesson))

/** The program that is loaded, and for which choice. */
const loaded = signal<{ key: string; stepper: Stepper<unknown> } | null>(null)
const keyOf = ({ lesson, exhibit, text }: Place) => JSON.stringify([lesson, exhibit, text])

export const ready = computed(() => loaded.value !== null && loaded.value.key === keyOf(place.value))

/** The moment at the end of the schedule, kept while the reader moves along it. */
const schedule = computed(() => place.value.schedule)
const atEnd = computed(() => loaded.value!.stepper.at(schedule.value))

/** All of the schedule, and the moment the reader looks at. */
export const view = computed((): { stepper: Stepper<unknown>; whole: Moment; now: Moment; scene: Scene } | null => {
  const { at } = place.value
  const program = loaded.value
  if (program === null || program.key !== keyOf(place.value)) return null
  const before = at < schedule.value.length ? atEnd.value : null
  // Last, because the memory is drawn as this leaves it.
  const now = program.stepper.at(schedule.value.slice(0, at))
  const scene = drawMemory(lesson.value.picture, program.stepper, now)
  return { stepper: program.stepper, whole: before ?? now, now, scene }
})

/** A sentence of the explorer's, with the words of this program named. */
export const named = (text: string): string => withFieldNames(text, lesson.value)

/** Loads the program of the present place, if it is another one. */
export async function load(): Promise<void> {
  const wanted = place.value
  const key = keyOf(wanted)
  if (loaded.value?.key === key) return
  try {
    const scenario = await loadProgram(wanted)
    if (keyOf(place.value) !== key) return
    loaded.value = { key, stepper: createStepper(scenario) }
    const { diverged } = view.value!.whole
    if (diverged !== undefined) {
      problem.value = `The schedule can only be followed for ${diverged.step} steps: ${diverged.why}.`
      go({ schedule: place.value.schedule.slice(0, diverged.step), at: Math.min(place.value.at, diverged.step) })
    }
  } catch (error) {
    if (keyOf(place.value) === key) problem.value = (error as Error).message
  }
}

/**
 * Goes somewhere. A new lesson, exhibit or program is a new entry in the browser's history; a step is not, nor is what
 * is being `typed`.
 */
export function go(to: Partial<Place>, { typed = false } = {}): void {
  const before = place.value
  const moved = to.lesson !== undefined && to.lesson !== before.lesson
  const fresh: Partial<Place> = moved ? { exhibit: '', text: firstText(to.lesson), schedule: [], at: 0 } : {}
  const next = { ...before, ...fresh, ...to }
  const other = keyOf(next) !== keyOf(before)
  if (to.schedule === undefined || other) problem.value = ''
  place.value = next
  const hash = `#${writePlace(next)}`
  if (other && !typed) history.pushState(null, '', hash)
  else history.replaceState(null, '', hash)
  void load()
}

/** Follows the address bar: a link that was pasted, or the browser's back button. */
export function follow(): void {
  const { place: to, problem: why } = readPlace(location.hash)
  problem.value = why
  place.value = to
  void load()
}
