/**
 * The search, as the page sees it: started, stopped, and what it has told.
 */

import workerUrl from 'virtual:search-worker'
import { signal } from '@preact/signals'
import { objectionToPrediction, type Prediction } from '../lessons/prediction.ts'
import { readSchedule } from '../src/explore/internals.ts'
import { goTo } from './actions.ts'
import type { Told } from './search-worker.ts'
import { announcement, go, lesson, named, place } from './state.ts'

/** What a search found, and for which program. */
export interface Search {
  readonly key: string
  readonly told: Told
}

/** The last search; null before the first one. */
export const search = signal<Search | null>(null)
let worker: Worker | null = null
/** The program of which the reader is being asked what to expect; '' for none. */
const asked = signal('')
/** What the reader expects, by program: the first answer, since after the search it is known. */
const predictions = signal<ReadonlyMap<string, Prediction>>(new Map())

/** Which program a search is about. */
export const searchKey = (): string => {
  const { lesson, exhibit, text } = place.value
  return JSON.stringify([lesson, exhibit, text])
}

/** What is known of the program at hand. */
export const toldHere = (): Told | null => (search.value?.key === searchKey() ? search.value.told : null)

/** Whether the reader is being asked what to expect. */
export const asking = (): boolean => asked.value === searchKey()
/** What the reader expects of the program at hand, if that was asked. */
export const predictionHere = (): Prediction | undefined => predictions.value.get(searchKey())
/** Whether the task is a prediction: then it asks for the number of outcomes, too. */
export const isPredicted = (): boolean => lesson.value.done === 'predicted'

/** What the reader expected, if that is what a search that saw everything found, and what the task asks for. */
export function predictedHere(): Prediction | undefined {
  const told = toldHere()
  const expected = predictionHere()
  return told?.kind === 'done' && expected !== undefined && objectionToPrediction(expected, told) === ''
    ? expected
    : undefined
}

/** Asks what the reader expects, before the first search of a program; after it that is no question any more. */
export function ask(): void {
  if (predictionHere() === undefined) asked.value = searchKey()
  else startSearch()
}

/** Takes the answer, and shows. */
export function predict(expected: Prediction): void {
  predictions.value = new Map(predictions.value).set(searchKey(), expected)
  asked.value = ''
  startSearch()
}

export function stopSearch(): void {
  worker?.terminate()
  worker = null
  if (search.value?.told.kind === 'progress') search.value = null
}

/** Explores all interleavings of the program at hand; goes to the failing one if there is one. */
function startSearch(): void {
  stopSearch()
  const key = searchKey()
  const { lesson, exhibit, text } = place.value
  search.value = { key, told: { kind: 'progress', executions: 0, estimate: undefined } }
  worker = new Worker(workerUrl, { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<Told>) => {
    search.value = { key, told: data }
    if (data.kind === 'progress') return
    worker?.terminate()
    worker = null
    if (data.kind === 'done' && data.violation !== null && key === searchKey()) {
      openSchedule(data.violation.schedule)
      announcement.value = `Found: ${named(data.violation.message)}`
    } else if (data.kind === 'done') announcement.value = summary(data)
  }
  worker.onerror = ({ message }) => {
    search.value = { key, told: { kind: 'failed', message } }
  }
  worker.postMessage({ lesson, exhibit, text })
}

/** Opens a schedule, at its end or after so many of its steps. */
export function openSchedule(line: string, at = Number.POSITIVE_INFINITY): void {
  const { threads } = readSchedule(line)
  go({ schedule: threads, at: threads.length })
  goTo(at)
}

/** The result in a sentence. */
export function summary(told: Extract<Told, { kind: 'done' }>): string {
  const one = told.executions === 1
  const count = `${told.executions.toLocaleString('en')} interleaving${one ? '' : 's'}`
  if (told.violation !== null) return `Found after ${count}: ${named(told.violation.message)}`
  if (!told.exhaustive && told.allButBuffering)
    return `${count} ${one ? 'is' : 'are'} fine; those in which a load takes a value from its own future are left out.`
  if (!told.exhaustive) return `${count} ${one ? 'is' : 'are'} fine; time was up before the rest.`
  const fine = one
    ? 'It is fine in every order, and no CPU can tell any two of them apart.'
    : `All ${count} are fine. Orders that no CPU can tell apart count as one.`
  return [fine, ...told.notes.map((note) => `And yet ${named(note)}; none of them deadlocks.`)].join(' ')
}
