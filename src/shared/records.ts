/**
 * The layout of everything that lies in the shared memory, in words of 32 bits.
 *
 * One line a field, with who may write it; SIZE comes last. Records begin on a cache line (16 words). The fields that
 * one lookup touches share a line; what two CPUs write never does.
 */

/** `struct hlist_node`: next node, and the word that points to us (0 when on no list). */
export const HLIST_NODE = { next: 0, pprev: 1, SIZE: 2 } as const

/** `struct sock`, as far as storage cares. */
export const SOCK = {
  /** sk_bpf_storage: NULL until the first element; published by cmpxchg, then owned by the storage's lock. */
  storage: 0,
  /** sk_refcnt: 0 means destruction has begun and nothing may be added any more. */
  refcount: 1,
  /** sk_omem_alloc: bytes charged to this socket's option memory, in the kernel's sizes. Atomic. */
  omemAlloc: 2,
  /** SOCK_RCU_FREE and friends; constant after creation. */
  flags: 3,
  /** AF_INET or AF_INET6; constant. */
  family: 4,
  /** SOCK_STREAM or SOCK_DGRAM; constant. */
  type: 5,
  /** TCP_ESTABLISHED, TCP_LISTEN, ...; written by its owner, and by whoever connects or closes it. */
  state: 6,
  /** Source port << 16 | destination port; constant. */
  ports: 7,
  /** 64-bit socket cookie, never reused; constant. */
  cookieLow: 8,
  cookieHigh: 9,
  /** struct rcu_head for SOCK_RCU_FREE: two words. */
  rcu: 10,
  /** Addresses, four words each, IPv4 in the first; constant. */
  saddr: 16,
  daddr: 20,
  /** sk_mark and sk_priority, as setsockopt stores them. */
  mark: 24,
  priority: 25,
  /** bpf_sock_ops_cb_flags: of which events programs want to hear. */
  cbFlags: 26,
  SIZE: 32,
} as const

/** `struct file`: a descriptor's end of a socket, a map or a BTF object. */
export const FILE = {
  /** f_count: one for the descriptor, one for each syscall under way. */
  refcount: 0,
  /** FILE_SOCKET, FILE_MAP or FILE_BTF; constant. */
  kind: 1,
  /** The socket, map or BTF object, on which the file holds one reference; constant. */
  object: 2,
  rcu: 3,
  /** Of a socket: its SOCK_* flags, so that a reader can ask before it touches the socket; constant. */
  flags: 5,
  SIZE: 16,
} as const

/** A loaded program: holds a reference on each of its maps. */
export const BPF_PROG = {
  /** Descriptors and attachments. Atomic. */
  refcount: 0,
  rcu: 1,
  mapCount: 3,
  /** Up to MAX_PROG_MAPS pointers to maps; constant. */
  maps: 4,
  SIZE: 32,
} as const

/** `struct btf`: type data as it was loaded. */
export const BTF = {
  /** Descriptors and maps. Atomic. */
  refcount: 0,
  /** Constant. */
  id: 1,
  /** Node on the list of all BTF objects. Under its lock. */
  allNode: 2,
  /** Bytes of BTF; constant. */
  size: 4,
  /** The bytes, padded with zeroes; constant. */
  bytes: 5,
} as const

/** `struct bpf_sk_storage`. */
export const SK_STORAGE = {
  /** Sixteen pointers to sdata, one line. Stored under the lock, read without. */
  cache: 0,
  /** List of elements (snode). Changed under the lock, walked under RCU. */
  list: 16,
  /** The owner, NULL once the last element is gone. Written under the lock. */
  sk: 17,
  /** raw_spinlock_t. */
  lock: 18,
  rcu: 19,
  /** Table for elements that found their slot taken, or NULL. Stored under the lock, read without. */
  overflow: 21,
  SIZE: 32,
} as const

/**
 * What a storage with more maps than slots has beside them: one entry for each place up to the highest that is in use.
 */
export const OVERFLOW = {
  rcu: 0,
  /** Entries; constant. */
  count: 2,
  /** Pointers to sdata. Stored under the storage's lock, read without. */
  entries: 4,
} as const

/** Slots in a storage's cache. A map keeps one slot number for life. */
export const CACHE_SIZE = 16

/** Places in overflow tables. Maps beyond them have none, and are found on the list. */
export const PLACES = 1024

/** `struct bpf_sk_storage_elem`. Its links, and sdata behind them: with a value of up to 32 bytes all in one line. */
export const SELEM = {
  /** Node on the map's bucket. Under the bucket's lock. */
  mapNode: 0,
  /** Node on the socket's list. Under the storage's lock. */
  snode: 2,
  /** The storage; set before the element is published, then constant. */
  storage: 4,
  rcu: 5,
  /** sdata.smap: the map this element belongs to; constant. */
  sdata: 7,
  /** The value, on an even word. */
  value: 8,
} as const

