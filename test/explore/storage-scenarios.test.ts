/**
 * The storage itself, every interleaving of it: the scenarios of props/scenarios, on the unmodified files of src/shared
 * and src/sync. The plugin instruments those; this file it leaves alone.
 *
 * The number of traces depends on how many shared words the code touches and in what order, so it changes with correct
 * changes of the code; and on which elements share a bucket, which follows from their addresses. So the numbers stand
 * apart, in traces.json, and the outcomes in outcomes.ts. All detectors are on, those of leaks and of use after free
 * included, so that an execution that is complete and did not fail has unlinked, uncharged and freed everything exactly
 * once. layouts.test.ts explores them with their objects at other addresses.
 */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openScenario } from '../../museum/open.ts'
import { scenariosOf, ways } from '../../mutation/ground.ts'
import * as accept from '../../props/scenarios/accept.ts'
import * as answers from '../../props/scenarios/answers.ts'
import * as arrayMap from '../../props/scenarios/array-map.ts'
import * as btfById from '../../props/scenarios/btf-by-id.ts'
import * as cacheSlots from '../../props/scenarios/cache-slots.ts'
import * as chargeLimit from '../../props/scenarios/charge-limit.ts'
import * as clone from '../../props/scenarios/clone.ts'
import * as cloneLeavesListener from '../../props/scenarios/clone-leaves-listener.ts'
import * as createAgainstDelete from '../../props/scenarios/create-against-delete.ts'
import * as descriptors from '../../props/scenarios/descriptors.ts'
import * as dumpOfAll from '../../props/scenarios/dump-of-all.ts'
import * as firstCount from '../../props/scenarios/first-count.ts'
import * as firstStorage from '../../props/scenarios/first-storage.ts'
import * as getAgainstDelete from '../../props/scenarios/get-against-delete.ts'
import * as getAgainstReplacement from '../../props/scenarios/get-against-replacement.ts'
import * as hashBuckets from '../../props/scenarios/hash-buckets.ts'
import * as hashMap from '../../props/scenarios/hash-map.ts'
import * as iterate from '../../props/scenarios/iterate.ts'
import * as lastHolder from '../../props/scenarios/last-holder.ts'
import * as lockedValues from '../../props/scenarios/locked-values.ts'
import * as mapById from '../../props/scenarios/map-by-id.ts'
import * as mapFree from '../../props/scenarios/map-free.ts'
import * as mapsAtOnce from '../../props/scenarios/maps-at-once.ts'
import * as oneBucket from '../../props/scenarios/one-bucket.ts'
import * as oneCpu from '../../props/scenarios/one-cpu.ts'
import * as overflow from '../../props/scenarios/overflow.ts'
import * as programs from '../../props/scenarios/programs.ts'
import * as readerWithPointer from '../../props/scenarios/reader-with-pointer.ts'
import * as socketDeath from '../../props/scenarios/socket-death.ts'
import * as socketDeathAgainstMapFree from '../../props/scenarios/socket-death-against-map-free.ts'
import * as socketDump from '../../props/scenarios/socket-dump.ts'
import * as socketStates from '../../props/scenarios/socket-states.ts'
import * as twoDeletes from '../../props/scenarios/two-deletes.ts'
import * as updateByFd from '../../props/scenarios/update-by-fd.ts'
import * as updateInPlace from '../../props/scenarios/update-in-place.ts'
import * as updateInPlaceAgainstCreate from '../../props/scenarios/update-in-place-against-create.ts'
import * as valueWithLockWord from '../../props/scenarios/value-with-lock-word.ts'
import * as walkOfClosedMap from '../../props/scenarios/walk-of-closed-map.ts'
import { check } from '../../src/explore/explore.ts'
import type { Scenario } from '../../src/explore/scenario.ts'
import { LONG, shareOf } from '../share.ts'
import { EDITED, type Expected, OUTCOMES } from './outcomes.ts'

/**
 * For mutation tests: only what is quick, and a mutant must fail or answer otherwise.
 */
const QUICK = process.env.SCENARIOS === 'quick'
const MANY = 1_000

/** The scenarios of each file. */
const scenariosIn: { readonly [File in keyof typeof OUTCOMES]: object } = {
  'accept.ts': accept,
  'answers.ts': answers,
  'array-map.ts': arrayMap,
  'btf-by-id.ts': btfById,
  'cache-slots.ts': cacheSlots,
  'charge-limit.ts': chargeLimit,
  'clone.ts': clone,
  'clone-leaves-listener.ts': cloneLeavesListener,
  'create-against-delete.ts': createAgainstDelete,
  'descriptors.ts': descriptors,
  'dump-of-all.ts': dumpOfAll,
  'first-count.ts': firstCount,
  'first-storage.ts': firstStorage,
  'get-against-delete.ts': getAgainstDelete,
  'get-against-replacement.ts': getAgainstReplacement,
  'hash-buckets.ts': hashBuckets,
  'hash-map.ts': hashMap,
  'iterate.ts': iterate,
  'last-holder.ts': lastHolder,
  'locked-values.ts': lockedValues,
  'map-by-id.ts': mapById,
  'map-free.ts': mapFree,
  'maps-at-once.ts': mapsAtOnce,
  'one-bucket.ts': oneBucket,
  'one-cpu.ts': oneCpu,
  'overflow.ts': overflow,
  'programs.ts': programs,
  'reader-with-pointer.ts': readerWithPointer,
  'socket-death-against-map-free.ts': socketDeathAgainstMapFree,
  'socket-death.ts': socketDeath,
  'socket-states.ts': socketStates,
  'socket-dump.ts': socketDump,
  'two-deletes.ts': twoDeletes,
  'update-by-fd.ts': updateByFd,
  'update-in-place.ts': updateInPlace,
  'update-in-place-against-create.ts': updateInPlaceAgainstCreate,
  'value-with-lock-word.ts': valueWithLockWord,
  'walk-of-closed-map.ts': walkOfClosedMap,
}

