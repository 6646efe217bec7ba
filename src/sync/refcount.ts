/**
 * Reference counts that stay at zero once they got there.
 *
 * A socket whose count is zero is being destroyed; taking a reference then would bring back the dead. So a
 * taker looks first and only then adds, in one atomic step. A count that ran away saturates and is never freed: a leak
 * is better than a use after free. Model: refcount_t, Linux 4.11.
 */

import { KernelBug } from './kernel-bug.ts'
import { hintLoad } from './rcu.ts'

/** A saturated count rests here, far from both zero and overflow, whatever the stragglers still add. */
export const REFCOUNT_SATURATED = -0x4000_0000

/** Sets the count of an object that nobody else can reach yet. */
export function refcountSet(words: Int32Array, count: number, n: number): void {
  Atomics.store(words, count, n)
}

/** Reads the count; by the time it is used it may have changed. */
export function refcountRead(words: Int32Array, count: number): number {
  return Atomics.load(words, count)
}

/** Takes another reference where one is held already. Throws KernelBug if the count was zero: then none was held. */
export function refcountInc(words: Int32Array, count: number): void {
  const was = Atomics.add(words, count, 1)
  if (was > 0 && was < 0x7fff_ffff) return
  Atomics.store(words, count, REFCOUNT_SATURATED)
  if (was === 0)
    throw new KernelBug(
      'refcount-from-zero',
      `refcountInc at word ${count}: the count was 0, the object is already dying`,
    )
}

/** Takes a reference unless the object is already dying. Returns false at zero. */
export function refcountIncNotZero(words: Int32Array, count: number): boolean {
  // A guess at what the exchange will find, so a hint does. What is not to be exchanged has to be seen for sure.
  let seen = hintLoad(words, count)
  if (seen <= 0 || seen === 0x7fff_ffff) seen = Atomics.load(words, count)
  while (seen !== 0) {
    // Saturated: held for ever, so there is nothing to count.
    if (seen < 0 || seen === 0x7fff_ffff) {
      Atomics.store(words, count, REFCOUNT_SATURATED)
      return true
    }
    const was = Atomics.compareExchange(words, count, seen, seen + 1)
    if (was === seen) return true
    seen = was
  }
  return false
}

/**
 * Drops a reference. Returns true to the one caller that dropped the last and now owns the destruction. Throws
 * KernelBug on underflow.
 */
export function refcountDecAndTest(words: Int32Array, count: number): boolean {
  const was = Atomics.sub(words, count, 1)
  if (was === 1) return true
  if (was > 1) return false
  Atomics.store(words, count, REFCOUNT_SATURATED)
  if (was === 0)
    throw new KernelBug('refcount-underflow', `refcountDecAndTest at word ${count}: the count was already 0`)
  return false
}
