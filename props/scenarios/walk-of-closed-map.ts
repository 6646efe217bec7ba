/**
 * C11: a walk over a map's elements goes on while everybody else lets go of the map. Its own reference keeps it.
 */

import { mapGet } from '../../src/shared/map.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { bpfIterSkStorageMap } from '../../src/shared/sk-storage-iter.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { atRest, type Setting, setting } from './setting.ts'
import { closeMap } from './steps.ts'

/**
 * Walks a map that it found by descriptor, and drops that reference at the first element, as the release of an
 * iterator's link does.
 */
const walkAndLetGo = ({ cpus, mapFds }: Setting): number => {
  const [cpu] = cpus
  const map = mapGet(cpu, mapFds[0]) as BpfMap
  if (map < 0) return map
  let held = true
  const shown = bpfIterSkStorageMap(cpu, map, () => {
    if (held) mapPut(cpu, map)
    held = false
    return true
  })
  if (held) mapPut(cpu, map)
  runDeferredWork(cpu)
  return shown
}

/** Two sockets have elements of it. */
export const walkAgainstMapClose = {
  setup: () => setting({ sockets: 2, elements: 1, open: true, openMaps: true }),
  threads: [walkAndLetGo, closeMap(1)],
  after: atRest,
}
