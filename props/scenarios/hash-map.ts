/**
 * The hash map beside sk storage: lookups under RCU against updates and deletions under the bucket's lock. A deleted
 * element goes back to a free list, and what a reader still holds must not be somebody else's meanwhile.
 */

import { fdClose } from '../../src/shared/fd-table.ts'
import {
  hashMapDeleteElem,
  hashMapGetNextKey,
  hashMapLookupCopy,
  hashMapLookupElem,
  hashMapUpdateElem,
} from '../../src/shared/hash-map.ts'
import { mapCreate, mapGet } from '../../src/shared/map.ts'
import { BPF_MAP_TYPE_HASH } from '../../src/shared/map-options.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { BPF_ANY, BPF_F_LOCK, BPF_NOEXIST } from '../../src/shared/update-flags.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { atRest, GIVEN, inReadSection, LOCK_WORD, type Setting, setting, twice, VALUE_SIZE } from './setting.ts'
import { mapUnderRcu } from './steps.ts'

const KEY = Int32Array.of(5)
const OTHER_KEY = Int32Array.of(6)

interface WithHash extends Setting {
  readonly hash: BpfMap
  /** Its descriptor, if it has one. */
  readonly hashFd: number
}

/** A hash map with room for `room` keys and a value { cnt, lock, seq }; KEY is in it if there is an element. */
function withHash(elements: 0 | 1, room = 2, open = false): WithHash {
  const given = setting({ bytes: 192 << 10 })
  const main = given.cpus.at(-1)!
  const sizes = { keySize: 4, valueSize: VALUE_SIZE, maxEntries: room, lockOffset: 4 * LOCK_WORD }
  const fd = mapCreate(main, { type: BPF_MAP_TYPE_HASH, flags: 0, btfKeyTypeId: 1, btfValueTypeId: 2, ...sizes })
  const hash = mapGet(main, fd) as BpfMap
  if (open) mapPut(main, hash)
  else fdClose(main, fd)
  if (elements === 1) hashMapUpdateElem(main, hash, KEY, 0, twice(GIVEN), BPF_ANY)
  return { ...given, hash, hashFd: fd }
}

/** A program that looks a key up and reads both halves of its value: 'cnt seq', or 'none'. */
const look =
  (id: number, key = KEY) =>
  ({ cpus, hash }: WithHash): string =>
    inReadSection(cpus[id], () => {
      const value = hashMapLookupElem(cpus[id], hash, key, 0)
      return value === 0 ? 'none' : `${cpus[id].words[value]} ${cpus[id].words[value + 2]}`
    })

/** BPF_MAP_LOOKUP_ELEM with BPF_F_LOCK: 'cnt seq' or -errno. */
const lookLocked =
  (id: number) =>
  ({ cpus, hash }: WithHash): string | number => {
    const out = new Int32Array(3)
    const err = hashMapLookupCopy(cpus[id], hash, KEY, out, BPF_F_LOCK)
    return err === 0 ? `${out[0]} ${out[2]}` : err
  }

const update =
  (id: number, word: number, flags: number, key = KEY) =>
  ({ cpus, hash }: WithHash): number =>
    hashMapUpdateElem(cpus[id], hash, key, 0, twice(word), flags)

const remove =
  (id: number) =>
  ({ cpus, hash }: WithHash): number =>
    hashMapDeleteElem(cpus[id], hash, KEY, 0)

/** A lookup finds the element or does not; what it found stays readable. */
export const hashLookupAgainstDelete = {
  setup: () => withHash(1),
  threads: [look(0), remove(1)],
  after: atRest,
}

/**
 * A replacement is another element: the old value or the new, whole. Only behind other elements of the bucket a reader
 * can miss both.
 */
export const hashLookupAgainstReplacement = {
  setup: () => withHash(1),
  threads: [look(0), update(1, 1, BPF_ANY)],
  after: atRest,
}

/**
 * Deleted and made again by one CPU while another looks: its element may not be made into the new one under its eyes.
 */
export const hashLookupAgainstReuse = {
  setup: () => withHash(1),
  threads: [look(0), (given: WithHash) => `${remove(1)(given)}, ${update(1, 1, BPF_ANY)(given)}`],
  after: atRest,
}

