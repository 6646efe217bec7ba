/**
 * Turns of counted loops that are taken at once, and whether it may matter that others were left out.
 */
import { type Loop, NEVER } from '../runtime/engine.ts'
import { AWAIT, PAUSE, TRYLOCK, WAIT, WAIT_ASYNC } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { R, STORES, TOUCHES } from './access.ts'
import { coerced, presentValue, recentShape, type Shape } from './memory.ts'
import { whereIs } from './place-in-source.ts'
import type { Execution } from './state.ts'
import type { Trace } from './trace.ts'
import { type Course, isUnchanged, noteHead, type Turns } from './turns-state.ts'

/** Turns of a counted loop that are taken one by one at its end. */
export const KEPT = 2

/**
 * A turn that was more than looking, in a counted loop some of whose turns were left out. With other numbers of turns
 * left the loop would have ended after it, and here it does not: that is explored for as many turns as are kept. More
 * of them in a row, without anything new to see, and something may be missed.
 */
export function goesOn(x: Execution, loop: Loop, transient: number, latest: number, since: number): void {
  const course = loop.course as Course
  course.polled = true
  course.transient = seesNews(x.trace, latest, since) ? 1 : transient + 1
  if (course.transient > KEPT) leaveOut(x.turns, loop)
}

function leaveOut(turns: Turns, loop: Loop): void {
  turns.leavesOut = true
  turns.leftOut.add(whereIs(loop.site))
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
    forget(loop)
    return true
  }
  const { steps } = loop.course as Course
  const whole = turns.place === steps.length && isUnchanged(loop, values, depth)
  turns.place = 0
  if (whole && left !== undefined && left > KEPT) return true
  turns.polling = null
  noteHead(loop, latest, values, loop.depth, loop.pauses)
  if (!whole) leaveOut(turns, loop)
  return true
}

/** What an operation that only looks is answered, as it was in that event: nothing has changed. */
function answerOf({ kind, address, extra }: Trace, i: number, shape: Shape, a: unknown): unknown {
  switch (kind[i]) {
    case TRYLOCK:
      return false
    case AWAIT:
      return presentValue(shape, address[i])
    case WAIT:
    case WAIT_ASYNC: {
      // Where there is nothing to compare with it may take no time, and saw any value.
      const isExpected = extra[i] === undefined && presentValue(shape, address[i]) === coerced(shape, a)
      return isExpected ? 'timed-out' : 'not-equal'
    }
    default:
      return undefined
  }
}

/** Its next turn is as its first one. */
function forget(loop: Loop): void {
  loop.latest = NEVER
  loop.course = null
}

/**
 * Whether an operation is the next one of the turn that is repeated: then it needs no step, since nothing has changed.
 */
export function isRepeated(
  x: Execution,
  kind: number,
  site: number,
  view: unknown,
  index: number,
  a: unknown,
): boolean {
  const { turns, trace } = x
  if (kind === PAUSE) return true
  const { steps } = turns.polling!.course as Course
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
        runtime.result = answerOf(trace, i, shape, a)
        return true
      }
    }
  }
  // The turn is another one after all: it is taken as it stands.
  forget(turns.polling!)
  turns.polling = null
  return false
}