/** By file and scenario. `npm run traces` counts them again and says what has changed. */
const traces: Readonly<Record<string, Readonly<Record<string, number>>>> = JSON.parse(
  readFileSync(new URL('../../props/scenarios/traces.json', import.meta.url), 'utf8'),
)

/**
 * Nearly all traces of all scenarios are those of a few: they are explored to their ends with LONG=1, and of the others
 * a share in each run.
 */
const LARGE = 2_000
const all = Object.values(traces).flatMap((its) => Object.entries(its))
const drawn = [
  ...(LONG ? all.filter(([, count]) => count > LARGE) : []),
  ...shareOf('scenarios explored to their ends', QUICK ? [] : all.filter(([, count]) => count <= LARGE), 60),
]
const whole = new Set(drawn.map(([name]) => name))
/** How far the rest is explored: a finding or an outcome that is not theirs would show there, too. */
const budgetOf = (name: string): { maxExecutions?: number } => (QUICK || whole.has(name) ? {} : { maxExecutions: 150 })

const folder = new URL('../../props/scenarios/', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8')

it('are all explored here, and their traces counted', () => {
  expect(Object.keys(traces).sort()).toEqual([...new Set(ways().map(({ file }) => file))].sort())
  const names = Object.values(traces).flatMap((its) => Object.keys(its))
  const here = Object.values(OUTCOMES).flatMap((expected) => Object.keys(expected))
  expect([...here, ...Object.keys(EDITED)].sort()).toEqual(names.sort())
})

it('speak of every rule about a race', () => {
  const said = new Set(Object.keys(OUTCOMES).flatMap((file) => read(file).match(/\bC\d+\b/g) ?? []))
  expect(Array.from({ length: 15 }, (_, i) => `C${i + 1}`).filter((rule) => !said.has(rule))).toEqual([])
})

/** By file, how many traces each scenario turned out to have that was explored to its end. */
const counted: Record<string, Record<string, number>> = {}

/** Explores it, and holds it against what it must give: nothing found, and these outcomes. */
function explored(file: string, scenario: Scenario<unknown>, name: string, outcomes: readonly string[], raw = false) {
  const budget = budgetOf(name)
  const result = check(scenario, { keepGoing: true, raw, ...budget })
  expect(result.violation?.message).toBeUndefined()
  expect(result).toMatchObject({ redundant: 0, blocked: 0, failing: 0 })
  expect(result.executions).toBe(result.complete)
  const seen = result.outcomes.map(({ outcome }) => outcome).sort()
  const all = outcomes.length === 0 ? [''] : outcomes
  if (budget.maxExecutions === undefined) expect(result.exhaustive).toBe(true)
  if (result.exhaustive) {
    expect(seen).toEqual(all)
    counted[file] = { ...counted[file], [name]: result.complete }
  } else expect(all).toEqual(expect.arrayContaining(seen))
}

for (const [file, expected] of Object.entries(OUTCOMES)) {
  describe(file, () => {
    const scenarios = scenariosIn[file as keyof typeof OUTCOMES] as Readonly<Record<string, Scenario<unknown>>>
    for (const [name, scenario] of Object.entries(scenarios)) {
      const outcomes = (expected as Expected<Record<string, unknown>>)[name]
      const count = traces[file]?.[name] ?? 0
      it.skipIf(QUICK && count > MANY)(name, () => explored(file, scenario, name, outcomes))
    }
  })
}

for (const way of ways().filter(({ file }) => OUTCOMES[file as keyof typeof OUTCOMES] === undefined)) {
  describe(`${way.file}, ${way.raw ? 'with the implementation of locks and grace periods' : 'edited'}`, () => {
    const its = Object.entries(traces[way.file] ?? {}).filter(([, count]) => !QUICK || count <= MANY)
    let loaded: ReturnType<typeof scenariosOf> | undefined
    it.each(its)('%s', async (name) => {
      loaded ??= scenariosOf(way)
      const scenario = (await loaded).get(name)!
      explored(way.file, scenario, name, (EDITED as Readonly<Record<string, readonly string[]>>)[name], way.raw)
    })
  })
}

// Correct changes of the code may change these numbers, and turn this test red and no other. For mutation tests it says
// nothing: another number alone is no proof that a mutant is wrong.
it.skipIf(QUICK)('have as many traces as traces.json says: if that is right, npm run traces', () => {
  const known = Object.entries(counted).map(([file, its]) => [
    file,
    Object.fromEntries(Object.keys(its).map((name) => [name, traces[file]?.[name]])),
  ])
  expect(counted).toEqual(Object.fromEntries(known))
})

// The scenarios have fewer elements than the sweep takes at a time: here it takes one, and goes on.
it('map free against death, with a sweep in several parts', async () => {
  const file = 'props/scenarios/socket-death-against-map-free.ts'
  const scenario = await openScenario({ file, name: 'socketDeathAgainstMapFree' }, [
    { file: 'src/shared/sk-storage-map.ts', from: 'const SWEEP_BATCH = 16', to: 'const SWEEP_BATCH = 1' },
  ])
  const result = check(scenario)
  expect(result.violation?.message).toBeUndefined()
  expect(result).toMatchObject({ exhaustive: true, redundant: 0, blocked: 0 })
})
