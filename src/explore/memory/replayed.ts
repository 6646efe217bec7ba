/**
 * The threads of a scenario as the walk wants them: each goes on and back by itself, whatever the others do.
 *
 * A thread is a twin, which stops before each operation. Before it performs one, its word is given the value that it is
 * to see: so its code reads what the walk has chosen, and what it stores is looked up afterwards. To go back it runs
 * again from its start, and sees the same values.
 */
import { whereIs } from '../engine/place-in-source.ts'
import { type CallView, callsOf } from '../runtime/calls-in-progress.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime, TURNS } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import type { Thread, Value } from './access.ts'
import type { Asked, Asking } from './asking.ts'
import { peek, poke } from './places.ts'
import type { Made, Step, ThreadEnd } from './step.ts'

export interface ReplayedThread extends Thread {
  /** How it ended, if it has. */
  end(): ThreadEnd | undefined
  /** The calls that it is in. */
  calls(): CallView[]
}

/** A thread made from its body. It is number `t` of those that ask there. `begins`: what it does before that. */
export function createThread(body: () => Twin, t: number, asking: Asking, begins?: Step): ReplayedThread {
  const made: Made[] = []
  /** What comes after so many accesses. */
  const ahead: (Step | ThreadEnd)[] = []
  let generator: Twin | null = null
  /** How many accesses the generator has made. */
  let at = 0
  let isStarted = false
  const asked: Asked = { thread: t, execution: 0, depth: 0, queued: 0, made, count: () => at }

  /** Runs up to the next access. */
  const resume = (): Step | ThreadEnd => asking.resume(asked, (generator ??= body()))

  const restart = (): Step | ThreadEnd => {
    forget(asked, asking)
    at = 0
    generator = null
    isStarted = true
    return begins ?? resume()
  }

  /** Makes that access. Gives what comes next and what it has stored. */
  const perform = (one: Made): { next: Step | ThreadEnd; stored: Value | undefined } => {
    const { step, seen } = one
    at++
    if (step.makes === undefined && step.goesOn === undefined && step.next === undefined) {
      if (step.reads) poke(asking.places, step.place, seen)
      const next = resume()
      const isStored = step.writes && step.fails?.(seen) !== true
      one.holds ??= peek(asking.places, step.place)
      return { next, stored: isStored ? one.holds : undefined }
    }
    if (asking.places.words.has(step.place)) one.holds = seen
    if (step.answers !== undefined) runtime.result = step.answers(seen)
    return { next: step.next?.(seen) ?? resume(), stored: step.makes?.(seen) }
  }

  const isThere = (count: number): void => {
    if (isStarted && at === count) return
    let next = restart()
    for (let k = 0; k < count; k++) {
      same(next, made[k].step)
      next = perform(made[k]).next
    }
  }

  const comesNext = (): Step | ThreadEnd => {
    if (ahead.length === 0) ahead.push(restart())
    return ahead[made.length]
  }

  return {
    pending() {
      const next = comesNext()
      return 'place' in next ? next : undefined
    },
    take(seen) {
      const step = ahead[made.length] as Step
      isThere(made.length)
      const one: Made = { step, seen, holds: undefined }
      made.push(one)
      const { next, stored } = perform(one)
      ahead.push(next)
      return stored
    },
    cut(count) {
      made.length = count
      ahead.length = count + 1
    },
    end() {
      const next = comesNext()
      return 'place' in next ? undefined : next
    },
    calls() {
      isThere(made.length)
      return callsIn(asked)
    },
  }
}

/** The thread runs from its start: what it has come to so far is another execution's. */
function forget(asked: Asked, asking: Asking): void {
  asked.execution = asking.newExecution()
  runtime.spare = TURNS
  asked.depth = 0
  asked.queued = 0
}

/** The calls that a thread is in. */
function callsIn(asked: Asked): CallView[] {
  const { execution } = runtime
  runtime.execution = asked.execution
  const calls = callsOf(asked.thread)
  runtime.execution = execution
  return calls
}

/** The same thread with the same values has to do the same. */
function same(now: Step | ThreadEnd, before: Step): void {
  if ('place' in now && now.kind === before.kind && now.place === before.place) return
  const where = whereIs(before.site)
  throw new Refusal(`a thread that saw the same did something else${where === '' ? '' : ` (${where})`}`)
}
