/**
 * The storage itself, every interleaving of it: the scenarios of props/scenarios, on the unmodified files of src/shared
 * and src/sync. The plugin instruments those; this file it leaves alone.
 *
 * The number of traces depends on how many shared words the code touches and in what order, so it changes with the
 * code; and on which elements share a bucket, which follows from their addresses. The outcomes do not, but for what a
 * walk over the buckets may miss. All detectors are on, those of leaks and of use after free included, so that an
 * execution that is complete and did not fail has unlinked, uncharged and freed everything exactly once.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openScenario } from '../../museum/open.ts'
import * as answers from '../../props/scenarios/answers.ts'
import * as btfById from '../../props/scenarios/btf-by-id.ts'
import * as cacheSlots from '../../props/scenarios/cache-slots.ts'
import * as chargeLimit from '../../props/scenarios/charge-limit.ts'
import * as clone from '../../props/scenarios/clone.ts'
import * as cloneLeavesListener from '../../props/scenarios/clone-leaves-listener.ts'
import * as createAgainstDelete from '../../props/scenarios/create-against-delete.ts'
import * as descriptors from '../../props/scenarios/descriptors.ts'
import * as firstCount from '../../props/scenarios/first-count.ts'
import * as firstStorage from '../../props/scenarios/first-storage.ts'
import * as getAgainstDelete from '../../props/scenarios/get-against-delete.ts'
import * as getAgainstReplacement from '../../props/scenarios/get-against-replacement.ts'
import * as hashMap from '../../props/scenarios/hash-map.ts'
import * as iterate from '../../props/scenarios/iterate.ts'
import * as lastHolder from '../../props/scenarios/last-holder.ts'
import * as lockedValues from '../../props/scenarios/locked-values.ts'
import * as mapById from '../../props/scenarios/map-by-id.ts'
import * as mapFree from '../../props/scenarios/map-free.ts'
import * as oneCpu from '../../props/scenarios/one-cpu.ts'
import * as overflow from '../../props/scenarios/overflow.ts'
import * as readerWithPointer from '../../props/scenarios/reader-with-pointer.ts'
import * as socketDeath from '../../props/scenarios/socket-death.ts'
import * as socketDeathAgainstMapFree from '../../props/scenarios/socket-death-against-map-free.ts'
import * as socketDump from '../../props/scenarios/socket-dump.ts'
import * as twoDeletes from '../../props/scenarios/two-deletes.ts'
import * as updateByFd from '../../props/scenarios/update-by-fd.ts'
import * as updateInPlace from '../../props/scenarios/update-in-place.ts'
import * as updateInPlaceAgainstCreate from '../../props/scenarios/update-in-place-against-create.ts'
import * as valueWithLockWord from '../../props/scenarios/value-with-lock-word.ts'
import type * as waiting from '../../props/scenarios/waiting.ts'
import * as walkOfClosedMap from '../../props/scenarios/walk-of-closed-map.ts'
import { check } from '../../src/explore/explore.ts'
import type { Scenario } from '../../src/explore/scenario.ts'
import { LONG, shareOf } from '../share.ts'

const TIME = 120_000

/**
 * For mutation tests: only what is quick, and a mutant must fail or answer otherwise. Another number of traces alone is
 * no proof that it is wrong.
 */
const QUICK = process.env.SCENARIOS === 'quick'
const MANY = 1_000

/** For each scenario its number of traces, and all of its outcomes: what the threads returned. */
type Expected<Scenarios> = { [Name in keyof Scenarios]: [traces: number, outcomes: string[]] }

function expecting<Scenarios>(scenarios: Scenarios, expected: Expected<Scenarios>) {
  return { scenarios, expected }
}

