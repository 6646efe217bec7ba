/**
 * The storage itself, every interleaving of it: the scenarios of props/scenarios, on the unmodified files of src/shared
 * and src/sync. The plugin instruments those; this file it leaves alone.
 *
 * The number of traces depends on how many shared words the code touches and in what order, so it changes with correct
 * changes of the code; and on which elements share a bucket, which follows from their addresses. So the numbers stand
 * apart, in traces.json. The outcomes do not change, but for what a walk over the buckets may miss. All detectors are
 * on, those of leaks and of use after free included, so that an execution that is complete and did not fail has
 * unlinked, uncharged and freed everything exactly once.
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
import type * as iterateInBatches from '../../props/scenarios/iterate-in-batches.ts'
import * as lastHolder from '../../props/scenarios/last-holder.ts'
import * as lockedValues from '../../props/scenarios/locked-values.ts'
import * as mapById from '../../props/scenarios/map-by-id.ts'
import * as mapFree from '../../props/scenarios/map-free.ts'
import * as mapsAtOnce from '../../props/scenarios/maps-at-once.ts'
import * as oneCpu from '../../props/scenarios/one-cpu.ts'
import * as overflow from '../../props/scenarios/overflow.ts'
import * as programs from '../../props/scenarios/programs.ts'
import type * as rawCallbacks from '../../props/scenarios/raw-callbacks.ts'
import type * as rawLocks from '../../props/scenarios/raw-locks.ts'
import type * as rawOnline from '../../props/scenarios/raw-online.ts'
import type * as rawSanitizer from '../../props/scenarios/raw-sanitizer.ts'
import type * as rawSlab from '../../props/scenarios/raw-slab.ts'
import type * as rawWords from '../../props/scenarios/raw-words.ts'
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

/** For each scenario all of its outcomes: what the threads returned. */
type Expected<Scenarios> = { [Name in keyof Scenarios]: string[] }

function expecting<Scenarios>(scenarios: Scenarios, expected: Expected<Scenarios>) {
  return { scenarios, expected }
}

