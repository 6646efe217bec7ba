/**
 * The hash map beside sk storage: lookups under RCU against updates and deletions under the bucket's lock. A deleted
 * element goes back to a free list, and what a reader still holds must not be somebody else's meanwhile.
 */

import { fdClose } from '../../src/shared/fd-table.ts'
import {
  hashMapDeleteElem,
  hashMapLookupCopy,
  hashMapLookupElem,
  hashMapUpdateElem,
} from '../../src/shared/hash-map.ts'
import { mapCreate, mapGet } from '../../src/shared/map.ts'
import { BPF_MAP_TYPE_HASH } from '../../src/shared/map-options.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { BPF_ANY, BPF_F_LOCK, BPF_NOEXIST } from '../../src/shared/update-flags.ts'
import { atRest, GIVEN, inReadSection, LOCK_WORD, type Setting, setting, twice, VALUE_SIZE } from './setting.ts'

const KEY = Int32Array.of(5)
const OTHER_KEY = Int32Array.of(6)

interface WithHash extends Setting {
  readonly hash: BpfMap
}

/** A hash map with room for `room` keys and a value { cnt, lock, seq }; KEY is in it if there is an element. */
function withHash(elements: 0 | 1, room = 2): WithHash {
  const given = setting({ bytes: 192 << 10 })
  const main = given.cpus.at(-1)!
  const sizes = { keySize: 4, valueSize: VALUE_SIZE, maxEntries: room, lockOffset: 4 * LOCK_WORD }
  const fd = mapCreate(main, { type: BPF_MAP_TYPE_HASH, flags: 0, btfKeyTypeId: 1, btfValueTypeId: 2, ...sizes })
  const hash = mapGet(main, fd) as BpfMap
  fdClose(main, fd)
  if (elements === 1) hashMapUpdateElem(main, hash, KEY, 0, twice(GIVEN), BPF_ANY)
  return { ...given, hash }
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
