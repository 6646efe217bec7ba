/**
 * One execution again, along a known schedule, written down for a reader: values before and after, and why each
 * switch happened.
 */

import { waitOf } from '../detectors/wait.ts'
import { run } from '../engine/execution.ts'
import { performLast } from '../engine/last-store.ts'
import { firstEnabled, isEnabled, isRunning } from '../engine/pending.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import type { Strategy } from '../engine/strategy.ts'
import { taskOf } from '../engine/tasks.ts'
import { ABSENT, DONE } from '../engine/thread-status.ts'
import { truncate } from '../engine/trace.ts'
import type { Schedule } from '../schedule/schedule.ts'
import { type Step, stepsOf } from './step.ts'

export interface Recording {
  readonly schedule: Schedule
  readonly steps: readonly Step[]
  /** Set when the schedule could not be followed: at which step, and why. */
  readonly diverged: { step: number; why: string } | undefined
}

/** Runs the execution of that schedule, of which nothing is written down but where threads were preempted. */
export function scheduleAlong(x: Execution, threads: readonly (number | string)[]): Schedule {
  const { trace } = x
  truncate(trace, 0)
  const { labels } = x.program
  const preempted: boolean[] = []
  run(x, {
    choose() {
      const { step } = x.position
      const wanted = threads[step]
      const t = typeof wanted === 'string' ? labels.indexOf(wanted) : wanted
      if (t === undefined || !isEnabled(x, t)) return -1
      const last = step > 0 ? trace.thread[step - 1] : t
      preempted[step] = last !== t && isRunning(x, last)
      return t
    },
    stepped() {},
  })
  const all = Array.from(trace.thread.subarray(0, trace.n))
  return { threads: all.map((t) => labels[t]), preempted: preempted.slice(0, trace.n) }
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
  const tasks: string[] = []
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
          else t = firstEnabled(x)
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
    stepped(i) {
      tasks[i] = taskOf(x, trace.thread[i])
    },
  }
  run(x, strategy)
  performLast(x)
  const steps = stepsOf(x, placeName, switched, tasks)
  return {
    schedule: { threads: steps.map(({ thread }) => x.program.labels[thread]), preempted: preempted.slice(0, trace.n) },
    steps,
    diverged,
  }
}