const files = {
  // C15
  'accept.ts': expecting(accept, {
    acceptAgainstClose: ['-9 | 0', '3 | 0', '4 | 0'],
    acceptAgainstDelete: ['4 | 0'],
    acceptAgainstMapFree: ['4 | undefined'],
    twoAccepts: ['4 | 5', '5 | 4'],
  }),
  // C1, C4, C5, C9
  'answers.ts': expecting(answers, {
    getBehindDelete: ['7 | 0'],
    getsOfOneSlot: ['7 | 8'],
    createAtTheLimit: ['0 | 7'],
    replaceAtTheLimit: ['0 | 1', '0 | 7'],
    firstStorageAtTheLimit: ['NULL, within | made, within', 'made, within | NULL, within'],
  }),
  // The lock in the value, and the freeing of a map that is no storage.
  'array-map.ts': expecting(arrayMap, {
    arrayUpdateAgainstLookup: ['0 | 0 0', '0 | 1 1'],
    twoArrayUpdates: ['0 | 0'],
    arrayBumpAgainstUpdate: ['0 | 0', '7 | 0'],
    arrayReaderAgainstMapFree: ['0 | undefined', 'closed | undefined'],
    perCpuArrayOnTwoCpus: ['1 0 1 | 2 0 1'],
  }),
  // The same of a BTF object as C15 says of a map.
  'btf-by-id.ts': expecting(btfById, {
    openBtfAgainstClose: ['-2 | 0', '0 | 0'],
    mapOfBtfAgainstClose: ['-9 | 0', '3 | 0', '4 | 0'],
    openBtfAgainstMapFree: ['-2 | 0', '0 | 0'],
    openBtfAgainstLoad: ['-2 | 0', '0 | 0'],
    openOlderBtfAgainstClose: ['1 | 0'],
    twoBtfLoads: ['4 | 5', '5 | 4'],
    twoBtfLoadsForOneDescriptor: ['-24 | 3', '3 | -24'],
  }),
  // C1
  'cache-slots.ts': expecting(cacheSlots, {
    twoGetsOfOneSlot: ['7 | 7'],
    getAgainstDeleteOfOneSlot: ['7 | 0'],
  }),
  // C2, C9
  'charge-limit.ts': expecting(chargeLimit, {
    twoCreatorsAtTheLimit: ['0 | 2', '1 | 0'],
    twoReplacementsAtTheLimit: ['0 | 0'],
    createAgainstDeleteAtTheLimit: ['0 | 0', '1 | 0'],
  }),
  // C15
  'clone.ts': expecting(clone, {
    cloneAgainstMapFree: ['copied | undefined', 'nothing to copy | undefined'],
    cloneAgainstListenerDeath: ['closed | 0', 'copied | 0'],
    cloneFromDyingListenerAgainstMapFree: ['closed | undefined', 'copied | undefined', 'nothing to copy | undefined'],
    cloneAgainstDelete: ['copied | 0'],
    cloneAgainstReplacement: ['308 | 0'],
    cloneAgainstLockedUpdate: ['1 1 | 0', '7 7 | 0'],
  }),
  // C15
  'clone-leaves-listener.ts': expecting(cloneLeavesListener, {
    childClosesAgainstGet: ['true | 7'],
    cloneFailsAgainstGet: ['false | 7'],
  }),
  // C6, C7
  'create-against-delete.ts': expecting(createAgainstDelete, {
    createAgainstLastDelete: ['0 | 0', '1 | 0'],
    updateAgainstDelete: ['-11 | 0', '0 | 0'],
    updateExistAgainstDelete: ['-11 | 0', '-2 | 0', '0 | 0'],
    createFirstAgainstDelete: ['1 | -2', '1 | 0'],
    updateFirstAgainstDeleteByFd: ['0 | -2', '0 | 0'],
  }),
  // The first is what the hunt found in the table of descriptors.
  'descriptors.ts': expecting(descriptors, {
    openAgainstReopen: ['3 | 4 5', '4 | 3 5', '5 | 3 4'],
    twoCloses: ['-9 | 0', '0 | -9'],
    openAgainstCloseOfNumber: ['3 | 0', '4 | 0'],
    openAgainstCloseOfItself: ['3 | -9', '3 | 0'],
    releaseAgainstOpen: ['3 | 3', '3 | 4', '4 | 3'],
    lookupOfConnectedAgainstClose: ['none | 0'],
    lookupOfListenerAgainstOpen: ['found | 3', 'none | 3'],
    openAtTheLimitAgainstClose: ['-24 | 0', '3 | 0'],
  }),
  // C1, C13
  'dump-of-all.ts': expecting(dumpOfAll, {
    dumpOfAllAgainstClose: [' | 0', '[] | 0'],
    dumpOfAllAgainstOpen: ['[] | 4', '[][] | 4'],
    dumpOfAllAgainstCreate: ['[1] | 1', '[] | 1'],
    dumpOfAllAgainstDelete: ['[7] | 0', '[] | 0'],
    dumpOfAllAgainstReopen: [' | 3', '[] | 3'],
    dumpOfTwoAgainstCloses: ['[0,1] | undefined', '[0] | undefined', '[] | undefined'],
    dumpWithoutRoomAgainstCreate: ['[1,7] | 1', '[7] | 1'],
  }),
  // C5, from a program's side
  'first-count.ts': expecting(firstCount, { firstCount: ['counted | counted'] }),
  // C5, C6
  'first-storage.ts': expecting(firstStorage, {
    firstStorage: ['0 | 2', '1 | 0', '1 | 1', '2 | 2'],
    firstStorageOfTwoMaps: ['0 | 2', '1 | 0', '1 | 2'],
  }),
  // C1
  'get-against-delete.ts': expecting(getAgainstDelete, {
    getAgainstDelete: ['0 | 0', '7 | 0'],
    getAgainstDeleteOfTwo: ['0 | 0', '7 | 0'],
  }),
  // C9
  'get-against-replacement.ts': expecting(getAgainstReplacement, {
    getAgainstReplacement: ['1 | 0', '7 | 0'],
    getAgainstReplacementBehind: ['0 | 0', '1 | 0', '7 | 0'],
  }),
  // What sk storage is measured against.
  // The hash map's buckets and free lists.
  'hash-buckets.ts': expecting(hashBuckets, {
    keysAgainstDeleteBehind: ['front back front | 0', 'front back | 0', 'front | 0'],
    keysAgainstDeleteInFront: ['back | 0', 'front back | 0'],
    lookBehindDeleteOfFiveWords: ['7 | 0'],
    lookBehindDeleteOfOneWord: ['7 | 0'],
    lookBehindDeleteOfThreeWords: ['7 | 0'],
    lookBehindDeleteOfTwoWords: ['7 | 0'],
    twoCreatorsOfTheLastElement: ['-12 | 0', '0 | -12'],
    twoCreatorsWithoutElements: ['-12 | -12'],
    twoCreatorsWithoutOwn: ['0 | 0'],
    deletedAndMadeTwice: ['-12 -12', '-12 0', '0 -12', '0 0'],
  }),
  'hash-map.ts': expecting(hashMap, {
    hashLookupAgainstDelete: ['7 7 | 0', 'none | 0'],
    hashLookupAgainstReplacement: ['1 1 | 0', '7 7 | 0'],
    hashLookupAgainstReuse: ['1 1 | 0, 0', '7 7 | 0, 0', 'none | 0, 0'],
    twoHashCreators: ['-17 | 0', '0 | -17'],
    twoHashCreatorsAtTheLimit: ['-7 | 0', '0 | -7'],
    twoHashDeletes: ['-2 | 0', '0 | -2'],
    hashLockedUpdateAgainstLockedLookup: ['0 | 1 1', '0 | 7 7'],
    hashCopyAgainstDelete: ['-2 | 0', '7 7 | 0'],
    keysAgainstDelete: [' | 0', '5 | 0'],
    keysAgainstCreate: ['5 6 | 0', '5 | 0'],
    hashCreateAgainstDelete: ['-7 | 0', '0 | 0'],
    twoHashReplacements: ['0 | 0'],
    hashReaderAgainstMapFree: ['7 7 | undefined', 'closed | undefined'],
    hashDeleteThenMapFree: ['7 7 | undefined', 'closed | undefined', 'none | undefined'],
  }),
  // C4, C5
  'iterate.ts': expecting(iterate, {
    iterateAgainstDelete: [' | 0', '[7] | 0'],
    iterateAgainstReplacement: [' | 0', '[1] | 0', '[7] | 0'],
    iterateAgainstSocketDeath: [' | undefined', '[7] | undefined'],
    iterateAgainstSocketDeathRcu: [' | undefined', '[7] | undefined'],
    deletingWalkAgainstDelete: ['0 | 0', '1 | -2', '1 | 0'],
    iterateOverLoser: [
      ' | 0 | 2',
      ' | 1 | 0',
      ' | 1 | 1',
      ' | 2 | 2',
      '[1] | 1 | 0',
      '[1] | 1 | 1',
      '[2] | 0 | 2',
      '[2] | 2 | 2',
    ],
    iterateOverClone: ['[7] | undefined', '[7][7] | undefined'],
    iterateAgainstMapClose: ['-9 | 0', '1 | 0'],
  }),
  // C2, C8
  'last-holder.ts': expecting(lastHolder, {
    createAndPut: ['1 | undefined'],
    twoCreateAndPut: ['0 | 2', '1 | 0', '1 | 1', '2 | 2'],
    deleteAndPut: ['0 | undefined'],
    readAndPut: ['7, there, 7 | undefined'],
  }),
  // The lock in the value.
  'locked-values.ts': expecting(lockedValues, {
    twoBumps: ['7 | 8', '8 | 7'],
    bumpAgainstLockedLookup: ['7 | 7 7', '7 | 8 8'],
    bumpAgainstLockedUpdate: ['1 | 0', '7 | 0'],
  }),
  // C15
  'map-by-id.ts': expecting(mapById, {
    openByIdAgainstMapFree: ['false | undefined', 'true | undefined'],
    nextIdsAgainstMapFree: ['1 -2 | undefined', '1 2 | undefined'],
    openNewerByIdAgainstMapFree: ['2 | undefined'],
  }),
  // C1, C11, C12, C13
  'map-free.ts': expecting(mapFree, {
    createInFlightAgainstMapFree: ['closed | 0', 'made | 0'],
    createInFlightAndDeathAgainstMapFree: ['closed | 0', 'made | 0'],
    deleteAgainstMapFree: ['-2 | undefined', '0 | undefined'],
    getAgainstMapFree: ['0 | undefined', '7 | undefined'],
  }),
  // Ids, slots and places.
  'maps-at-once.ts': expecting(mapsAtOnce, {
    twoMapsAtOnce: ['3 | 4', '4 | 3'],
    arrayAndStorageMapAtOnce: ['3 | 4', '4 | 3'],
    makeAgainstMapFree: ['3 | undefined'],
    makeAndFreeAgainstMake: ['1 | 3', '1 | 4'],
    nextIdAgainstMapFree: ['-2 | undefined', '1 | undefined'],
    nextIdAgainstMake: ['-2 | 3', '1 | 3'],
    infoAgainstMapClose: ['-9 | 0', '1 | 0'],
  }),
  // Nobody races.
  'one-cpu.ts': expecting(oneCpu, { createOnOneCpu: ['1'] }),
  // C1
  'overflow.ts': expecting(overflow, {
    overflowAgainstDelete: ['[0,0] | 0', '[16,0] | 0', '[16,16] | 0'],
    overflowOfTwoMaps: ['[16,16] | [17,17]'],
    overflowGrows: ['[16,16] | [29,29]'],
    overflowGrowsAgainstDelete: ['[29,29] | 0'],
  }),
  // What a program holds.
  'programs.ts': expecting(programs, {
    runAgainstDetach: ['7 | undefined', 'detached | undefined'],
    holdAgainstDetach: [],
    loadAgainstClose: ['closed | 0', 'loaded | 0'],
    runAgainstDetachAndMapFree: ['7 | undefined', 'detached | undefined'],
  }),
  // C4
  'reader-with-pointer.ts': expecting(readerWithPointer, {
    readerAgainstDelete: ['0, gone, 0 | 0', '7, gone, 7 | 0', '7, there, 7 | 0'],
    readerAgainstReplacement: ['1, there, 1 | 0', '7, replaced, 7 | 0', '7, there, 7 | 0'],
    readerAgainstMapFree: ['0, gone, 0 | undefined', '7, gone, 7 | undefined', '7, there, 7 | undefined'],
  }),
  // C2, C10, C12, C13
  'socket-death-against-map-free.ts': expecting(socketDeathAgainstMapFree, {
    socketDeathAgainstMapFree: [],
    rcuSocketDeathAgainstMapFree: [],
    socketDeathOfTwoMaps: [],
    oneOfTwoSocketsDies: [],
  }),
  // C14
  'socket-death.ts': expecting(socketDeath, {
    createAgainstLastPut: ['NULL | 0', 'closed | 0', 'there | 0'],
    createOfOtherMapAgainstLastPut: ['NULL | 0', 'closed | 0', 'there | 0'],
    deleteAgainstLastPut: ['-2 | 0', '0 | 0', 'closed | 0'],
    readerAgainstLastPut: ['7 | 0', 'closed | 0'],
    holdAgainstLastPut: ['closed | 0', 'dying | 0', 'held | 0'],
  }),
  // The state and the options of a socket, which others change.
  'socket-states.ts': expecting(socketStates, {
    twoConnects: ['-106 | 0', '0 | -106'],
    twoConnectsWithPrograms: ['-106 | 0', '0 | -106'],
    dumpAgainstConnect: ['[1] | 0', '[2] | 0', '[] | 0'],
    connectAgainstCloseWithPrograms: ['-9 | 0', '0 | 0'],
    twoClosesWithPrograms: ['-9 | 0', '0 | -9'],
    acceptAgainstCloseWithPrograms: ['-22 | 0', '-9 | 0', '3 | 0', '4 | 0'],
    acceptAgainstMark: ['4 | 0'],
    acceptAgainstPriority: ['4 | 0'],
    optionAgainstOption: ['0 | 0', '5 | 0'],
    closeAgainstWish: [' | undefined', '10-7 | undefined'],
    dumpOfDatagramAgainstConnect: ['[1] | 0', '[7] | 0'],
    priorityAgainstPriority: ['0 | 0', '5 | 0'],
  }),
  // C1, C13
  'socket-dump.ts': expecting(socketDump, {
    dumpAgainstLockedUpdate: ['[1 1] | 0', '[7 7] | 0'],
    dumpAgainstDelete: ['[7 7] | 0', '[] | 0'],
    dumpAgainstCreate: ['[1 1] | 1', '[] | 1'],
    dumpAgainstMapFree: ['[7 7] | undefined', '[] | undefined'],
    dumpAgainstClose: ['[7 7] | 0', 'closed | 0'],
  }),
  // C2, C3, C4
  'two-deletes.ts': expecting(twoDeletes, {
    twoDeletes: ['-2 | 0', '0 | -2', '0 | 0'],
    twoDeletesOfTwoMaps: ['0 | 0'],
    deleteByFdAgainstDelete: ['-2 | 0', '0 | -2', '0 | 0'],
  }),
  // C8
  'update-by-fd.ts': expecting(updateByFd, {
    createAgainstClose: ['-9 | 0', '0 | 0'],
    createAgainstCloseRcu: ['-9 | 0', '0 | 0'],
    replaceAgainstClose: ['-9 | 0', '0 | 0'],
    lookupAgainstClose: ['-9 | 0', '7 7 | 0'],
    deleteAgainstClose: ['-9 | 0', '0 | 0'],
    updateAgainstReuse: ['-9 | true', '0 | true'],
  }),
  // C7
  'update-in-place.ts': expecting(updateInPlace, {
    updateInPlaceAgainstDelete: ['-11 | 0', '-2 | 0', '0 | 0'],
    updateOrCreateAgainstDelete: ['-11 | 0', '0 | 0'],
    updateInPlaceAgainstReplacement: ['0 | 0'],
    updateInPlaceAgainstLockedLookup: ['0 | 1 1', '0 | 7 7'],
  }),
  // C7, C9
  'update-in-place-against-create.ts': expecting(updateInPlaceAgainstCreate, {
    updateInPlaceAgainstCreate: ['0 | 0'],
  }),
  // C5
  'value-with-lock-word.ts': expecting(valueWithLockWord, { createWithLockWord: ['true | -2', 'true | 1 1'] }),
  // C11
  'walk-of-closed-map.ts': expecting(walkOfClosedMap, { walkAgainstMapClose: ['-9 | 0', '2 | 0'] }),
}

