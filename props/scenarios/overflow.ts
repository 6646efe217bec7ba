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

/** Both make the table, or find it made. */
export const overflowOfTwoMaps = {
  setup: () => crowded(2),
  threads: [getTwice(0, CACHE_SIZE), getTwice(1, CACHE_SIZE + 1)],
}
