/**
 * The properties of the hunt under the explorer: generated programs in all their interleavings, or along a generated
 * schedule. The plugin instruments what their threads run.
 *
 * What must hold: an order of the sequential model explains every outcome; memory is safe; everything is unlinked,
 * uncharged and freed once, and nothing is left; one element per socket and map; caches agree; locks are taken in one
 * order; every program ends. The detectors, the explanation and checkInvariants say so.
 */

import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { huntProgram } from '../../props/hunt/arbitrary.ts'
import { findSchedule, loadStorage, type ScenarioOf } from '../../props/hunt/explore.ts'
import type { HuntProgram, HuntSock, HuntStep } from '../../props/hunt/program.ts'
import { programScenario } from '../../props/hunt/scenario.ts'
import { shrinkTogether } from '../../props/hunt/shrink.ts'
import { check } from '../../src/explore/explore.ts'
import { replay } from '../../src/explore/failure/replay.ts'
import { runAlong, type Switch, schedule } from '../../src/explore/schedule-arbitrary.ts'
import { LONG } from '../share.ts'

const file = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

/** C4: an element that is freed at once and not after a grace period. */
const freesAtOnce = {
  file: file('shared/sk-storage-elem.ts'),
  from: 'kfreeRcu(cpu, selem + SELEM.rcu)\n  return last',
  to: 'kfree(cpu, KIND.elem, words[map + MAP.elemWords], selem)\n  return last',
}

/** C7: an update that does not look again whether the list has emptied. */
const addsToTheEmptied = {
  file: file('shared/sk-storage-update.ts'),
  from: 'if (words[storage + SK_STORAGE.list] === 0) return -EAGAIN',
  to: '',
}

/** A bucket's list that an element joins without the bucket's lock. */
const linksWithoutLock = {
  file: file('shared/sk-storage-elem.ts'),
  from: `  spinLock(cpu, bucket + BUCKET.lock)
  hlistAddHeadRcu(cpu.words, selem + SELEM.mapNode, bucket + BUCKET.list)
  spinUnlock(cpu, bucket + BUCKET.lock)`,
  to: '  hlistAddHeadRcu(cpu.words, selem + SELEM.mapNode, bucket + BUCKET.list)',
}

/** What a program's objects are laid out by. */
const layout = fc.nat(999_999)

describe('programs of two CPUs', () => {
  it('do in no interleaving what no order explains', () => {
    let executions = 0
    let exhaustive = 0
    const property = fc.property(huntProgram({ cpus: 2, steps: 1 }), layout, (program, layout) => {
      const result = check(programScenario(program, layout), { maxExecutions: 500 })
      executions += result.executions
      if (result.exhaustive) exhaustive++
      return result.violation === null
    })
    fc.assert(property, { numRuns: LONG ? 150 : 3 })
    expect(exhaustive).toBeGreaterThan(0)
    expect(executions).toBeGreaterThan(50)
  })
})

describe('programs of up to four CPUs', () => {
  it('do along no schedule what no order explains', () => {
    const property = fc.property(
      huntProgram({ cpus: 4 }),
      layout,
      schedule({ maxSwitches: 8, maxSteps: 60 }),
      (program, layout, switches) => runAlong(programScenario(program, layout), switches) === null,
    )
    fc.assert(property, { numRuns: 25 })
  })
})

describe('a planted bug', () => {
  it('is shrunk to the smallest program with the smallest schedule', async () => {
    const scenarioOf = await loadStorage([freesAtOnce])
    const fails = (program: HuntProgram, switches: readonly Switch[]) =>
      runAlong(scenarioOf(program), switches) !== null
    const property = fc.property(
      huntProgram({ cpus: 3, steps: 2 }),
      schedule({ maxSwitches: 6, maxSteps: 60 }),
      (program, switches) => !fails(program, switches),
    )
    const { failed, counterexample } = fc.check(property, { seed: 1, numRuns: 1000 })
    expect(failed).toBe(true)
    const { program, switches } = shrinkTogether(...(counterexample as [HuntProgram, Switch[]]), fails)
    // One that stands on the element, one that removes it, and perhaps one that makes it, one after the other:
    // nothing orders the free behind the look.
    expect(program.cpus.length).toBeLessThanOrEqual(3)
    expect(program.cpus.every((steps) => steps.length === 1)).toBe(true)
    expect(switches.length).toBeLessThanOrEqual(2)
  })

  it('that shows where two elements share a bucket is found in some layouts, the same each time', async () => {
    const make = (sock: HuntSock): HuntStep => ({ do: 'get', map: 0, sock, word: 5 + sock, create: true })
    const program: HuntProgram = { kind: 'connected', before: [0, 1, 0, 1], cpus: [[make(0)], [make(1)]] }
    const broken = await loadStorage([linksWithoutLock])
    const sound = await loadStorage()
    const layouts = Array.from({ length: 12 }, (_, i) => i)
    const found = (scenarioOf: ScenarioOf, layout: number) =>
      findSchedule(scenarioOf, program, { seconds: 600, maxExecutions: 300, layout }).violation?.kind
    const shown = layouts.filter((layout) => found(broken, layout) !== undefined)
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.length).toBeLessThan(layouts.length)
    for (const layout of shown) {
      expect(found(broken, layout)).toBe('data-race')
      expect(found(sound, layout)).toBeUndefined()
    }
  })

  it('in a program that failed on real threads is given a schedule and a line that replays it', async () => {
    const program: HuntProgram = {
      kind: 'connected',
      before: [1, 0, 0, 0],
      cpus: [[{ do: 'delete', map: 0, sock: 0 }], [{ do: 'update', map: 1, sock: 0, word: 9, flags: 0 }]],
    }
    const budget = { seconds: 600, maxExecutions: 20_000 }
    const scenarioOf = await loadStorage([addsToTheEmptied])
    const { violation } = findSchedule(scenarioOf, program, budget, 'found')
    expect(violation).not.toBeNull()
    const again = replay({ ...scenarioOf(program), name: 'found' }, violation!.replay)
    expect(again).toMatchObject({ stale: false, diverged: undefined })
    expect(again.violation?.message).toBe(violation!.message)
    // As it stands the program is fine, in all of its interleavings, and along that schedule.
    const sound = await loadStorage()
    expect(findSchedule(sound, program, budget)).toMatchObject({ violation: null, exhaustive: true })
  })
})
