/**
 * C4: a reader holds a pointer to a value while the element is removed in every way there is. The value stays where it
 * is, as it is, until the read section ends.
 */

import { atRest, setting } from './setting.ts'
import { deleteByProgram, freeMap, getAndHold, updateByFd } from './steps.ts'

/** It is deleted. */
export const readerAgainstDelete = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [getAndHold(0), deleteByProgram(1)],
  after: atRest,
}

/** It is replaced: the reader goes on with the old one. */
export const readerAgainstReplacement = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [getAndHold(0), updateByFd(1, 1, 0)],
  after: atRest,
}

/** Its map is freed: the program holds the socket alone, and found the map before. */
export const readerAgainstMapFree = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [getAndHold(0), freeMap(1)],
}
