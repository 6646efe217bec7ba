/**
 * The keys that work everywhere on the page, except where somebody types.
 */

import { back, forward, goTo, play, step, stepOver } from './actions.ts'
import { startSearch } from './search.ts'
import { place, view } from './state.ts'
import { helping } from './view/help.tsx'

const KEYS: Readonly<Record<string, () => void>> = {
  ArrowLeft: back,
  ArrowRight: forward,
  Home: () => goTo(0),
  End: () => goTo(place.value.schedule.length),
  p: play,
  f: startSearch,
  '?': () => {
    helping.value = true
  },
}

/** Listens to the keys. */
export function listen(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || helping.value) return
    if (event.target instanceof Element && event.target.closest('input, select, textarea')) return
    const number = /^Digit([1-4])$/.exec(event.code)?.[1] ?? /^Numpad([1-4])$/.exec(event.code)?.[1]
    const thread = number === undefined ? undefined : view.value?.now.threads[Number(number) - 1]
    // A part that scrolls keeps its arrows.
    const scrolls = event.target instanceof Element && event.target.closest('pre, .lanes') !== null
    const act =
      thread !== undefined
        ? () => (event.shiftKey ? thread.status === 'ready' && stepOver(thread) : step(thread))
        : scrolls && /^(Arrow|Home|End)/.test(event.key)
          ? undefined
          : KEYS[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  })
}
