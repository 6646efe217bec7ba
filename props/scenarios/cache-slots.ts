/**
 * C1: two maps share a slot of the cache, as the 17th map and the first do. A hit must be of the map that asks, and a
 * removal clears no other's entry.
 */

import { atRest, setting } from './setting.ts'
import { deleteByProgram, get } from './steps.ts'

const shared = { maps: 2, elements: 2, cacheSlots: 1, open: true }

/** Both fill the slot. */
export const twoGetsOfOneSlot = {
  setup: () => setting(shared),
  threads: [get(0), get(1, { map: 1 })],
  after: atRest,
}

/** One fills it while the other's element is deleted. */
export const getAgainstDeleteOfOneSlot = {
  setup: () => setting(shared),
  threads: [get(0), deleteByProgram(1, { map: 1 })],
  after: atRest,
}
