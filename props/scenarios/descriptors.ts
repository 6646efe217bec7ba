/**
 * Descriptors are given out by two CPUs: a number is reserved under the table's lock, and gets its file without it.
 */

import { FILE_SOCKET, fdClose, fdOpen, fdRelease, fdReserve, fget, sockLookupRcu } from '../../src/shared/fd-table.ts'
import { skAlloc, sockPut } from '../../src/shared/sock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { atRest, inReadSection, type Setting, setting } from './setting.ts'
import { close } from './steps.ts'

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

/** The same number is closed twice: one of the two had it. */
export const twoCloses = { setup: () => setting({ open: true }), threads: [close(0), close(1)], after: atRest }

/** A socket is opened while another CPU closes the number that it may get. */
export const openAgainstCloseOfNumber = {
  setup: () => setting({ open: true }),
  threads: [({ cpus }: Setting): number => open(cpus[0]), close(1)],
  after: atRest,
}

/** The number that is just being given to a new socket is closed by somebody who guesses it. */
export const openAgainstCloseOfItself = {
  setup: () => setting(),
  threads: [({ cpus }: Setting): number => open(cpus[0]), ({ cpus }: Setting): number => fdClose(cpus[1], 3)],
}

/** Reserves a number and gives it back. */
const reserve = ({ cpus }: Setting): number => {
  const fd = fdReserve(cpus[0])
  fdRelease(cpus[0], fd)
  return fd
}

/** A number is reserved and given back while another CPU looks for one. */
export const releaseAgainstOpen = {
  setup: () => setting(),
  threads: [reserve, ({ cpus }: Setting): number => open(cpus[1])],
}

/** A number is reserved and given back while somebody guesses it: to him nothing is open there at any time. */
export const releaseAgainstLookup = {
  setup: () => setting(),
  threads: [reserve, ({ cpus }: Setting): number => fget(cpus[1], 3)],
}

/** Looks under RCU for a socket that it may use until the end of the section. */
const lookup =
  (id: number) =>
  ({ cpus, fds }: Setting): string =>
    inReadSection(cpus[id], () => (sockLookupRcu(cpus[id], fds[0]) === 0 ? 'none' : 'found'))

/** A connected socket is not found so, whether it is being closed or not: its end waits for nobody. */
export const lookupOfConnectedAgainstClose = {
  setup: () => setting({ open: true }),
  threads: [lookup(0), close(1)],
  after: atRest,
}

/** A listener is found while it is opened, or not yet. */
export const lookupOfListenerAgainstOpen = {
  setup: () => ({ ...setting(), fds: [3] }),
  threads: [
    lookup(0),
    ({ cpus }: Setting): number => fdOpen(cpus[1], FILE_SOCKET, skAlloc(cpus[1], { rcuFree: true })),
  ],
}

/** All numbers are taken. One is closed while somebody opens a socket: it gets that one, or none. */
export const openAtTheLimitAgainstClose = {
  setup: () => setting({ open: true, fds: 4 }),
  threads: [
    ({ cpus: [cpu] }: Setting): number => {
      const sk = skAlloc(cpu, {})
      const fd = fdOpen(cpu, FILE_SOCKET, sk)
      if (fd < 0) sockPut(cpu, sk)
      return fd
    },
    close(1),
  ],
  after: atRest,
}
