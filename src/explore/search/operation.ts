/**
 * What a step is to others: whose it is, and what it touches, in which way.
 */
import { dependent } from '../engine/access.ts'
import type { Trace } from '../engine/trace.ts'

export interface Operation {
  readonly thread: number
  /** How many of its thread come before it. */
  readonly nth: number
  readonly class: number
  readonly start: number
  readonly end: number
}

/** The operation in row `i`. */
export function operationOf(trace: Trace, i: number): Operation {
  return {
    thread: trace.thread[i],
    nth: trace.nth[i],
    class: trace.class[i],
    start: trace.start[i],
    end: trace.end[i],
  }
}

/** Whether the two depend on each other: their order matters. */
export const conflict = (a: Operation, b: Operation) => dependent(a.class, a.start, a.end, b.class, b.start, b.end)

/** The same of the operation in row `i`. */
export const conflictAt = (trace: Trace, i: number, b: Operation) =>
  dependent(trace.class[i], trace.start[i], trace.end[i], b.class, b.start, b.end)

/** Whether `i` and `b` are the same step of the same thread. */
export const isStep = (trace: Trace, i: number, b: Operation) => trace.thread[i] === b.thread && trace.nth[i] === b.nth
