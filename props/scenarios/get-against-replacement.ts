/**
 * C9: a lookup while the element is replaced. There is no moment without one on the list, and yet a reader may find
 * none: it is past the head when the new one is linked there, and reaches the old one's place after that has gone. So
 * it is in Linux.
 */

import { atRest, setting } from './setting.ts'
import { get, updateByFd } from './steps.ts'

/** The element is alone: old or new is found. */
export const getAgainstReplacement = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [get(0), updateByFd(1, 1, 0)],
  after: atRest,
}

/** Another map's element stands before it: both may be missed. */
export const getAgainstReplacementBehind = {
  setup: () => setting({ maps: 2, elements: 2, open: true }),
  threads: [get(0), updateByFd(1, 1, 0)],
  after: atRest,
}
