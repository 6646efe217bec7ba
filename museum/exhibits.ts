/**
 * The bugs, in the order in which they are shown: those that Linux had, then the rules of the design left out one at a
 * time.
 *
 * D01 to D23 come from the table of races in the design of Linux 5.2. D31 and on are claims of our own comments, that
 * something is necessary.
 */

import type { Exhibit } from './exhibit.ts'
import { cachedWithoutSecondLook } from './exhibits/d01-cached-without-second-look.ts'
import { cachedWithoutTheLock } from './exhibits/d02-cached-without-the-lock.ts'
import { socketBeforeMap } from './exhibits/d03-socket-before-map.ts'
import { storageFreedUnderItsLock } from './exhibits/d05-storage-freed-under-its-lock.ts'
import { noFirstGracePeriod } from './exhibits/d06-no-first-grace-period.ts'
import { noLookAtTheEmptiedList } from './exhibits/d09-no-look-at-the-emptied-list.ts'
import { publishedByAPlainStore } from './exhibits/d10-published-by-a-plain-store.ts'
import { loserKeepsItsCharge } from './exhibits/d12-loser-keeps-its-charge.ts'
import { createdOnADyingSocket } from './exhibits/d13-created-on-a-dying-socket.ts'
import { freedAtOnce } from './exhibits/d14-freed-at-once.ts'
import { oneByteTooMany } from './exhibits/d15-one-byte-too-many.ts'
import { bucketBeforeStorage } from './exhibits/d17-bucket-before-storage.ts'
import { anotherMapsElement } from './exhibits/d19-another-maps-element.ts'
import { destructionDoesNotWait } from './exhibits/d22-destruction-does-not-wait.ts'
import { aGracePeriodIsNoBarrier } from './exhibits/d23-a-grace-period-is-no-barrier.ts'
import { nullOrdersNothing } from './exhibits/d31-null-orders-nothing.ts'
import { deathOutsideAReadSection } from './exhibits/d32-death-outside-a-read-section.ts'
import { noSecondGracePeriod } from './exhibits/d33-no-second-grace-period.ts'
import { removedNodeForgetsTheWay } from './exhibits/d34-removed-node-forgets-the-way.ts'
import { askedWithoutTheLock } from './exhibits/d35-asked-without-the-lock.ts'
import { copiedInWithoutTheLock } from './exhibits/d36-copied-in-without-the-lock.ts'
import { clonedWithoutTheLock } from './exhibits/d37-cloned-without-the-lock.ts'
import { valueUsedAfterTheSocket } from './exhibits/d38-value-used-after-the-socket.ts'
import { lookThenAdd } from './exhibits/d39-look-then-add.ts'
import { childShownTooEarly } from './exhibits/d40-child-shown-too-early.ts'
import { loserLeavesItsElement } from './exhibits/d41-loser-leaves-its-element.ts'
import { listenerDiesAtOnce } from './exhibits/d42-listener-dies-at-once.ts'
import { linkedBeforeItKnowsItsStorage } from './exhibits/d43-linked-before-it-knows-its-storage.ts'
import { fileFreedAtOnce } from './exhibits/d44-file-freed-at-once.ts'
import { overflowKeepsTheRemoved } from './exhibits/d45-overflow-keeps-the-removed.ts'
import { overflowFilledWhileUnlinked } from './exhibits/d46-overflow-filled-while-unlinked.ts'
import { oldUnlinkedFirst } from './exhibits/d47-old-unlinked-first.ts'
import { chargedTwice } from './exhibits/d48-charged-twice.ts'
import { sweptWithoutLookingAgain } from './exhibits/d49-swept-without-looking-again.ts'
import { foundByIdWhileItDies } from './exhibits/d50-found-by-id-while-it-dies.ts'
import { publishedByWriteOnce } from './exhibits/d51-published-by-write-once.ts'
import { sleeperLeavesNoMark } from './exhibits/d52-sleeper-leaves-no-mark.ts'
import { asleepOnAFreeLock } from './exhibits/d53-asleep-on-a-free-lock.ts'
import { nobodyWaitsSoNobodyIsWoken } from './exhibits/d54-nobody-waits-so-nobody-is-woken.ts'
import { asleepForAReportThatCame } from './exhibits/d55-asleep-for-a-report-that-came.ts'
import { gracePeriodWaitsForTheSleeper } from './exhibits/d56-grace-period-waits-for-the-sleeper.ts'
import { nextAskedTooLate } from './exhibits/d57-next-asked-too-late.ts'
import { ownerClearedWithoutTheLock } from './exhibits/d58-owner-cleared-without-the-lock.ts'
import { cloneCopiesBoth } from './exhibits/d59-clone-copies-both.ts'
import { takenDescriptorReadPlainly } from './exhibits/d60-taken-descriptor-read-plainly.ts'
import { shownWithoutTheLock } from './exhibits/d61-shown-without-the-lock.ts'
import { dumpedOutsideAReadSection } from './exhibits/d62-dumped-outside-a-read-section.ts'
import { hashElementReusedAtOnce } from './exhibits/d63-hash-element-reused-at-once.ts'
import { oneEntryTooMany } from './exhibits/d64-one-entry-too-many.ts'
import { nextOfTheLast } from './exhibits/d65-next-of-the-last.ts'
import { nullIsNoMemory } from './exhibits/d66-null-is-no-memory.ts'
import { optionsCopiedPlainly } from './exhibits/d67-options-copied-plainly.ts'
import { stateReadPlainly } from './exhibits/d68-state-read-plainly.ts'
import { joinedWithoutTheBucketsLock } from './exhibits/d69-joined-without-the-buckets-lock.ts'
import { gracePeriodBegunInTwoSteps } from './exhibits/d70-grace-period-begun-in-two-steps.ts'
import { oneBucket } from './exhibits/h01-one-bucket.ts'
import { childHasItsParentsStorage } from './exhibits/h02-child-has-its-parents-storage.ts'
import { earlyBailoutOfClone } from './exhibits/h03-early-bailout-of-clone.ts'
import { cloneIntoADyingMap } from './exhibits/h05-clone-into-a-dying-map.ts'
import { listAddWithoutPublication } from './exhibits/h06-list-add-without-publication.ts'
import { iteratorWalksWithPlainLoads } from './exhibits/h07-iterator-walks-with-plain-loads.ts'
import { iteratorHoldsTheBucket } from './exhibits/h07b-iterator-holds-the-bucket.ts'
import { iteratorOutlivesTheMap } from './exhibits/h08-iterator-outlives-the-map.ts'
import { updateLeaksItsElement } from './exhibits/h14-update-leaks-its-element.ts'
import { lockWordFromTheUser } from './exhibits/h15-lock-word-from-the-user.ts'
import { missingUncharge } from './exhibits/h17-missing-uncharge.ts'
import { twoFreeLists } from './exhibits/h20-two-free-lists.ts'
import { callbackReadsAFreedMap } from './exhibits/h21-callback-reads-a-freed-map.ts'
import { readerFindsNoMap } from './exhibits/h25-reader-finds-no-map.ts'
import { loserFreesAtOnce } from './exhibits/h31-loser-frees-at-once.ts'
import { ownerReadTwice } from './exhibits/h32-owner-read-twice.ts'

