/**
 * C7, C9: an update with BPF_F_LOCK looks without the storage's lock and finds nothing; when it has the lock, another
 * CPU's element is there.
 */

import { atRest, setting } from './setting.ts'
import { updateByFd } from './steps.ts'

const BPF_F_LOCK = 4

/** Beside an element of another map, so that there is a storage to lock. */
export const updateInPlaceAgainstCreate = {
  setup: () => setting({ maps: 2, elements: 1, open: true }),
  threads: [updateByFd(0, 1, BPF_F_LOCK, { map: 1 }), updateByFd(1, 2, 0, { map: 1 })],
  after: atRest,
}
