/**
 * What a strategy is to the rest of the explorer: the one interface that all of them implement.
 *
 * A strategy at work on a program is a search. It lives as long as the exploration and keeps what it has to know from
 * one execution to the next. It never runs anything itself: `nextExecution` does, and asks it in this order:
 *
 *     begin      choose, stepped, choose, stepped, ... choose      end
 */
import type { Ending } from '../engine/ending.ts'
import { run } from '../engine/execution.ts'
import type { Execution } from '../engine/state.ts'
import type { Strategy } from '../engine/strategy.ts'
import type { Shape } from '../runtime/shape.ts'

/**
 * A strategy at work. Its methods do without `this`. `choose` and `stepped` are asked by the engine while an execution
 * runs.
 */
export interface Search extends Strategy {
  /**
   * Before each execution. False: none is left. Must leave in the trace the events that are to be done again, which are
   * none after `truncate(trace, 0)`. `choose` is not asked for them, and `stepped` not told.
   */
  begin(): boolean
  /**
   * Who takes the step of number `position.step`. Must return a thread for which `isEnabled` holds; -1 ends the
   * execution: nobody can go on, or nothing new would follow. May read all of the execution, and writes nothing of it.
   */
  choose(): number
  /**
   * Event `i` has its row in the trace, and its thread is about to perform it. Without it `choose` has to be enough.
   */
  stepped(i: number): void
  /**
   * After each execution, however it ended. Returns what it counts as, which is `endingOf(x)` as a rule; undefined if
   * it is not to be counted. May read the trace: that is still whole, and is what `begin` cuts back.
   */
  end(): Ending | undefined
  /** The most steps of schedules still to be run that were known at once. */
  peakAhead(): number
  /** Which share of all executions lies behind, from 0 to 1, by the branches known so far. 0 if that can't be told. */
  progress(): number
  /** An estimate of how many schedules there are, if it can tell. */
  space?(): number | undefined
  /** What lies ahead, as JSON can hold it. Without it the search can't be continued elsewhere. */
  save?(): unknown
  /** What `save` gives. */
  readonly saved?: Shape
  /**
   * Continues where `save` was called, in an execution of the same program, and forgets what lies ahead of it now.
   * Between executions, with nothing that `saved` finds fault with. Throws a MisuseError for what can't be taken up
   * elsewhere.
   */
  restore?(saved: unknown): void
  /**
   * Gives away a part of what lies ahead, for `restore` of another search: all of it comes behind what is kept. Between
   * executions. Undefined: there is too little, or nobody else could take it up.
   */
  give?(): Given | undefined
}

/** A part of a search that was given away: what `restore` takes, and which share of the search it is thought to be. */
export interface Given {
  readonly walk: object
  readonly share: number
}

/** Runs the next execution that counts. Undefined: there is none left. */
export function nextExecution(x: Execution, search: Search): Ending | undefined {
  // The engine asks at every step: it stays fast as long as whatever it asks has this shape and no other.
  const strategy: Strategy = { choose: search.choose, stepped: search.stepped }
  while (search.begin()) {
    run(x, strategy)
    const ending = search.end()
    if (ending !== undefined) return ending
  }
  return undefined
}
