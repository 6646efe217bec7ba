/**
 * C8: an update by descriptor while the descriptor is closed. The update holds the file, so it acts on a socket that
 * somebody holds; its own put may be the last and takes away what it has just made.
 */

import { FILE_SOCKET, fdClose, fdOpen } from '../../src/shared/fd-table.ts'
import { skAlloc } from '../../src/shared/sock.ts'
import { atRest, type Setting, setting } from './setting.ts'
import { close, deleteByFd, lookupByFd, updateByFd } from './steps.ts'

/** A first element, of a socket that dies at once. */
export const createAgainstClose = {
  setup: () => setting({ open: true }),
  threads: [updateByFd(0, 1, 1), close(1)],
  after: atRest,
}

/** A first element, of a SOCK_RCU_FREE socket. */
export const createAgainstCloseRcu = {
  setup: () => setting({ rcuFree: true, open: true }),
  threads: [updateByFd(0, 1, 1), close(1)],
  after: atRest,
}

/** A replacement. */
export const replaceAgainstClose = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [updateByFd(0, 1, 2), close(1)],
  after: atRest,
}

/** The value is read after the socket is let go. */
export const lookupAgainstClose = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [lookupByFd(0, 0), close(1)],
  after: atRest,
}

/** A deletion. */
export const deleteAgainstClose = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [deleteByFd(0), close(1)],
  after: atRest,
}

/** The number is given to another socket at once: the update is about one or the other, as a whole. */
export const updateAgainstReuse = {
  setup: () => setting({ open: true }),
  threads: [
    updateByFd(0, 1, 1),
    ({ cpus, fds }: Setting): boolean => {
      fdClose(cpus[1], fds[0])
      return fdOpen(cpus[1], FILE_SOCKET, skAlloc(cpus[1], {})) === fds[0]
    },
  ],
  after: atRest,
}
