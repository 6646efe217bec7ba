/**
 * Partial-order sampling: random priorities, drawn anew for threads whose next operation races with the one performed.
 * Yuan, Yang, Gu, CAV 2018.
 */
import { fraction, type Random } from '../../random/random.ts'
import type { Sampler, Stage } from './sampler.ts'

export function createPos(stage: Stage): Sampler {
  let priorities: number[] = []
  let random: Random
  const priority = (t: number) => (priorities[t] ??= fraction(random))
  return {
    begin(its) {
      random = its
      priorities = []
    },
    choose(enabled) {
      let best = enabled[0]
      for (const t of enabled) if (priority(t) > priority(best)) best = t
      return best
    },
    stepped(i) {
      for (let t = 0; t < stage.threads(); t++) {
        const races = t === stage.threadOf(i) || stage.races(t, i)
        if (races) delete priorities[t]
      }
    },
  }
}
