/**
 * What lies ahead of an exact search: the executions on the way to the present one, each with its reversals.
 */
import type { Reversal } from './reversals.ts'

/** An execution some of whose reversals lie ahead. */
export interface Frame {
  /** Its schedule, as far as reversals keep it. */
  readonly threads: readonly number[]
  readonly reversals: readonly Reversal[]
  /** How many of them have been begun. */
  begun: number
}

export interface Ahead {
  /** The latest execution last. */
  readonly frames: Frame[]
  /** Steps of the schedules in it, and the most there ever were. */
  steps: number
  peak: number
}

export const createAhead = (): Ahead => ({ frames: [], steps: 0, peak: 0 })

/** Takes all of it off. */
export function clearAhead(ahead: Ahead): void {
  ahead.frames.length = 0
  ahead.steps = 0
}

/** Adds an execution with the reversals that are still to be begun. */
export function addAhead(ahead: Ahead, frame: Frame): void {
  ahead.frames.push(frame)
  const { threads, reversals, begun } = frame
  let steps = threads.length
  for (let k = begun; k < reversals.length; k++) steps += reversals[k].threads.length
  ahead.steps += steps
  if (ahead.steps > ahead.peak) ahead.peak = ahead.steps
}

/** Begins the next reversal, which is the next one of the latest execution that has one. Returns that execution. */
export function takeAhead(ahead: Ahead): Frame | undefined {
  const { frames } = ahead
  let frame = frames.at(-1)
  while (frame !== undefined && frame.begun === frame.reversals.length) {
    ahead.steps -= frame.threads.length
    frames.pop()
    frame = frames.at(-1)
  }
  if (frame !== undefined) ahead.steps -= frame.reversals[frame.begun++].threads.length
  return frame
}

/**
 * Takes off half of the reversals that the earliest execution still has, those that it would come to last: whatever
 * else lies ahead comes before them. `share` is how much of all they are, each reversal of an execution taken for as
 * much as the execution itself. Undefined: there are too few to give one away.
 */
export function giveAhead(ahead: Ahead): { readonly frame: Frame; readonly share: number } | undefined {
  const { frames } = ahead
  const k = frames.findIndex(({ reversals, begun }) => begun < reversals.length)
  if (k < 0) return undefined
  const { threads, reversals, begun } = frames[k]
  const left = reversals.length - begun
  const others = frames.some((frame, j) => j > k && frame.begun < frame.reversals.length)
  const kept = begun + (others ? left >> 1 : (left + 1) >> 1)
  const given = reversals.slice(kept)
  if (given.length === 0) return undefined
  frames[k] = { threads, reversals: reversals.slice(0, kept), begun }
  for (const each of given) ahead.steps -= each.threads.length
  let share = given.length / (reversals.length + 1)
  for (let j = 0; j < k; j++) share /= frames[j].reversals.length + 1
  return { frame: { threads, reversals: given, begun: 0 }, share }
}

/** Takes back what was given last. */
export function takeBack(ahead: Ahead, { threads, reversals }: Frame): void {
  const k = ahead.frames.findIndex((frame) => frame.threads === threads)
  const frame = ahead.frames[k]
  ahead.frames[k] = { ...frame, reversals: [...frame.reversals, ...reversals] }
  for (const each of reversals) ahead.steps += each.threads.length
}

/** Which share of the search lies behind, each reversal of an execution taken for as much as the execution itself. */
export function shareBehind({ frames }: Ahead): number {
  let done = 0
  let share = 1
  frames.forEach(({ reversals, begun }, depth) => {
    share /= reversals.length + 1
    // The execution itself, and the reversals explored to their end.
    done += share * (depth === frames.length - 1 ? begun + 1 : begun)
  })
  return frames.length === 0 ? 1 : done
}
