/**
 * Names for the bytes of values that are there from the beginning, so that reports say `egress_cnt.cnt`.
 */

import { rcuReadLock, rcuReadUnlock } from '../../sync/rcu.ts'
import type { ScenarioPlan, ScenarioState } from './scenario-plan.ts'
import { valuesOf } from './shown-values.ts'

/** Bytes in the memory, and what stands there: the first byte of each number. */
export function placesOf(plan: ScenarioPlan, state: ScenarioState): ReadonlyMap<number, string> {
  const main = state.cpus[state.cpus.length - 1]
  const names = new Map<number, string>()
  rcuReadLock(main)
  for (const map of plan.maps)
    for (const { word, prefix } of valuesOf(main, plan, state, map)) {
      const { spinLock } = map.definition
      if (spinLock !== undefined) names.set(4 * word + spinLock, `the lock of ${prefix}`)
      for (const { name, offset } of map.fields) names.set(4 * word + offset, `${prefix}.${name}`)
    }
  rcuReadUnlock(main)
  return names
}