/** Two that want to be the first: one is. */
export const twoHashCreators = {
  setup: () => withHash(0),
  threads: [update(0, 1, BPF_NOEXIST), update(1, 2, BPF_NOEXIST)],
  after: atRest,
}

/** Two keys, room for one. */
export const twoHashCreatorsAtTheLimit = {
  setup: () => withHash(0, 1),
  threads: [update(0, 1, BPF_ANY), update(1, 2, BPF_ANY, OTHER_KEY)],
  after: atRest,
}

/** Two deletions: one finds it. */
export const twoHashDeletes = {
  setup: () => withHash(1),
  threads: [remove(0), remove(1)],
  after: atRest,
}

/** In place, under the value's lock, against a reader that locks. */
export const hashLockedUpdateAgainstLockedLookup = {
  setup: () => withHash(1),
  threads: [update(0, 1, BPF_F_LOCK), lookLocked(1)],
  after: atRest,
}

/** Copies the value out, as the lookup syscall without BPF_F_LOCK does: 'cnt seq' or -errno. */
const lookCopy =
  (id: number) =>
  ({ cpus, hash }: WithHash): string | number => {
    const out = new Int32Array(3)
    const err = hashMapLookupCopy(cpus[id], hash, KEY, out, 0)
    return err === 0 ? `${out[0]} ${out[2]}` : err
  }

/** A copy is of a whole element, which stays readable. */
export const hashCopyAgainstDelete = {
  setup: () => withHash(1),
  threads: [lookCopy(0), remove(1)],
  after: atRest,
}

/** All keys, one after the other, from the first on. */
const keys =
  (id: number) =>
  ({ cpus, hash }: WithHash): string => {
    const out = new Int32Array(1)
    let seen = ''
    let key: Int32Array | null = null
    // A key that goes meanwhile begins the walk anew.
    for (let turn = 0; turn < 3 && hashMapGetNextKey(cpus[id], hash, key, out) === 0; turn++) {
      seen += ` ${out[0]}`
      key = out.slice()
    }
    return seen.trim()
  }

/** The walk over the keys, while the only one goes. */
export const keysAgainstDelete = { setup: () => withHash(1), threads: [keys(0), remove(1)], after: atRest }

/** And while a second one comes, in front of it, behind it or in its bucket. */
export const keysAgainstCreate = {
  setup: () => withHash(1),
  threads: [keys(0), update(1, 1, BPF_ANY, OTHER_KEY)],
  after: atRest,
}

/** A key is made while another one is deleted: both may be on one bucket, and one free list is all there is. */
export const hashCreateAgainstDelete = {
  setup: () => withHash(1, 1),
  threads: [update(0, 1, BPF_ANY, OTHER_KEY), remove(1)],
  after: atRest,
}

/** Replaced twice. */
export const twoHashReplacements = {
  setup: () => withHash(1),
  threads: [update(0, 1, BPF_ANY), update(1, 2, BPF_ANY)],
  after: atRest,
}

/** A program that finds the map itself under RCU: its value, 'none', or 'closed'. */
const lookInFlight = ({ cpus: [cpu], hashFd }: WithHash): string =>
  inReadSection(cpu, () => {
    const map = mapUnderRcu(cpu, hashFd)
    if (map === 0) return 'closed'
    const value = hashMapLookupElem(cpu, map, KEY, 0)
    return value === 0 ? 'none' : `${cpu.words[value]} ${cpu.words[value + 2]}`
  })

const closeHash = ({ cpus, hashFd }: WithHash): void => {
  fdClose(cpus[1], hashFd)
  runDeferredWork(cpus[1])
}

/** What a reader found it may use until its section ends, whoever frees the map meanwhile. */
export const hashReaderAgainstMapFree = {
  setup: () => withHash(1, 2, true),
  threads: [lookInFlight, closeHash],
  after: atRest,
}

/** Deleted and freed with the map: the element that waits for its grace period has its free list until then. */
export const hashDeleteThenMapFree = {
  setup: () => withHash(1, 2, true),
  threads: [
    lookInFlight,
    (given: WithHash): void => {
      remove(1)(given)
      closeHash(given)
    },
  ],
  after: atRest,
}
