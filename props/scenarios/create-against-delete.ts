/**
 * C6, C7: a storage is emptied while another CPU waits to add to it. It is on its way out and takes nothing more:
 * -EAGAIN, which a program sees as NULL.
 */

import { atRest, setting } from './setting.ts'
import { deleteByFd, deleteByProgram, getWithCreate, updateByFd } from './steps.ts'

/** By a program, of another map than the one that is deleted. */
export const createAgainstLastDelete = {
  setup: () => setting({ maps: 2, elements: 1, open: true }),
  threads: [getWithCreate(0, 1, { map: 1 }), deleteByProgram(1)],
  after: atRest,
}

/** By descriptor, of the same map: a replacement, or a creation, or -EAGAIN. */
export const updateAgainstDelete = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [updateByFd(0, 1, 0), deleteByProgram(1)],
  after: atRest,
}

/** BPF_EXIST: never a creation. */
export const updateExistAgainstDelete = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [updateByFd(0, 1, 2), deleteByProgram(1)],
  after: atRest,
}

/** The first element of a socket: there is nothing to delete, or all of it, or a storage that nobody has seen. */
export const createFirstAgainstDelete = {
  setup: () => setting({ open: true }),
  threads: [getWithCreate(0, 1), deleteByProgram(1)],
  after: atRest,
}

/** The same by descriptor. */
export const updateFirstAgainstDeleteByFd = {
  setup: () => setting({ open: true }),
  threads: [updateByFd(0, 1, 0), deleteByFd(1)],
  after: atRest,
}
