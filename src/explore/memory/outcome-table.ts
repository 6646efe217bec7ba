/**
 * The outcomes of a scenario under a memory model, each with the strongest model that has it.
 */
import type { MemoryModel, Outcome } from '../result.ts'
import { scheduleLine } from '../schedule/schedule.ts'
import { MODELS } from './hardware.ts'
import type { Setting } from './setting.ts'
import { type Shown, scheduleOf } from './told.ts'
import { lineOf } from './weak-violation.ts'

/** By outcome as text. */
export type OutcomeTable = Map<string, { count: number; model: MemoryModel; witness: string; replay: string }>

/** Notes an execution with that outcome. `asked`: the model that was asked for. */
export function noteOutcome(
  setting: Setting & { readonly model: string },
  outcomes: OutcomeTable,
  outcome: string,
  model: MemoryModel,
  show: () => Shown,
): void {
  const known = outcomes.get(outcome)
  if (known !== undefined) known.count++
  if (known !== undefined && MODELS.indexOf(model) >= MODELS.indexOf(known.model)) return
  const witness = scheduleLine(scheduleOf(show()))
  const replay = lineOf(setting, show())
  outcomes.set(outcome, { count: known?.count ?? 1, model, witness, replay })
}

/** Those of the strongest models first. */
export function sortedOutcomes(outcomes: OutcomeTable): Outcome[] {
  const rank = ({ model }: Outcome) => MODELS.indexOf(model!)
  return [...outcomes].map(([outcome, its]): Outcome => ({ outcome, ...its })).sort((a, b) => rank(a) - rank(b))
}
