/**
 * Scenarios from steps in words alone, for the command.
 */

import type { BpfObject } from '../bpf/object.ts'
import type { Scenario } from '../explore/index.ts'
import { factoriesOf } from './factories.ts'
import { loadScenario } from './load-scenario.ts'
import { type Asked, planOf } from './plan.ts'

/** Throws BpfScenarioError, one sentence. */
export async function scenarioInWords(object: BpfObject, asked: Asked, tearing: boolean): Promise<Scenario<unknown>> {
  const plan = planOf(object, asked)
  return loadScenario(plan, factoriesOf(object, plan, tearing, false), undefined)
}
