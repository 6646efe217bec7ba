/**
 * A refusal out of a twin or a native.
 */

import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'

/** Refuses, whether or not an engine is there to write it down. */
export function refuse(site: number, reason: string): never {
  runtime.refuse(site, reason)
  throw new Refusal(reason)
}