/** `struct bpf_sk_storage_data`, inside an element. */
export const SDATA = { smap: 0, value: 1 } as const

/** `struct bpf_map` and, behind it, what each type adds. */
export const MAP = {
  /** Read by each lookup; constant after creation. */
  type: 0,
  /** Slot of this map in every storage's cache; constant. */
  cacheIdx: 1,
  flags: 2,
  keySize: 3,
  valueSize: 4,
  /** Byte offset of the value's bpf_spin_lock, or -1. */
  lockOffset: 5,
  /** Number of buckets is 1 << bucketLog. */
  bucketLog: 6,
  /** Array of BUCKET. */
  buckets: 7,
  /** Bytes charged to a socket for one element; constant. */
  elemSize: 8,
  /** Words one element takes in our memory; constant. */
  elemWords: 9,
  /** Entry of this map in every storage's overflow table, or -1; constant. */
  place: 10,
  id: 11,
  btfKeyTypeId: 12,
  btfValueTypeId: 13,
  /** Hash: value's offset in an element, in words. */
  valueOffset: 14,
  /** The BTF object that the type ids refer to, with a reference on it, or 0; constant. */
  btf: 15,

  /** References: descriptors, loaded programs, iterators, clones under way. Atomic. */
  refcount: 16,
  /** Node on the list of all maps. Under its lock. */
  allNode: 17,
  /** Head for deferred work. */
  work: 19,
  /** Name, 16 bytes, NUL-padded; constant. */
  name: 21,
  /** Hash: the array of preallocated elements, and how many there are. Array: the values, and of how many CPUs. */
  elems: 25,
  elemCount: 26,
  /** Hash: per-CPU free lists. */
  freeLists: 27,
  maxEntries: 28,
  /** Not 0: syscalls may not change its values any more. Atomic. */
  frozen: 29,

  /** Hash: live elements. Atomic, on its own line. */
  count: 32,
  SIZE: 48,
} as const

/** `struct bucket`: one line each, so that two CPUs in neighbouring buckets don't share one. */
export const BUCKET = { list: 0, lock: 1, SIZE: 16 } as const

/** A hash map's bucket: packed, since there are many. */
export const HASH_BUCKET = { list: 0, lock: 1, SIZE: 2 } as const

/** An element of a hash map; the key follows, then the value on an even word. */
export const HASH_ELEM = {
  node: 0,
  rcu: 2,
  /** The map it belongs to; constant. */
  map: 4,
  hash: 5,
  key: 6,
} as const

/** One CPU's free elements of a hash map. */
export const HASH_FREE_LIST = { head: 0, lock: 1, SIZE: 16 } as const

/** What stands at the very beginning: what the memory is, and where its parts lie. */
export const HEADER = {
  /**
   * Words that stay 0 and that nothing is kept in, as many as the largest record has: a store to any field through NULL
   * lands here, and a check says so.
   */
  null: 0,

  magic: 48,
  version: 49,
  /** Hash of all layouts in this file. */
  fingerprint: 50,
  /** Size of the whole memory in words. */
  words: 51,
  cpus: 52,
  maxFds: 53,
  /** net.core.optmem_max in bytes. */
  optmemMax: 54,
  /** Shadow of the sanitizer, one byte a word; 0 when it is off. */
  shadow: 55,
  /** Sanitizer: per-CPU rings of freed objects. */
  quarantine: 56,
  rcu: 57,
  fds: 58,
  depots: 59,
  heap: 60,
  heapEnd: 61,
  /** Per-CPU counters of socket cookies, a line each. */
  cookies: 62,
  /** Words behind each object of the heap that belong to none. */
  redzone: 63,

  fdLock: 64,
  /** No descriptor below this one is free. Under fdLock. */
  fdHint: 65,
  /** First word never allocated. Atomic. */
  brk: 66,
  /** Sanitizer: the allocation that is to fail, counted down; 0 for none. */
  failslab: 67,

  mapsLock: 80,
  /** All maps. Under mapsLock. */
  maps: 81,
  /** See object-id.ts. Under mapsLock. */
  nextMapId: 82,
  btfsLock: 83,
  /** All BTF objects. Under btfsLock. */
  btfs: 84,
  /** See object-id.ts. Under btfsLock. */
  nextBtfId: 85,
  /** How many maps use each cache slot. Under mapsLock. */
  cacheUsage: 96,
  /** Which places maps have, one bit each. Under mapsLock. */
  places: 112,
  SIZE: 144,
} as const
