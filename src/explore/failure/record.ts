/**
 * One execution again, along a known schedule, written down for a reader: values before and after, and why each
 * switch happened.
 */

import { waitOf } from '../detectors/wait.ts'
import { CLASS, R, W } from '../engine/access.ts'
import { run } from '../engine/execution.ts'
import { elementValue, type Shape } from '../engine/memory.ts'
import { isEnabled, isRunning } from '../engine/pending.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import type { Strategy } from '../engine/strategy.ts'
import { ABSENT, DONE } from '../engine/thread-status.ts'
import { truncate } from '../engine/trace.ts'
import { EXIT, KINDS, TIMED } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Schedule } from '../schedule/schedule.ts'

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
}

export interface Recording {
  readonly schedule: Schedule
  readonly steps: readonly Step[]
  /** Set when the schedule could not be followed: at which step, and why. */
  readonly diverged: { step: number; why: string } | undefined
}

/** Runs the execution of that schedule; after its end the first thread that can goes on, if `goOn`. */
export function record(
  x: Execution,
  threads: readonly (number | string)[],
  placeName: (address: number) => string,
  goOn: boolean,
): Recording {
  const { trace } = x
  truncate(trace, 0)
  const preempted: boolean[] = []
  const switched: string[] = []
  let diverged: Recording['diverged']
  const name = (t: number) => nameOfThread(x, t)
  const strategy: Strategy = {
    choose() {
      const step = x.position.step
      const wanted = threads[step]
      let t = typeof wanted === 'string' ? x.program.labels.indexOf(wanted) : wanted
      if (t !== undefined && diverged === undefined && !isEnabled(x, t)) {
        const status = x.position.status[t]
        const why =
          status === DONE
            ? `${name(t)} has ended`
            : status === ABSENT || status === undefined || t < 0
              ? `there is no thread ${wanted}`
              : `${name(t)} ${waitOf(x, t, placeName).why}`
        diverged = { step, why }
      }
      if (t === undefined || diverged !== undefined) {
        t = -1
        if (goOn && diverged === undefined) {
          const current = step > 0 ? trace.thread[step - 1] : -1
          if (current >= 0 && isEnabled(x, current)) t = current
          else for (let k = 0; k < trace.threads && t < 0; k++) if (isEnabled(x, k)) t = k
        }
      }
      if (t >= 0) {
        const last = step > 0 ? trace.thread[step - 1] : t
        preempted[step] = last !== t && isRunning(x, last)
        switched[step] =
          last === t
            ? ''
            : preempted[step]
              ? `${name(last)} is preempted`
              : x.position.status[last] === DONE
                ? `${name(last)} has ended`
                : `${name(last)} ${waitOf(x, last, placeName).why}`
      }
      return t
    },
    stepped() {},
  }
  run(x, strategy)
  const steps: Step[] = []
  for (let i = 0; i < trace.n; i++) {
    const shape = trace.shape[i] as Shape | null
    const text = (low: Int32Array, high: Int32Array) =>
      shape === null || trace.limit[i] - trace.address[i] > 8
        ? ''
        : String(elementValue(shape, trace.address[i], low[i], high[i]))
    const kind = trace.kind[i]
    // The end of a callback stands nowhere in the source, and 0 is a site of whichever module was loaded first.
    const site = kind === EXIT ? -1 : trace.site[i]
    steps.push({
      thread: trace.thread[i],
      kind,
      operation: kind === TIMED && trace.extra[i] === 'timed-out' ? 'times out' : KINDS[kind].name,
      place: trace.limit[i] > trace.address[i] && shape !== null ? placeName(trace.address[i]) : '',
      before: text(trace.oldLow, trace.oldHigh),
      after: text(trace.newLow, trace.newHigh),
      stores: CLASS[kind] === W && trace.class[i] !== R,
      site,
      where: whereIs(site),
      source: runtime.sites[site]?.source ?? '',
      switched: switched[i] ?? '',
    })
  }
  return {
    schedule: { threads: steps.map(({ thread }) => x.program.labels[thread]), preempted: preempted.slice(0, trace.n) },
    steps,
    diverged,
  }
}
