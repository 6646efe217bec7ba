/**
 * Optimal dynamic partial-order reduction, for programs that may block: every Mazurkiewicz trace exactly once.
 *
 * Each execution is followed by those in which one of its races goes the other way, and each of these by its own. Which
 * races of which execution count is told from that execution alone (moved.ts), so nothing of what lies behind has to be
 * remembered, and what lies ahead is no more than the reversals of the executions that lead to the present one: memory
 * grows with the length of executions, not with their number. Abdulla, Atig, Das, Jonsson, Sagonas: Parsimonious Optimal
 * Dynamic Partial Order Reduction, CAV 2024, showed that this can be done; the rules here are our own, since theirs know
 * no operation that blocks or becomes another one, and are held against brute force on random programs.
 */

import { endingOf } from '../engine/ending.ts'
import { run } from '../engine/execution.ts'
import { restoreHelpers } from '../engine/helper-threads.ts'
import { isEnabled } from '../engine/pending.ts'
import type { Execution } from '../engine/state.ts'
import type { Strategy } from '../engine/strategy.ts'
import { truncate } from '../engine/trace.ts'
import { createRace, type Moved } from './moved.ts'
import { planReversals, type Reversal, type Reversing } from './reversals.ts'
import type { Search } from './search.ts'

/** An execution some of whose reversals lie ahead. */
interface Frame {
  /** Its schedule, as far as reversals keep it. */
  readonly threads: readonly number[]
  readonly reversals: readonly Reversal[]
  /** How many of them have been begun. */
  begun: number
}

interface Saved {
  /** The threads, helpers included, in the order of their numbers. */
  readonly labels: readonly string[]
  readonly frames: Frame[]
}

/**
 * Begins an exact search over the executions of `x`. With `root`, over those that begin with these threads' steps:
 * every trace that has them as a prefix, once.
 */
export function createOptimal(x: Execution, root: readonly number[] = []): Search {
  const { trace } = x
  let frames: Frame[] = []
  const nothing: Moved[] = []
  const reversing: Reversing = {
    x,
    root: root.length,
    moved: nothing,
    floor: 0,
    from: root.length,
    passed: false,
    race: createRace(),
    found: [],
  }
  let begun = false
  /** What the present execution follows: a schedule, then a reversal's, then the rival's step. */
  let schedule = root
  let kept = root.length
  let reversal: Reversal | undefined
  let lost = false
  /** Steps of schedules that lie ahead, and the most there ever were. */
  let ahead = 0
  let peak = 0

  function choose(): number {
    const { step } = x.position
    let t = -1
    if (step < kept) t = schedule[step]
    else if (reversal !== undefined) {
      const { threads, rival, rivalMoved } = reversal
      const next = kept + threads.length
      if (step < next) t = threads[step - kept]
      else if (step === next && isEnabled(x, rival)) return rival
      else if (step === next + 1 && rivalMoved?.settled === false && trace.thread[next] === rival) {
        const its = rivalMoved.rival.thread
        if (isEnabled(x, its)) return its
      }
    }
    if (t >= 0) {
      if (isEnabled(x, t)) return t
      lost = true
      return -1
    }
    // Always by the same order of threads: which reversals count depends on it.
    for (t = 0; t < trace.threads; t++) if (isEnabled(x, t)) return t
    return -1
  }

  /** Takes up the next reversal. False: there is none. */
  function advance(): boolean {
    let frame = frames.at(-1)
    while (frame !== undefined && frame.begun === frame.reversals.length) {
      ahead -= frame.threads.length
      frames.pop()
      frame = frames.at(-1)
    }
    if (frame === undefined) return false
    reversal = frame.reversals[frame.begun++]
    ahead -= reversal.threads.length
    schedule = frame.threads
    kept = reversal.at
    let same = 0
    const most = Math.min(kept, trace.n)
    while (same < most && trace.thread[same] === schedule[same]) same++
    truncate(trace, same)
    return true
  }

  /** Looks at what the execution that has just ended leaves to explore. */
  function plan(): void {
    if (reversal !== undefined) {
      const { threads, moved, rival, rivalMoved } = reversal
      const next = kept + threads.length
      const again = rivalMoved !== undefined && next < trace.n && trace.thread[next] === rival
      reversing.moved = again ? [...moved, { ...rivalMoved, at: next }] : moved
      reversing.floor = kept
      reversing.from = next - 1
      reversing.passed = rivalMoved !== undefined
    }
    const reversals = planReversals(reversing)
    if (reversals.length === 0) return
    const threads = new Array<number>(reversals[0].at)
    for (let i = 0; i < threads.length; i++) threads[i] = trace.thread[i]
    frames.push({ threads, reversals, begun: 0 })
    ahead += sizeOf(threads, reversals)
    if (ahead > peak) peak = ahead
  }

  const strategy: Strategy = { choose, stepped: () => {} }

  return {
    next() {
      if (begun && !advance()) return undefined
      begun = true
      lost = false
      const again = kept - trace.n
      run(x, strategy)
      if (reversal !== undefined && again > 0) x.totals.newSteps -= again
      if (x.position.stopped !== '') return 'stopped'
      if (lost) return 'redundant'
      plan()
      return endingOf(x)
    },
    save: (): Saved => ({ labels: x.program.labels, frames }),
    restore(saved) {
      const from = saved as Saved
      restoreHelpers(x, from.labels)
      begun = true
      frames = from.frames.map((frame) => ({ ...frame }))
      for (const { threads, reversals, begun } of frames) ahead += sizeOf(threads, reversals.slice(begun))
      peak = ahead
    },
    get peakAhead() {
      return peak
    },
    progress() {
      let done = 0
      let share = 1
      frames.forEach(({ reversals, begun }, depth) => {
        share /= reversals.length + 1
        // The execution itself, and the reversals explored to their end.
        done += share * (depth === frames.length - 1 ? begun + 1 : begun)
      })
      return frames.length === 0 ? 1 : done
    },
  }
}

function sizeOf(threads: readonly number[], reversals: readonly Reversal[]): number {
  return reversals.reduce((sum, reversal) => sum + reversal.threads.length, threads.length)
}
