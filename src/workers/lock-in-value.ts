/**
 * Whether a word is the bpf_spin_lock of a value. The verifier knows from which map a program has each pointer; we look
 * for the map whose element the word would be in.
 */

import { isArrayMap, isArrayValue } from '../shared/array-map.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import type { BpfMap } from '../shared/pointer.ts'
import { HASH_ELEM, HEADER, HLIST_NODE, MAP, SDATA } from '../shared/records.ts'
import type { Cpu } from '../sync/cpu.ts'
import { rcuDereference } from '../sync/rcu.ts'
import { VerifierError } from './verifier-error.ts'

/** The map of the lock before, which is asked first: a program mostly takes locks of one map. */
let last = 0 as BpfMap

/**
 * Throws VerifierError unless `lock` is the bpf_spin_lock in a value of some map. In a read section, as all that has a
 * pointer to a value is.
 */
export function checkLock(cpu: Cpu, lock: number): void {
  if (!isLockOf(cpu.words, last, lock)) checkAll(cpu, lock)
}

function checkAll(cpu: Cpu, lock: number): void {
  const { words } = cpu
  for (
    let node = rcuDereference(words, HEADER.maps);
    node !== 0;
    node = rcuDereference(words, node + HLIST_NODE.next)
  ) {
    const map = (node - MAP.allNode) as BpfMap
    if (!isLockOf(words, map, lock)) continue
    last = map
    return
  }
  throw new VerifierError(
    'not-a-lock',
    `bpf_spin_lock on CPU ${cpu.id} of word ${lock}, expected the bpf_spin_lock in a value that a helper returned`,
  )
}

/** An element names its map, so that a record which is no map any more has none. */
function isLockOf(words: Int32Array, map: BpfMap, lock: number): boolean {
  const offset = words[map + MAP.lockOffset]
  if (map === 0 || offset < 0) return false
  const value = lock - (offset >> 2)
  if (words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE) return words[value - SDATA.value + SDATA.smap] === map
  if (isArrayMap(words, map)) return isArrayValue(words, map, value)
  return words[value - words[map + MAP.valueOffset] + HASH_ELEM.map] === map
}
