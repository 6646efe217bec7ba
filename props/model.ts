/**
 * The sequential model of sockets, maps and their storages: what each call returns, errno included, and what it
 * changes.
 *
 * Here are the fd table, the references and the calls by fd; the elements are in model-storage.ts, the state in
 * model-state.ts. Every call returns >= 0 or -errno. Where Linux has several reasons to refuse, the first test below is
 * the one that wins there.
 */

import {
  BPF_F_CLONE,
  BPF_F_LOCK,
  BPF_F_NO_PREALLOC,
  BPF_MAP_TYPE_SK_STORAGE,
  E2BIG,
  EBADF,
  EINVAL,
  EMFILE,
  ENOENT,
  ENOTSOCK,
  EOPNOTSUPP,
  type File,
  MAX_VALUE_SIZE,
  type Model,
} from './model-state.ts'
import {
  bpfSkStorageClone,
  locksWithoutLock,
  skStorageDelete,
  skStorageLookup,
  skStorageUpdate,
  u64,
} from './model-storage.ts'

/** 0, 1 and 2 are taken in any process. */
const FIRST_FD = 3

/** Gives a file the lowest free fd, or -EMFILE. */
function fdInstall(model: Model, file: File): number {
  for (let fd = FIRST_FD; fd < model.maxFds; fd++) {
    if (model.fds.has(fd)) continue
    model.fds.set(fd, file)
    return fd
  }
  return -EMFILE
}

/** `close`: 0 or -EBADF. Drops the fd's reference on what it stood for. */
export function fdClose(model: Model, fd: number): number {
  const file = model.fds.get(fd)
  if (file === undefined) return -EBADF
  model.fds.delete(fd)
  if (file.kind === 'socket') sockPut(model, file.id)
  else if (file.kind === 'map') mapPut(model, file.id)
  return 0
}

/** The id of the socket behind an fd with a reference taken, -EBADF, or -ENOTSOCK for a map. */
export function sockfdLookup(model: Model, fd: number): number {
  const file = model.fds.get(fd)
  if (file === undefined) return -EBADF
  if (file.kind !== 'socket') return -ENOTSOCK
  model.sockets.get(file.id)!.refs++
  return file.id
}

/** Drops a reference on a socket; with the last one it dies, at once or (SOCK_RCU_FREE) a grace period later. */
export function sockPut(model: Model, sockId: number): void {
  const socket = model.sockets.get(sockId)!
  if (--socket.refs === 0 && !socket.rcuFree) model.sockets.delete(sockId)
}

/** A grace period has passed and its callbacks have run: dying sockets are gone with their elements. */
export function rcuBarrier(model: Model): void {
  for (const [sockId, socket] of model.sockets) if (socket.refs === 0) model.sockets.delete(sockId)
}

/** What socket creation is asked for, as far as storages care. */
export interface SocketRequest {
  /** TCP; otherwise UDP. */
  stream: boolean
  /** Whether it accepts connections. */
  listening: boolean
  /** Whether it is freed a grace period after its last put. */
  rcuFree: boolean
}

/** `socket`, with what would follow it on the way to this state: an fd, or -EMFILE. */
export function socketCreate(model: Model, request: SocketRequest): number {
  const id = model.nextSocket
  const fd = fdInstall(model, { kind: 'socket', id })
  if (fd < 0) return fd
  model.nextSocket++
  model.sockets.set(id, { ...request, refs: 1, elements: new Map() })
  return fd
}

/**
 * `accept` with a connection waiting: the child's fd, or -EBADF, -ENOTSOCK, -EMFILE, -EOPNOTSUPP (not a stream),
 * -EINVAL (not listening), -ENOMEM (the listener's elements can't be cloned; no child is left). The child is no
 * listener, and never SOCK_RCU_FREE.
 */
export function sockAccept(model: Model, listenerFd: number): number {
  const file = model.fds.get(listenerFd)
  if (file === undefined) return -EBADF
  if (file.kind !== 'socket') return -ENOTSOCK
  const listener = model.sockets.get(file.id)!
  const id = model.nextSocket
  // As in accept4(2), the fd is reserved before the socket is asked.
  const fd = fdInstall(model, { kind: 'socket', id })
  if (fd < 0) return fd
  let err = 0
  if (!listener.stream) err = -EOPNOTSUPP
  else if (!listener.listening) err = -EINVAL
  else {
    model.nextSocket++
    model.sockets.set(id, { refs: 1, stream: true, listening: false, rcuFree: false, elements: new Map() })
    err = bpfSkStorageClone(model, file.id, id)
  }
  if (err === 0) return fd
  model.fds.delete(fd)
  model.sockets.delete(id)
  return err
}

