/**
 * C1: one CPU looks an element up, and would cache it, while another deletes it. What is cached after its removal would
 * be found when it is freed.
 */

import { atRest, setting } from './setting.ts'
import { deleteByProgram, get } from './steps.ts'

/** The only element: its storage goes with it. */
export const getAgainstDelete = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [get(0), deleteByProgram(1)],
  after: atRest,
}

/**
 * An element of another map keeps the storage, and with it the cache, alive: a slot that was filled too late would
 * still be there at the end.
 */
export const getAgainstDeleteOfTwo = {
  setup: () => setting({ maps: 2, elements: 2, open: true }),
  threads: [get(0), deleteByProgram(1)],
  after: atRest,
}
