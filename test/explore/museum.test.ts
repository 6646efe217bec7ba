/**
 * Every exhibit of the museum is caught by the detector it names.
 */

import { describe, expect, it } from 'vitest'
import { EXHIBITS } from '../../museum/index.ts'
import { openScenario } from '../../museum/open.ts'
import { check } from '../../src/explore/explore.ts'

describe('an exhibit is caught by the detector it names', () => {
  it.each(EXHIBITS.map((exhibit) => [exhibit.id, exhibit] as const))('%s', async (_id, exhibit) => {
    const result = check(await openScenario(exhibit.scenario, exhibit.edits), { shrink: false })
    expect(result.violation?.kind).toBe(exhibit.detector)
  })
})
