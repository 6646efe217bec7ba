/**
 * Three CPUs around one socket's first storage and death, which take one core seconds to minutes.
 */

import { atRest, inReadSection, type Setting, setting, twice } from '../../props/scenarios/setting.ts'
import { close, getWithCreate, updateByFd } from '../../props/scenarios/steps.ts'
import { sockLookupRcu } from '../../src/shared/fd-table.ts'
import { skStorageGet } from '../../src/shared/sk-storage.ts'

/** A program that finds the socket by its descriptor, and would make its element. */
const createIfFound =
  (i: number, map = 0) =>
  ({ cpus, fds, maps }: Setting): string =>
    inReadSection(cpus[i], () => {
      const sk = sockLookupRcu(cpus[i], fds[0])
      return sk === 0 ? 'closed' : `${skStorageGet(cpus[i], maps[map], sk, twice(i + 1), 1) !== 0}`
    })

/** Three CPUs create the first element of one socket. */
export const threeCreators = {
  setup: () => setting({ threads: 3, open: true }),
  threads: [getWithCreate(0, 1), getWithCreate(1, 2), getWithCreate(2, 3)],
  after: atRest,
}

/** Two CPUs would create the first element of one socket while a third lets go of its last reference. */
export const twoCreatorsAgainstLastPut = {
  setup: () => setting({ threads: 3, rcuFree: true, open: true }),
  threads: [createIfFound(0), createIfFound(1), close(2)],
  after: atRest,
}

/** Each with a map of its own. */
export const twoMapsAgainstLastPut = {
  setup: () => setting({ threads: 3, maps: 2, rcuFree: true, open: true }),
  threads: [createIfFound(0), createIfFound(1, 1), close(2)],
  after: atRest,
}

/** Two CPUs make the first element by descriptor, each with a reference of its own, while a third closes the socket. */
export const twoUpdatesAgainstClose = {
  setup: () => setting({ threads: 3, open: true }),
  threads: [updateByFd(0, 1, 0), updateByFd(1, 2, 0), close(2)],
  after: atRest,
}
