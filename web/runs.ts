/**
 * How a reader goes on: one step of a CPU, or as many as it takes to come over a call, out of it, to a line, to a
 * change of a word, or to the end.
 */

import { signal } from '@preact/signals'
import type { Moment, Site, ThreadView } from '../src/explore/internals.ts'
import { goTo, pathNow, running, take } from './actions.ts'
import { outFrom, overFrom } from './over.ts'
import { announcement, place, view } from './state.ts'

/** Steps that one press of a button may take: a loop that spins for ever ends somewhere. */
const MOST = 2000

/** Where the allocator stands, and what asks it whether a word may be touched. */
const ALLOCATOR = /^src\/shared\/(slab|sanitizer)/
/** Whether one press takes all steps that a CPU has in the allocator. */
export const folded = signal(true)
/** The address of the word that the reader has chosen in the memory; 0 for none. */
export const asked = signal(0)

/** Whether the allocator is at work at a place, and that is not shown step by step. */
export const isFolded = (site: Site | undefined): boolean =>
  folded.value && site !== undefined && ALLOCATOR.test(site.file)

/** Whether a CPU has come to where it was to go: by what it is to do next, or by what has happened. */
type IsThere = (next: Site | undefined, moment: Moment) => boolean

/** The steps up to there, or to where the thread can't go on; at least one. Undefined if it never comes there. */
function pathTo({ label }: ThreadView, isThere: IsThere): { path: readonly string[]; there: boolean } {
  const { stepper } = view.value!
  const path = [...pathNow()]
  for (let n = 0; n < MOST; n++) {
    path.push(label)
    const moment = stepper.at(path)
    const thread = moment.threads.find((each) => each.label === label)
    const next = thread?.status === 'ready' ? thread.next?.site : undefined
    if (isThere(next, moment)) return { path, there: true }
    if (moment.wrong !== null || thread?.status !== 'ready') break
  }
  return { path, there: false }
}

const canRun = (thread: ThreadView) => running.value && thread.status === 'ready'

/** Runs a thread until it is there, or can't go on. */
function run(thread: ThreadView, isThere: IsThere): void {
  if (canRun(thread)) take(pathTo(thread, isThere).path)
}

/** Runs the next step of a thread: the next one to be seen, where the allocator is folded. */
export function step(thread: ThreadView): void {
  const starts = isFolded(thread.next?.site)
  run(thread, (next) => !starts || !isFolded(next))
}

/** Runs the next step of a thread, a load, and has it read what that step stored; 0: what was there from the start. */
export function stepReading({ label, status }: ThreadView, store: number): void {
  if (running.value && status === 'ready') take([...pathNow(), `${label}r${store}`])
}

const ownSites = ({ label }: ThreadView) =>
  view.value!.now.steps.filter((step) => step.label === label).map(({ at }) => at)

/** Runs a thread over the call that its next step is in. */
export function stepOver(thread: ThreadView): void {
  if (canRun(thread)) run(thread, overFrom(ownSites(thread), thread.next?.site))
}

/** Runs a thread out of the function that it is in. */
export function stepOut(thread: ThreadView): void {
  if (canRun(thread)) run(thread, outFrom(ownSites(thread), thread.next?.site))
}

/** Runs a thread to its end. */
export const toEnd = (thread: ThreadView): void => run(thread, () => false)

/**
 * Runs a thread until its next step stands in a line of the file that it is in. Leaves it where it never comes there.
 */
export function toLine(thread: ThreadView, line: number): void {
  const file = thread.next?.site?.file
  if (!canRun(thread)) return
  const { path, there } = pathTo(thread, (next) => next?.file === file && next?.line === line)
  if (there) take(path)
  else announcement.value = `${thread.name} has no step in line ${line} before it ends or waits.`
}

/** The CPU that has taken the last step, or else the first one. */
export function current(): ThreadView | undefined {
  const now = view.value?.now
  const last = now?.steps.at(-1)?.label
  return now?.threads.find(({ label }) => label === last) ?? now?.threads[0]
}

/**
 * Goes to where the chosen word changes next: along the schedule; if it does not change there any more, by the CPU that
 * has taken the last step.
 */
export function toChange(): void {
  const shown = view.value
  const thread = current()
  if (shown === null || thread === undefined || asked.value === 0) return
  const { whole } = shown
  const changesAt = ({ steps }: Moment, k: number) =>
    steps[k].stores && steps[k].address === asked.value && steps[k].before !== steps[k].after
  const known = whole.steps.findIndex((_, k) => k >= place.value.at && changesAt(whole, k))
  if (known >= 0) {
    goTo(known + 1)
    return
  }
  if (!canRun(thread)) {
    announcement.value = `${thread.name} can’t go on.`
    return
  }
  const { path, there } = pathTo(thread, (_, moment) => changesAt(moment, moment.steps.length - 1))
  if (there) take(path)
  else announcement.value = `${thread.name} does not change it before it ends or waits.`
}
