/**
 * Keys of several sizes that share a bucket, and the free lists of the hash map when they run out.
 */

import {
  hashMapDeleteElem,
  hashMapGetNextKey,
  hashMapLookupElem,
  hashMapUpdateElem,
} from '../../src/shared/hash-map.ts'
import { mapCreate, mapGet } from '../../src/shared/map.ts'
import { BPF_MAP_TYPE_HASH } from '../../src/shared/map-options.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { HASH_BUCKET, HASH_FREE_LIST, MAP } from '../../src/shared/records.ts'
import { BPF_ANY } from '../../src/shared/update-flags.ts'
import { synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'
import { atRest, GIVEN, inReadSection, type Setting, setting, twice, VALUE_SIZE } from './setting.ts'

interface WithKeys extends Setting {
  readonly hash: BpfMap
  /** Two keys of one bucket: the first stands behind the second. */
  readonly keys: readonly [Int32Array, Int32Array]
}

/** A hash map with keys of so many words. */
function createHash(given: Setting, keyWords: number): BpfMap {
  const main = given.cpus.at(-1)!
  const sizes = { keySize: 4 * keyWords, valueSize: VALUE_SIZE, maxEntries: 2 }
  const fd = mapCreate(main, { type: BPF_MAP_TYPE_HASH, flags: 0, btfKeyTypeId: 1, btfValueTypeId: 2, ...sizes })
  const hash = mapGet(main, fd) as BpfMap
  mapPut(main, hash)
  return hash
}

/** How many of its buckets have elements. */
function bucketsInUse({ memory: { words } }: Setting, hash: BpfMap): number {
  let count = 0
  for (let i = 0; i < 1 << words[hash + MAP.bucketLog]; i++)
    if (words[words[hash + MAP.buckets] + i * HASH_BUCKET.SIZE + HASH_BUCKET.list] !== 0) count++
  return count
}

/** A map with two keys of so many words, in one bucket. */
function sharedBucket(keyWords: number): WithKeys {
  const given = setting({ bytes: 256 << 10 })
  const main = given.cpus.at(-1)!
  const hash = createHash(given, keyWords)
  const keyOf = (n: number) => new Int32Array(keyWords).fill(7).fill(n, keyWords - 1)
  hashMapUpdateElem(main, hash, keyOf(0), 0, twice(GIVEN), BPF_ANY)
  for (let n = 1; ; n++) {
    hashMapUpdateElem(main, hash, keyOf(n), 0, twice(n), BPF_ANY)
    if (bucketsInUse(given, hash) === 1) return { ...given, hash, keys: [keyOf(0), keyOf(n)] }
    hashMapDeleteElem(main, hash, keyOf(n), 0)
  }
}

/** A program that looks a key up: its value, or 'none'. */
const look =
  (id: number, which: 0 | 1) =>
  ({ cpus, hash, keys }: WithKeys): string | number =>
    inReadSection(cpus[id], () => {
      const value = hashMapLookupElem(cpus[id], hash, keys[which], 0)
      return value === 0 ? 'none' : cpus[id].words[value]
    })

const remove =
  (id: number, which: 0 | 1) =>
  ({ cpus, hash, keys }: WithKeys): number =>
    hashMapDeleteElem(cpus[id], hash, keys[which], 0)

/** The one in front is deleted while somebody goes past it to the one behind. */
const lookBehindDelete = (keyWords: number) => ({
  setup: () => sharedBucket(keyWords),
  threads: [look(0, 0), remove(1, 1)],
  after: atRest,
})

export const lookBehindDeleteOfOneWord = lookBehindDelete(1)
export const lookBehindDeleteOfTwoWords = lookBehindDelete(2)
export const lookBehindDeleteOfThreeWords = lookBehindDelete(3)
export const lookBehindDeleteOfFiveWords = lookBehindDelete(5)

/** A walk over both keys while the one that it stands on goes, or the other. */
const keysAgainstDelete = (which: 0 | 1) => ({
  setup: () => sharedBucket(2),
  threads: [
    ({ cpus: [cpu], hash }: WithKeys): string => {
      const out = new Int32Array(2)
      let seen = ''
      let key: Int32Array | null = null
      for (let turn = 0; turn < 4 && hashMapGetNextKey(cpu, hash, key, out) === 0; turn++) {
        seen += `${out[1] === 0 ? 'back' : 'front'} `
        key = out.slice()
      }
      return seen.trim()
    },
    remove(1, which),
  ],
  after: atRest,
})

export const keysAgainstDeleteInFront = keysAgainstDelete(1)
export const keysAgainstDeleteBehind = keysAgainstDelete(0)

interface WithLists extends Setting {
  readonly hash: BpfMap
}

/** An empty map whose free lists, by CPU, have so many elements; the others are lost. */
function withFree(...counts: number[]): WithLists {
  const given = setting({ bytes: 256 << 10 })
  const hash = createHash(given, 1)
  const { words } = given.memory
  for (const id of given.cpus.keys()) {
    let at = words[hash + MAP.freeLists] + id * HASH_FREE_LIST.SIZE + HASH_FREE_LIST.head
    for (let count = counts[id] ?? 0; count > 0; count--) at = words[at]
    words[at] = 0
  }
  return { ...given, hash }
}

const create =
  (id: number, key: number) =>
  ({ cpus, hash }: WithLists): number =>
    hashMapUpdateElem(cpus[id], hash, Int32Array.of(key), 0, twice(key), BPF_ANY)

/** Our own list is empty: both take from the third CPU's. */
export const twoCreatorsWithoutOwn = {
  setup: () => withFree(0, 0, 2),
  threads: [create(0, 1), create(1, 2)],
  after: atRest,
}

/** There is one element for two, which are not more than the map may have. */
export const twoCreatorsOfTheLastElement = {
  setup: () => withFree(0, 1),
  threads: [create(0, 1), create(1, 2)],
  after(given: WithLists, results: readonly unknown[]): void {
    atRest(given)
    if ([...results].sort().join() !== '-12,0') throw new Error(`got ${results}, expected one -ENOMEM`)
  },
}

/** None is left: what was counted is taken back. */
export const twoCreatorsWithoutElements = {
  setup: () => withFree(0, 0, 0),
  threads: [create(0, 1), create(1, 2)],
  after: atRest,
}

/** What was deleted is made into something else a grace period later, and nothing is made of it twice. */
export const deletedAndMadeTwice = {
  setup() {
    const given = withFree(2)
    for (const key of [1, 2]) create(0, key)(given)
    return given
  },
  threads: [
    (given: WithLists): string => {
      const { cpus, hash } = given
      for (const key of [1, 2]) hashMapDeleteElem(cpus[0], hash, Int32Array.of(key), 0)
      synchronizeRcu(cpus[0])
      return `${create(0, 3)(given)} ${create(0, 4)(given)}`
    },
  ],
  after: atRest,
}
