/**
 * What orders the steps of one execution, for a reader: which step of another thread each one is behind, and through
 * which pairs it came to be so.
 */

import { type Clocks, createClocks, makeRoom, synchronize } from './detectors/happens-before.ts'
import { momentAfter } from './moment.ts'
import type { Program } from './program/program.ts'

/** An earlier step that a later one of another thread synchronizes with; both by number. */
export interface Order {
  readonly from: number
  readonly to: number
}

export interface Orders {
  /**
   * All such pairs, but for those that follow from others. What a thread does through a pointer that it dereferenced is
   * ordered behind what the publisher did, too: that depends on the pointer, and is no pair of steps.
   */
  readonly pairs: readonly Order[]
  /** The last step of a thread that happens before a step; -1 if none does. */
  lastBefore(step: number, thread: number): number
}

/** Runs these threads, one step each, from the start, and says what orders the steps. */
export function ordersAfter(program: Program, threads: readonly (number | string)[]): Orders {
  momentAfter(program, threads)
  const { x } = program
  const { trace } = x
  const length = x.position.step
  const clocks = createClocks(x)
  makeRoom(clocks, 0)
  const steps = Array.from({ length: trace.threads }, (): number[] => [])
  const behind: number[][] = []
  const pairs: Order[] = []
  for (let i = 0; i < length; i++) {
    synchronize(clocks, i)
    const thread = trace.thread[i]
    behind.push(steps.map((its, t) => (t === thread ? -1 : (its[countOf(clocks, i, t) - 1] ?? -1))))
    const before = trace.past[i] < 0 ? undefined : behind[trace.past[i]]
    const fresh = behind[i].filter((step, t) => step >= 0 && step > (before?.[t] ?? -1))
    pairs.push(
      ...fresh.filter((from) => !fresh.some((other) => isBefore(clocks, from, other))).map((from) => ({ from, to: i })),
    )
    steps[thread].push(i)
  }
  return { pairs, lastBefore: (step, thread) => behind[step]?.[thread] ?? -1 }
}

/** How many events of a thread happen before event `i`. */
const countOf = ({ rows, stride }: Clocks, i: number, thread: number): number => rows[i * stride + thread]

const isBefore = (clocks: Clocks, one: number, other: number): boolean =>
  one !== other && countOf(clocks, other, clocks.x.trace.thread[one]) > clocks.x.trace.nth[one]
