/**
 * Turns of counted loops that are taken at once, and whether it may matter that others were left out.
 */
import type { Loop } from '../runtime/engine.ts'
import { PAUSE, TRYLOCK } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { R, STORES, TOUCHES } from './access.ts'
import { recentShape } from './memory.ts'
import type { Execution } from './state.ts'
import type { Trace } from './trace.ts'
import { isUnchanged, type LoopState, type Turns } from './turns-state.ts'

/** Turns of a counted loop that are taken one by one at its end. */
export const KEPT = 2

/**
 * A turn that was more than looking, in a counted loop some of whose turns were left out. With other numbers of turns
 * left
 * the loop would have ended after it, and here it does not: that is explored for as many turns as are kept. More of
 * them in a row,
 * without anything new to see, and something may be missed.
 */
export function goesOn(x: Execution, state: LoopState, before: LoopState, latest: number): void {
  state.polled = before.polled
  if (!state.polled) return
  state.transient = seesNews(x.trace, latest, before.latest) ? 1 : before.transient + 1
  if (state.transient > KEPT) x.turns.leavesOut = true
}

/** Whether the turn has read a word that others had stored to since its thread read it before. */
function seesNews(trace: Trace, latest: number, since: number): boolean {
  const { address, limit, oldLow, past, class: classes } = trace
  for (let i = latest; i > since; i = past[i]) {
    if (classes[i] !== R) continue
    for (let j = past[i]; j >= 0; j = past[j]) {
      if (address[j] !== address[i] || limit[j] !== limit[i]) continue
      if (oldLow[j] !== oldLow[i]) return true
      break
    }
  }
  return false
}

/** The head of a loop, while the turns of that or of one around it are taken at once. */
export function goOnPolling(
  turns: Turns,
  loop: Loop,
  left: number | undefined,
  values: readonly unknown[],
  latest: number,
  depth: number,
): boolean {
  if (turns.polling !== loop) {
    loop.state = null
    return true
  }
  const state = loop.state as LoopState
  const whole = turns.place === state.steps.length && isUnchanged(state, values, depth)
  turns.place = 0
  if (whole && left !== undefined && left > KEPT) return true
  turns.polling = null
  state.latest = latest
  state.values = values
  state.changes = runtime.changes
  if (!whole) turns.leavesOut = true
  return true
}

/**
 * Whether an operation is the next one of the turn that is repeated: then it needs no step, since nothing has changed.
 */
export function isRepeated(x: Execution, kind: number, site: number, view: unknown, index: number): boolean {
  const { turns, trace } = x
  if (kind === PAUSE) return true
  const { steps } = turns.polling!.state as LoopState
  const i = steps[turns.place]
  if (TOUCHES[kind] === 1) {
    const shape = recentShape(x.memory, view)
    if (shape === null) {
      if (STORES[kind] === 1) runtime.changes++
      return true
    }
    if (i !== undefined && trace.kind[i] === kind && trace.site[i] === site) {
      if (shape.base + index * shape.size === trace.address[i]) {
        turns.place++
        if (kind === TRYLOCK) runtime.result = false
        else runtime.result = trace.extra[i]
        return true
      }
    }
  }
  // The turn is another one after all: it is taken as it stands.
  turns.polling!.state = null
  turns.polling = null
  return false
}
