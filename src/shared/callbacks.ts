/**
 * The numbers of the deferred functions: what callRcu and queueWork store where C would store a function pointer.
 *
 * A freed object's func word says how to free it: callback, kind, size in words, and where in the object the head lies.
 */

import { CALLBACK_BITS, type Cpu } from '../sync/cpu.ts'
import { kfree } from './slab.ts'
import type { Kind } from './slab-layout.ts'

export const CALLBACK = {
  /** Frees the object; see kfreeFunc. */
  kfree: 0,
  /** Destroys a SOCK_RCU_FREE socket, a grace period after its last put. */
  skDestruct: 1,
  /** Deferred work: begins to free a map. */
  mapFree: 2,
  /** Puts a hash element back on a free list. */
  hashElemFree: 3,
  /** Frees a program and drops its references on maps, a grace period after it was detached. */
  progFree: 4,
  /** Deferred work, a grace period after mapFree: removes the elements of a map of sk storage. */
  mapSweep: 5,
  /** Deferred work, a grace period after what came before: frees a map itself. */
  mapEnd: 6,
} as const

const KIND_SHIFT = CALLBACK_BITS
const OFFSET_SHIFT = KIND_SHIFT + 5
const SIZE_SHIFT = OFFSET_SHIFT + 5

/**
 * The func word that makes kfreeRcu free an object of `size` words (up to 65 535) whose head stands at word
 * `headOffset` (up to 31).
 */
export function kfreeFunc(kind: Kind, size: number, headOffset: number): number {
  return CALLBACK.kfree | (kind << KIND_SHIFT) | (headOffset << OFFSET_SHIFT) | (size << SIZE_SHIFT)
}

/** The callback behind kfreeFunc. */
export function kfreeCallback(cpu: Cpu, head: number, func: number): void {
  const kind = (func >> KIND_SHIFT) & 31
  const headOffset = (func >> OFFSET_SHIFT) & 31
  kfree(cpu, kind as Kind, func >>> SIZE_SHIFT, head - headOffset)
}
