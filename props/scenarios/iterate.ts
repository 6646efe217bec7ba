/**
 * C4, C5: a walk over a map's elements under RCU, while they come and go. It may show or miss what changes; what it
 * shows is there, of a living socket, and stays readable.
 */

import { mapGet } from '../../src/shared/map.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { skClone } from '../../src/shared/sk-clone.ts'
import { skStorageDelete } from '../../src/shared/sk-storage.ts'
import { bpfIterSkStorageMap } from '../../src/shared/sk-storage-iter.ts'
import { sockPut } from '../../src/shared/sock.ts'
import { atRest, inReadSection, putMap, type Setting, setting } from './setting.ts'
import { closeMap, deleteByFd, getWithCreate, lastPut, updateByFd } from './steps.ts'

/** Walks the first map and returns the values it was shown. */
const iterate =
  (id: number) =>
  ({ cpus, maps }: Setting): string => {
    let shown = ''
    bpfIterSkStorageMap(cpus[id], maps[0], (cpu, _sk, value) => {
      shown += `[${cpu.words[value]}]`
      return true
    })
    return shown
  }

/** Against a deletion. */
export const iterateAgainstDelete = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [iterate(0), deleteByFd(1)],
  after: atRest,
}

/** Against a replacement. The walk may be past the new element's bucket and reach that of the old one too late. */
export const iterateAgainstReplacement = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [iterate(0), updateByFd(1, 1, 0)],
  after: atRest,
}

/** Against the socket's death at once. */
export const iterateAgainstSocketDeath = {
  setup: () => setting({ elements: 1 }),
  threads: [iterate(0), lastPut(1)],
}

/** Against the death of a SOCK_RCU_FREE socket. */
export const iterateAgainstSocketDeathRcu = {
  setup: () => setting({ elements: 1, rcuFree: true }),
  threads: [iterate(0), lastPut(1)],
}

/** A walk that deletes what it is shown, against another deletion. */
export const deletingWalkAgainstDelete = {
  setup: () => setting({ elements: 1, open: true }),
  threads: [
    ({ cpus, maps }: Setting): number =>
      bpfIterSkStorageMap(cpus[0], maps[0], (cpu, sk) => skStorageDelete(cpu, maps[0], sk) === 0),
    deleteByFd(1),
  ],
  after: atRest,
}

/**
 * Over the element of a creator that lost the race for the socket's first storage (H31): two CPUs create, a third
 * walks.
 */
export const iterateOverLoser = {
  setup: () => setting({ threads: 3, open: true }),
  threads: [iterate(0), getWithCreate(1, 1), getWithCreate(2, 2)],
  after: atRest,
}

/** Over the copy of an element that a clone is making: of a child that is not there yet, nothing is shown. */
export const iterateOverClone = {
  setup: () => setting({ listening: true, elements: 1, open: true }),
  threads: [
    iterate(0),
    ({ cpus, sockets }: Setting): void =>
      sockPut(
        cpus[1],
        inReadSection(cpus[1], () => skClone(cpus[1], sockets[0])),
      ),
  ],
  after: atRest,
}

/** Against the closing of the map: the walk's own reference may be the last (H08). */
export const iterateAgainstMapClose = {
  setup: () => setting({ elements: 1, open: true, openMaps: true }),
  threads: [
    ({ cpus, mapFds }: Setting): number => {
      const [cpu] = cpus
      const map = mapGet(cpu, mapFds[0]) as BpfMap
      if (map < 0) return map
      const shown = bpfIterSkStorageMap(cpu, map, () => true)
      putMap(cpu, map)
      return shown
    },
    closeMap(1),
  ],
  after: atRest,
}
