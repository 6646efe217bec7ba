/**
 * Faults of memory that an allocator declared: use after free, double free, overflow, wild access.
 *
 * Judged by the exact shadow at the moment of the access. Memory that was never declared is nobody's heap, and the
 * allocator's own code may touch anything.
 */
import { R, STORES } from '../engine/access.ts'
import { type Allocation, ARENA_WORD, allocationAt, DEAD, LIVE, type Shadow } from '../engine/shadow.ts'
import type { Execution } from '../engine/state.ts'
import { FREE, LOCK, NOTIFY, TRYLOCK, UNLOCK, WAIT, WAIT_ASYNC } from '../runtime/kinds.ts'
import type { Detector, Fault, PlaceName } from './detector.ts'

/** What touches freed memory races with the free as well. One report is enough. */
export const createHeap = (x: Execution, placeName: PlaceName): Detector => ({
  final: true,
  look: (i) => judgeAccess(x, i, placeName),
})

/** What is wrong with new event `i`, by the shadow. */
function judgeAccess(x: Execution, i: number, placeName: PlaceName): Fault | undefined {
  const { trace, primitives } = x
  const { shadow } = primitives
  if (!shadow.used || trace.shape[i] === null) return undefined
  const address = trace.address[i]
  if (trace.kind[i] === FREE) return judgeFree(x, i, address)
  if ((shadow.inside[trace.thread[i]] ?? 0) > 0) return undefined
  const last = (trace.limit[i] - 1) >> 2
  for (let word = address >> 2; word <= last; word++) {
    const state = shadow.state[word]
    if (state === DEAD) {
      const dead = allocationAt(shadow, word * 4)!
      return {
        kind: 'use-after-free',
        message: `${does(x, i)} ${nameOf(dead)} after it was freed`,
        sites: placesOf(x, i, dead),
        events: eventsOf(i, dead),
      }
    }
    if (state === ARENA_WORD) {
      const before = objectBefore(shadow, word)
      return {
        kind: 'overflow',
        message:
          before === undefined
            ? `${does(x, i)} ${placeName(word * 4)}, which belongs to no object`
            : `${does(x, i)} ${word * 4 - before.end + 4} bytes past the end of ${nameOf(before)}`,
        sites: placesOf(x, i, before),
        events: eventsOf(i, before),
      }
    }
  }
  return undefined
}

/** Words behind an object within which an access is told as one past its end. */
const REACH = 16

/** The live object that ends shortly before a word of the arena. */
function objectBefore(shadow: Shadow, word: number): Allocation | undefined {
  for (let w = word - 1; w >= word - REACH; w--) {
    const before = allocationAt(shadow, w * 4)
    if (before !== undefined) return before.live ? before : undefined
  }
  return undefined
}

function judgeFree(x: Execution, i: number, address: number): Fault | undefined {
  const { shadow } = x.primitives
  const allocation = allocationAt(shadow, address)
  if (shadow.state[address >> 2] === LIVE && allocation?.start === address) return undefined
  const again = allocation !== undefined && !allocation.live && allocation.start === address
  return {
    kind: 'double-free',
    message: again ? `${nameOf(allocation)} is freed a second time` : 'what is freed here is no object',
    sites: placesOf(x, i, allocation),
    events: eventsOf(i, allocation),
  }
}

const OTHERWISE: Readonly<Record<number, string>> = {
  [FREE]: 'frees',
  [LOCK]: 'takes a lock in',
  [TRYLOCK]: 'tries a lock in',
  [UNLOCK]: 'releases a lock in',
  [WAIT]: 'sleeps on a word of',
  [WAIT_ASYNC]: 'waits on a word of',
  [NOTIFY]: 'wakes who sleeps on a word of',
}

/** What event `i` does to an object, as a verb that the object follows. A cmpxchg that comes too late only reads. */
export function does({ trace }: Execution, i: number): string {
  const kind = trace.kind[i]
  return OTHERWISE[kind] ?? (STORES[kind] === 1 && trace.class[i] !== R ? 'stores into' : 'reads')
}

export const nameOf = ({ kind, pointer }: Allocation) => `${kind} ${pointer}`

/** Use, free and allocation: the three places of such a fault. */
function placesOf(x: Execution, i: number, allocation: Allocation | undefined): number[] {
  return eventsOf(i, allocation).map((event) => x.trace.site[event])
}

function eventsOf(i: number, allocation: Allocation | undefined): number[] {
  if (allocation === undefined) return [i]
  return [i, allocation.freed, allocation.made].filter((event) => event >= 0)
}
