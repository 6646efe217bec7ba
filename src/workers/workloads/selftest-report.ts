/**
 * What the kernel's map tests are told, and what each of their CPUs reports.
 */

import type { MapOptions } from '../../shared/map-options.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../../shared/map-options.ts'
import { BPF_F_NO_PREALLOC } from '../../shared/sk-storage-map.ts'

/** Sent to each CPU. `words` is a rendezvous, with room behind it for what the test shares. */
export interface SelftestArgs {
  readonly words: Int32Array
  readonly milliseconds: number
  /** Sockets of each thread. */
  readonly sockets: number
}

/** Word behind the rendezvous: the descriptor that all threads work with. */
export const SHARED_FD = 8
/** Word behind the rendezvous: 0 when the rounds are over. */
export const GO_ON = 9

/** What came of a test on one CPU. */
export interface SelftestReport {
  readonly rounds: number
  /** One sentence for each thing that was not as expected. */
  readonly wrong: readonly string[]
}

/** Sentences kept; a test that fails in a loop says the same thing over and over. */
export const MAX_WRONG = 10

/**
 * The kernel's test map: key 4 bytes, value { int cnt; struct bpf_spin_lock lock; }, BPF_F_NO_PREALLOC, BTF types 1
 * and 3.
 */
export const SELFTEST_MAP: MapOptions = {
  type: BPF_MAP_TYPE_SK_STORAGE,
  keySize: 4,
  valueSize: 8,
  maxEntries: 0,
  flags: BPF_F_NO_PREALLOC,
  lockOffset: 4,
  btfKeyTypeId: 1,
  btfValueTypeId: 3,
  name: 'sk_storage_map',
}
