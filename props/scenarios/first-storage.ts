/**
 * C5, C6: two CPUs create the first element of one socket. One storage wins by cmpxchg; the loser undoes everything.
 */

import { skStorageUpdate } from '../../src/shared/sk-storage-update.ts'
import { atRest, inReadSection, type Setting, setting, twice } from './setting.ts'
import { getWithCreate } from './steps.ts'

/** Two CPUs, one socket, one map. */
export const firstStorage = {
  setup: () => setting({ open: true }),
  threads: [getWithCreate(0, 1), getWithCreate(1, 2)],
  after: atRest,
}

/** The loser takes back its charge while the winner is charged for another element. */
export const loserAgainstNextCharge = {
  setup: () => setting({ maps: 3, open: true }),
  threads: [
    ({ cpus: [cpu], maps, sockets }: Setting): number =>
      inReadSection(cpu, () => Math.min(0, skStorageUpdate(cpu, maps[0], sockets[0], twice(1), 0))),
    ({ cpus: [, cpu], maps, sockets }: Setting): boolean =>
      inReadSection(cpu, () => maps.slice(1).every((map) => skStorageUpdate(cpu, map, sockets[0], twice(2), 0) > 0)),
  ],
  after: atRest,
}

/** Each with a map of its own. */
export const firstStorageOfTwoMaps = {
  setup: () => setting({ maps: 2, open: true }),
  threads: [getWithCreate(0, 1), getWithCreate(1, 2, { map: 1 })],
  after: atRest,
}
