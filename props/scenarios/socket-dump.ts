/**
 * C1, C13: a dump of a socket, as `ss` asks for, reads every element that it comes to, and asks its map for its size,
 * while others change and remove both.
 */

import { fileObject, fput, sockfdLookup } from '../../src/shared/fd-table.ts'
import type { File, Sk } from '../../src/shared/pointer.ts'
import { skStorageDiagPut } from '../../src/shared/sk-storage-diag.ts'
import { atRest, type Setting, setting } from './setting.ts'
import { close, deleteByProgram, freeMap, getWithCreate, updateByFd } from './steps.ts'

const BPF_F_LOCK = 4
const start = { elements: 1, open: true }

/** The values of whatever the socket has, by whoever holds a reference on it: 'cnt seq' for each. */
const dump =
  (id: number) =>
  ({ cpus, sockets }: Setting): string =>
    valuesOf(skStorageDiagPut(cpus[id], { maps: [] }, sockets[0], 4096).storages)

/**
 * The same as a dump of all sockets comes to it: by its descriptor, with a reference on the file for as long as it
 * looks.
 */
const dumpOpen =
  (id: number) =>
  ({ cpus, fds }: Setting): string => {
    const file = sockfdLookup(cpus[id], fds[0])
    if (file < 0) return 'closed'
    const sk = fileObject(cpus[id], file as File) as Sk
    const values = valuesOf(skStorageDiagPut(cpus[id], { maps: [] }, sk, 4096).storages)
    fput(cpus[id], file as File)
    return values
  }

function valuesOf(storages: readonly { readonly value: Int32Array }[]): string {
  return `[${storages.map(({ value }) => `${value[0]} ${value[2]}`)}]`
}

/** Against an update in place: a value is shown as it was or as it is. */
export const dumpAgainstLockedUpdate = {
  setup: () => setting(start),
  threads: [dump(0), updateByFd(1, 1, BPF_F_LOCK)],
  after: atRest,
}

/** Against a deletion, which frees element and storage. */
export const dumpAgainstDelete = {
  setup: () => setting(start),
  threads: [dump(0), deleteByProgram(1)],
  after: atRest,
}

/** Against the first element of a socket. */
export const dumpAgainstCreate = {
  setup: () => setting({ open: true }),
  threads: [dump(0), getWithCreate(1, 1)],
  after: atRest,
}

/** C13: against the freeing of the map, whose record the dump reads for the value's size without a reference on it. */
export const dumpAgainstMapFree = {
  setup: () => setting(start),
  threads: [dump(0), freeMap(1)],
  after: atRest,
}

/** Against the last close of the socket. */
export const dumpAgainstClose = {
  setup: () => setting(start),
  threads: [dumpOpen(0), close(1)],
}
