/**
 * C2, C9: what a socket is charged, to the byte, while it is at its limit. Replacing takes nothing more; of two
 * creators that would both fit alone one is refused.
 */

import { ELEM_CHARGE, STORAGE_CHARGE } from '../../src/shared/sk-storage-elem.ts'
import { atRest, setting, VALUE_SIZE } from './setting.ts'
import { deleteByProgram, getWithCreate, updateByFd } from './steps.ts'

/** Room for so many elements and not a byte for another; the limit itself is never reached. */
const roomFor = (elements: number) => STORAGE_CHARGE + elements * (ELEM_CHARGE + VALUE_SIZE) + 1

/** An element is there, one more fits, two want to be it. */
export const twoCreatorsAtTheLimit = {
  setup: () => setting({ maps: 3, elements: 1, optmemMax: roomFor(2), open: true }),
  threads: [getWithCreate(0, 1, { map: 1 }), getWithCreate(1, 2, { map: 2 })],
  after: atRest,
}

/** Two replacements of an element where no second one would fit. */
export const twoReplacementsAtTheLimit = {
  setup: () => setting({ elements: 1, optmemMax: roomFor(1), open: true }),
  threads: [updateByFd(0, 1, 0), updateByFd(1, 2, 2)],
  after: atRest,
}

/** An element fits only once another is gone. */
export const createAgainstDeleteAtTheLimit = {
  setup: () => setting({ maps: 3, elements: 2, optmemMax: roomFor(2), open: true }),
  threads: [getWithCreate(0, 1, { map: 2 }), deleteByProgram(1)],
  after: atRest,
}
