/**
 * A CPU of a memory: what a thread needs to act there.
 */

import type { Callback, Cpu } from '../sync/cpu.ts'
import { cpuBase } from '../sync/rcu-layout.ts'
import { progFreeCallback } from './bpf-prog.ts'
import { CALLBACK, kfreeCallback } from './callbacks.ts'
import { hashElemFreeCallback } from './hash-map.ts'
import { mapEndCallback, mapFreeCallback } from './map.ts'
import type { Memory } from './memory.ts'
import { HEADER } from './records.ts'
import { mapSweepCallback } from './sk-storage-map.ts'
import { skDestructCallback } from './sock.ts'

/** The deferred functions, under the numbers of CALLBACK. */
const CALLBACKS: Readonly<Record<number, Callback>> = Object.freeze({
  [CALLBACK.kfree]: kfreeCallback,
  [CALLBACK.skDestruct]: skDestructCallback,
  [CALLBACK.mapFree]: mapFreeCallback,
  [CALLBACK.hashElemFree]: hashElemFreeCallback,
  [CALLBACK.progFree]: progFreeCallback,
  [CALLBACK.mapSweep]: mapSweepCallback,
  [CALLBACK.mapEnd]: mapEndCallback,
})

/**
 * CPU `id` of the memory, offline. One thread at a time may be it. `mayPark` is false for the main thread, which must
 * not block. Throws RangeError for a number the memory has no place for.
 */
export function cpuOf(memory: Memory, id: number, mayPark = true): Cpu {
  const { words, bytes } = memory
  const cpus = words[HEADER.cpus]
  if (!(Number.isInteger(id) && id >= 0 && id < cpus)) {
    throw new RangeError(`cpuOf: got CPU ${id}, expected an integer from 0 to ${cpus - 1}`)
  }
  const rcu = words[HEADER.rcu]
  return { id, words, bytes, base: cpuBase(rcu, id), rcu, callbacks: CALLBACKS, mayPark }
}
