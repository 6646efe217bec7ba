/**
 * A dump of all sockets, as `ss` asks for it, while one of them is closed, opened, accepted or gets its first element:
 * it shows what it can take hold of.
 */

import { FILE_SOCKET, fdClose, fdOpen } from '../../src/shared/fd-table.ts'
import { SOCK_STREAM, skAlloc } from '../../src/shared/sock.ts'
import { sockDiagDump } from '../../src/shared/sock-diag.ts'
import { atRest, type Setting, setting } from './setting.ts'
import { close, deleteByProgram, getWithCreate } from './steps.ts'

/** What a dump shows: each socket's descriptor with the first words of its values. */
const dump =
  (id: number, wanted: [] | null = [], room?: number) =>
  ({ cpus }: Setting): string => {
    let shown = ''
    sockDiagDump(cpus[id], { type: SOCK_STREAM, storages: wanted, room }, ({ storages }) => {
      shown += `[${storages.map(({ value }) => value[0])}]`
    })
    return shown
  }

/** Few descriptors, since a dump looks at each. */
const few = (elements: number): Setting => setting({ open: true, elements, fds: 6 })

/** The only one is closed. */
export const dumpOfAllAgainstClose = { setup: () => few(0), threads: [dump(0, null), close(1)], after: atRest }

/** Another one is opened. */
export const dumpOfAllAgainstOpen = {
  setup: () => few(0),
  threads: [dump(0), ({ cpus }: Setting): number => fdOpen(cpus[1], FILE_SOCKET, skAlloc(cpus[1], { sport: 80 }))],
  after: atRest,
}

/** It gets its first element. */
export const dumpOfAllAgainstCreate = { setup: () => few(0), threads: [dump(0), getWithCreate(1, 1)], after: atRest }

/** It loses its last one. */
export const dumpOfAllAgainstDelete = { setup: () => few(1), threads: [dump(0), deleteByProgram(1)], after: atRest }

/** Closed and opened again: the number is another socket's. */
export const dumpOfAllAgainstReopen = {
  setup: () => few(0),
  threads: [
    dump(0, null),
    ({ cpus, fds }: Setting): number => {
      fdClose(cpus[1], fds[0])
      return fdOpen(cpus[1], FILE_SOCKET, skAlloc(cpus[1], {}))
    },
  ],
  after: atRest,
}

/** Each socket has a read section of its own, and both are closed meanwhile. */
export const dumpOfTwoAgainstCloses = {
  setup: () => setting({ open: true, sockets: 2, fds: 5 }),
  threads: [
    ({ cpus: [cpu], sockets }: Setting): string => {
      const shown: number[] = []
      sockDiagDump(cpu, { type: SOCK_STREAM, storages: null }, ({ sk }) => shown.push(sockets.indexOf(sk)))
      return `[${shown}]`
    },
    (given: Setting): void => {
      close(1, { socket: 1 })(given)
      close(1)(given)
    },
  ],
  after: atRest,
}

/** There is too little room for the storages at first, and more of them come while it looks again. */
export const dumpWithoutRoomAgainstCreate = {
  setup: () => setting({ open: true, maps: 2, elements: 1, fds: 6 }),
  threads: [dump(0, [], 1), getWithCreate(1, 1, { map: 1 })],
  after: atRest,
}