export const EXHIBITS: readonly Exhibit[] = [
  oneBucket,
  childHasItsParentsStorage,
  earlyBailoutOfClone,
  cloneIntoADyingMap,
  listAddWithoutPublication,
  iteratorWalksWithPlainLoads,
  iteratorHoldsTheBucket,
  iteratorOutlivesTheMap,
  updateLeaksItsElement,
  lockWordFromTheUser,
  missingUncharge,
  twoFreeLists,
  callbackReadsAFreedMap,
  readerFindsNoMap,
  loserFreesAtOnce,
  ownerReadTwice,
  cachedWithoutSecondLook,
  cachedWithoutTheLock,
  socketBeforeMap,
  storageFreedUnderItsLock,
  noFirstGracePeriod,
  noLookAtTheEmptiedList,
  publishedByAPlainStore,
  loserKeepsItsCharge,
  createdOnADyingSocket,
  freedAtOnce,
  oneByteTooMany,
  bucketBeforeStorage,
  anotherMapsElement,
  destructionDoesNotWait,
  aGracePeriodIsNoBarrier,
  nullOrdersNothing,
  deathOutsideAReadSection,
  noSecondGracePeriod,
  removedNodeForgetsTheWay,
  askedWithoutTheLock,
  copiedInWithoutTheLock,
  clonedWithoutTheLock,
  valueUsedAfterTheSocket,
  lookThenAdd,
  childShownTooEarly,
  loserLeavesItsElement,
  listenerDiesAtOnce,
  linkedBeforeItKnowsItsStorage,
  fileFreedAtOnce,
  overflowKeepsTheRemoved,
  overflowFilledWhileUnlinked,
  oldUnlinkedFirst,
  chargedTwice,
  sweptWithoutLookingAgain,
  foundByIdWhileItDies,
  publishedByWriteOnce,
  sleeperLeavesNoMark,
  asleepOnAFreeLock,
  nobodyWaitsSoNobodyIsWoken,
  asleepForAReportThatCame,
  gracePeriodWaitsForTheSleeper,
  nextAskedTooLate,
  ownerClearedWithoutTheLock,
  cloneCopiesBoth,
  takenDescriptorReadPlainly,
  shownWithoutTheLock,
  dumpedOutsideAReadSection,
  hashElementReusedAtOnce,
  oneEntryTooMany,
  nextOfTheLast,
  nullIsNoMemory,
  optionsCopiedPlainly,
  stateReadPlainly,
  joinedWithoutTheBucketsLock,
  gracePeriodBegunInTwoSteps,
]
