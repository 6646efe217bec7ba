/**
 * The keys that work everywhere on the page, except where somebody types.
 */

import { back, forward, goTo, play } from './actions.ts'
import { current, step, stepOut, stepOver, toChange } from './runs.ts'
import { ask } from './search.ts'
import { place, view } from './state.ts'
import { asked as glossary, helping } from './view/dialogs.ts'

const KEYS: Readonly<Record<string, () => void>> = {
  ArrowLeft: back,
  ArrowRight: forward,
  Home: () => goTo(0),
  End: () => goTo(place.value.schedule.length),
  o: () => {
    const thread = current()
    if (thread !== undefined) stepOut(thread)
  },
  l: () => {
    const cpu = current()?.thread ?? 0
    document.querySelector<HTMLInputElement>(`#line${cpu}`)?.focus()
  },
  w: toChange,
  p: play,
  f: ask,
  g: () => {
    glossary.value = 'RCU'
  },
  '?': () => {
    helping.value = true
  },
}

/** Listens to the keys. */
export function listen(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || helping.value || glossary.value !== '') return
    const within = (selector: string) => event.target instanceof Element && event.target.closest(selector) !== null
    if (within('textarea, input:not([type=range], [type=checkbox])')) return
    const number = /^Digit([1-4])$/.exec(event.code)?.[1] ?? /^Numpad([1-4])$/.exec(event.code)?.[1]
    const thread = number === undefined ? undefined : view.value?.now.threads[Number(number) - 1]
    // What scrolls, or has a choice, keeps its arrows.
    const travels = within('pre, .lanes, select, input')
    const act =
      thread !== undefined
        ? () => (event.shiftKey ? stepOver(thread) : step(thread))
        : travels && /^(Arrow|Home|End)/.test(event.key)
          ? undefined
          : KEYS[event.key]
    // A number is never a choice in a list, not even that of no CPU.
    if (act === undefined && !/^\d$/.test(event.key)) return
    event.preventDefault()
    act?.()
  })
}