/** What `bpf(BPF_MAP_CREATE)` is asked for. Sizes and offsets in bytes. */
export interface MapRequest {
  /** A `BPF_MAP_TYPE_*`. */
  type: number
  /** Bytes. */
  keySize: number
  /** Bytes. */
  valueSize: number
  /** 0 for sk storage. */
  maxEntries: number
  /** `BPF_F_*`. */
  flags: number
  /** Byte offset of the bpf_spin_lock, or -1. */
  lockOffset: number
  /** 0 for none. */
  btfKeyTypeId: number
  /** 0 for none. */
  btfValueTypeId: number
}

/** `bpf_sk_storage_map_alloc_check` and the fd: an fd, or -EINVAL, -E2BIG, -EMFILE. */
export function mapCreate(model: Model, request: MapRequest): number {
  const { type, keySize, valueSize, maxEntries, flags, lockOffset, btfKeyTypeId, btfValueTypeId } = request
  if (type !== BPF_MAP_TYPE_SK_STORAGE) return -EINVAL
  if (flags !== BPF_F_NO_PREALLOC && flags !== (BPF_F_NO_PREALLOC | BPF_F_CLONE)) return -EINVAL
  if (maxEntries !== 0 || keySize !== 4 || valueSize === 0) return -EINVAL
  if (btfKeyTypeId === 0 || btfValueTypeId === 0) return -EINVAL
  if (valueSize > MAX_VALUE_SIZE) return -E2BIG
  // Linux finds the lock in the value's BTF, where it can't lie elsewhere.
  if (lockOffset !== -1 && (lockOffset < 0 || lockOffset % 4 !== 0 || lockOffset + 4 > valueSize)) return -EINVAL
  // The id is gone even if there is no fd left.
  const id = model.nextMap++
  const fd = fdInstall(model, { kind: 'map', id })
  if (fd < 0) return fd
  model.maps.set(id, { refs: 1, valueSize, lockOffset, clone: flags !== BPF_F_NO_PREALLOC })
  return fd
}

/** The id of the map behind an fd with a reference taken, -EBADF, or -EINVAL for a socket. */
export function mapGet(model: Model, fd: number): number {
  const file = model.fds.get(fd)
  if (file === undefined) return -EBADF
  if (file.kind !== 'map') return -EINVAL
  model.maps.get(file.id)!.refs++
  return file.id
}

/** `BPF_MAP_GET_FD_BY_ID`: another fd for the map with this id, or -ENOENT (none, or dying) or -EMFILE. */
export function mapGetFdById(model: Model, id: number): number {
  const map = model.maps.get(id)
  if (map === undefined || map.refs === 0) return -ENOENT
  const fd = fdInstall(model, { kind: 'map', id })
  if (fd >= 0) map.refs++
  return fd
}

/** Drops a reference on a map. With the last one it waits for deferred work; its elements stay charged until then. */
export function mapPut(model: Model, mapId: number): void {
  model.maps.get(mapId)!.refs--
}

/** Frees the maps that nobody holds, with their elements wherever they are. Returns how many maps that were. */
export function runDeferredWork(model: Model): number {
  let freed = 0
  for (const [mapId, map] of model.maps) {
    if (map.refs > 0) continue
    for (const socket of model.sockets.values()) socket.elements.delete(mapId)
    model.maps.delete(mapId)
    freed++
  }
  return freed
}

/**
 * Lookup by socket fd: a copy of the value, or -EINVAL (flags other than 0 and F_LOCK, or F_LOCK without a lock),
 * -EBADF, -ENOTSOCK, -ENOENT.
 */
export function fdLookupElem(model: Model, mapId: number, sockFd: number, flags: number): number[] | number {
  if ((u64(flags) & ~BigInt(BPF_F_LOCK)) !== 0n) return -EINVAL
  if (locksWithoutLock(model.maps.get(mapId)!, flags)) return -EINVAL
  return withSocket(model, sockFd, (sockId) => skStorageLookup(model, mapId, sockId)?.words.slice() ?? -ENOENT)
}

/**
 * Update by socket fd: 0 or -errno. The system call itself refuses F_LOCK without a lock, before it looks at the fd;
 * the map refuses other flags, after.
 */
export function fdUpdateElem(
  model: Model,
  mapId: number,
  sockFd: number,
  from: readonly number[],
  flags: number,
): number {
  if (locksWithoutLock(model.maps.get(mapId)!, flags)) return -EINVAL
  return withSocket(model, sockFd, (sockId) => skStorageUpdate(model, mapId, sockId, from, flags))
}

/** Delete by socket fd: 0, -EBADF, -ENOTSOCK or -ENOENT. */
export function fdDeleteElem(model: Model, mapId: number, sockFd: number): number {
  return withSocket(model, sockFd, (sockId) => skStorageDelete(model, mapId, sockId))
}

/** Does something to the socket behind an fd, holding it meanwhile. */
function withSocket<Result>(model: Model, fd: number, act: (sockId: number) => Result): Result | number {
  const sockId = sockfdLookup(model, fd)
  if (sockId < 0) return sockId
  const result = act(sockId)
  sockPut(model, sockId)
  return result
}
