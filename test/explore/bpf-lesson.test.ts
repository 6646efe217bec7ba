/** The BPF programs of the page's lesson: the module that the page steps is what the explorer runs for the object. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EDITED } from '../../lessons/exhibits.ts'
import { openScenario } from '../../museum/open.ts'
import { bpfScenario } from '../../src/bpf-scenarios/index.ts'
import { check } from '../../src/explore/explore.ts'
import type { Scenario } from '../../src/explore/scenario.ts'
import { shareOf } from '../share.ts'

const PROGRAMS = 'web/scenarios/packets.bpf'

describe('the BPF programs of the lesson', () => {
  it('are written from the object as it is now', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/bpf-module.js', '--check'], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it('say of each call of a helper which line of C it comes from', () => {
    const lines = readFileSync(`${PROGRAMS}.c`, 'utf8').split('\n')
    const text = readFileSync(`${PROGRAMS}.ts`, 'utf8')
    const places = [
      ...text.matchAll(/calledFrom = 'web\/scenarios\/packets\.bpf\.c:(\d+)'; \w+ = (bpf_\w+?)(_without_value)?\(/g),
    ]
    expect(places.map(([, line, helper]) => [lines[Number(line) - 1].includes(`${helper}(`), helper])).toEqual(
      ['fullsock', 'storage_get', 'storage_get', 'fullsock', 'storage_get'].map((each) => [true, `bpf_sk_${each}`]),
    )
  })

  const programs = [
    ['count_once', 'ask-once', { '2': 4, '1': 152 }],
    ['count', '', { '2': 244 }],
  ] as const
  it.each(shareOf('BPF programs explored from two sides', programs, 1))(
    '%s: the lesson has the traces that sk-storage bpf explore has',
    async (program, exhibit, counts) => {
      const options = { keepGoing: true, shrink: false }
      const lesson = check(
        await openScenario({ file: 'web/scenarios/packets.ts', name: 'twoPackets' }, EDITED.get(exhibit)?.edits),
        options,
      )
      const words = `run ${program}`
      const object: Scenario<unknown> = await bpfScenario(resolve(`${PROGRAMS}.o`), {
        threads: [words, words],
        fresh: true,
      })
      const command = check(object, options)
      for (const { outcomes, exhaustive } of [lesson, command]) {
        expect(exhaustive).toBe(true)
        const told = outcomes.map(({ outcome, count }) => [outcome.replace(/^packets /, ''), count])
        expect(Object.fromEntries(told)).toEqual(counts)
      }
    },
  )
})
