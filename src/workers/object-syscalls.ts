/**
 * The syscalls that make, open, close and tell of what stands behind a descriptor: sockets, BTF objects, maps.
 */

import { type BtfInfo, btfGet, btfGetFdById, btfInfo, btfLoad } from '../shared/btf/object.ts'
import { btfPut } from '../shared/btf/ref.ts'
import { EBADF, EBADFD, EINVAL, ENOTSUPP, EPERM } from '../shared/errno.ts'
import { fileObject, fput, sockfdLookup } from '../shared/fd-table.ts'
import { type MapInfo, mapCreate, mapGet, mapGetFdById, mapGetNextId, mapInfo } from '../shared/map.ts'
import type { MapOptions } from '../shared/map-options.ts'
import { mapPut } from '../shared/map-ref.ts'
import { MOST_ID } from '../shared/object-id.ts'
import type { BpfMap, BtfObject, File, Sk } from '../shared/pointer.ts'
import { MAP } from '../shared/records.ts'
import { sockAccept } from '../shared/sk-clone.ts'
import { type SockOptions, sockCookie } from '../shared/sock.ts'
import { sockClose, sockConnect, socketCreate } from '../shared/socket.ts'
import type { SocketPrograms } from '../shared/socket-programs.ts'
import { mapValueHasSpinLock } from '../shared/value.ts'
import { rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { BpfError, unwrap } from './bpf-error.ts'
import type { SyscallEntry } from './syscall-entry.ts'

/** What stands behind a descriptor, if it can be described: here a number that is none is EBADFD, not EBADF. */
const describable = (got: number, what: string): number =>
  unwrap('BPF_OBJ_GET_INFO_BY_FD', got === -EBADF ? -EBADFD : got, what)

/**
 * Those of sockets, and the read section of whoever holds pointers. `programs` are asked for at each call: what is
 * attached changes.
 */
export function socketSyscalls({ cpu, enter }: SyscallEntry, programs: () => SocketPrograms | undefined) {
  return {
    /** Opens a socket: its descriptor. ENOMEM, EMFILE. */
    socket(options: SockOptions = {}): number {
      return enter(() => unwrap('socket', socketCreate(cpu, options, programs()), ''))
    },

    /** Accepts a connection on a listener: the child's descriptor. EBADF, ENOTSOCK, EINVAL, ENOMEM, EMFILE. */
    accept(fd: number): number {
      return enter(() => unwrap('accept', sockAccept(cpu, fd, programs()), `fd ${fd}`))
    },

    /** Connects a socket to the other end that it was made with. EBADF, ENOTSOCK, EISCONN. */
    connect(fd: number): void {
      enter(() => unwrap('connect', sockConnect(cpu, fd, programs()), `fd ${fd}`))
    },

    /** Closes a socket, map or BTF object. EBADF. */
    close(fd: number): void {
      enter(() => unwrap('close', sockClose(cpu, fd, programs()), `fd ${fd}`))
    },

    /** A socket's cookie. EBADF, ENOTSOCK. */
    cookie(fd: number): bigint {
      return enter(() => {
        const file = unwrap('getsockopt', sockfdLookup(cpu, fd), `fd ${fd}`) as File
        const cookie = sockCookie(cpu, fileObject(cpu, file) as Sk)
        fput(cpu, file)
        return cookie
      })
    },

    /** Runs `program` in a read section, as a BPF program would be. What it returns must not be a pointer. */
    readSection<T>(program: () => T): T {
      return enter(() => {
        rcuReadLock(cpu)
        try {
          return program()
        } finally {
          rcuReadUnlock(cpu)
        }
      })
    },
  }
}

/** Those of BTF objects. */
export function btfSyscalls({ cpu, checkCapable, enter }: SyscallEntry) {
  return {
    /** Loads a BTF object: its descriptor. EPERM, E2BIG, EINVAL, ENOMEM, EMFILE. */
    btfLoad(bytes: Uint8Array): number {
      checkCapable('BPF_BTF_LOAD', `${bytes.length} bytes`)
      return enter(() => unwrap('BPF_BTF_LOAD', btfLoad(cpu, bytes), `${bytes.length} bytes`))
    },

    /** Another descriptor for the BTF object with this id. EPERM, ENOENT, ENOMEM, EMFILE. */
    btfGetFdById(id: number): number {
      checkCapable('BPF_BTF_GET_FD_BY_ID', `id ${id}`)
      return enter(() => unwrap('BPF_BTF_GET_FD_BY_ID', btfGetFdById(cpu, id), `id ${id}`))
    },

    /** A BTF object's id and bytes. EBADFD for a number that is no open descriptor, EINVAL for a map or socket. */
    btfInfo(fd: number): BtfInfo {
      return enter(() => {
        const btf = describable(btfGet(cpu, fd), `BTF ${fd}`) as BtfObject
        const info = btfInfo(cpu, btf)
        btfPut(cpu, btf)
        return info
      })
    },
  }
}

/** Those of maps as such. `capable` callers may make any. */
export function mapSyscalls({ cpu, checkCapable, enter, withMap }: SyscallEntry, capable: boolean) {
  return {
    /** Makes a map: its descriptor. EINVAL, EPERM, E2BIG, EBADF, ENOMEM, EMFILE. */
    mapCreate(options: MapOptions): number {
      return enter(() =>
        unwrap(
          'BPF_MAP_CREATE',
          mapCreate(cpu, options, capable),
          `type ${options.type}, value of ${options.valueSize} bytes`,
        ),
      )
    },

    /** Another descriptor for the map with this id. EPERM, ENOENT, ENOMEM, EMFILE. */
    mapGetFdById(id: number): number {
      checkCapable('BPF_MAP_GET_FD_BY_ID', `id ${id}`)
      return enter(() => unwrap('BPF_MAP_GET_FD_BY_ID', mapGetFdById(cpu, id), `id ${id}`))
    },

    /** The smallest id of a map above `id`, 0 to begin with. EINVAL from 2^31 - 1 on; EPERM; ENOENT behind the last. */
    mapGetNextId(id: number): number {
      if (!(id >= 0 && id < MOST_ID)) throw new BpfError('BPF_MAP_GET_NEXT_ID', EINVAL, `id ${id}`)
      checkCapable('BPF_MAP_GET_NEXT_ID', `id ${id}`)
      return enter(() => unwrap('BPF_MAP_GET_NEXT_ID', mapGetNextId(cpu, id), `id ${id}`))
    },

    /**
     * Keeps syscalls from changing the map's values from now on; programs still may. EPERM, EBADF, EINVAL for what is
     * no map, ENOTSUPP for values with a lock, EPERM for a map that is frozen already. Model: BPF_MAP_FREEZE, which
     * also waits until no process has the values mapped for writing.
     */
    mapFreeze(fd: number): void {
      withMap('BPF_MAP_FREEZE', fd, (map) => {
        unwrap('BPF_MAP_FREEZE', mapValueHasSpinLock(cpu.words, map) ? -ENOTSUPP : 0, `map ${fd}`)
        checkCapable('BPF_MAP_FREEZE', `map ${fd}`)
        const was = Atomics.exchange(cpu.words, map + MAP.frozen, 1)
        unwrap('BPF_MAP_FREEZE', was === 0 ? 0 : -EPERM, `map ${fd}`)
      })
    },

    /**
     * What is known of a map. EBADFD (not EBADF) for a number that is no open descriptor, EINVAL for what is no map.
     * Model: bpf_obj_get_info_by_fd().
     */
    mapInfo(fd: number): MapInfo {
      return enter(() => {
        const map = describable(mapGet(cpu, fd), `map ${fd}`) as BpfMap
        const info = mapInfo(cpu, map)
        mapPut(cpu, map)
        return info
      })
    },
  }
}
