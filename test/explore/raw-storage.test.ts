/**
 * What the tags promise of locks, read sections, grace periods and callbacks, against what src/sync does: the same
 * scenarios of the storage, once with the primitives and once with their implementation. Other traces, the same
 * outcomes.
 */
import { describe, expect, it } from 'vitest'
import * as cacheSlots from '../../props/scenarios/cache-slots.ts'
import * as getAgainstDelete from '../../props/scenarios/get-against-delete.ts'
import * as twoDeletes from '../../props/scenarios/two-deletes.ts'
import * as valueWithLockWord from '../../props/scenarios/value-with-lock-word.ts'
import { check } from '../../src/explore/explore.ts'
import type { Scenario } from '../../src/explore/scenario.ts'

const scenarios = { ...cacheSlots, ...getAgainstDelete, ...twoDeletes, ...valueWithLockWord }

describe('explored raw', () => {
  it.each(Object.entries(scenarios))('%s ends as it does with the primitives', (_, scenario) => {
    const explored = (raw: boolean) => {
      const result = check(scenario as Scenario<unknown>, { raw, keepGoing: true })
      expect(result).toMatchObject({ violation: null, exhaustive: true, blocked: 0, redundant: 0 })
      return { steps: result.steps, outcomes: result.outcomes.map(({ outcome }) => outcome).sort() }
    }
    const tagged = explored(false)
    const raw = explored(true)
    expect(raw.outcomes).toEqual(tagged.outcomes)
    expect(raw.steps).toBeGreaterThan(tagged.steps)
  })
})
