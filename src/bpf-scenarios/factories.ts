/**
 * The factories of a plan's programs, as text.
 */

import type { BpfObject } from '../bpf/object.ts'
import type { ScenarioPlan } from '../bpf/run/scenario-plan.ts'
import { factoryText } from './factory-text.ts'
import { BpfScenarioError } from './scenario-error.ts'

/** The texts of the programs that are named; and, where functions may name others, of all that are accepted. */
export function factoriesOf(
  object: BpfObject,
  plan: ScenarioPlan,
  tearing: boolean,
  all: boolean,
): Map<string, string> {
  const needed = new Set([
    ...plan.threads.flatMap((step) => (step?.kind === 'program' ? [step.name] : [])),
    ...plan.attached.map(({ name }) => name),
  ])
  const factories = new Map<string, string>()
  for (const program of object.programs) {
    if (!all && !needed.has(program.name)) continue
    try {
      factories.set(program.name, factoryText(object, program, tearing ? 'halves' : 'whole'))
    } catch (error) {
      if (!(error instanceof BpfScenarioError) || needed.has(program.name)) throw error
    }
  }
  return factories
}
