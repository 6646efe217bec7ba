/**
 * Looks for accesses to shared memory that no event announced, without trusting the transform or the tables of natives.
 *
 * The execution that has just ended is run again along the same schedule, twice, with shared memory hidden under two
 * different poisons (veil.ts). What it announces it sees as it is, so all goes as before unless something else was read
 * or written: then the events, what they store, the results or the poison differ.
 */

import { runAgain } from '../engine/again.ts'
import { answer } from '../engine/announce.ts'
import type { Finding } from '../engine/finding.ts'
import { apartFrom, type Region } from '../engine/memory.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { restoreMemory } from '../engine/put-back.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { beginTurn } from '../engine/turns.ts'
import type { Course } from '../engine/turns-state.ts'
import { privateState } from '../program/private-state.ts'
import type { Loop } from '../runtime/engine.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { nothing, POISONS, type Poison, poisonNamed } from './poison.ts'
import { createVeil, type Veiled, type Wrong } from './veil.ts'

/**
 * What is audited: the execution that has just ended, and the buffers that its threads may reach, touched by an event
 * or not.
 */
export interface Audited {
  readonly x: Execution
  readonly placeName: (address: number) => string
  readonly buffers: readonly SharedArrayBuffer[]
}

/** How a run under the veil differed from the execution itself. */
interface Difference {
  readonly thread: number
  /** The step at which it was seen; the number of steps: after the last one of the thread. */
  readonly at: number
  readonly what: string
  /** Bytes that were stored to. */
  readonly bytes?: Wrong | undefined
}

/**
 * What is wrong with the execution that has just ended, which had no finding: an unseen access, or other steps without
 * any veil.
 */
export function audit({ x, placeName, buffers }: Audited, poisons = POISONS): Finding | undefined {
  const results = x.position.results.map(asText)
  const apart = apartFrom(x.memory, buffers)
  const again = (poison: Poison) => underVeil(x, apart, poison, results)
  let first: Difference | undefined
  for (const name of poisons) first ??= again(poisonNamed(name, x))
  if (first === undefined) return undefined
  if (first.bytes !== undefined) return unseen(x, first, placeName(first.bytes.start))
  // Without any poison nothing differs, unless the program itself does. Twice, since a variable that goes to and fro is
  // back every second time.
  const plain = again(nothing) ?? again(nothing)
  if (plain === undefined) return unseen(x, first)
  return {
    kind: 'nondeterminism',
    message: `the same schedule led elsewhere: ${nameOfThread(x, plain.thread)} ${plain.what} when it was run again${between(x, plain)}`,
    ...sitesOf(x, plain),
    thread: plain.thread,
    at: -1,
  }
}

/** Runs the execution again under a veil of that poison; undefined: all was as before. */
function underVeil(
  x: Execution,
  apart: readonly Region[],
  poison: Poison,
  results: readonly string[],
  stepwise = false,
): Difference | undefined {
  const status = x.position.status.slice()
  restoreMemory(x.memory)
  const veil = createVeil(x, apart, poison)
  const watch: Watch = { x, veil, stepwise, stored: undefined }
  const { between } = x.hooks
  x.hooks.between = showing(watch)
  runtime.hide(veil)
  let found: Difference | undefined
  try {
    found = runAgain(
      x,
      (body) => behind(watch, body),
      () => watch.stored ?? storedAnywhere(x, veil) ?? differenceOf(x, veil, results, status),
    )
  } finally {
    runtime.hide(null)
    x.hooks.between = between
    veil.remove()
  }
  // The place of a store is found by another run, which looks after each stretch of code.
  return found?.bytes !== undefined && !stepwise ? (underVeil(x, apart, poison, results, true) ?? found) : found
}

/** A run under the veil. */
interface Watch {
  readonly x: Execution
  readonly veil: Veiled
  /** Whether to look after each stretch of code if it has stored unseen. */
  readonly stepwise: boolean
  stored: Difference | undefined
}

/** The engine's answers: what it lets a thread do, the veil shows. */
function showing(watch: Watch): NonNullable<Execution['hooks']['between']> {
  const { x, veil } = watch
  return {
    op(kind, site, view, index, a, b) {
      const { current, step, starting } = x.position
      if (current < 0) return answer(x, kind, site, view, index, a, b)
      look(watch)
      const { polling, place } = x.turns
      if (!answer(x, kind, site, view, index, a, b)) return false
      // The first operation of a thread has been chosen before it is announced.
      if ((starting && !x.position.starting) || x.position.step > step) veil.show(current, x.position.step - 1)
      // In a turn that is repeated at once an operation is no step: it sees what that of the first turn saw.
      else if (polling !== null && x.turns.place > place) veil.show(current, stepsOf(polling)[place])
      return true
    },
    turn(loop, left, values) {
      look(watch)
      return beginTurn(x, loop, left, values)
    },
  }
}

