/**
 * C5, C6: two CPUs create the first element of one socket. One storage wins by cmpxchg; the loser undoes everything.
 */

import { atRest, setting } from './setting.ts'
import { getWithCreate } from './steps.ts'

/** Two CPUs, one socket, one map. */
export const firstStorage = {
  setup: () => setting({ open: true }),
  threads: [getWithCreate(0, 1), getWithCreate(1, 2)],
  after: atRest,
}

/** Each with a map of its own. */
export const firstStorageOfTwoMaps = {
  setup: () => setting({ maps: 2, open: true }),
  threads: [getWithCreate(0, 1), getWithCreate(1, 2, { map: 1 })],
  after: atRest,
}
