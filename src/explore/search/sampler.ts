/**
 * Samplers: strategies that draw one schedule after another, each anew, and never come to an end. What they share is
 * here; what a sampler adds is which of the threads that can go on goes next.
 */
import { createRandom, type Random } from '../../random/random.ts'
import { dependent } from '../engine/access.ts'
import { endingOf } from '../engine/ending.ts'
import { classNow, isEnabled } from '../engine/pending.ts'
import type { Execution } from '../engine/state.ts'
import { truncate } from '../engine/trace.ts'
import { amount, count, list, orNothing, orNull, record, type Shape, tuple } from '../runtime/shape.ts'
import { createMeasured, type Measured, measure, restoreMeasured } from './measured.ts'
import type { Search } from './search.ts'

/** One way to draw schedules. */
export interface Sampler {
  /**
   * Before each execution. Whatever it draws in it, it draws from `random`: then the same seed gives the same schedule.
   */
  begin(random: Random): void
  /** One of these threads, of which there are two or more, in the order of their numbers. */
  choose(enabled: readonly number[]): number
  /** Event `i` is about to be performed. */
  stepped(i: number): void
  /** Every thread has an equal chance at every step, so that the branchings tell how many schedules there are. */
  readonly even?: boolean
}

/** What a sampler sees of an execution that it draws. */
export interface Stage {
  /** How many threads there are, those included that have not begun. */
  threads(): number
  /** The number of the step that is drawn. */
  step(): number
  /** The word that the next step of a thread touches. */
  nextWord(t: number): number
  /** The thread of event `i`, and its word. */
  threadOf(i: number): number
  wordOf(i: number): number
  /** Whether the next step of a thread that can go on races with event `i`. */
  races(t: number, i: number): boolean
}

/** Makes a sampler. `measured` is what earlier executions told, `depth` is pct's d. */
export type CreateSampler = (stage: Stage, measured: Measured, depth: number) => Sampler

/** What a sampler sees of interleavings. */
const stageOf = (x: Execution): Stage => ({
  threads: () => x.trace.threads,
  step: () => x.position.step,
  nextWord: (t) => x.position.pending[t].start >> 2,
  threadOf: (i) => x.trace.thread[i],
  wordOf: (i) => x.trace.address[i] >> 2,
  races: (t, i) => {
    const p = x.position.pending[t]
    const { trace } = x
    return isEnabled(x, t) && dependent(classNow(x, p), p.start, p.end, trace.class[i], trace.start[i], trace.end[i])
  },
})

/** Where a sample stood. */
export interface SavedSample {
  readonly drawn: number
  /** The sum of the products of branchings; null: more than a number can hold. */
  readonly sum: number | null
  readonly steps: number
  readonly perWord: readonly (readonly [number, readonly (number | null)[]])[]
}

/** The same in a file. */
export const SAVED_SAMPLE: Shape = record({
  drawn: count,
  sum: orNull(amount),
  steps: count,
  perWord: list(tuple(count, list(orNothing(orNull(count))))),
})

/** A sampler at work, which can be continued elsewhere. */
export interface Sample extends Search {
  space(): number | undefined
  save(): SavedSample
  restore(saved: SavedSample): void
}

/** Draws schedules by that sampler. Execution k is drawn from the seed + k. */
export function createSample(x: Execution, create: CreateSampler, seed: number, depth: number): Sample {
  const { trace } = x
  const measured = createMeasured()
  const sampler = create(stageOf(x), measured, depth)
  const enabled: number[] = []
  let drawn = 0
  /** The product of branchings of this execution, and the sum of those of all. */
  let branchings = 1
  let sum = 0
  return {
    begin() {
      truncate(trace, 0)
      branchings = 1
      sampler.begin(createRandom((seed + drawn++) | 0))
      return true
    },
    choose() {
      enabled.length = 0
      for (let t = 0; t < trace.threads; t++) if (isEnabled(x, t)) enabled.push(t)
      if (enabled.length > 1) branchings *= enabled.length
      return enabled.length === 0 ? -1 : enabled.length === 1 ? enabled[0] : sampler.choose(enabled)
    },
    stepped: (i) => sampler.stepped(i),
    end() {
      measure(trace, measured)
      sum += branchings
      return endingOf(x)
    },
    peakAhead: () => 0,
    progress: () => 0,
    // Knuth's estimate: the mean product of branchings.
    space: () => (sampler.even === true && drawn > 0 ? sum / drawn : undefined),
    save: () => ({ drawn, sum, steps: measured.steps, perWord: [...measured.perWord] }),
    restore(saved) {
      drawn = saved.drawn
      sum = saved.sum ?? Number.POSITIVE_INFINITY
      restoreMeasured(measured, saved.steps, saved.perWord)
    },
  }
}
