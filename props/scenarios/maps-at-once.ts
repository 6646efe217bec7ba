/**
 * Maps come and go on several CPUs at once: ids, the list of all maps, slots of the cache and places behind it are
 * given out under one lock.
 */

import { fdClose } from '../../src/shared/fd-table.ts'
import { mapCreate, mapGet, mapGetNextId, mapInfo } from '../../src/shared/map.ts'
import { BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_SK_STORAGE } from '../../src/shared/map-options.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { MAP } from '../../src/shared/records.ts'
import { BPF_F_NO_PREALLOC } from '../../src/shared/sk-storage-map.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { atRest, type Setting, setting, VALUE_SIZE } from './setting.ts'
import { closeMap, freeMap } from './steps.ts'

const types = { keySize: 4, valueSize: VALUE_SIZE, btfKeyTypeId: 1, btfValueTypeId: 2 }
const STORAGE = { ...types, type: BPF_MAP_TYPE_SK_STORAGE, maxEntries: 0, flags: BPF_F_NO_PREALLOC }
const ARRAY = { ...types, type: BPF_MAP_TYPE_ARRAY, maxEntries: 1, flags: 0 }

/** Makes a map and opens a descriptor for it: returns that. */
const make =
  (id: number, options: typeof STORAGE = STORAGE) =>
  ({ cpus }: Setting): number =>
    mapCreate(cpus[id], options)

/** No two maps have the same id, slot and place. */
function apart(given: Setting, results: readonly unknown[]): void {
  atRest(given)
  const cpu = given.cpus.at(-1)!
  const maps = results.map((fd) => mapGet(cpu, fd as number) as BpfMap)
  for (const field of [MAP.id, MAP.cacheIdx, MAP.place]) {
    const [one, other] = maps.map((map) => cpu.words[map + field])
    if (one === other) throw new Error(`both maps have ${one} in word ${field}, expected two`)
  }
  for (const map of maps) mapPut(cpu, map)
}

/** Two storage maps. */
export const twoMapsAtOnce = { setup: () => setting({ maps: 0 }), threads: [make(0), make(1)], after: apart }

/** A map of another type takes an id and nothing else. */
export const arrayAndStorageMapAtOnce = {
  setup: () => setting({ maps: 0 }),
  threads: [make(0), make(1, ARRAY)],
  after: atRest,
}

/** A map is made while another one is freed, whose slot and place it may get. */
export const makeAgainstMapFree = { setup: () => setting(), threads: [make(0), freeMap(1)], after: atRest }

/** A map is made, closed and freed while another one is made. */
export const makeAndFreeAgainstMake = {
  setup: () => setting({ maps: 0 }),
  threads: [
    ({ cpus }: Setting): number => fdClose(cpus[0], mapCreate(cpus[0], ARRAY)) + runDeferredWork(cpus[0]),
    make(1, ARRAY),
  ],
  after: atRest,
}

const nextId = ({ cpus }: Setting): number => mapGetNextId(cpus[0], 0)

/** The ids there are, while the only map goes. */
export const nextIdAgainstMapFree = { setup: () => setting(), threads: [nextId, freeMap(1)], after: atRest }

/** And while the first one comes. */
export const nextIdAgainstMake = { setup: () => setting({ maps: 0 }), threads: [nextId, make(1)], after: atRest }

/** A map that is described while others let go of it: whoever asks holds it. */
export const infoAgainstMapClose = {
  setup: () => setting({ openMaps: true }),
  threads: [
    ({ cpus, mapFds }: Setting): number => {
      const map = mapGet(cpus[0], mapFds[0])
      if (map < 0) return map
      const { id, references } = mapInfo(cpus[0], map as BpfMap)
      mapPut(cpus[0], map as BpfMap)
      runDeferredWork(cpus[0])
      if (references < 1) throw new Error(`the map has ${references} references while one is held`)
      return id
    },
    closeMap(1),
  ],
  after: atRest,
}
