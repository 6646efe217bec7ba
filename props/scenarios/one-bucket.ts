/**
 * Elements of two sockets that share a bucket of their map: made and removed at once, under locks of their own but for
 * the bucket's. Which bucket an element is on follows from its address, so the setting is laid out until they do.
 */

import { FILE_MAP, fdOpen } from '../../src/shared/fd-table.ts'
import type { Selem } from '../../src/shared/pointer.ts'
import { MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { skStorageDelete, skStorageGet } from '../../src/shared/sk-storage.ts'
import { selemBucket } from '../../src/shared/sk-storage-elem.ts'
import { MAGAZINE, sizeClass } from '../../src/shared/slab-layout.ts'
import { PERCPU } from '../../src/sync/cpu.ts'
import { atRest, GIVEN, inReadSection, type Setting, setting, twice } from './setting.ts'
import { closeMap, deleteByProgram, getWithCreate, mapUnderRcu, updateByFd } from './steps.ts'

/** The map whose elements share the bucket. The sockets have an element of the other, and with that their storage. */
const MAP_HERE = 1

/** The element that is the newest of a socket. */
const newestOf = ({ memory: { words }, sockets }: Setting, socket: number): Selem =>
  (words[words[sockets[socket] + SOCK.storage] + SK_STORAGE.list] - SELEM.snode) as Selem

/** The element that a CPU will make. */
function nextOf({ memory: { words }, cpus, maps }: Setting, id: number): Selem {
  const index = sizeClass(words[maps[MAP_HERE] + MAP.elemWords])
  return words[cpus[id].base + PERCPU.allocator + index * MAGAZINE.SIZE + MAGAZINE.head] as Selem
}

/** Two sockets, of which the first `having` have an element of the map, laid out so that `of` are in one bucket. */
function inOneBucket(having: number, of: (given: Setting) => readonly Selem[]): Setting {
  for (let layout = 1; layout < 1_000; layout++) {
    const given = setting({ maps: 2, sockets: 2, elements: 1, open: true, layout })
    const main = given.cpus[2]
    for (const sk of given.sockets.slice(0, having))
      inReadSection(main, () => skStorageGet(main, given.maps[MAP_HERE], sk, twice(GIVEN), 1))
    const buckets = of(given).map((selem) => selemBucket(given.memory.words, given.maps[MAP_HERE], selem))
    if (new Set(buckets).size === 1) return given
  }
  throw new Error('one-bucket: got no layout where the elements share a bucket')
}

/** Both are made. */
export const twoCreatorsInOneBucket = {
  setup: () => inOneBucket(0, (given) => [nextOf(given, 0), nextOf(given, 1)]),
  threads: [0, 1].map((id) => getWithCreate(id, 1 + id, { map: MAP_HERE, socket: id })),
  after: atRest,
}

/** One is made in front of another, which is removed. */
export const createAgainstDeleteInOneBucket = {
  setup: () => inOneBucket(1, (given) => [newestOf(given, 0), nextOf(given, 1)]),
  threads: [deleteByProgram(0, { map: MAP_HERE, socket: 0 }), getWithCreate(1, 1, { map: MAP_HERE, socket: 1 })],
  after: atRest,
}

/** Two neighbours are removed. */
export const twoDeletesInOneBucket = {
  setup: () => inOneBucket(2, (given) => [newestOf(given, 0), newestOf(given, 1)]),
  threads: [0, 1].map((id) => deleteByProgram(id, { map: MAP_HERE, socket: id })),
  after: atRest,
}

/** One is replaced while its neighbour is removed. */
export const replaceAgainstDeleteInOneBucket = {
  setup: () => inOneBucket(2, (given) => [newestOf(given, 0), newestOf(given, 1), nextOf(given, 0)]),
  threads: [updateByFd(0, 1, 0, { map: MAP_HERE, socket: 0 }), deleteByProgram(1, { map: MAP_HERE, socket: 1 })],
  after: atRest,
}

/** Both go with their map, while a program that found the map under RCU removes one of them. */
export const deleteAgainstMapFreeInOneBucket = {
  setup(): Setting {
    const given = inOneBucket(2, (made) => [newestOf(made, 0), newestOf(made, 1)])
    return { ...given, mapFds: [fdOpen(given.cpus[2], FILE_MAP, given.maps[MAP_HERE])] }
  },
  threads: [
    ({ cpus: [cpu], mapFds, sockets }: Setting): number | string =>
      inReadSection(cpu, () => {
        const map = mapUnderRcu(cpu, mapFds[0])
        return map === 0 ? 'closed' : skStorageDelete(cpu, map, sockets[0])
      }),
    closeMap(1),
  ],
  after: atRest,
}
