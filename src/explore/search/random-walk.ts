/**
 * A random walk: any thread that can go on, with equal chance.
 */
import { below, type Random } from '../../random/random.ts'
import type { Sampler } from './sampler.ts'

export function createRandomWalk(): Sampler {
  let random: Random
  return {
    begin(its) {
      random = its
    },
    choose: (enabled) => enabled[below(random, enabled.length)],
    stepped() {},
    even: true,
  }
}
