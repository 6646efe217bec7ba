/**
 * The outcomes of an exploration: how often each was seen, and on which schedule first.
 */
import type { Ending } from './engine/ending.ts'
import type { Execution } from './engine/state.ts'
import type { Program } from './program/program.ts'
import type { Outcome } from './result.ts'
import { readSchedule, scheduleLine } from './schedule/schedule.ts'
import { withFewSwitches } from './search/same-trace.ts'

/** How often an outcome was seen, and the threads of its first execution, by number or label. */
interface Seen {
  count: number
  readonly threads: readonly (number | string)[]
}

/** What was seen, by the outcome's text. */
export type Outcomes = Map<string, Seen>

/** Outcomes told apart; the others are counted together. */
const MOST_OUTCOMES = 1000
const OTHERS = '(other outcomes)'

/** Counts the outcome of the execution that has just ended. */
export function noteOutcome(outcomes: Outcomes, program: Program, ending: Ending): void {
  if (ending !== 'complete' && ending !== 'blocked') return
  const text = program.outcome(ending === 'blocked')
  const key = ending === 'blocked' ? `${text} (blocked)`.trim() : text
  const known = outcomes.get(key) ?? (outcomes.size < MOST_OUTCOMES ? undefined : outcomes.get(OTHERS))
  if (known !== undefined) known.count++
  else {
    const kept = outcomes.size < MOST_OUTCOMES ? key : OTHERS
    outcomes.set(kept, { count: 1, threads: withFewSwitches(program.x.trace) })
  }
}

/** The schedule's line without its preemptions, which only a run along it can tell. */
export const roughLine = ({ program }: Execution, threads: readonly (number | string)[]): string =>
  scheduleLine({ threads: threads.map((t) => (typeof t === 'string' ? t : program.labels[t])), preempted: [] })

/** The outcomes with the line that `lineOf` makes of their first schedules. */
export const tableOf = (outcomes: Outcomes, lineOf: (threads: readonly (number | string)[]) => string): Outcome[] =>
  [...outcomes].map(([outcome, { count, threads }]) => ({ outcome, count, witness: lineOf(threads) }))

/** Takes up what an earlier part of the exploration has seen. */
export function takeUp(outcomes: Outcomes, seen: readonly Outcome[]): void {
  for (const { outcome, count, witness } of seen)
    outcomes.set(outcome, { count, threads: readSchedule(witness).threads })
}
