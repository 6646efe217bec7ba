import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EDITED } from '../../lessons/exhibits.ts'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { openScenario } from '../../museum/open.ts'
import { check } from '../../src/explore/explore.ts'
import { loadInstrumented } from '../../src/explore/load/load.ts'
import type { Scenario } from '../../src/explore/scenario.ts'

/** Exhibits that a lesson offers to show that they do no harm there, as its text says. */
const HARMLESS = ['socket-death no-first-grace-period']

async function scenarioOf(file: string, name: string, exhibit = ''): Promise<Scenario<unknown>> {
  const edits = EDITED.get(exhibit)?.edits.map((edit) => ({ ...edit, file: resolve(edit.file) }))
  // What BPF programs run is not instrumented for the tests.
  if (file.endsWith('/packets.ts')) return openScenario({ file, name }, edits)
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

  it.each([
    ['reordering', 'storeBuffering', 'plain-accesses', 'CPU 0 reads y=0, CPU 1 reads x=0'],
    ['plain-publication', 'publication', 'plain-store', 'the reader read 0'],
  ])('%s: what its task asks for is there on an ARM, by plain accesses alone', async (id, name, exhibit, wanted) => {
    const { memory } = stepped.find((each) => each.id === id)!
    expect(memory).toBe('arm')
    const outcomesOf = async (broken: string, model?: 'arm') => {
      const scenario = await scenarioOf('web/scenarios/reordering.ts', name, broken)
      const { outcomes } = check(scenario, { keepGoing: true, ...(model && { memory: model }) })
      return outcomes.map(({ outcome }) => outcome)
    }
    expect(await outcomesOf(exhibit, memory)).toContain(wanted)
    expect(await outcomesOf('', memory)).not.toContain(wanted)
    expect(await outcomesOf(exhibit)).not.toContain(wanted)
  })

  const small = stepped.find(({ id }) => id === 'grace-period')!
  it.each(small.exhibits)('grace-period with %s: goes wrong within twenty steps', async (exhibit) => {
    const { violation } = check(await scenarioOf(small.file, small.scenario, exhibit))
    expect(violation?.kind).toBe('use-after-free')
    expect(violation?.steps.length).toBeLessThan(20)
  })

  it.each([
    ['lost-wakeup', 'look-then-wake', 'deadlock', 'stuck: thread 1 sleeps on mutex'],
    ['aba', 'no-version', 'assertion', 'node 2 is on the stack, and CPU 1 has it'],
    ['take-reference', 'blind-reference', 'use-after-free', 'thread 1: reads elem'],
    ['take-reference', 'late-reference', 'use-after-free', 'thread 0: frees elem'],
    ['rcu-barrier', 'synchronize-for-barrier', 'use-after-free', 'callback 1 of thread 0: reads elem'],
    ['rcu-barrier', 'no-barrier', 'use-after-free', 'callback 1 of thread 0: reads elem'],
  ] as const)('%s with %s: fails as a %s, "%s"', async (id, exhibit, kind, message) => {
    const { file, scenario } = stepped.find((each) => each.id === id)!
    const { violation } = check(await scenarioOf(file, scenario, exhibit))
    expect(violation?.kind).toBe(kind)
    expect(violation?.message).toContain(message)
  })
})
