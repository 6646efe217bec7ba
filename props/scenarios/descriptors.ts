/**
 * Descriptors are given out by two CPUs: a number is reserved under the table's lock, and gets its file without it.
 */

import { FILE_SOCKET, fdClose, fdOpen } from '../../src/shared/fd-table.ts'
import { skAlloc } from '../../src/shared/sock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { atRest, type Setting, setting } from './setting.ts'

const open = (cpu: Cpu): number => fdOpen(cpu, FILE_SOCKET, skAlloc(cpu, {}))

/**
 * One opens a socket. The other closes one below, so that the search for a number begins there, and opens two: it comes
 * past the number that is just being installed.
 */
export const openAgainstReopen = {
  setup: () => setting({ open: true }),
  threads: [
    ({ cpus }: Setting): number => open(cpus[0]),
    ({ cpus, fds }: Setting): string => {
      fdClose(cpus[1], fds[0])
      return `${open(cpus[1])} ${open(cpus[1])}`
    },
  ],
  after: atRest,
}
