/**
 * References on maps. Descriptors, loaded programs, iterators and clones under way hold one each; the last one frees
 * the map.
 */

import type { Cpu } from '../sync/cpu.ts'
import { queueWork } from '../sync/deferred-work.ts'
import { refcountDecAndTest, refcountInc, refcountIncNotZero } from '../sync/refcount.ts'
import { spinLock, spinUnlock } from '../sync/spin-lock.ts'
import { CALLBACK } from './callbacks.ts'
import { hlistDelInitRcu } from './hlist.ts'
import type { BpfMap } from './pointer.ts'
import { HEADER, MAP } from './records.ts'
import { kasanCheck } from './sanitizer.ts'

/** Takes another reference where one is held. Model: bpf_map_inc(). */
export function mapInc(cpu: Cpu, map: BpfMap): void {
  kasanCheck(cpu, map, MAP.SIZE)
  refcountInc(cpu.words, map + MAP.refcount)
}

/**
 * Takes a reference unless the map is being freed. In a read section, or under the lock of the list of maps. Model:
 * bpf_map_inc_not_zero().
 */
export function mapIncNotZero(cpu: Cpu, map: BpfMap): boolean {
  kasanCheck(cpu, map, MAP.SIZE)
  return refcountIncNotZero(cpu.words, map + MAP.refcount)
}

/**
 * Drops a reference. The last one takes the map off the list of ids and leaves the freeing, which sleeps, to the
 * kworker. Model: bpf_map_put().
 */
export function mapPut(cpu: Cpu, map: BpfMap): void {
  const { words } = cpu
  kasanCheck(cpu, map, MAP.SIZE)
  if (!refcountDecAndTest(words, map + MAP.refcount)) return
  spinLock(cpu, HEADER.mapsLock)
  hlistDelInitRcu(words, map + MAP.allNode)
  spinUnlock(cpu, HEADER.mapsLock)
  queueWork(cpu, map + MAP.work, CALLBACK.mapFree)
}