/**
 * Explored with the implementation of locks, grace periods and callbacks, of some of the allocator too; or with another
 * edit that mutation/ground.ts names.
 */
const EDITED: Expected<
  typeof waiting &
    typeof rawCallbacks &
    typeof rawLocks &
    typeof rawOnline &
    typeof rawSanitizer &
    typeof rawSlab &
    typeof rawWords &
    typeof iterateInBatches
> = {
  twoLockers: [],
  threeLockers: [],
  updaterAgainstReader: [],
  twoUpdatersAgainstReader: [],
  mutexAgainstGracePeriod: [],
  twoLeaveCallbacks: [],
  leaveAgainstOrphanRun: ['undefined | 0', 'undefined | 1'],
  twoOrphanRuns: ['0 | 1', '1 | 0'],
  barrierAgainstOrphanRun: ['2 | 0', '2 | 1'],
  callbackAgainstReader: ['0 | undefined'],
  twoRings: ['1 | 1', '1 | 2', '2 | 1', '2 | 2'],
  twoQueueWork: [],
  queueWorkAgainstRun: ['undefined | 0', 'undefined | 1'],
  twoWorkRuns: ['0 | 1', '1 | 0'],
  queueWorkAgainstKworker: ['undefined | 1'],
  twoLockersTwice: [],
  spinnerAgainstLocker: [],
  tryAgainstLocker: ['false | undefined', 'true | undefined'],
  twoMutexes: [],
  twoTakeFromDepot: [],
  twoCarve: [],
  twoGiveToDepot: [],
  giveAgainstTake: [],
  leaveAgainstKworker: [],
  leaveAgainstWorkRun: ['undefined | 0', 'undefined | 1'],
  orphanAgainstReader: ['0 | 1'],
  callRcuAgainstReader: ['1 | queued'],
  onlineAgainstGracePeriod: ['0 | undefined', '1 | undefined'],
  pendingAgainstLeave: ['undefined | false', 'undefined | true'],
  pendingAgainstQueueWork: ['undefined | 0', 'undefined | 1'],
  ripeAgainstGracePeriod: [],
  allocationAgainstFailslab: ['false | undefined', 'true | undefined'],
  twoAllocationsOfWhichOneFails: ['false | true', 'true | false'],
  peakAgainstCarve: [],
  addAgainstSub: [],
  ownerAgainstLocker: ['-1 | undefined', '1 | undefined'],
  readAgainstAdd: ['2 | undefined', '7 | undefined'],
  refcountReadAgainstInc: ['1 | undefined', '2 | undefined'],
  twoExchanges: ['0 | 1', '2 | 0'],
  twoReferencesAtTheTop: ['undefined | true'],
  watchdogAgainstWait: [
    '0 at 0, wait 0 | undefined',
    '0 at 0, wait 1 | undefined',
    '0 at 32, wait 0 | undefined',
    '0 at 32, wait 1 | undefined',
    '1 at 32, wait 0 | undefined',
    '1 at 32, wait 1 | undefined',
  ],
  batchesAgainstClose: ['1 | 0', '2 | 0'],
  batchesAgainstCloseOfOther: ['1 | 0', '2 | 0'],
  batchesAgainstDelete: ['1 | 0', '2 | 0'],
}

