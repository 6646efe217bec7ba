/**
 * What a map is made from, and the types there are.
 */

/** Map type: a hash map. */
export const BPF_MAP_TYPE_HASH = 1
/** Map type: an array, whose values are all there from the beginning. */
export const BPF_MAP_TYPE_ARRAY = 2
/** Map type: an array with values of each CPU's own. */
export const BPF_MAP_TYPE_PERCPU_ARRAY = 6
/** Map type: socket-local storage. Model: Linux 5.2. */
export const BPF_MAP_TYPE_SK_STORAGE = 24

/** What BPF_MAP_CREATE is told. Sizes in bytes. */
export interface MapOptions {
  /** A `BPF_MAP_TYPE_*`. */
  readonly type: number
  /** 4 for sk storage, whose key is a socket's descriptor. */
  readonly keySize: number
  /** At least 1; for sk storage at most 65 407. */
  readonly valueSize: number
  /** 0 for sk storage, which is bounded by its sockets. */
  readonly maxEntries: number
  /** `BPF_F_*`; sk storage needs `BPF_F_NO_PREALLOC` and may have `BPF_F_CLONE`. */
  readonly flags: number
  /**
   * Descriptor of the BTF object that the type ids below refer to. Without it lockOffset and keyIsInt say what it would
   * say.
   */
  readonly btfFd?: number
  /** Type of the key, in that BTF object. */
  readonly btfKeyTypeId?: number
  /** Type of the value, in that BTF object. */
  readonly btfValueTypeId?: number
  /** Byte offset of the value's bpf_spin_lock, or -1. */
  readonly lockOffset?: number
  /** Whether btfKeyTypeId names a 32-bit integer. True unless given. */
  readonly keyIsInt?: boolean
  /** Up to 15 bytes of A-Z a-z 0-9 _ and dot. */
  readonly name?: string
}
