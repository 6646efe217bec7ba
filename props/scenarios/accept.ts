/**
 * C15: accept4() as a whole: it reserves a number, clones the listener and installs the child, while the listener is
 * closed, its element deleted, its map freed, or another connection accepted.
 */

import { sockAccept } from '../../src/shared/sk-clone.ts'
import { atRest, type Setting, setting } from './setting.ts'
import { close, deleteByProgram, freeMap } from './steps.ts'

const listener = (elements = 1) => setting({ listening: true, open: true, elements })

/** accept4(): the child's descriptor, or -errno. */
const accept =
  (id: number) =>
  ({ cpus, fds }: Setting): number =>
    sockAccept(cpus[id], fds[0])

/** Against the close of the listener. The number that was reserved is given back, or is the child's. */
export const acceptAgainstClose = { setup: () => listener(0), threads: [accept(0), close(1)], after: atRest }

/** Against the deletion of the listener's only element. */
export const acceptAgainstDelete = {
  setup: () => listener(),
  threads: [accept(0), deleteByProgram(1)],
  after: atRest,
}

/**
 * Against the freeing of the map whose element it copies. The clone's reference on the map may be the last: then the
 * freeing is left to a kworker that is not here.
 */
export const acceptAgainstMapFree = { setup: () => listener(), threads: [accept(0), freeMap(1)] }

/** Two at once: two children with two numbers. */
export const twoAccepts = { setup: () => listener(0), threads: [accept(0), accept(1)], after: atRest }
