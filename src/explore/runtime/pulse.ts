/**
 * The pulse of a thread that runs explorations: a sign of life that another thread can see.
 */

import { runtime } from './runtime.ts'
import { placeOfSite } from './site-place.ts'

/** From now on each new step of an exploration counts up word 0 and leaves the number of its site in word 1. */
export function countPulses(pulse: Int32Array): void {
  runtime.pulse = pulse
}

/**
 * The author's modules that were loaded so far, by path, in their order; one that was loaded twice stands here twice.
 */
export const moduleFiles = (): string[] => runtime.modules.map(({ file }) => file)

/** `file:line` of every site, by number. */
export function siteNames(): string[] {
  return runtime.sites.map((_, site) => placeOfSite(site))
}
