/**
 * The flags of an update, the same for every type of map.
 */

/** Creates or replaces. */
export const BPF_ANY = 0
/** Creates only: -EEXIST if there is one. */
export const BPF_NOEXIST = 1
/** Replaces only: -ENOENT if there is none. */
export const BPF_EXIST = 2
/** Copies the value under its bpf_spin_lock, in place where one exists. */
export const BPF_F_LOCK = 4

/**
 * Whether these are the flags of an update: one of the three modes, with BPF_F_LOCK or without. In the kernel they are
 * a u64; any other number is refused.
 */
export function updateFlagsValid(flags: number): boolean {
  return (flags | 0) === flags && (flags & ~BPF_F_LOCK) >>> 0 <= BPF_EXIST
}
