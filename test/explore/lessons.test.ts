import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check } from '../../src/explore/explore.ts'
import { loadInstrumented } from '../../src/explore/load/load.ts'
import type { Scenario } from '../../src/explore/scenario.ts'
import { EXHIBITS } from '../../web/exhibits.ts'
import { LESSONS } from '../../web/lessons/lesson-list.ts'

/** Exhibits that a lesson offers to show that they do no harm there, as its text says. */
const HARMLESS = ['socket-death no-first-grace-period']

async function scenarioOf(file: string, name: string, exhibit = ''): Promise<Scenario<unknown>> {
  const edits = EXHIBITS.find(({ id }) => id === exhibit)?.edits.map((edit) => ({ ...edit, file: resolve(edit.file) }))
  // The sources as they are come through the plugin.
  const module = edits === undefined ? await import(resolve(file)) : await loadInstrumented(resolve(file), { edits })
  return module[name] as Scenario<unknown>
}

const stepped = LESSONS.filter(({ scenario }) => scenario !== '')

describe('the scenarios of the lessons', () => {
  it.each(stepped.filter(({ id }) => id !== 'lost-update'))('$id: all interleavings are fine', async (lesson) => {
    const { violation, exhaustive } = check(await scenarioOf(lesson.file, lesson.scenario))
    expect(violation?.message).toBeUndefined()
    expect(exhaustive).toBe(true)
  })

  it('lost-update: an increment is lost', async () => {
    const { violation } = check(await scenarioOf('web/scenarios/lost-update.ts', 'lostUpdate'))
    expect(violation?.message).toBe('two increments made 1: one was lost')
  })

  const broken = stepped.flatMap((lesson) => lesson.exhibits.map((exhibit) => ({ ...lesson, exhibit })))
  it.each(broken)('$id with $exhibit: the bug is found, unless the text says otherwise', async (lesson) => {
    const { id, file, scenario, exhibit } = lesson
    const result = check(await scenarioOf(file, scenario, exhibit), { shrink: false })
    expect(result.violation === null).toBe(HARMLESS.includes(`${id} ${exhibit}`))
  })
})
