/**
 * A walk over a map that shows one element in each read section, and then goes on by counting: explored with a batch of
 * one (beneath-tags.ts), since no scenario has more elements than a batch.
 */

import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { bpfIterSkStorageMap } from '../../src/shared/sk-storage-iter.ts'
import { IN_BATCHES_OF_ONE } from './beneath-tags.ts'
import { atRest, inReadSection, type Setting, setting, twice } from './setting.ts'
import { close, deleteByFd } from './steps.ts'

/** Two sockets, each with an element of the map. */
function twoElements(): Setting {
  const given = setting({ sockets: 2, open: true })
  const main = given.cpus[2]
  for (const [i, sk] of given.sockets.entries())
    inReadSection(main, () => skStorageGet(main, given.maps[0], sk, twice(1 + i), 1))
  return given
}

/** How many elements a walk is shown. */
const walk = ({ cpus: [cpu], maps }: Setting): number => bpfIterSkStorageMap(cpu, maps[0], () => true)

/** The first socket is closed, and its element goes with it. */
export const batchesAgainstClose = {
  ...IN_BATCHES_OF_ONE,
  setup: twoElements,
  threads: [walk, close(1)],
  after: atRest,
}

/** The other one is. */
export const batchesAgainstCloseOfOther = {
  ...IN_BATCHES_OF_ONE,
  setup: twoElements,
  threads: [walk, close(1, { socket: 1 })],
  after: atRest,
}

/** An element goes, and the socket stays. */
export const batchesAgainstDelete = {
  ...IN_BATCHES_OF_ONE,
  setup: twoElements,
  threads: [walk, deleteByFd(1)],
  after: atRest,
}
