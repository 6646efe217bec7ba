/**
 * The state of the sequential model: what one CPU would see if nothing ever ran at the same time.
 *
 * Plain objects and numbers, so that a state can be copied with `structuredClone` and compared with `toEqual`.
 * Sockets and maps are named by ids that are never reused, 0 being NULL; the tables own them. Numbers that the
 * storage code also has (errno, flags, charges) are written out again here: a model that borrows them from the
 * code it judges could not disagree with it.
 *
 * Rules: Linux 5.2's net/core/bpf_sk_storage.c, with BPF_F_CLONE of 5.4 and the iterator of 5.9.
 */

export const ENOENT = 2
export const E2BIG = 7
export const EBADF = 9
export const ENOMEM = 12
export const EEXIST = 17
export const EINVAL = 22
export const EMFILE = 24
export const ENOTSOCK = 88
export const EOPNOTSUPP = 95

export const BPF_ANY = 0
export const BPF_NOEXIST = 1
export const BPF_EXIST = 2
export const BPF_F_LOCK = 4

export const BPF_SK_STORAGE_GET_F_CREATE = 1

export const BPF_F_NO_PREALLOC = 1
export const BPF_F_CLONE = 512

export const BPF_MAP_TYPE_SK_STORAGE = 24

/** Bytes that a socket is charged for an element, its value aside: sizeof(struct bpf_sk_storage_elem) on x86-64. */
export const ELEM_CHARGE = 128

/** Bytes that a socket is charged for its first element beyond the element: sizeof(struct bpf_sk_storage). */
export const STORAGE_CHARGE = 168

/** The largest value: U16_MAX less the element around it, since the kernel keeps the sum in a u16. */
export const MAX_VALUE_SIZE = 65535 - ELEM_CHARGE

/** One value of one map on one socket. A program's pointer to the value is this object. */
export interface Element {
  /** The value, 32 bits at a time, little endian; the lock word and the bytes past the value read 0. */
  words: number[]
}

/** A socket. */
export interface Socket {
  /** One for the fd, one for each program that holds the socket. At 0 the socket is dying and takes no element. */
  refs: number
  /** TCP; otherwise UDP. */
  stream: boolean
  /** Whether it accepts connections. */
  listening: boolean
  /** SOCK_RCU_FREE: the elements live on for a grace period after the last reference. */
  rcuFree: boolean
  /** By map id. `sk_bpf_storage` exists exactly while this is not empty. */
  elements: Map<number, Element>
}

/** A map of sk storage. */
export interface SkMap {
  /** One for the fd, one for each program that holds the map. At 0 the map waits for deferred work to free it. */
  refs: number
  /** Bytes. */
  valueSize: number
  /** Byte offset of the value's bpf_spin_lock, -1 without one. */
  lockOffset: number
  /** Made with BPF_F_CLONE. */
  clone: boolean
}

/** What an fd stands for. */
export interface File {
  /** What it is. BTF objects are only told from the others: who makes them counts them. */
  kind: 'socket' | 'map' | 'btf'
  /** Which one: a key of `sockets` or of `maps`. */
  id: number
}

/** All that there is. */
export interface Model {
  /** Bytes; what a socket is charged stays strictly below it. */
  optmemMax: number
  /** How many fds the table has room for: 3 up to this number, not included. */
  maxFds: number
  /** Open descriptors. */
  fds: Map<number, File>
  /** Alive ones, and dying ones whose grace period is not over. */
  sockets: Map<number, Socket>
  /** Alive ones, and dying ones that deferred work has not freed. */
  maps: Map<number, SkMap>
  /** Id of the next socket. */
  nextSocket: number
  /** Id of the next map. */
  nextMap: number
}

/** A model in which nothing has been opened. */
export function createModel(options: { optmemMax: number; maxFds: number }): Model {
  return { ...options, fds: new Map(), sockets: new Map(), maps: new Map(), nextSocket: 1, nextMap: 1 }
}

/** How many words hold a value of this many bytes. */
export function wordsOf(valueSize: number): number {
  return Math.ceil(valueSize / 4)
}

/** `sk_omem_alloc`: what the socket is charged, in bytes. Not counted up and down but derived, so it can't drift. */
export function omemAlloc(model: Model, socket: Socket): number {
  let bytes = socket.elements.size > 0 ? STORAGE_CHARGE : 0
  for (const map of socket.elements.keys()) bytes += ELEM_CHARGE + model.maps.get(map)!.valueSize
  return bytes
}