const files = {
  // C1, C4, C5, C9
  'answers.ts': expecting(answers, {
    getBehindDelete: [5, ['7 | 0']],
    getsOfOneSlot: [4, ['7 | 8']],
    createAtTheLimit: [2, ['0 | 7']],
    replaceAtTheLimit: [5, ['0 | 1', '0 | 7']],
    firstStorageAtTheLimit: [64, ['NULL, within | made, within', 'made, within | NULL, within']],
  }),
  // The same of a BTF object as C15 says of a map.
  'btf-by-id.ts': expecting(btfById, { openBtfAgainstClose: [9, ['-2 | 0', '0 | 0']] }),
  // C1
  'cache-slots.ts': expecting(cacheSlots, {
    twoGetsOfOneSlot: [4, ['7 | 7']],
    getAgainstDeleteOfOneSlot: [7, ['7 | 0']],
  }),
  // C2, C9
  'charge-limit.ts': expecting(chargeLimit, {
    twoCreatorsAtTheLimit: [48, ['0 | 2', '1 | 0']],
    twoReplacementsAtTheLimit: [194, ['0 | 0']],
    createAgainstDeleteAtTheLimit: [40, ['0 | 0', '1 | 0']],
  }),
  // C15
  'clone.ts': expecting(clone, {
    cloneAgainstMapFree: [4_341, ['copied | undefined', 'nothing to copy | undefined']],
    cloneAgainstListenerDeath: [473, ['closed | 0', 'copied | 0']],
    cloneFromDyingListenerAgainstMapFree: [
      11_209,
      ['closed | undefined', 'copied | undefined', 'nothing to copy | undefined'],
    ],
    cloneAgainstDelete: [52, ['copied | 0']],
    cloneAgainstReplacement: [90, ['308 | 0']],
    cloneAgainstLockedUpdate: [34, ['1 1 | 0', '7 7 | 0']],
  }),
  // C15
  'clone-leaves-listener.ts': expecting(cloneLeavesListener, {
    childClosesAgainstGet: [6, ['true | 7']],
    cloneFailsAgainstGet: [1, ['false | 7']],
  }),
  // C6, C7
  'create-against-delete.ts': expecting(createAgainstDelete, {
    createAgainstLastDelete: [125, ['0 | 0', '1 | 0']],
    updateAgainstDelete: [49, ['-11 | 0', '0 | 0']],
    updateExistAgainstDelete: [49, ['-11 | 0', '-2 | 0', '0 | 0']],
  }),
  // What the hunt found in the table of descriptors.
  'descriptors.ts': expecting(descriptors, { openAgainstReopen: [5, ['3 | 4 5', '4 | 3 5', '5 | 3 4']] }),
  // C5, from a program's side
  'first-count.ts': expecting(firstCount, { firstCount: [244, ['counted | counted']] }),
  // C5, C6
  'first-storage.ts': expecting(firstStorage, {
    firstStorage: [154, ['0 | 2', '1 | 0', '1 | 1', '2 | 2']],
    firstStorageOfTwoMaps: [160, ['0 | 2', '1 | 0', '1 | 2']],
  }),
  // C1
  'get-against-delete.ts': expecting(getAgainstDelete, {
    getAgainstDelete: [17, ['0 | 0', '7 | 0']],
    getAgainstDeleteOfTwo: [8, ['0 | 0', '7 | 0']],
  }),
  // C9
  'get-against-replacement.ts': expecting(getAgainstReplacement, {
    getAgainstReplacement: [5, ['1 | 0', '7 | 0']],
    getAgainstReplacementBehind: [7, ['0 | 0', '1 | 0', '7 | 0']],
  }),
  // What sk storage is measured against.
  'hash-map.ts': expecting(hashMap, {
    hashLookupAgainstDelete: [5, ['7 7 | 0', 'none | 0']],
    hashLookupAgainstReplacement: [5, ['1 1 | 0', '7 7 | 0']],
    hashLookupAgainstReuse: [13, ['1 1 | 0, 0', '7 7 | 0, 0', 'none | 0, 0']],
    twoHashCreators: [2, ['-17 | 0', '0 | -17']],
    twoHashCreatorsAtTheLimit: [2, ['-7 | 0', '0 | -7']],
    twoHashDeletes: [2, ['-2 | 0', '0 | -2']],
    hashLockedUpdateAgainstLockedLookup: [2, ['0 | 1 1', '0 | 7 7']],
  }),
  // C4, C5
  'iterate.ts': expecting(iterate, {
    iterateAgainstDelete: [11, [' | 0', '[7] | 0']],
    iterateAgainstReplacement: [7, [' | 0', '[1] | 0', '[7] | 0']],
    iterateAgainstSocketDeath: [18, [' | undefined', '[7] | undefined']],
    iterateAgainstSocketDeathRcu: [18, [' | undefined', '[7] | undefined']],
    deletingWalkAgainstDelete: [65, ['0 | 0', '1 | -2', '1 | 0']],
    iterateOverLoser: [
      14_476,
      [' | 0 | 2', ' | 1 | 0', ' | 1 | 1', ' | 2 | 2', '[1] | 1 | 0', '[1] | 1 | 1', '[2] | 0 | 2', '[2] | 2 | 2'],
    ],
    iterateOverClone: [155, ['[7] | undefined', '[7][7] | undefined']],
    iterateAgainstMapClose: [185, ['-9 | 0', '1 | 0']],
  }),
  // C2, C8
  'last-holder.ts': expecting(lastHolder, {
    createAndPut: [5, ['1 | undefined']],
    twoCreateAndPut: [3_100, ['0 | 2', '1 | 0', '1 | 1', '2 | 2']],
    deleteAndPut: [37, ['0 | undefined']],
    readAndPut: [2, ['7, there, 7 | undefined']],
  }),
  // The lock in the value.
  'locked-values.ts': expecting(lockedValues, {
    twoBumps: [8, ['7 | 8', '8 | 7']],
    bumpAgainstLockedLookup: [8, ['7 | 7 7', '7 | 8 8']],
    bumpAgainstLockedUpdate: [4, ['1 | 0', '7 | 0']],
  }),
  // C15
  'map-by-id.ts': expecting(mapById, {
    openByIdAgainstMapFree: [52, ['false | undefined', 'true | undefined']],
  }),
  // C1, C11, C12, C13
  'map-free.ts': expecting(mapFree, {
    createInFlightAgainstMapFree: [35, ['closed | 0', 'made | 0']],
    createInFlightAndDeathAgainstMapFree: [4_369, ['closed | 0', 'made | 0']],
    deleteAgainstMapFree: [297, ['-2 | undefined', '0 | undefined']],
    getAgainstMapFree: [23, ['0 | undefined', '7 | undefined']],
  }),
  // Nobody races.
  'one-cpu.ts': expecting(oneCpu, { createOnOneCpu: [1, ['1']] }),
  // C1
  'overflow.ts': expecting(overflow, {
    overflowAgainstDelete: [34, ['[0,0] | 0', '[16,0] | 0', '[16,16] | 0']],
    overflowOfTwoMaps: [4, ['[16,16] | [17,17]']],
  }),
  // C4
  'reader-with-pointer.ts': expecting(readerWithPointer, {
    readerAgainstDelete: [29, ['0, gone, 0 | 0', '7, gone, 7 | 0', '7, there, 7 | 0']],
    readerAgainstReplacement: [6, ['1, there, 1 | 0', '7, replaced, 7 | 0', '7, there, 7 | 0']],
    readerAgainstMapFree: [31, ['0, gone, 0 | undefined', '7, gone, 7 | undefined', '7, there, 7 | undefined']],
  }),
  // C2, C10, C12, C13
  'socket-death-against-map-free.ts': expecting(socketDeathAgainstMapFree, {
    socketDeathAgainstMapFree: [337, []],
    rcuSocketDeathAgainstMapFree: [1_241, []],
    socketDeathOfTwoMaps: [3_330, []],
    oneOfTwoSocketsDies: [5_199, []],
  }),
  // C14
  'socket-death.ts': expecting(socketDeath, {
    createAgainstLastPut: [41, ['NULL | 0', 'closed | 0', 'there | 0']],
    createOfOtherMapAgainstLastPut: [70, ['NULL | 0', 'closed | 0', 'there | 0']],
    deleteAgainstLastPut: [70, ['-2 | 0', '0 | 0', 'closed | 0']],
    readerAgainstLastPut: [52, ['7 | 0', 'closed | 0']],
    holdAgainstLastPut: [70, ['closed | 0', 'dying | 0', 'held | 0']],
  }),
  // C1, C13
  'socket-dump.ts': expecting(socketDump, {
    dumpAgainstLockedUpdate: [2, ['[1 1] | 0', '[7 7] | 0']],
    dumpAgainstDelete: [12, ['[7 7] | 0', '[] | 0']],
    dumpAgainstCreate: [2, ['[1 1] | 1', '[] | 1']],
    dumpAgainstMapFree: [20, ['[7 7] | undefined', '[] | undefined']],
    dumpAgainstClose: [20, ['[7 7] | 0', 'closed | 0']],
  }),
  // C2, C3, C4
  'two-deletes.ts': expecting(twoDeletes, {
    twoDeletes: [202, ['-2 | 0', '0 | -2', '0 | 0']],
    twoDeletesOfTwoMaps: [124, ['0 | 0']],
    deleteByFdAgainstDelete: [63, ['-2 | 0', '0 | -2', '0 | 0']],
  }),
  // C8
  'update-by-fd.ts': expecting(updateByFd, {
    createAgainstClose: [12, ['-9 | 0', '0 | 0']],
    createAgainstCloseRcu: [38, ['-9 | 0', '0 | 0']],
    replaceAgainstClose: [23, ['-9 | 0', '0 | 0']],
    lookupAgainstClose: [23, ['-9 | 0', '7 7 | 0']],
    deleteAgainstClose: [21, ['-9 | 0', '0 | 0']],
    updateAgainstReuse: [40, ['-9 | true', '0 | true']],
  }),
  // C7
  'update-in-place.ts': expecting(updateInPlace, {
    updateInPlaceAgainstDelete: [45, ['-11 | 0', '-2 | 0', '0 | 0']],
    updateOrCreateAgainstDelete: [43, ['-11 | 0', '0 | 0']],
    updateInPlaceAgainstReplacement: [112, ['0 | 0']],
    updateInPlaceAgainstLockedLookup: [36, ['0 | 1 1', '0 | 7 7']],
  }),
  // C7, C9
  'update-in-place-against-create.ts': expecting(updateInPlaceAgainstCreate, {
    updateInPlaceAgainstCreate: [60, ['0 | 0']],
  }),
  // C5
  'value-with-lock-word.ts': expecting(valueWithLockWord, { createWithLockWord: [2, ['true | -2', 'true | 1 1']] }),
  // C11
  'walk-of-closed-map.ts': expecting(walkOfClosedMap, { walkAgainstMapClose: [1_986, ['-9 | 0', '2 | 0']] }),
}

