/**
 * PCT: random priorities, and d - 1 places where the running thread drops below all others.
 *
 * Finds a bug of depth d with a probability of at least 1 / (n k^(d-1)) for each execution, of n threads and k steps; k
 * is measured by the executions before. Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010.
 */
import { below, fraction, type Random } from '../../random/random.ts'
import type { Measured } from './measured.ts'
import type { Sampler, Stage } from './sampler.ts'

export function createPct(stage: Stage, measured: Measured, depth: number): Sampler {
  let priorities: number[] = []
  /** Step -> the priority that the thread which runs there gets. */
  let drops = new Map<number, number>()
  let random: Random
  const priority = (t: number) => (priorities[t] ??= depth + fraction(random))
  const highest = (enabled: readonly number[]) => {
    let best = enabled[0]
    for (const t of enabled) if (priority(t) > priority(best)) best = t
    return best
  }
  return {
    begin(its) {
      random = its
      priorities = []
      // Drawn in the order of threads, not in the order in which they are first looked at.
      for (let t = 0; t < stage.threads(); t++) priority(t)
      drops = new Map()
      for (let k = 1; k < depth; k++) drops.set(below(random, Math.max(1, measured.steps)), depth - k)
    },
    choose(enabled) {
      const best = highest(enabled)
      const drop = drops.get(stage.step())
      if (drop === undefined) return best
      drops.delete(stage.step())
      priorities[best] = drop
      return highest(enabled)
    },
    stepped() {},
  }
}
