/**
 * What a map is made from, and the types there are.
 */

export const BPF_MAP_TYPE_HASH = 1
export const BPF_MAP_TYPE_SK_STORAGE = 24

/** What BPF_MAP_CREATE is told. Sizes in bytes. */
export interface MapOptions {
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  /** Descriptor of the BTF object that the type ids below refer to. Without it lockOffset and keyIsInt say what it would say. */
  readonly btfFd?: number
  readonly btfKeyTypeId?: number
  readonly btfValueTypeId?: number
  /** Byte offset of the value's bpf_spin_lock, or -1. */
  readonly lockOffset?: number
  /** Whether btfKeyTypeId names a 32-bit integer. True unless given. */
  readonly keyIsInt?: boolean
  /** Up to 15 bytes of A-Z a-z 0-9 _ and dot. */
  readonly name?: string
}
