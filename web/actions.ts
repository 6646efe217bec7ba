/**
 * What a reader can do with an execution: go back and forward along it, play it, have it told, and save it. `runs.ts`
 * goes on.
 */

import { batch, computed, signal } from '@preact/signals'
import type { Moment, PerformedStep } from '../src/explore/internals.ts'
import { announcement, chosen, go, named, place, view } from './state.ts'
import { inWords } from './wrong.ts'

/** The steps that have been taken here. */
export const pathNow = () => place.value.schedule.slice(0, place.value.at)

/**
 * Goes to the moment after these steps. A future that begins in the same way is kept. Those behind the present moment
 * are the reader's choice, but for what is `played`.
 */
export function take(threads: readonly string[], played = false): void {
  const { schedule, at: from } = place.value
  const at = threads.length
  const known = threads.every((thread, k) => schedule[k] === thread)
  batch(() => {
    go({ schedule: known ? schedule : threads, at })
    if (!played) chosen.value = chosen.value.map((mine, k) => mine || (k >= from && k < at))
  })
  announce()
}

/** Tells the last step, and what is wrong. */
export function announce(): void {
  const now = view.value?.now
  if (now === undefined) return
  const last = now.steps.at(-1)
  const fault = now.wrong === null ? undefined : inWords(now.wrong)
  const wrong = fault === undefined ? '' : ` Wrong: ${fault.kind}: ${named(fault.sentence)}.`
  announcement.value =
    last === undefined ? 'At the start.' : `Step ${now.steps.length}: ${sentence(last, now)}.${wrong}`
}

/** A step in words. */
export function sentence(step: PerformedStep, { threads }: Moment): string {
  const name = threads.find(({ thread }) => thread === step.thread)?.name ?? ''
  const place = step.place === '' ? '' : ` ${step.place}`
  // A lock is one step here, which leaves its word alone.
  const silent = (step.before === '' && step.after === '') || /^(un)?lock$/.test(step.operation)
  const failed = step.operation === 'cas' && !step.stores
  const value = silent
    ? ''
    : failed
      ? `: found ${step.before}, not stored`
      : step.stores
        ? // Under a memory model there is no one value that it replaces.
          `: ${step.before === '' ? '' : `${step.before} → `}${step.after}`
        : ` = ${step.before}`
  return named(`${name}: ${step.operation}${place}${value}`)
}

/** Whether anybody may take a step: not after something went wrong. */
export const running = computed(() => view.value !== null && view.value.now.wrong === null)

/** Goes to a moment of the schedule. */
export function goTo(at: number): void {
  stop()
  jump(at)
}

function jump(at: number): void {
  go({ at: Math.max(0, Math.min(at, place.value.schedule.length)) })
  announce()
}

export const back = () => goTo(place.value.at - 1)
export const forward = () => goTo(place.value.at + 1)
export const startAgain = () => {
  stop()
  go({ schedule: [], at: 0 })
  announce()
}

/** Steps per second while playing. */
export const speed = signal(4)
export const playing = signal(false)
let timer = 0

export function stop(): void {
  playing.value = false
  clearTimeout(timer)
}

/** Plays the rest of the schedule; where it ends, the threads take turns. */
export function play(): void {
  if (playing.value) stop()
  else {
    playing.value = true
    tick()
  }
}

function tick(): void {
  if (!playing.value) return
  const { schedule, at } = place.value
  if (at < schedule.length) jump(at + 1)
  else {
    const ready = view.value?.now.threads.filter(({ status }) => status === 'ready') ?? []
    const last = Number(schedule.at(-1) ?? -1)
    const next = ready.find(({ thread }) => thread > last) ?? ready[0]
    if (!running.value || next === undefined) {
      stop()
      return
    }
    take([...pathNow(), next.label], true)
  }
  timer = window.setTimeout(tick, 1000 / speed.value)
}

/** Has the browser save a file. */
export function saveText(name: string, type: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
