/**
 * The syscall face: everything by descriptor, errors thrown as BpfError. The same on the main thread and on worker
 * CPUs.
 *
 * A CPU that returns from a syscall holds no pointer, so each ends with a quiescent state. The main thread is a CPU
 * only while it is inside one; between two it is offline, and grace periods don't wait for its event loop.
 */

import { type BtfInfo, btfGet, btfGetFdById, btfInfo, btfLoad } from '../shared/btf/object.ts'
import { btfPut } from '../shared/btf/ref.ts'
import { EBADF, EBADFD, EINVAL, ENOTSUPP, EPERM } from '../shared/errno.ts'
import { fdClose, fileObject, fput, sockfdLookup } from '../shared/fd-table.ts'
import { hashMapDeleteElem, hashMapGetNextKey, hashMapLookupCopy, hashMapUpdateElem } from '../shared/hash-map.ts'
import { type MapInfo, mapCreate, mapGet, mapGetFdById, mapGetNextId, mapInfo } from '../shared/map.ts'
import { BPF_MAP_TYPE_SK_STORAGE, type MapOptions } from '../shared/map-options.ts'
import { mapPut } from '../shared/map-ref.ts'
import { MOST_ID } from '../shared/object-id.ts'
import type { BpfMap, BtfObject, File, Sk, Value } from '../shared/pointer.ts'
import { MAP } from '../shared/records.ts'
import { sockAccept } from '../shared/sk-clone.ts'
import { fdDeleteElem, fdGetNextKey, fdLookupElem, fdUpdateElem } from '../shared/sk-storage.ts'
import { bpfIterSkStorageMap } from '../shared/sk-storage-iter.ts'
import { type SockOptions, sockCookie } from '../shared/sock.ts'
import { socketCreate } from '../shared/socket.ts'
import { BPF_ANY, BPF_F_LOCK } from '../shared/update-flags.ts'
import { mapValueHasSpinLock, valueWords } from '../shared/value.ts'
import type { Cpu } from '../sync/cpu.ts'
import { rcuIsOnline, rcuOffline, rcuOnline, rcuQuiescentState } from '../sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { BpfError, unwrap } from './bpf-error.ts'

/** The syscalls of one CPU, by descriptor. Each throws BpfError with the errno that the kernel would return. */
export type Syscalls = ReturnType<typeof syscallsOf>

/** Which of the four batch commands. */
export type BatchOperation = 'LOOKUP' | 'LOOKUP_AND_DELETE' | 'UPDATE' | 'DELETE'

/**
 * The syscalls of a CPU. Descriptors are numbers; keys and values are Int32Array of ceil(size / 4) words, as a value
 * type's encode makes them (a key of sk storage is a socket's descriptor). Every one of them throws BpfError with the
 * kernel's errno. A caller that is not `capable` is a process without CAP_BPF and CAP_SYS_ADMIN: it may use what is
 * open, but not load BTF, make a map of sk storage or open anything by id (EPERM).
 */
