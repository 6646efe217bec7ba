/**
 * What a word of the memory is, in words: for reports about a lock that never came free.
 */

import { isArrayMap } from './array-map.ts'
import { FILE_SOCKET } from './fd-table.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from './map-options.ts'
import type { Memory } from './memory.ts'
import type { BpfMap } from './pointer.ts'
import { BUCKET, FILE, HASH_BUCKET, HEADER, MAP, SELEM, SK_STORAGE, SOCK } from './records.ts'
import { DEPOT, SIZE_CLASSES } from './slab-layout.ts'
import { mapValueHasSpinLock, valueLock } from './value.ts'

/** Steps after which a walk through memory that others change is given up. */
const LIMIT = 100_000

/**
 * 'the lock of bucket 1 of map 3', 'the lock of the storage of socket fd 7', 'the bpf_spin_lock in the value of map 3
 * at socket fd 7', or 'a lock'. Looks without any lock, since it is asked when one is stuck: a best effort.
 */
export function describeWord(memory: Memory, at: number): string {
  const { words } = memory
  if (at === HEADER.fdLock) return 'the lock of the descriptor table'
  if (at === HEADER.mapsLock) return 'the lock of the list of maps'
  if (at === HEADER.btfsLock) return 'the lock of the list of BTF objects'
  const depot = Math.floor((at - words[HEADER.depots]) / DEPOT.SIZE)
  if (depot >= 0 && depot < SIZE_CLASSES.length)
    return `the lock of the allocator's depot for ${SIZE_CLASSES[depot] * 4} bytes`
  return describeInMaps(words, at) ?? describeInSockets(words, at) ?? 'a lock'
}

function describeInMaps(words: Int32Array, at: number): string | undefined {
  let steps = 0
  for (let node = words[HEADER.maps]; node > 0 && steps++ < LIMIT; node = words[node]) {
    const map = (node - MAP.allNode) as BpfMap
    if (isArrayMap(words, map)) {
      const index = Math.floor((at - words[map + MAP.elems]) / words[map + MAP.elemWords])
      if (index >= 0 && index < words[map + MAP.maxEntries])
        return `the bpf_spin_lock in value ${index} of map ${words[map + MAP.id]}`
      continue
    }
    const size = words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE ? BUCKET.SIZE : HASH_BUCKET.SIZE
    const bucket = Math.floor((at - words[map + MAP.buckets]) / size)
    if (bucket >= 0 && bucket < 1 << words[map + MAP.bucketLog])
      return `the lock of bucket ${bucket} of map ${words[map + MAP.id]}`
  }
  return undefined
}

function describeInSockets(words: Int32Array, at: number): string | undefined {
  // What a damaged header says may be any number.
  const fds = Math.min(words[HEADER.maxFds], words.length)
  for (let fd = 0; fd < fds; fd++) {
    const file = words[words[HEADER.fds] + fd]
    if (file <= 0 || words[file + FILE.kind] !== FILE_SOCKET) continue
    const storage = words[words[file + FILE.object] + SOCK.storage]
    if (!(storage > 0)) continue
    if (at === storage + SK_STORAGE.lock) return `the lock of the storage of socket fd ${fd}`
    let steps = 0
    for (let node = words[storage + SK_STORAGE.list]; node > 0 && steps++ < 1000; node = words[node]) {
      const selem = node - SELEM.snode
      const map = words[selem + SELEM.sdata] as BpfMap
      if (!mapValueHasSpinLock(words, map) || valueLock(words, map, selem + SELEM.value) !== at) continue
      return `the bpf_spin_lock in the value of map ${words[map + MAP.id]} at socket fd ${fd}`
    }
  }
  return undefined
}
