/**
 * Whether an execution that comes to no end has left a thread out that could have gone on: then it may go on for as
 * long as that one is left out, and tells nothing of a livelock.
 */
import { BLOCKING } from './access.ts'
import { isEnabled } from './pending.ts'
import type { Execution } from './state.ts'

/** Whether some thread that could go on stood still for half of all steps. */
export function leavesThreadOut(x: Execution): boolean {
  const { trace, position } = x
  const { kind, past, last } = trace
  const n = position.step
  for (let t = 0; t < x.program.given; t++) {
    if (n - last[t] > n / 2 && isEnabled(x, t)) return true
  }
  // What need not wait for anybody could have been done at once.
  for (let i = n - 1; i > n / 2; i--) if (i - past[i] > n / 2 && BLOCKING[kind[i]] === 0) return true
  return false
}

/**
 * Whether the latest steps belong to jobs: then what goes on for ever may be a loop that polls by `await`, whose turns
 * never wait for what they read.
 */
export const pollsByJobs = ({ agents, position }: Execution): boolean => agents.latestJob > position.step / 2
