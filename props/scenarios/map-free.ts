/**
 * C11 to C13: a map is freed while elements of it are being made and removed.
 */

import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { sockPut } from '../../src/shared/sock.ts'
import { inReadSection, type Setting, setting, twice } from './setting.ts'
import { closeMap, deleteByProgram, freeMap, get, mapUnderRcu } from './steps.ts'

/**
 * A program that finds the map behind its descriptor under RCU, and takes no reference on it. What it adds in its read
 * section the sweep must find: that is what the first grace period is for.
 */
const createInFlight = ({ cpus, mapFds, sockets }: Setting): string =>
  inReadSection(cpus[0], () => {
    const [cpu] = cpus
    const map = mapUnderRcu(cpu, mapFds[0])
    if (map === 0) return 'closed'
    return skStorageGet(cpu, map, sockets[0], twice(1), 1) === 0 ? 'NULL' : 'made'
  })

/** C11: its first element. */
export const createInFlightAgainstMapFree = {
  setup: () => setting({ openMaps: true }),
  threads: [createInFlight, closeMap(1)],
}

/** C11: and then the socket dies, which asks the map of what it has for its size. */
export const createInFlightAndDeathAgainstMapFree = {
  setup: () => setting({ openMaps: true }),
  threads: [
    (given: Setting): string => {
      const result = createInFlight(given)
      sockPut(given.cpus[0], given.sockets[0])
      return result
    },
    closeMap(1),
  ],
}

/** C12: a deletion takes what the sweep is about to take. */
export const deleteAgainstMapFree = {
  setup: () => setting({ elements: 1 }),
  threads: [deleteByProgram(0), freeMap(1)],
}

/** C1, C13: a lookup would cache what the sweep removes, and reads the map's slot number. */
export const getAgainstMapFree = {
  setup: () => setting({ elements: 1 }),
  threads: [get(0), freeMap(1)],
}
