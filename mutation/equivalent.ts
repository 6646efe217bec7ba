/**
 * Mutants that are no fault: correct code all the same, each with its reason. Only those are here that a run has left
 * over and somebody has read, and `npm run mutate:sites -- --equivalent` lets the scenarios judge these.
 *
 * There are two kinds, and a judge for each. Most are unseen: no other thread can tell the order or the step that was
 * changed, since nobody knows the object yet, the words are one CPU's own, or all who look hold the same lock. Then no
 * scenario may find anything, give another outcome, or have another number of traces. The others are seen, and right:
 * their traces may be others, findings and outcomes may not.
 */

import { FRESH, OWN, SWAPS } from './equivalent-swaps.ts'
import type { Mutant } from './operators.ts'

/** All mutants of an operator in a function, or one of them: that of the line that was so, or became so. */
interface Equivalent {
  readonly file: string
  readonly operator: string
  readonly within: string
  /** What the line begins with. */
  readonly was?: string
  readonly becomes?: string
  /** Others can tell the difference, and it is right all the same. */
  readonly seen?: true
  readonly why: string
}

const EQUIVALENT: readonly Equivalent[] = [
  ...SWAPS.map(([file, within, why, seen]) => ({ file, operator: 'swap two stores', within, why, seen })),
  // All of hashMapAlloc but its free lists, where the order is what makes a list.
  ...['buckets', 'bucketLog', 'freeLists', 'elems', 'elemCount', 'elemWords'].map((field) => ({
    file: 'src/shared/hash-map-memory.ts',
    operator: 'swap two stores',
    within: 'hashMapAlloc',
    was: `words[map + MAP.${field}] =`,
    why: FRESH,
  })),
  {
    file: 'src/shared/hash-map-memory.ts',
    operator: 'swap two stores',
    within: 'hashMapAlloc',
    was: 'words[elem + HASH_ELEM.map] =',
    why: FRESH,
  },
  {
    file: 'src/sync/deferred-work.ts',
    operator: 'swap two stores',
    within: 'queueRcuWork',
    // The next two make a list of it, in that order.
    was: 'words[head + RCU_HEAD.func] =',
    why: OWN,
  },
  {
    file: 'src/shared/fd-table.ts',
    operator: 'swap two stores',
    within: 'fdReserve',
    why: 'the hint is read under the lock alone',
  },
  {
    file: 'src/shared/fd-table.ts',
    operator: 'before the lock',
    within: 'fdRelease',
    seen: true,
    why: "the slot is its reserver's until then, and a hint that is too low costs a look",
  },
  {
    file: 'src/shared/fd-table.ts',
    operator: 'publish before init',
    within: 'fdRelease',
    seen: true,
    why: "the slot is its reserver's until then, and a hint that is too low costs a look",
  },
  {
    file: 'src/shared/fd-table.ts',
    operator: 'atomic to plain',
    within: 'sockLookupRcu',
    seen: true,
    was: 'return rcuDereference(words, file + FILE.object)',
    why: 'the file was filled before its slot had it, and the slot was dereferenced: a plain load sees that',
  },
  {
    file: 'src/shared/map.ts',
    operator: 'publish before init',
    within: 'mapAlloc',
    why: 'both under the lock that all who walk the list take',
  },
  {
    file: 'src/shared/btf/object.ts',
    operator: 'publish before init',
    within: 'btfLoad',
    why: 'both under the lock that all who walk the list take',
  },
  {
    file: 'src/shared/btf/ref.ts',
    operator: 'move across an unlock',
    within: 'btfPut',
    seen: true,
    why: 'the object is off the list, and has no reference: nobody can reach it, with the lock or without',
  },
  {
    file: 'src/shared/map-ref.ts',
    operator: 'move across an unlock',
    within: 'mapPut',
    seen: true,
    why: 'queued under the lock or behind it: the kworker waits for the lock where it needs it',
  },
  {
    file: 'src/shared/sk-storage-update.ts',
    operator: 'move across an unlock',
    within: 'skStorageAlloc',
    seen: true,
    why: 'its callback runs on this CPU, behind the next quiescent state: with the lock held there is none',
  },
  {
    file: 'src/shared/sk-clone.ts',
    operator: 'publish before init',
    within: 'linkCopy',
    seen: true,
    why: "nobody comes by the child's list yet, and whoever comes by the bucket gets no reference on the child",
  },
  {
    file: 'src/shared/sk-clone.ts',
    operator: 'atomic to plain',
    within: 'acceptInto',
    why: 'nobody else has the child yet',
  },
  {
    file: 'src/shared/sk-storage-update.ts',
    operator: 'publish before init',
    within: 'updateLocked',
    seen: true,
    why: "both under the socket's lock, which whoever unlinks the element from either list takes first",
  },
  {
    file: 'src/shared/sk-storage-elem.ts',
    operator: 'drop a recheck',
    within: 'selemUnlinkMap',
    seen: true,
    was: 'if (!hlistUnhashed(words, selem + SELEM.mapNode))',
    becomes: 'if (true)',
    why: 'hlistDelInitRcu looks whether the node is linked',
  },
  ...['if (!hlistUnhashed(', 'if (words[slot] === 0)'].map((was) => ({
    file: 'src/shared/sk-storage-lookup.ts',
    operator: 'drop a recheck',
    within: 'cacheInsert',
    seen: true,
    was,
    becomes: 'if (false)',
    why: 'what is not cached is found on the list: slower, and the same',
  })),
  {
    file: 'src/shared/sk-storage-lookup.ts',
    operator: 'drop a recheck',
    within: 'cacheInsert',
    seen: true,
    was: 'if (words[slot] === 0)',
    becomes: 'if (true)',
    why: 'the slot then has the newer of two, and what it had is found on the list',
  },
  {
    file: 'src/shared/layout.ts',
    operator: 'atomic to plain',
    within: 'headerFault',
    why: 'the memory comes in a message, behind all that made it',
  },
  {
    file: 'src/shared/memory.ts',
    operator: 'atomic to plain',
    within: 'sign',
    why: 'the memory goes out in a message, behind all that made it',
  },
  {
    file: 'src/shared/slab.ts',
    operator: 'swap two stores',
    within: 'takeFromDepot',
    was: 'words[magazine + MAGAZINE.head] =',
    why: OWN,
  },
  { file: 'src/shared/slab.ts', operator: 'swap two stores', within: 'carve', why: OWN },
  {
    file: 'src/shared/slab.ts',
    operator: 'early release',
    within: 'takeFromDepot',
    was: 'words[last] = 0',
    why: "the depot begins behind that object by then: it is this CPU's own",
  },
  {
    file: 'src/shared/slab.ts',
    operator: 'move across an unlock',
    within: 'takeFromDepot',
    seen: true,
    why: "the lock is held for one step longer, and the words are this CPU's own",
  },
  {
    file: 'src/shared/slab.ts',
    operator: 'atomic to plain',
    within: 'liveObjects',
    why: 'what it adds up is stored plainly, and exact only when all are at rest',
  },
  {
    file: 'src/shared/invariant-walk.ts',
    operator: 'atomic to plain',
    within: 'isRecord',
    why: 'asked when all are at rest',
  },
  {
    file: 'src/shared/hlist.ts',
    operator: 'atomic to plain',
    within: 'hlistAddHeadRcuLockless',
    seen: true,
    was: 'const first = rcuDereference(',
    why: 'the list was filled before its storage was published, and the storage was dereferenced',
  },
  {
    file: 'src/shared/sk-storage-elem.ts',
    operator: 'publish before init',
    within: 'selemUnlinkSkLocked',
    why: "both under the storage's lock, which all who ask a storage for its socket take",
  },
  {
    file: 'src/shared/sk-storage-update.ts',
    operator: 'publish before init',
    within: 'skStorageAlloc',
    seen: true,
    was: 'hlistSetOnly(',
    why: 'whoever comes by the bucket asks if the socket has that storage, which it has from the exchange on',
  },
  {
    file: 'src/shared/sock.ts',
    operator: 'atomic to plain',
    within: 'skDestruct',
    seen: true,
    why: "who charges holds a reference, and map free's charges lie behind the load of the storage",
  },
  {
    file: 'src/shared/sanitizer.ts',
    operator: 'atomic to plain',
    within: 'kasanAlloc',
    seen: true,
    was: 'Atomics.store(bytes,',
    why: 'others know the object only behind its publication; who frees it twice is told by the exchange',
  },
  {
    file: 'src/shared/sanitizer.ts',
    operator: 'atomic to plain',
    within: 'kasanFree',
    seen: true,
    was: 'object >= words[HEADER.heap]',
    why: 'who may free it is ordered behind its allocation, and of two who may not the exchange decides',
  },
  {
    file: 'src/sync/cpu.ts',
    operator: 'look then store',
    within: 'beginWait',
    seen: true,
    why: 'a CPU alone counts its waits: the others read them',
  },
  {
    file: 'src/sync/lock-word.ts',
    operator: 'stale value',
    within: 'acquireContended',
    seen: true,
    why: 'it spins as often and sees no release meanwhile: then it parks, and looks anew',
  },
  {
    file: 'src/sync/synchronize-rcu.ts',
    operator: 'drop a recheck',
    within: 'runOrphans',
    seen: true,
    was: 'if (first !== 0) {',
    becomes: 'if (true)',
    why: 'without orphans it waits for a grace period and runs none',
  },
]

/** Why a mutant of that file is no fault, and whether others could see it; undefined: it may be one. */
export const reasonOf = (
  file: string,
  { operator, within, was, becomes }: Mutant,
): Pick<Equivalent, 'seen' | 'why'> | undefined =>
  EQUIVALENT.find(
    (each) =>
      each.file === file &&
      each.operator === operator &&
      each.within === within &&
      was.startsWith(each.was ?? '') &&
      becomes.startsWith(each.becomes ?? ''),
  )
