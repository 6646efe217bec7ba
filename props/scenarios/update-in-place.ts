/**
 * C7: an update in place takes the value's lock and no other. The element may be deleted or replaced meanwhile; then
 * the bytes land in memory that is nobody's any more but still allocated, and the update counts as the earlier of the
 * two.
 */

import { atRest, setting } from './setting.ts'
import { deleteByProgram, lookupByFd, updateByFd } from './steps.ts'

const BPF_F_LOCK = 4
const start = { elements: 1, open: true }

/** BPF_EXIST | BPF_F_LOCK against a deletion: 0 or -ENOENT. */
export const updateInPlaceAgainstDelete = {
  setup: () => setting(start),
  threads: [updateByFd(0, 1, BPF_F_LOCK | 2), deleteByProgram(1)],
  after: atRest,
}

/** BPF_F_LOCK alone, which makes the element if it is gone. */
export const updateOrCreateAgainstDelete = {
  setup: () => setting(start),
  threads: [updateByFd(0, 1, BPF_F_LOCK), deleteByProgram(1)],
  after: atRest,
}

/** Against a replacement: the lockless look may miss both old and new. */
export const updateInPlaceAgainstReplacement = {
  setup: () => setting(start),
  threads: [updateByFd(0, 1, BPF_F_LOCK | 2), updateByFd(1, 2, 0)],
  after: atRest,
}

/** Against a reader that locks: it sees all of the old or all of the new. */
export const updateInPlaceAgainstLockedLookup = {
  setup: () => setting(start),
  threads: [updateByFd(0, 1, BPF_F_LOCK), lookupByFd(1, BPF_F_LOCK)],
  after: atRest,
}