export function syscallsOf(cpu: Cpu, capable = true) {
  /** Runs a syscall on this CPU, which comes online for it if it is not. */
  function enter<T>(call: () => T): T {
    if (rcuIsOnline(cpu)) {
      const result = call()
      rcuQuiescentState(cpu)
      return result
    }
    rcuOnline(cpu)
    try {
      return call()
    } finally {
      rcuOffline(cpu)
    }
  }

  /** Runs `call` with a reference on the map behind `fd`. */
  function withMap<T>(name: string, fd: number, call: (map: BpfMap) => T): T {
    return enter(() => {
      const map = unwrap(name, mapGet(cpu, fd), `map ${fd}`) as BpfMap
      try {
        return call(map)
      } finally {
        mapPut(cpu, map)
      }
    })
  }

  /** As in the kernel flags that no lookup knows are refused before the descriptor is looked at. */
  function checkLookupFlags(name: string, flags: number): void {
    if (flags !== 0 && flags !== BPF_F_LOCK) throw new BpfError(name, EINVAL, `flags ${flags}`)
  }

  /** What only a capable caller may do. */
  function checkCapable(name: string, detail: string): void {
    if (!capable) throw new BpfError(name, EPERM, detail)
  }

  const isStorage = (map: BpfMap) => cpu.words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE
  /** The descriptor that a key of sk storage is. EINVAL for a key of another size. */
  function descriptor(name: string, map: BpfMap, key: number | Int32Array): number {
    if (typeof key === 'number') return key
    if (key instanceof Int32Array && key.length === 1) return key[0]
    throw new BpfError(
      name,
      EINVAL,
      `${show(key)} for a map of type ${cpu.words[map + MAP.type]}, expected a descriptor`,
    )
  }

  /** The words that a key of a hash map is. EINVAL for a key of another size: we are given values, not addresses. */
  function keyWords(name: string, map: BpfMap, key: number | Int32Array): Int32Array {
    const count = (cpu.words[map + MAP.keySize] + 3) >> 2
    if (key instanceof Int32Array && key.length === count) return key
    throw new BpfError(
      name,
      EINVAL,
      `${show(key)} for a map of type ${cpu.words[map + MAP.type]}, expected ${count} words`,
    )
  }

  const show = (key: number | Int32Array) => (key instanceof Int32Array ? `key [${key.join(' ')}]` : `fd ${key}`)

  return {
    cpu,

    /** Opens a socket: its descriptor. ENOMEM, EMFILE. */
    socket(options: SockOptions = {}): number {
      return enter(() => unwrap('socket', socketCreate(cpu, options), ''))
    },

    /** Accepts a connection on a listener: the child's descriptor. EBADF, ENOTSOCK, EINVAL, ENOMEM, EMFILE. */
    accept(fd: number): number {
      return enter(() => unwrap('accept', sockAccept(cpu, fd), `fd ${fd}`))
    },

    /** Closes a socket, map or BTF object. EBADF. */
    close(fd: number): void {
      enter(() => unwrap('close', fdClose(cpu, fd), `fd ${fd}`))
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
        const btf = btfGet(cpu, fd)
        unwrap('BPF_OBJ_GET_INFO_BY_FD', btf === -EBADF ? -EBADFD : btf, `BTF ${fd}`)
        const info = btfInfo(cpu, btf as BtfObject)
        btfPut(cpu, btf as BtfObject)
        return info
      })
    },

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
     * What is known of a map. EBADFD (not EBADF) for a number that is no open descriptor, EINVAL for what is no map.
     * Model: bpf_obj_get_info_by_fd().
     */
    mapInfo(fd: number): MapInfo {
      return enter(() => {
        const map = mapGet(cpu, fd)
        unwrap('BPF_OBJ_GET_INFO_BY_FD', map === -EBADF ? -EBADFD : map, `map ${fd}`)
        const info = mapInfo(cpu, map as BpfMap)
        mapPut(cpu, map as BpfMap)
        return info
      })
    },

    /** A copy of the value. ENOENT, EBADF, ENOTSOCK, EINVAL, also for a key of the wrong size. */
    mapLookup(fd: number, key: number | Int32Array, flags = 0): Int32Array {
      checkLookupFlags('BPF_MAP_LOOKUP_ELEM', flags)
      return withMap('BPF_MAP_LOOKUP_ELEM', fd, (map) => {
        const out = new Int32Array(valueWords(cpu.words, map))
        const err = isStorage(map)
          ? fdLookupElem(cpu, map, descriptor('BPF_MAP_LOOKUP_ELEM', map, key), out, flags)
          : hashMapLookupCopy(cpu, map, keyWords('BPF_MAP_LOOKUP_ELEM', map, key), out, flags)
        unwrap('BPF_MAP_LOOKUP_ELEM', err, `map ${fd}, ${show(key)}`)
        return out
      })
    },

    /**
     * Sets a value. EINVAL for a key or value of the wrong length too; else as skStorageUpdate and hashMapUpdateElem.
     */
    mapUpdate(fd: number, key: number | Int32Array, value: Int32Array, flags = BPF_ANY): void {
      withMap('BPF_MAP_UPDATE_ELEM', fd, (map) => {
        let err = -EINVAL
        if (value.length === valueWords(cpu.words, map)) {
          err = isStorage(map)
            ? fdUpdateElem(cpu, map, descriptor('BPF_MAP_UPDATE_ELEM', map, key), value, flags)
            : hashMapUpdateElem(cpu, map, keyWords('BPF_MAP_UPDATE_ELEM', map, key), 0, value, flags)
        }
        unwrap('BPF_MAP_UPDATE_ELEM', err, `map ${fd}, ${show(key)}, ${value.length} words, flags ${flags}`)
      })
    },

    /** Removes a value. ENOENT, EBADF, ENOTSOCK, EINVAL for a key of the wrong size. */
    mapDelete(fd: number, key: number | Int32Array): void {
      withMap('BPF_MAP_DELETE_ELEM', fd, (map) => {
        const err = isStorage(map)
          ? fdDeleteElem(cpu, map, descriptor('BPF_MAP_DELETE_ELEM', map, key))
          : hashMapDeleteElem(cpu, map, keyWords('BPF_MAP_DELETE_ELEM', map, key), 0)
        unwrap('BPF_MAP_DELETE_ELEM', err, `map ${fd}, ${show(key)}`)
      })
    },

    /**
     * Lookup and delete in one: for queues and stacks in Linux 5.2, and we have none. EINVAL for flags as mapLookup,
     * EBADF, else ENOTSUPP.
     */
    mapLookupAndDelete(fd: number, _key: number | Int32Array, flags = 0): Int32Array {
      checkLookupFlags('BPF_MAP_LOOKUP_AND_DELETE_ELEM', flags)
      return withMap('BPF_MAP_LOOKUP_AND_DELETE_ELEM', fd, (map) => {
        const noLock = (flags & BPF_F_LOCK) !== 0 && !mapValueHasSpinLock(cpu.words, map)
        throw new BpfError('BPF_MAP_LOOKUP_AND_DELETE_ELEM', noLock ? EINVAL : ENOTSUPP, `map ${fd}`)
      })
    },

    /**
     * Batch operations (BPF_MAP_LOOKUP_BATCH and its three kin, Linux 5.6): for types that have them, and sk storage
     * has none: EBADF, else ENOTSUPP, whatever else is asked. Our hash map, of Linux 5.2, has none either.
     */
    mapBatch(operation: BatchOperation, fd: number): never {
      const name = `BPF_MAP_${operation}_BATCH`
      return withMap(name, fd, () => {
        throw new BpfError(name, ENOTSUPP, `map ${fd}`)
      })
    },

    /**
     * The key behind `key` in a hash map, or the first for null. ENOENT behind the last; ENOTSUPP for sk storage,
     * always.
     */
    mapGetNextKey(fd: number, key: Int32Array | null): Int32Array {
      return withMap('BPF_MAP_GET_NEXT_KEY', fd, (map) => {
        const out = new Int32Array((cpu.words[map + MAP.keySize] + 3) >> 2)
        unwrap(
          'BPF_MAP_GET_NEXT_KEY',
          isStorage(map)
            ? fdGetNextKey()
            : hashMapGetNextKey(cpu, map, key && keyWords('BPF_MAP_GET_NEXT_KEY', map, key), out),
          `map ${fd}`,
        )
        return out
      })
    },

    /**
     * Shows every element of a map of sk storage, inside a read section; returns how many. `show` may return false to
     * stop. EBADF, EINVAL.
     */
    mapIterate(fd: number, show: (sk: Sk, value: Value) => boolean | undefined): number {
      return withMap('BPF_ITER_CREATE', fd, (map) => {
        unwrap('BPF_ITER_CREATE', isStorage(map) ? 0 : -EINVAL, `map ${fd}`)
        return bpfIterSkStorageMap(cpu, map, (_cpu, sk, value) => show(sk, value))
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