/** By file and scenario. `npm run traces` counts them again and says what has changed. */
const traces: Readonly<Record<string, Readonly<Record<string, number>>>> = JSON.parse(
  readFileSync(new URL('traces.json', import.meta.url), 'utf8'),
)

/** Nearly all traces of all scenarios are those of a few. One of these is explored to its end each time. */
const LARGE = 2_000
const large = Object.values(traces).flatMap((its) => Object.entries(its).filter(([, count]) => count > LARGE))
const whole = new Set(QUICK ? [] : shareOf('scenarios with many traces', large, 1).map(([name]) => name))
/** How far the others of them are explored: a finding or an outcome that is not theirs would show there, too. */
const budgetOf = (name: string, count: number): { maxExecutions?: number } =>
  LONG || count <= LARGE || whole.has(name) ? {} : { maxExecutions: 500 }

const folder = new URL('../../props/scenarios/', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8')

it('are all explored here, and their traces counted', () => {
  expect(Object.keys(traces).sort()).toEqual([...new Set(ways().map(({ file }) => file))].sort())
  const names = Object.values(traces).flatMap((its) => Object.keys(its))
  const here = Object.values(files).flatMap(({ expected }) => Object.keys(expected))
  expect([...here, ...Object.keys(EDITED)].sort()).toEqual(names.sort())
})

it('speak of every rule about a race', () => {
  const said = new Set(Object.keys(files).flatMap((file) => read(file).match(/\bC\d+\b/g) ?? []))
  expect(Array.from({ length: 15 }, (_, i) => `C${i + 1}`).filter((rule) => !said.has(rule))).toEqual([])
})

/** Explores it, and holds it against what it must give: nothing found, these outcomes, and that many traces. */
function explored(scenario: Scenario<unknown>, name: string, outcomes: readonly string[], count: number, raw = false) {
  const budget = budgetOf(name, count)
  const result = check(scenario, { keepGoing: true, raw, ...budget })
  const exhaustive = budget.maxExecutions === undefined
  expect(result.violation?.message).toBeUndefined()
  expect(result).toMatchObject({ exhaustive, redundant: 0, blocked: 0, failing: 0 })
  expect(result.executions).toBe(result.complete)
  const seen = result.outcomes.map(({ outcome }) => outcome).sort()
  const all = outcomes.length === 0 ? [''] : outcomes
  if (exhaustive) expect(seen).toEqual(all)
  else expect(all).toEqual(expect.arrayContaining(seen))
  // The traces of correct code may change, and with them this number alone.
  if (!QUICK) expect(result.complete, 'traces; npm run traces').toBe(budget.maxExecutions ?? count)
}

for (const [file, { scenarios, expected }] of Object.entries(files)) {
  describe(file, () => {
    for (const [name, scenario] of Object.entries(scenarios as Record<string, Scenario<unknown>>)) {
      const outcomes = (expected as Expected<Record<string, unknown>>)[name]
      const count = traces[file]?.[name] ?? 0
      it.skipIf(QUICK && count > MANY)(name, () => explored(scenario, name, outcomes, count), TIME)
    }
  })
}

for (const way of ways().filter(({ file }) => files[file as keyof typeof files] === undefined)) {
  describe(`${way.file}, ${way.raw ? 'with the implementation of locks and grace periods' : 'edited'}`, () => {
    const its = Object.entries(traces[way.file] ?? {}).filter(([, count]) => !QUICK || count <= MANY)
    let loaded: ReturnType<typeof scenariosOf> | undefined
    it.each(its)(
      '%s',
      async (name, count) => {
        loaded ??= scenariosOf(way)
        const scenario = (await loaded).get(name)!
        explored(scenario, name, (EDITED as Readonly<Record<string, string[]>>)[name], count, way.raw)
      },
      TIME,
    )
  })
}

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
    expect(result).toMatchObject({ exhaustive: true, redundant: 0, blocked: 0 })
  },
  TIME,
)
