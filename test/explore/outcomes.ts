/**
 * What each scenario of props/scenarios gives, once all of its interleavings were explored: what the threads returned.
 *
 * These do not change with correct changes of the code, nor with where its objects lie; but for walks over the buckets
 * of a map, which may miss an element that moves: what these may give besides, in other layouts, stands at the end.
 */

import type * as accept from '../../props/scenarios/accept.ts'
import type * as answers from '../../props/scenarios/answers.ts'
import type * as arrayMap from '../../props/scenarios/array-map.ts'
import type * as btfById from '../../props/scenarios/btf-by-id.ts'
import type * as cacheSlots from '../../props/scenarios/cache-slots.ts'
import type * as chargeLimit from '../../props/scenarios/charge-limit.ts'
import type * as clone from '../../props/scenarios/clone.ts'
import type * as cloneLeavesListener from '../../props/scenarios/clone-leaves-listener.ts'
import type * as createAgainstDelete from '../../props/scenarios/create-against-delete.ts'
import type * as descriptors from '../../props/scenarios/descriptors.ts'
import type * as dumpOfAll from '../../props/scenarios/dump-of-all.ts'
import type * as firstCount from '../../props/scenarios/first-count.ts'
import type * as firstStorage from '../../props/scenarios/first-storage.ts'
import type * as getAgainstDelete from '../../props/scenarios/get-against-delete.ts'
import type * as getAgainstReplacement from '../../props/scenarios/get-against-replacement.ts'
import type * as hashBuckets from '../../props/scenarios/hash-buckets.ts'
import type * as hashMap from '../../props/scenarios/hash-map.ts'
import type * as iterate from '../../props/scenarios/iterate.ts'
import type * as iterateInBatches from '../../props/scenarios/iterate-in-batches.ts'
import type * as lastHolder from '../../props/scenarios/last-holder.ts'
import type * as lockedValues from '../../props/scenarios/locked-values.ts'
import type * as mapById from '../../props/scenarios/map-by-id.ts'
import type * as mapFree from '../../props/scenarios/map-free.ts'
import type * as mapsAtOnce from '../../props/scenarios/maps-at-once.ts'
import type * as oneBucket from '../../props/scenarios/one-bucket.ts'
import type * as oneCpu from '../../props/scenarios/one-cpu.ts'
import type * as overflow from '../../props/scenarios/overflow.ts'
import type * as programs from '../../props/scenarios/programs.ts'
import type * as rawCallbacks from '../../props/scenarios/raw-callbacks.ts'
import type * as rawGracePeriods from '../../props/scenarios/raw-grace-periods.ts'
import type * as rawLocks from '../../props/scenarios/raw-locks.ts'
import type * as rawOnline from '../../props/scenarios/raw-online.ts'
import type * as rawSanitizer from '../../props/scenarios/raw-sanitizer.ts'
import type * as rawSlab from '../../props/scenarios/raw-slab.ts'
import type * as rawSpins from '../../props/scenarios/raw-spins.ts'
import type * as rawWords from '../../props/scenarios/raw-words.ts'
import type * as readerWithPointer from '../../props/scenarios/reader-with-pointer.ts'
import type * as socketDeath from '../../props/scenarios/socket-death.ts'
import type * as socketDeathAgainstMapFree from '../../props/scenarios/socket-death-against-map-free.ts'
import type * as socketDump from '../../props/scenarios/socket-dump.ts'
import type * as socketStates from '../../props/scenarios/socket-states.ts'
import type * as twoDeletes from '../../props/scenarios/two-deletes.ts'
import type * as updateByFd from '../../props/scenarios/update-by-fd.ts'
import type * as updateInPlace from '../../props/scenarios/update-in-place.ts'
import type * as updateInPlaceAgainstCreate from '../../props/scenarios/update-in-place-against-create.ts'
import type * as valueWithLockWord from '../../props/scenarios/value-with-lock-word.ts'
import type * as waiting from '../../props/scenarios/waiting.ts'
import type * as walkOfClosedMap from '../../props/scenarios/walk-of-closed-map.ts'

