/**
 * What a turn of a spin loop has read, as a list of its events: which words those are, and whether they are still the
 * same.
 *
 * An event that failed or managed to take a lock has read whether that was free.
 */
import { NOTIFY, POST, RECEIVE, TRYLOCK } from '../runtime/kinds.ts'
import { LOCKS, QUEUES, R, SPINS, STORES, W } from './access.ts'
import { ownerOf } from './held-locks.ts'
import { type Shape, wordAt } from './memory.ts'
import type { Execution } from './state.ts'
import type { Trace } from './trace.ts'

/** Whether event `i` has read a lock, not a word. */
export const readLock = ({ kind }: Trace, i: number): boolean => LOCKS[kind[i]] === 1

/** Whether all of it is one word (or lock), so that its value says whether anything changed: of a queue none does. */
export function isOneWord(trace: Trace, reads: readonly number[]): boolean {
  const { address, limit, place, kind } = trace
  const [first] = reads
  for (const i of reads) {
    if (address[i] !== address[first] || limit[i] !== limit[first]) return false
    if (place[i] === 0 || readLock(trace, i) !== readLock(trace, first) || kind[i] === NOTIFY) return false
  }
  return true
}

/** The bits of its aligned word that event `i` touches. */
export function maskOf({ address, limit }: Trace, i: number): number {
  const from = address[i] & 3
  const bytes = limit[i] - address[i]
  return bytes >= 4 ? -1 : ((1 << (8 * bytes)) - 1) << (8 * from)
}

/** Whether event `i` would read something else now. Of several words at once, whether one was stored to. */
export function isOutOfDate(x: Execution, i: number): boolean {
  const { trace, position } = x
  if (readLock(trace, i)) return ownerOf(x.primitives.locks, trace.address[i]) < 0 === (trace.class[i] === R)
  if (trace.kind[i] === RECEIVE) return (x.primitives.posted.get(trace.address[i]) ?? 0) !== trace.oldLow[i]
  if (trace.place[i] !== 0) {
    const now = wordAt((trace.shape[i] as Shape).region, trace.address[i])
    return ((now ^ trace.oldLow[i]) & maskOf(trace, i)) !== 0
  }
  for (let j = position.step - 1; j > i; j--) if (storesOver(trace, j, [i])) return true
  return false
}

/**
 * Whether event `j` stores another value or posts to what one of the reads before it has read, takes or releases a lock
 * that it looked at, or joins a queue that it found empty.
 */
export function storesOver(trace: Trace, j: number, reads: readonly number[]): boolean {
  const { address, limit, class: classes, kind, thread, place, oldLow, newLow } = trace
  if (classes[j] === QUEUES)
    return reads.some((i) => i < j && kind[i] === NOTIFY && thread[i] !== thread[j] && address[i] === address[j])
  if (classes[j] !== W) return false
  const locks = LOCKS[kind[j]] === 1
  if (!locks && STORES[kind[j]] === 0 && kind[j] !== POST) return false
  if (!locks && kind[j] !== POST && place[j] !== 0 && newLow[j] === oldLow[j]) return false
  for (const i of reads) {
    if (i >= j || thread[i] === thread[j] || readLock(trace, i) !== locks || kind[i] === NOTIFY) continue
    if (address[i] < limit[j] && address[j] < limit[i]) return true
  }
  return false
}

/** Whether event `i` is a spin over several words of which none lies in those bytes: it only spans them. */
export function spinsBeside(trace: Trace, i: number, start: number, end: number): boolean {
  if (SPINS[trace.kind[i]] === 0) return false
  const reads = trace.extra[i] as readonly number[] | null
  if (reads === null || reads.length < 2) return false
  return !reads.some((j) => trace.start[j] < end && start < trace.end[j])
}

/** The bytes that a spin over several words is about, as pairs of bounds; undefined for all else. */
export function spunOver(trace: Trace, i: number): readonly number[] | undefined {
  if (SPINS[trace.kind[i]] === 0) return undefined
  const reads = trace.extra[i] as readonly number[] | null
  if (reads === null || reads.length < 2) return undefined
  return reads.flatMap((j) => [trace.start[j], trace.end[j]])
}

/** Whether event `i` is a failed attempt to take a lock. */
export const hasFailed = ({ kind, class: classes }: Trace, i: number): boolean =>
  kind[i] === TRYLOCK && classes[i] === R