/** The steps of the turn that a loop repeats. */
const stepsOf = (loop: Loop): readonly number[] => (loop.course as Course).steps

/** A thread behind the veil. */
function* behind(watch: Watch, body: () => Twin): Twin {
  const { x, veil } = watch
  const t = x.position.current
  const twin = body()
  for (;;) {
    let step: IteratorResult<unknown, unknown>
    try {
      step = twin.next(true)
    } finally {
      look(watch)
    }
    if (step.done === true) {
      veil.did()
      return step.value
    }
    veil.leave(t)
    yield
    veil.enter(t)
    veil.show(t, x.position.step - 1)
  }
}

/** Notes the first store that nothing announced, right behind the code that made it. */
function look(watch: Watch): void {
  const { x, veil, stepwise } = watch
  if (!stepwise || watch.stored !== undefined) return
  const bytes = veil.stored()
  if (bytes !== undefined) watch.stored = { thread: x.position.current, at: x.position.step, what: 'stores', bytes }
}

/** Where the run that has just ended differs from the execution. */
function differenceOf(
  x: Execution,
  veil: Veiled,
  results: readonly string[],
  status: Uint8Array,
): Difference | undefined {
  const { trace } = x
  const differing = veil.differing()
  if (differing !== undefined) {
    const { event, unseen } = differing
    const thread = trace.thread[event]
    if (!unseen) return { thread, at: event, what: 'stores another value' }
    return { thread, at: event + 1, what: 'stores', bytes: { start: trace.address[event], end: trace.limit[event] } }
  }
  const [finding] = x.findings
  if (finding !== undefined) {
    const what = finding.kind === 'assertion' ? 'throws' : finding.kind === 'refused' ? 'is refused' : 'goes elsewhere'
    return { thread: finding.thread, at: x.position.step, what }
  }
  for (let t = 0; t < trace.threads; t++) {
    if (x.position.status[t] !== status[t]) return { thread: t, at: trace.n, what: 'does not end where it did' }
    if (asText(x.position.results[t]) !== (results[t] ?? asText(undefined)))
      return { thread: t, at: trace.n, what: 'returns something else' }
  }
  return undefined
}

function storedAnywhere(x: Execution, veil: Veiled): Difference | undefined {
  const bytes = veil.stored()
  return bytes && { thread: 0, at: x.trace.n, what: 'stores', bytes }
}

/** The finding of an access that no event announced. */
function unseen(x: Execution, difference: Difference, place = ''): Finding {
  const { thread, what, bytes } = difference
  const name = nameOfThread(x, thread)
  const told =
    bytes === undefined
      ? `${name} reads shared memory and no event says so${between(x, difference)}: run again with other bytes wherever it had announced nothing, it ${what}`
      : `${name} writes shared memory and no event says so${between(x, difference)}: ${bytes.end - bytes.start} bytes from ${place} on`
  return {
    kind: 'refused',
    message: `unseen access: ${told}`,
    ...sitesOf(x, difference),
    thread,
    at: -1,
    why: ['the explorer did not see that access, so it has not explored what other threads may do to it'],
  }
}

/** The steps of the thread before and behind a difference; -1: there is none. */
function around({ trace }: Execution, { thread, at }: Difference): readonly [number, number] {
  let before = Math.min(at, trace.n) - 1
  while (before >= 0 && trace.thread[before] !== thread) before--
  let behind = at
  while (behind < trace.n && trace.thread[behind] !== thread) behind++
  return [before, behind < trace.n ? behind : -1]
}

function between(x: Execution, difference: Difference): string {
  const [before, behind] = around(x, difference).map((i) => (i < 0 ? '' : whereIs(x.trace.site[i])))
  if (before === '' && behind === '') return ''
  if (before === '') return `, before ${behind}`
  return behind === '' ? `, after ${before}` : `, after ${before} and before ${behind}`
}

function sitesOf(x: Execution, difference: Difference): { sites: number[]; events: number[] } {
  const events = around(x, difference).filter((i) => i >= 0)
  return { sites: events.map((i) => x.trace.site[i]), events }
}

/** What a thread returned, as text that tells one value from another. */
function asText(value: unknown): string {
  // Most return nothing, or a number.
  if (value === undefined || typeof value === 'number') return String(value)
  return value instanceof Error ? String(value) : JSON.stringify([...privateState(value)])
}
