/**
 * What a step is to others: whose it is, and what it touches, in which way.
 */
import { dependent } from '../engine/access.ts'
import { agentIn, endedBy, isConcerned } from '../engine/ended-agent.ts'
import { spinsBeside, spunOver } from '../engine/spun-words.ts'
import type { Trace } from '../engine/trace.ts'

export interface Operation {
  readonly thread: number
  /** How many of its thread come before it. */
  readonly nth: number
  readonly class: number
  readonly start: number
  readonly end: number
  /** The bytes of a spin over several words, as pairs of bounds: not all of those between. */
  readonly words: readonly number[] | undefined
  /** The agent of its thread; undefined: the thread itself. */
  readonly agent: number | undefined
  /** The agent that it ends; undefined: none. */
  readonly ends: number | undefined
}

/** The operation in row `i`. */
export function operationOf(trace: Trace, i: number): Operation {
  return {
    thread: trace.thread[i],
    nth: trace.nth[i],
    class: trace.class[i],
    start: trace.start[i],
    end: trace.end[i],
    words: spunOver(trace, i),
    agent: trace.agents[trace.thread[i]],
    ends: endedBy(trace, i),
  }
}

/** Whether the two depend on each other: their order matters. */
export const conflict = (a: Operation, b: Operation) =>
  dependent(a.class, a.start, a.end, b.class, b.start, b.end) &&
  meets(a, b.start, b.end) &&
  meets(b, a.start, a.end) &&
  concerns(a, b.class, b.agent ?? b.thread) &&
  concerns(b, a.class, a.agent ?? a.thread)

/** The same of the operation in row `i`. */
export const conflictAt = (trace: Trace, i: number, b: Operation) =>
  dependent(trace.class[i], trace.start[i], trace.end[i], b.class, b.start, b.end) &&
  meets(b, trace.start[i], trace.end[i]) &&
  !spinsBeside(trace, i, b.start, b.end) &&
  concerns(b, trace.class[i], agentIn(trace, trace.thread[i])) &&
  concerns({ ends: endedBy(trace, i) }, b.class, b.agent ?? b.thread)

/** Whether something that it is about lies in those bytes, and not only on both sides of them. */
function meets({ words }: Operation, start: number, end: number): boolean {
  if (words === undefined) return true
  for (let k = 0; k < words.length; k += 2) if (words[k] < end && start < words[k + 1]) return true
  return false
}

/** Whether it ends no agent, or one that a step of such a class and agent has to do with. */
const concerns = ({ ends }: { readonly ends: number | undefined }, cls: number, agent: number): boolean =>
  ends === undefined || isConcerned(ends, cls, agent)

/** Whether `i` and `b` are the same step of the same thread. */
export const isStep = (trace: Trace, i: number, b: Operation) => trace.thread[i] === b.thread && trace.nth[i] === b.nth
