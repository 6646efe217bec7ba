/**
 * The steps of an execution, written down for a reader: what was done where, and values before and after.
 */
import { CLASS, LOCKS, R, W } from '../engine/access.ts'
import { elementValue, type Shape, TIMERS } from '../engine/memory.ts'
import { whereIs } from '../engine/place-in-source.ts'
import type { Slept } from '../engine/primitives.ts'
import type { Execution } from '../engine/state.ts'
import type { Trace } from '../engine/trace.ts'
import { ARRIVES, DUE, EXIT, KINDS, POST, RECEIVE, TIMED, UNLOCK } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'

/** One event of a recorded execution. */
export interface Step {
  /** Number of the thread, from 0. */
  readonly thread: number
  /** The number of its kind. */
  readonly kind: number
  /** What was done: `load`, `store`, `rmw`, `lock`, ... */
  readonly operation: string
  /** What it touches, by name; '' for nothing. */
  readonly place: string
  /** The value before, as text. */
  readonly before: string
  /** The value after, as text. */
  readonly after: string
  /** Whether it could change memory. */
  readonly stores: boolean
  /** Number of its place in the source. */
  readonly site: number
  /** `file:line`, '' if unknown. */
  readonly where: string
  /** The source text of the operation. */
  readonly source: string
  /** Why the thread before it did not go on; '' when the same thread did. */
  readonly switched: string
  /** What the thread was about: `timer 10 ms`, `after await, wait.js:14`; undefined for what its function does. */
  readonly task?: string | undefined
}

/** Steps that are about a place in a queue of messages. */
const MESSAGES = [POST, RECEIVE, ARRIVES]

const isLate = ({ kind, extra }: Trace, i: number): boolean =>
  (kind[i] === TIMED || kind[i] === DUE) && (extra[i] as Slept).late

const lateBy = ({ address }: Trace, i: number): string => (address[i] >= TIMERS ? 'timer runs out' : 'times out')

/**
 * The steps of the execution that has just been run; `switched` says of each why the thread before it did not go on,
 * and `tasks` what its thread was about.
 */
export function stepsOf(
  { trace, primitives }: Execution,
  placeName: (address: number) => string,
  switched: readonly (string | undefined)[],
  tasks: readonly (string | undefined)[] = [],
): Step[] {
  const steps: Step[] = []
  for (let i = 0; i < trace.n; i++) {
    const shape = trace.shape[i] as Shape | null
    const text = (low: Int32Array, high: Int32Array) =>
      shape === null || task !== undefined || trace.limit[i] - trace.address[i] > 8
        ? ''
        : String(elementValue(shape, trace.address[i], low[i], high[i]))
    const kind = trace.kind[i]
    // The end of a callback stands nowhere in the source, and 0 is a site of whichever module was loaded first.
    const site = kind === EXIT ? -1 : trace.site[i]
    const hidden = LOCKS[kind] === 1 && primitives.locks.hidden.has(trace.address[i])
    const task = !hidden ? undefined : kind === UNLOCK ? 'task ends' : 'task begins'
    const touches = trace.limit[i] > trace.address[i] && (shape !== null || MESSAGES.includes(kind))
    steps.push({
      thread: trace.thread[i],
      kind,
      operation: task ?? (isLate(trace, i) ? lateBy(trace, i) : KINDS[kind].name),
      place: touches && task === undefined ? placeName(trace.address[i]) : '',
      before: text(trace.oldLow, trace.oldHigh),
      after: text(trace.newLow, trace.newHigh),
      stores: CLASS[kind] === W && trace.class[i] !== R,
      site,
      where: whereIs(site),
      source: runtime.sites[site]?.source ?? '',
      switched: switched[i] ?? '',
      ...((tasks[i] ?? '') !== '' && { task: tasks[i] }),
    })
  }
  return steps
}