/**
 * What stands beside the scenarios and is none, and what is explored with the implementation of locks and grace
 * periods, below.
 */
const OTHERS = ['setting.ts', 'steps.ts', 'waiting.ts']

// Waiters sleep at once: a loop that only looks some times before it does would multiply the traces.
const AT_ONCE = [
  { file: 'src/sync/lock-word.ts', from: 'const SPINS = 100', to: 'const SPINS = 0' },
  { file: 'src/sync/grace-period.ts', from: 'const SPINS = 200', to: 'const SPINS = 0' },
]
const WAITING: Expected<typeof waiting> = {
  twoLockers: [14, []],
  threeLockers: [18_720, []],
  updaterAgainstReader: [15, []],
  twoUpdatersAgainstReader: [26_344, []],
  mutexAgainstGracePeriod: [210, []],
}

/** Nearly all traces of all scenarios are those of a few. One of these is explored to its end each time. */
const LARGE = 2_000
const large = [...Object.values(files).map(({ expected }) => expected), WAITING].flatMap((expected) =>
  Object.entries(expected as Expected<Record<string, unknown>>).filter(([, [traces]]) => traces > LARGE),
)
const whole = new Set(QUICK ? [] : shareOf('scenarios with many traces', large, 1).map(([name]) => name))
/** How far the others of them are explored: a finding or an outcome that is not theirs would show there, too. */
const budgetOf = (name: string, traces: number): { maxExecutions?: number } =>
  LONG || traces <= LARGE || whole.has(name) ? {} : { maxExecutions: 500 }

