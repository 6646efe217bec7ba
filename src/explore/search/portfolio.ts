/**
 * Several samplers in turn, an execution each. A single one is a portfolio too, so that samples are saved in one form.
 */
import type { Execution } from '../engine/state.ts'
import { count, record, tuple } from '../runtime/shape.ts'
import { type CreateSampler, createSample, SAVED_SAMPLE, type SavedSample } from './sampler.ts'
import type { Search } from './search.ts'

interface Saved {
  readonly turn: number
  readonly samplers: readonly SavedSample[]
}

export function createPortfolio(x: Execution, samplers: readonly CreateSampler[], seed: number, depth: number): Search {
  const samples = samplers.map((create) => createSample(x, create, seed, depth))
  let turn = 0
  let present = samples[0]
  return {
    begin() {
      present = samples[turn++ % samples.length]
      return present.begin()
    },
    choose: () => present.choose(),
    stepped: (i) => present.stepped(i),
    end: () => present.end(),
    peakAhead: () => 0,
    progress: () => 0,
    space: () => samples.map((sample) => sample.space()).find((space) => space !== undefined),
    save: (): Saved => ({ turn, samplers: samples.map((sample) => sample.save()) }),
    saved: record({ turn: count, samplers: tuple(...samples.map(() => SAVED_SAMPLE)) }),
    restore(saved) {
      const before = saved as Saved
      turn = before.turn
      for (const [k, sample] of samples.entries()) sample.restore(before.samplers[k])
    },
  }
}
