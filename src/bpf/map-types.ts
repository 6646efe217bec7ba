/**
 * The kernel's types of maps by number, and which of them there are here.
 */

import {
  BPF_MAP_TYPE_ARRAY,
  BPF_MAP_TYPE_HASH,
  BPF_MAP_TYPE_PERCPU_ARRAY,
  BPF_MAP_TYPE_SK_STORAGE,
} from '../shared/map-options.ts'

/** Names without BPF_MAP_TYPE_, by number. Source: enum bpf_map_type, Linux 6.18. */
const NAMES: readonly string[] = [
  'UNSPEC',
  'HASH',
  'ARRAY',
  'PROG_ARRAY',
  'PERF_EVENT_ARRAY',
  'PERCPU_HASH',
  'PERCPU_ARRAY',
  'STACK_TRACE',
  'CGROUP_ARRAY',
  'LRU_HASH',
  'LRU_PERCPU_HASH',
  'LPM_TRIE',
  'ARRAY_OF_MAPS',
  'HASH_OF_MAPS',
  'DEVMAP',
  'SOCKMAP',
  'CPUMAP',
  'XSKMAP',
  'SOCKHASH',
  'CGROUP_STORAGE',
  'REUSEPORT_SOCKARRAY',
  'PERCPU_CGROUP_STORAGE',
  'QUEUE',
  'STACK',
  'SK_STORAGE',
  'DEVMAP_HASH',
  'STRUCT_OPS',
  'RINGBUF',
  'INODE_STORAGE',
  'TASK_STORAGE',
  'BLOOM_FILTER',
  'USER_RINGBUF',
  'CGRP_STORAGE',
  'ARENA',
  'INSN_ARRAY',
]

/** Those that are here, by number. */
export const SUPPORTED_MAP_TYPES: ReadonlyMap<number, string> = new Map(
  [BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_SK_STORAGE].map((type) => [
    type,
    NAMES[type],
  ]),
)

/** `RINGBUF` for 27; the number for one that is not known. */
export function mapTypeName(type: number): string {
  return NAMES[type] ?? `${type}`
}
