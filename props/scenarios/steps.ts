/**
 * What the threads of the scenarios do: one operation each, on one map and one socket, by CPU number.
 *
 * A step makes a thread. A program runs in one read section. It may use a socket on which somebody holds a reference
 * for it, as the packet does that it runs for, or one that was found under RCU, which only a SOCK_RCU_FREE socket
 * allows.
 */

import { fdClose } from '../../src/shared/fd-table.ts'
import type { BpfMap, Value } from '../../src/shared/pointer.ts'
import { FILE, HEADER } from '../../src/shared/records.ts'
import { fdDeleteElem, fdLookupElem, fdUpdateElem, skStorageDelete, skStorageGet } from '../../src/shared/sk-storage.ts'
import { sockPut } from '../../src/shared/sock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { rcuDereference } from '../../src/sync/rcu.ts'
import { inReadSection, putMap, type Setting, twice } from './setting.ts'

/** Which map and which socket of the setting a step is about; the first of each unless said. */
export interface At {
  readonly map?: number
  readonly socket?: number
}

/** A thread of a scenario: what it does with the setting, and what it returns. */
export type Thread<Result> = (given: Setting) => Result

/**
 * A program that makes the element if there is none, and returns what it finds there: `word`, what was there before, or
 * 0 for NULL.
 */
export const getWithCreate =
  (id: number, word: number, { map = 0, socket = 0 }: At = {}): Thread<number> =>
  ({ cpus, maps, sockets }) =>
    inReadSection(cpus[id], () => read(cpus[id], skStorageGet(cpus[id], maps[map], sockets[socket], twice(word), 1)))

/** A program that looks the element up and returns its value, or 0 for NULL. */
export const get =
  (id: number, { map = 0, socket = 0 }: At = {}): Thread<number> =>
  ({ cpus, maps, sockets }) =>
    inReadSection(cpus[id], () => read(cpus[id], skStorageGet(cpus[id], maps[map], sockets[socket], null, 0)))

/**
 * A program that looks the element up, returns its value, and looks at the value again at the end of its section: the
 * pointer must be good until then.
 */
export const getAndHold =
  (id: number, { map = 0, socket = 0 }: At = {}): Thread<string> =>
  ({ cpus, maps, sockets }) =>
    inReadSection(cpus[id], () => {
      const value = skStorageGet(cpus[id], maps[map], sockets[socket], null, 0)
      const before = read(cpus[id], value)
      // Others act between these two looks.
      const again = skStorageGet(cpus[id], maps[map], sockets[socket], null, 0)
      return `${before}, ${again === 0 ? 'gone' : again === value ? 'there' : 'replaced'}, ${read(cpus[id], value)}`
    })

/** A program that deletes: 0 or -ENOENT. */
export const deleteByProgram =
  (id: number, { map = 0, socket = 0 }: At = {}): Thread<number> =>
  ({ cpus, maps, sockets }) =>
    inReadSection(cpus[id], () => skStorageDelete(cpus[id], maps[map], sockets[socket]))

/** BPF_MAP_UPDATE_ELEM: 0 or -errno. */
export const updateByFd =
  (id: number, word: number, flags: number, { map = 0, socket = 0 }: At = {}): Thread<number> =>
  ({ cpus, maps, fds }) =>
    fdUpdateElem(cpus[id], maps[map], fds[socket], twice(word), flags)

/** BPF_MAP_DELETE_ELEM: 0 or -errno. */
export const deleteByFd =
  (id: number, { map = 0, socket = 0 }: At = {}): Thread<number> =>
  ({ cpus, maps, fds }) =>
    fdDeleteElem(cpus[id], maps[map], fds[socket])

/** BPF_MAP_LOOKUP_ELEM: 'cnt seq' or -errno. */
export const lookupByFd =
  (id: number, flags: number, { map = 0, socket = 0 }: At = {}): Thread<string | number> =>
  ({ cpus, maps, fds }) => {
    const out = new Int32Array(3)
    const err = fdLookupElem(cpus[id], maps[map], fds[socket], out, flags)
    return err === 0 ? `${out[0]} ${out[2]}` : err
  }

/** close(): 0 or -EBADF. */
export const close =
  (id: number, { socket = 0 }: At = {}): Thread<number> =>
  ({ cpus, fds }) =>
    fdClose(cpus[id], fds[socket])

/** close() of a map's descriptor, with the freeing of the map if that was the last reference. */
export const closeMap =
  (id: number, { map = 0 }: At = {}): Thread<number> =>
  ({ cpus, mapFds }) => {
    const err = fdClose(cpus[id], mapFds[map])
    runDeferredWork(cpus[id])
    return err
  }

/** Drops the last reference on a socket that has no descriptor. */
export const lastPut =
  (id: number, { socket = 0 }: At = {}): Thread<void> =>
  ({ cpus, sockets }) =>
    sockPut(cpus[id], sockets[socket])

/** Drops the last reference on a map and frees it, with both grace periods. */
export const freeMap =
  (id: number, { map = 0 }: At = {}): Thread<void> =>
  ({ cpus, maps }) =>
    putMap(cpus[id], maps[map])

/**
 * The map behind a descriptor, in a read section and without a reference on it: readable until the section ends. 0 if
 * it is closed.
 */
export function mapUnderRcu(cpu: Cpu, fd: number): BpfMap {
  const file = rcuDereference(cpu.words, cpu.words[HEADER.fds] + fd)
  return (file <= 0 ? 0 : cpu.words[file + FILE.object]) as BpfMap
}

/** The first word of a value, which nobody writes while it can be read here; 0 for NULL. */
function read(cpu: Cpu, value: Value): number {
  return value === 0 ? 0 : cpu.words[value]
}
