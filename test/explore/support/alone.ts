/**
 * Running one instrumented function alone, with an engine that lets it go on, sometimes after a yield.
 */

import { KINDS, NOTIFY, WAIT } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import { isShared } from '../../../src/explore/runtime/shared-view.ts'
import { twinOf } from '../../../src/explore/runtime/twin.ts'

/** What came of a run: its value or the error it threw, and the accesses to shared memory in order. */
export interface Outcome {
  value?: unknown
  error?: string
  events: string[]
}

type Call = (...args: never[]) => unknown

/** Runs the twin of `fn`. One operation in three unwinds to here first. */
export function runTwin(
  fn: unknown,
  args: readonly unknown[] = [],
  self?: unknown,
  name: (kind: number, index: number, a: unknown, b: unknown, view: ArrayBufferView) => string = nameEvent,
  refuse: (site: number, reason: string) => void = () => {},
): Outcome {
  const events: string[] = []
  let count = 0
  const before = runtime.install({
    turn: () => true,
    op(kind, site, view, index, a, b) {
      if (!isShared(view) && kind < 10) return true
      if (isShared(view) && !(index >= 0 && index < sizeOf(view))) return true
      if (kind === NOTIFY) runtime.result = 0
      if (kind === WAIT) runtime.result = Atomics.load(view as Int32Array, index) === a ? 'timed-out' : 'not-equal'
      events.push(name(kind, index, a, b, view as ArrayBufferView))
      if (runtime.sites[site] === undefined) throw new Error(`no site ${site}`)
      return count++ % 3 !== 0
    },
    plain() {},
    refuse,
  })
  runtime.running = true
  try {
    const twin = twinOf(fn)
    if (!twin) return { value: (fn as Call).apply(self, args as never[]), events }
    const run = twin.apply(self, args as unknown[])
    for (let step = run.next(true); ; step = run.next(true)) if (step.done) return { value: step.value, events }
  } catch (error) {
    return { error: nameError(error), events }
  } finally {
    runtime.running = false
    runtime.install(before)
  }
}

/** Runs the plain form, outside of any thread. */
export function runPlain(fn: unknown, args: readonly unknown[] = [], self?: unknown): Omit<Outcome, 'events'> {
  try {
    return { value: (fn as Call).apply(self, args as never[]) }
  } catch (error) {
    return { error: nameError(error) }
  }
}

const sizeOf = (view: ArrayBufferView): number => (view as Int32Array).length ?? view.byteLength

function nameEvent(kind: number, index: number, a: unknown, b: unknown): string {
  const range = kind === 8 || kind === 9 ? `..${String(a)}` : ''
  const operands = kind === 5 ? ` ${String(a)} ${String(b)}` : ''
  return `${KINDS[kind].name} ${index}${range}${operands}`
}

function nameError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : `threw ${String(error)}`
}