/** For each scenario all of its outcomes. */
export type Expected<Scenarios> = { readonly [Name in keyof Scenarios]: readonly string[] }

const expecting = <Scenarios>(expected: Expected<Scenarios>): Expected<Scenarios> => expected

/** By file, as they are loaded with the tags of locks and grace periods. */
export const OUTCOMES = {
  // C15
  'accept.ts': expecting<typeof accept>({
    acceptAgainstClose: ['-9 | 0', '3 | 0', '4 | 0'],
    acceptAgainstDelete: ['4 | 0'],
    acceptAgainstMapFree: ['4 | undefined'],
    twoAccepts: ['4 | 5', '5 | 4'],
  }),
  // C1, C4, C5, C9
  'answers.ts': expecting<typeof answers>({
    getBehindDelete: ['7 | 0'],
    getsOfOneSlot: ['7 | 8'],
    createAtTheLimit: ['0 | 7'],
    replaceAtTheLimit: ['0 | 1', '0 | 7'],
    firstStorageAtTheLimit: ['NULL, within | made, within', 'made, within | NULL, within'],
  }),
  // The lock in the value, and the freeing of a map that is no storage.
  'array-map.ts': expecting<typeof arrayMap>({
    arrayUpdateAgainstLookup: ['0 | 0 0', '0 | 1 1'],
    twoArrayUpdates: ['0 | 0'],
    arrayBumpAgainstUpdate: ['0 | 0', '7 | 0'],
    arrayReaderAgainstMapFree: ['0 | undefined', 'closed | undefined'],
    perCpuArrayOnTwoCpus: ['1 0 1 | 2 0 1'],
  }),
  // The same of a BTF object as C15 says of a map.
  'btf-by-id.ts': expecting<typeof btfById>({
    openBtfAgainstClose: ['-2 | 0', '0 | 0'],
    mapOfBtfAgainstClose: ['-9 | 0', '3 | 0', '4 | 0'],
    openBtfAgainstMapFree: ['-2 | 0', '0 | 0'],
    openBtfAgainstLoad: ['-2 | 0', '0 | 0'],
    openOlderBtfAgainstClose: ['1 | 0'],
    twoBtfLoads: ['4 | 5', '5 | 4'],
    twoBtfLoadsForOneDescriptor: ['-24 | 3', '3 | -24'],
  }),
  // C1
  'cache-slots.ts': expecting<typeof cacheSlots>({
    twoGetsOfOneSlot: ['7 | 7'],
    getAgainstDeleteOfOneSlot: ['7 | 0'],
  }),
  // C2, C9
  'charge-limit.ts': expecting<typeof chargeLimit>({
    twoCreatorsAtTheLimit: ['0 | 2', '1 | 0'],
    twoReplacementsAtTheLimit: ['0 | 0'],
    createAgainstDeleteAtTheLimit: ['0 | 0', '1 | 0'],
  }),
  // C15
  'clone.ts': expecting<typeof clone>({
    cloneAgainstMapFree: ['copied | undefined', 'nothing to copy | undefined'],
    cloneAgainstListenerDeath: ['closed | 0', 'copied | 0'],
    cloneFromDyingListenerAgainstMapFree: ['closed | undefined', 'copied | undefined', 'nothing to copy | undefined'],
    cloneAgainstDelete: ['copied | 0'],
    cloneAgainstReplacement: ['308 | 0'],
    cloneAgainstLockedUpdate: ['1 1 | 0', '7 7 | 0'],
  }),
  // C15
  'clone-leaves-listener.ts': expecting<typeof cloneLeavesListener>({
    childClosesAgainstGet: ['true | 7'],
    cloneFailsAgainstGet: ['false | 7'],
  }),
  // C6, C7
  'create-against-delete.ts': expecting<typeof createAgainstDelete>({
    createAgainstLastDelete: ['0 | 0', '1 | 0'],
    updateAgainstDelete: ['-11 | 0', '0 | 0'],
    updateExistAgainstDelete: ['-11 | 0', '-2 | 0', '0 | 0'],
    createFirstAgainstDelete: ['1 | -2', '1 | 0'],
    updateFirstAgainstDeleteByFd: ['0 | -2', '0 | 0'],
  }),
  // The first is what the hunt found in the table of descriptors.
  'descriptors.ts': expecting<typeof descriptors>({
    openAgainstReopen: ['3 | 4 5', '4 | 3 5', '5 | 3 4'],
    twoCloses: ['-9 | 0', '0 | -9'],
    openAgainstCloseOfNumber: ['3 | 0', '4 | 0'],
    openAgainstCloseOfItself: ['3 | -9', '3 | 0'],
    releaseAgainstOpen: ['3 | 3', '3 | 4', '4 | 3'],
    releaseAgainstLookup: ['3 | -9'],
    lookupOfConnectedAgainstClose: ['none | 0'],
    lookupOfListenerAgainstOpen: ['found | 3', 'none | 3'],
    openAtTheLimitAgainstClose: ['-24 | 0', '3 | 0'],
  }),
  // C1, C13
  'dump-of-all.ts': expecting<typeof dumpOfAll>({
    dumpOfAllAgainstClose: [' | 0', '[] | 0'],
    dumpOfAllAgainstOpen: ['[] | 4', '[][] | 4'],
    dumpOfAllAgainstCreate: ['[1] | 1', '[] | 1'],
    dumpOfAllAgainstDelete: ['[7] | 0', '[] | 0'],
    dumpOfAllAgainstReopen: [' | 3', '[] | 3'],
    dumpOfTwoAgainstCloses: ['[0,1] | undefined', '[0] | undefined', '[] | undefined'],
    dumpWithoutRoomAgainstCreate: ['[1,7] | 1', '[7] | 1'],
  }),
  // C5, from a program's side
  'first-count.ts': expecting<typeof firstCount>({ firstCount: ['counted | counted'] }),
  // C5, C6
  'first-storage.ts': expecting<typeof firstStorage>({
    firstStorage: ['0 | 2', '1 | 0', '1 | 1', '2 | 2'],
    firstStorageOfTwoMaps: ['0 | 2', '1 | 0', '1 | 2'],
    loserAgainstNextCharge: ['-11 | true', '0 | false', '0 | true'],
  }),
  // C1
  'get-against-delete.ts': expecting<typeof getAgainstDelete>({
    getAgainstDelete: ['0 | 0', '7 | 0'],
    getAgainstDeleteOfTwo: ['0 | 0', '7 | 0'],
  }),
  // C9
  'get-against-replacement.ts': expecting<typeof getAgainstReplacement>({
    getAgainstReplacement: ['1 | 0', '7 | 0'],
    getAgainstReplacementBehind: ['0 | 0', '1 | 0', '7 | 0'],
  }),
  // What sk storage is measured against.
  // The hash map's buckets and free lists.
  'hash-buckets.ts': expecting<typeof hashBuckets>({
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
  'hash-map.ts': expecting<typeof hashMap>({
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
  'iterate.ts': expecting<typeof iterate>({
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
  'last-holder.ts': expecting<typeof lastHolder>({
    createAndPut: ['1 | undefined'],
    twoCreateAndPut: ['0 | 2', '1 | 0', '1 | 1', '2 | 2'],
    deleteAndPut: ['0 | undefined'],
    readAndPut: ['7, there, 7 | undefined'],
  }),
  // The lock in the value.
  'locked-values.ts': expecting<typeof lockedValues>({
    twoBumps: ['7 | 8', '8 | 7'],
    bumpAgainstLockedLookup: ['7 | 7 7', '7 | 8 8'],
    bumpAgainstLockedUpdate: ['1 | 0', '7 | 0'],
  }),
  // C15
  'map-by-id.ts': expecting<typeof mapById>({
    openByIdAgainstMapFree: ['false | undefined', 'true | undefined'],
    nextIdsAgainstMapFree: ['1 -2 | undefined', '1 2 | undefined'],
    openNewerByIdAgainstMapFree: ['2 | undefined'],
  }),
  // C1, C11, C12, C13
  'map-free.ts': expecting<typeof mapFree>({
    createInFlightAgainstMapFree: ['closed | 0', 'made | 0'],
    createInFlightAndDeathAgainstMapFree: ['closed | 0', 'made | 0'],
    deleteAgainstMapFree: ['-2 | undefined', '0 | undefined'],
    getAgainstMapFree: ['0 | undefined', '7 | undefined'],
  }),
  // Ids, slots and places.
  'maps-at-once.ts': expecting<typeof mapsAtOnce>({
    twoMapsAtOnce: ['3 | 4', '4 | 3'],
    arrayAndStorageMapAtOnce: ['3 | 4', '4 | 3'],
    makeAgainstMapFree: ['3 | undefined'],
    makeAndFreeAgainstMake: ['1 | 3', '1 | 4'],
    nextIdAgainstMapFree: ['-2 | undefined', '1 | undefined'],
    nextIdAgainstMake: ['-2 | 3', '1 | 3'],
    infoAgainstMapClose: ['-9 | 0', '1 | 0'],
  }),
  // C4, C11, where the bucket's lock is all that two share
  'one-bucket.ts': expecting<typeof oneBucket>({
    createAgainstDeleteInOneBucket: ['0 | 1'],
    deleteAgainstMapFreeInOneBucket: ['0 | 0', 'closed | 0'],
    replaceAgainstDeleteInOneBucket: ['0 | 0'],
    twoCreatorsInOneBucket: ['1 | 2'],
    twoDeletesInOneBucket: ['0 | 0'],
  }),
  // Nobody races.
  'one-cpu.ts': expecting<typeof oneCpu>({ createOnOneCpu: ['1'] }),
  // C1
  'overflow.ts': expecting<typeof overflow>({
    overflowAgainstDelete: ['[0,0] | 0', '[16,0] | 0', '[16,16] | 0'],
    overflowAgainstLastDelete: ['[0,0] | 0', '[16,0] | 0', '[16,16] | 0'],
    overflowOfTwoMaps: ['[16,16] | [17,17]'],
    overflowGrows: ['[16,16] | [29,29]'],
    overflowGrowsAgainstDelete: ['[29,29] | 0'],
  }),
  // What a program holds.
  'programs.ts': expecting<typeof programs>({
    runAgainstDetach: ['7 | undefined', 'detached | undefined'],
    holdAgainstDetach: [],
    loadAgainstClose: ['closed | 0', 'loaded | 0'],
    runAgainstAttach: ['14 | first', '7 | first'],
    attachAgainstDetach: ['first | second', 'none | first'],
    runAgainstDetachAndMapFree: ['7 | undefined', 'detached | undefined'],
  }),
  // C4
  'reader-with-pointer.ts': expecting<typeof readerWithPointer>({
    readerAgainstDelete: ['0, gone, 0 | 0', '7, gone, 7 | 0', '7, there, 7 | 0'],
    readerAgainstReplacement: ['1, there, 1 | 0', '7, replaced, 7 | 0', '7, there, 7 | 0'],
    readerAgainstMapFree: ['0, gone, 0 | undefined', '7, gone, 7 | undefined', '7, there, 7 | undefined'],
  }),
  // C2, C10, C12, C13
  'socket-death-against-map-free.ts': expecting<typeof socketDeathAgainstMapFree>({
    socketDeathAgainstMapFree: [],
    rcuSocketDeathAgainstMapFree: [],
    socketDeathOfTwoMaps: [],
    oneOfTwoSocketsDies: [],
  }),
  // C14
  'socket-death.ts': expecting<typeof socketDeath>({
    createAgainstLastPut: ['NULL | 0', 'closed | 0', 'there | 0'],
    createOfOtherMapAgainstLastPut: ['NULL | 0', 'closed | 0', 'there | 0'],
    deleteAgainstLastPut: ['-2 | 0', '0 | 0', 'closed | 0'],
    readerAgainstLastPut: ['7 | 0', 'closed | 0'],
    holdAgainstLastPut: ['closed | 0', 'dying | 0', 'held | 0'],
  }),
  // The state and the options of a socket, which others change.
  'socket-states.ts': expecting<typeof socketStates>({
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
  'socket-dump.ts': expecting<typeof socketDump>({
    dumpAgainstLockedUpdate: ['[1 1] | 0', '[7 7] | 0'],
    dumpAgainstDelete: ['[7 7] | 0', '[] | 0'],
    dumpAgainstCreate: ['[1 1] | 1', '[] | 1'],
    dumpAgainstMapFree: ['[7 7] | undefined', '[] | undefined'],
    dumpAgainstClose: ['[7 7] | 0', 'closed | 0'],
  }),
  // C2, C3, C4
  'two-deletes.ts': expecting<typeof twoDeletes>({
    twoDeletes: ['-2 | 0', '0 | -2', '0 | 0'],
    twoDeletesOfTwoMaps: ['0 | 0'],
    deleteByFdAgainstDelete: ['-2 | 0', '0 | -2', '0 | 0'],
  }),
  // C8
  'update-by-fd.ts': expecting<typeof updateByFd>({
    createAgainstClose: ['-9 | 0', '0 | 0'],
    createAgainstCloseRcu: ['-9 | 0', '0 | 0'],
    replaceAgainstClose: ['-9 | 0', '0 | 0'],
    lookupAgainstClose: ['-9 | 0', '7 7 | 0'],
    deleteAgainstClose: ['-9 | 0', '0 | 0'],
    updateAgainstReuse: ['-9 | true', '0 | true'],
  }),
  // C7
  'update-in-place.ts': expecting<typeof updateInPlace>({
    updateInPlaceAgainstDelete: ['-11 | 0', '-2 | 0', '0 | 0'],
    updateOrCreateAgainstDelete: ['-11 | 0', '0 | 0'],
    updateInPlaceAgainstReplacement: ['0 | 0'],
    updateInPlaceAgainstLockedLookup: ['0 | 1 1', '0 | 7 7'],
  }),
  // C7, C9
  'update-in-place-against-create.ts': expecting<typeof updateInPlaceAgainstCreate>({
    updateInPlaceAgainstCreate: ['0 | 0'],
  }),
  // C5
  'value-with-lock-word.ts': expecting<typeof valueWithLockWord>({ createWithLockWord: ['true | -2', 'true | 1 1'] }),
  // C11
  'walk-of-closed-map.ts': expecting<typeof walkOfClosedMap>({ walkAgainstMapClose: ['-9 | 0', '2 | 0'] }),
}

/**
 * Explored with the implementation of locks, grace periods and callbacks, of some of the allocator too; or with another
 * edit that mutation/ground.ts names.
 */
export const EDITED: Expected<
  typeof waiting &
    typeof rawCallbacks &
    typeof rawGracePeriods &
    typeof rawLocks &
    typeof rawOnline &
    typeof rawSanitizer &
    typeof rawSlab &
    typeof rawSpins &
    typeof rawWords &
    typeof iterateInBatches
> = {
  twoLockers: [],
  updaterLooksOnce: [],
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
  queueWorkAgainstWorkBefore: ['undefined | 1', 'undefined | 2'],
  twoQueueRcuWork: [],
  twoTakeTheLast: [],
  twoWorkRuns: ['0 | 1', '1 | 0'],
  twoPushersOfGracePeriods: [],
  barrierAgainstLeave: ['0 | undefined'],
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
  putAtTheTopAgainstRead: ['false | true'],
  twoFreesOfOne: ['double-free | freed', 'freed | double-free'],
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

/** What walks over buckets give in other layouts besides: an element that is replaced may be seen twice, or not. */
export const IN_OTHER_LAYOUTS: Readonly<Record<string, readonly string[]>> = {
  iterateAgainstReplacement: ['[7][1] | 0'],
}
