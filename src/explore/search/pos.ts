/**
 * Partial-order sampling: random priorities, drawn anew for threads whose next operation races with the one performed.
 * Yuan, Yang, Gu, CAV 2018.
 */
import { fraction, type Random } from '../../random/random.ts'
import { dependent } from '../engine/access.ts'
import { classNow, isEnabled } from '../engine/pending.ts'
import type { Execution } from '../engine/state.ts'
import type { Sampler } from './sampler.ts'

export function createPos(x: Execution): Sampler {
  const { trace } = x
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
      for (let t = 0; t < trace.threads; t++) {
        const p = x.position.pending[t]
        const races =
          t === trace.thread[i] ||
          (isEnabled(x, t) && dependent(classNow(x, p), p.start, p.end, trace.class[i], trace.start[i], trace.end[i]))
        if (races) delete priorities[t]
      }
    },
  }
}
