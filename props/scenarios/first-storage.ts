/**
 * C5, C6: two CPUs create the first element of one socket. One storage wins by cmpxchg; the loser undoes everything.
 */

import { bpfSkStorageGet } from '../../src/shared/sk-storage.ts'
import { inReadSection, type Setting, setting } from './setting.ts'

const create =
  (id: number) =>
  ({ cpus, maps, sockets }: Setting): boolean =>
    inReadSection(cpus[id], () => bpfSkStorageGet(cpus[id], maps[0], sockets[0], null, 1)) !== 0

/** Two CPUs, one socket, one map. */
export const firstStorage = {
  setup: () => setting(),
  threads: [create(0), create(1)],
}

/** Each with a map of its own. */
export const firstStorageOfTwoMaps = {
  setup: () => setting({ maps: 2 }),
  threads: [
    create(0),
    ({ cpus, maps, sockets }: Setting): boolean =>
      inReadSection(cpus[1], () => bpfSkStorageGet(cpus[1], maps[1], sockets[0], null, 1)) !== 0,
  ],
}
