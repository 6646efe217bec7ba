/**
 * The museum: every exhibit is caught by the detector it names, and what it changes is clean without it. The races that
 * are no bugs happen and are not reported.
 */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Edit, ScenarioRef } from '../../museum/exhibit.ts'
import { CONTROLS, EXHIBITS, TALES } from '../../museum/index.ts'
import { openScenario, ROOT } from '../../museum/open.ts'
import { check } from '../../src/explore/explore.ts'
import { shareOf } from '../share.ts'

const TIME = 600_000

describe('an exhibit is caught by the detector it names', () => {
  const some = shareOf('exhibits', EXHIBITS, 16)
  it.each(some.map((exhibit) => [`${exhibit.id}: ${exhibit.title}`, exhibit] as const))(
    '%s',
    {
      timeout: TIME,
    },
    async (_, { scenario, edits, scale = [], detector }) => {
      const { violation } = check(await openScenario(scenario, [...scale, ...edits]), { shrink: false })
      expect(violation?.kind, violation?.message).toBe(detector)
    },
  )
})

// Scenarios on the sources as they are run in storage-scenarios.test.ts, each to its end. Here those that no test there
// has: on sources with a small number.
describe('an exhibit is clean without its edits', () => {
  const traces = JSON.parse(readFileSync(resolve(ROOT, 'props/scenarios/traces.json'), 'utf8'))
  const inTheTable = ({ file, name }: ScenarioRef) => traces[file.replace('props/scenarios/', '')]?.[name] !== undefined

  it('where nothing is scaled, or raw is explored, since the scenario is one of those explored there', () => {
    expect(EXHIBITS.filter(({ scenario }) => !inTheTable(scenario)).map(({ id }) => id)).toEqual([])
  })

  const scaled = new Map<string, { scenario: ScenarioRef; scale: readonly Edit[] }>()
  for (const { scenario, scale } of EXHIBITS)
    if (scale && !scenario.raw) scaled.set(`${scenario.name} ${JSON.stringify(scale)}`, { scenario, scale })
  it.each([...scaled])('%s', { timeout: TIME }, async (_, { scenario, scale }) => {
    expect(check(await openScenario(scenario, scale))).toMatchObject({ violation: null, exhaustive: true })
  })
})

describe('a control happens and is not reported', () => {
  it.each(CONTROLS.map((control) => [`${control.id}: ${control.title}`, control] as const))(
    '%s',
    {
      timeout: TIME,
    },
    async (_, { scenario, edits, seen }) => {
      const result = check(await openScenario(scenario, edits), { keepGoing: true })
      expect(result).toMatchObject({ violation: null, exhaustive: true })
      expect(result.outcomes.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining([...seen]))
    },
  )
})

describe('the catalogue', () => {
  it('has each number once', () => {
    const ids = [...EXHIBITS, ...CONTROLS, ...TALES].map(({ id }) => id)
    expect([...new Set(ids)]).toEqual(ids)
  })

  it.each(EXHIBITS.map((exhibit) => [exhibit.id, exhibit] as const))('has edits that fit: %s', (_, exhibit) => {
    const texts = new Map<string, string>()
    for (const { file, from, to } of [...(exhibit.scale ?? []), ...exhibit.edits]) {
      const parts = (texts.get(file) ?? readFileSync(resolve(ROOT, file), 'utf8')).split(from)
      expect(parts, from).toHaveLength(2)
      texts.set(file, parts.join(to))
    }
  })

  it('has a bug for each rule about a race', () => {
    const rules = new Set<string>(EXHIBITS.flatMap(({ rules }) => rules))
    expect(Array.from({ length: 15 }, (_, i) => `C${i + 1}`).filter((rule) => !rules.has(rule))).toEqual([])
  })
})

describe('an edit that no longer fits', () => {
  const { scenario, edits } = EXHIBITS[0]

  it('fails loudly, with the file and the text that is not there', async () => {
    const from = 'what nobody ever wrote'
    await expect(openScenario(scenario, [{ ...edits[0], from }])).rejects.toThrow(
      `the edit no longer fits ${resolve(ROOT, edits[0].file)}: it doesn't contain "${from}"`,
    )
  })

  it('fails likewise when the file is not among those that the scenario loads', async () => {
    await expect(openScenario(scenario, [{ ...edits[0], file: 'src/index.ts' }])).rejects.toThrow(
      'src/index.ts fits no file that one-cpu.ts loads',
    )
  })

  it('and so does a scenario that is not there', async () => {
    await expect(openScenario({ ...scenario, name: 'nothing' })).rejects.toThrow(
      'museum: props/scenarios/one-cpu.ts exports no nothing, expected a scenario',
    )
  })
})