const folder = new URL('../../props/scenarios/', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8')

it('are all explored here', () => {
  const there = readdirSync(folder).filter((file) => !OTHERS.includes(file))
  expect(Object.keys(files).sort()).toEqual(there.sort())
})

it('speak of every rule about a race', () => {
  const said = new Set(Object.keys(files).flatMap((file) => read(file).match(/\bC\d+\b/g) ?? []))
  expect(Array.from({ length: 15 }, (_, i) => `C${i + 1}`).filter((rule) => !said.has(rule))).toEqual([])
})

for (const [file, { scenarios, expected }] of Object.entries(files)) {
  describe(file, () => {
    for (const [name, scenario] of Object.entries(scenarios as Record<string, Scenario<unknown>>)) {
      const [traces, outcomes] = (expected as Expected<Record<string, unknown>>)[name]
      it.skipIf(QUICK && traces > MANY)(
        name,
        () => {
          const budget = budgetOf(name, traces)
          const result = check(scenario, { keepGoing: true, ...budget })
          const exhaustive = budget.maxExecutions === undefined
          expect(result.violation?.message).toBeUndefined()
          expect(result).toMatchObject({ exhaustive, redundant: 0, blocked: 0, failing: 0 })
          expect(result.executions).toBe(result.complete)
          if (!QUICK) expect(result.complete).toBe(budget.maxExecutions ?? traces)
          const seen = result.outcomes.map(({ outcome }) => outcome).sort()
          const all = outcomes.length === 0 ? [''] : outcomes
          if (exhaustive) expect(seen).toEqual(all)
          else expect(all).toEqual(expect.arrayContaining(seen))
        },
        TIME,
      )
    }
  })
}

describe('waiting.ts, with the implementation of locks and grace periods', () => {
  it.each(Object.entries(WAITING).filter(([, [traces]]) => !QUICK || traces <= MANY))(
    '%s: nobody sleeps for ever',
    async (name, [traces]) => {
      const scenario = { file: 'props/scenarios/waiting.ts', name, raw: true }
      const edits = AT_ONCE.filter(
        ({ file }) => name.startsWith('mutex') || file.includes('lock') === name.endsWith('Lockers'),
      )
      const budget = budgetOf(name, traces)
      const result = check(await openScenario(scenario, edits), budget)
      expect(result.violation?.message).toBeUndefined()
      const exhaustive = budget.maxExecutions === undefined
      expect(result).toMatchObject({ exhaustive, redundant: 0, blocked: 0 })
      if (!QUICK) expect(result.complete).toBe(budget.maxExecutions ?? traces)
    },
    TIME,
  )
})

// The scenarios have fewer elements than the sweep takes at a time: here it takes one, and goes on.
it(
  'map free against death, with a sweep in several parts',
  async () => {
    const file = 'props/scenarios/socket-death-against-map-free.ts'
    const scenario = await openScenario({ file, name: 'socketDeathAgainstMapFree' }, [
      { file: 'src/shared/sk-storage-map.ts', from: 'const SWEEP_BATCH = 16', to: 'const SWEEP_BATCH = 1' },
    ])
    const result = check(scenario)
    expect(result.violation?.message).toBeUndefined()
    expect(result).toMatchObject({ exhaustive: true, redundant: 0, blocked: 0, complete: 458 })
  },
  TIME,
)
