/**
 * C1 behind the cache: elements that find their slot taken go into the storage's overflow table, while others delete
 * them and the table grows.
 */

import { CACHE_SIZE } from '../../src/shared/records.ts'
import { skStorageDelete, skStorageGet } from '../../src/shared/sk-storage.ts'
import { inReadSection, type Setting, setting, twice } from './setting.ts'

/**
 * A socket whose slots are all taken, and elements of further maps that nobody has looked up yet. The value of map i is
 * i.
 */
function crowded(further: number): Setting {
  const given = setting({ maps: CACHE_SIZE + further, bytes: 512 << 10 })
  const cpu = given.cpus[2]
  const get = (i: number, flags: number) =>
    inReadSection(cpu, () => skStorageGet(cpu, given.maps[i], given.sockets[0], twice(i), flags))
  for (let i = 0; i < given.maps.length; i++) {
    if (get(i, 1) === 0) throw new Error(`overflow: got no element of map ${i}, expected one`)
  }
  for (let i = 0; i < CACHE_SIZE; i++) get(i, 0)
  return given
}

/** Further maps, of which the last has no place in the smallest table. */
const GROWN = 14

/** Two lookups, each in a read section of its own: what the first has put into the table the second would find. */
const getTwice =
  (id: number, map: number) =>
  ({ cpus, maps, sockets }: Setting): number[] =>
    [0, 1].map(() =>
      inReadSection(cpus[id], () => {
        const value = skStorageGet(cpus[id], maps[map], sockets[0], null, 0)
        return value === 0 ? 0 : cpus[id].words[value]
      }),
    )

/** One looks the seventeenth up, the other deletes it. */
export const overflowAgainstDelete = {
  setup: () => crowded(1),
  threads: [
    getTwice(0, CACHE_SIZE),
    ({ cpus, maps, sockets }: Setting): number =>
      inReadSection(cpus[1], () => skStorageDelete(cpus[1], maps[CACHE_SIZE], sockets[0])),
  ],
}

/** The last element goes, and with it the table, while it is looked up. */
export const overflowAgainstLastDelete = {
  setup() {
    const given = crowded(1)
    const cpu = given.cpus[2]
    getTwice(2, CACHE_SIZE)(given)
    for (const map of given.maps.slice(0, CACHE_SIZE))
      inReadSection(cpu, () => skStorageDelete(cpu, map, given.sockets[0]))
    return given
  },
  threads: [
    getTwice(0, CACHE_SIZE),
    ({ cpus, maps, sockets }: Setting): number =>
      inReadSection(cpus[1], () => skStorageDelete(cpus[1], maps[CACHE_SIZE], sockets[0])),
  ],
}

/** Both make the table, or find it made. */
export const overflowOfTwoMaps = {
  setup: () => crowded(2),
  threads: [getTwice(0, CACHE_SIZE), getTwice(1, CACHE_SIZE + 1)],
}

/**
 * The table grows: one looks up a map whose place the first table has, the other one that needs a larger table. What
 * was in the old table is in the new one, and the old one is readable until its readers are done.
 */
export const overflowGrows = {
  setup: () => crowded(GROWN),
  threads: [getTwice(0, CACHE_SIZE), getTwice(1, CACHE_SIZE + GROWN - 1)],
}

/** And it grows while what it holds is deleted. */
export const overflowGrowsAgainstDelete = {
  setup() {
    const given = crowded(GROWN)
    // The smallest table, with one element in it.
    getTwice(2, CACHE_SIZE)(given)
    return given
  },
  threads: [
    getTwice(0, CACHE_SIZE + GROWN - 1),
    ({ cpus, maps, sockets }: Setting): number =>
      inReadSection(cpus[1], () => skStorageDelete(cpus[1], maps[CACHE_SIZE], sockets[0])),
  ],
}
