/**
 * C15: a map is looked up by its id while its last reference goes. Whoever comes too late gets -ENOENT, never a map
 * that is being freed.
 */

import { fdClose } from '../../src/shared/fd-table.ts'
import { mapGet, mapGetFdById, mapGetNextId, mapInfo } from '../../src/shared/map.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { MAP } from '../../src/shared/records.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { type Setting, setting } from './setting.ts'
import { freeMap } from './steps.ts'

/** Opens the map and closes it again. Returns whether it was there. */
const openById = ({ cpus, maps }: Setting): boolean => {
  const [cpu] = cpus
  const fd = mapGetFdById(cpu, ID)
  if (fd < 0) return false
  fdClose(cpu, fd)
  runDeferredWork(cpu)
  return maps.length === 1
}

/** The id of the first map of a memory. */
const ID = 1

export const openByIdAgainstMapFree = {
  setup: () => {
    const given = setting()
    if (given.memory.words[given.maps[0] + MAP.id] !== ID) throw new Error('the first map has another id than 1')
    return given
  },
  threads: [openById, freeMap(1)],
}

/** The id of the map behind a descriptor. */
function idOf(cpu: Cpu, fd: number): number {
  const map = mapGet(cpu, fd) as BpfMap
  const { id } = mapInfo(cpu, map)
  mapPut(cpu, map)
  return id
}

/** The newer of two is asked for, by its id, while the older one goes. */
export const openNewerByIdAgainstMapFree = {
  setup: () => setting({ maps: 2 }),
  threads: [
    ({ cpus: [cpu] }: Setting): number => {
      const fd = mapGetFdById(cpu, ID + 1)
      return fd < 0 ? fd : idOf(cpu, fd)
    },
    ({ cpus: [, cpu], maps }: Setting): void => mapPut(cpu, maps[0]),
  ],
}

/** The id behind none, and behind the first, of two maps, while the second one goes. */
export const nextIdsAgainstMapFree = {
  setup: () => setting({ maps: 2 }),
  threads: [
    ({ cpus: [cpu] }: Setting): string => `${mapGetNextId(cpu, 0)} ${mapGetNextId(cpu, ID)}`,
    ({ cpus: [, cpu], maps }: Setting): void => mapPut(cpu, maps[1]),
  ],
}
