/**
 * C15: a map is looked up by its id while its last reference goes. Whoever comes too late gets -ENOENT, never a map
 * that is being freed.
 */

import { fdClose } from '../../src/shared/fd-table.ts'
import { mapGetFdById } from '../../src/shared/map.ts'
import { MAP } from '../../src/shared/records.ts'
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
