/**
 * C2, C3, C4: two CPUs delete at one socket. Each element is unlinked, uncharged and freed by one of them, and whoever
 * takes the last one frees the storage, but not while its lock is held.
 */

import { atRest, setting } from './setting.ts'
import { deleteByFd, deleteByProgram } from './steps.ts'

/** The same element. Both may have seen it: then both report success. */
export const twoDeletes = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [deleteByProgram(0), deleteByProgram(1)],
  after: atRest,
}

/** The two elements there are, so that each may be the last. */
export const twoDeletesOfTwoMaps = {
  setup: () => setting({ maps: 2, elements: 2, open: true }),
  threads: [deleteByProgram(0), deleteByProgram(1, { map: 1 })],
  after: atRest,
}

/** One by descriptor, which holds the file and not the socket. */
export const deleteByFdAgainstDelete = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [deleteByFd(0), deleteByProgram(1)],
  after: atRest,
}
