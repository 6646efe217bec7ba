/**
 * C2, C10 to C13: a socket is destroyed while a map of it is freed. Both remove the same element; one of them frees it.
 */

import { MAP } from '../../src/shared/records.ts'
import { bpfSkStorageGet } from '../../src/shared/sk-storage.ts'
import { skStorageMapFree } from '../../src/shared/sk-storage-map.ts'
import { kfree } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import { sockPut } from '../../src/shared/sock.ts'
import { inReadSection, type Setting, type SettingOptions, setting } from './setting.ts'

/** One socket with an element of each map. */
function withElements(options: SettingOptions): Setting {
  const given = setting(options)
  const cpu = given.cpus[given.cpus.length - 1]
  for (const map of given.maps) inReadSection(cpu, () => bpfSkStorageGet(cpu, map, given.sockets[0], null, 1))
  return given
}

const lastPut = ({ cpus, sockets }: Setting): void => sockPut(cpus[0], sockets[0])

const freeMap = ({ cpus, maps }: Setting): void => {
  skStorageMapFree(cpus[1], maps[0])
  kfree(cpus[1], KIND.map, MAP.SIZE, maps[0])
}

/** A socket that is destroyed at once. */
export const socketDeathAgainstMapFree = {
  setup: () => withElements({}),
  threads: [lastPut, freeMap],
}

/** A SOCK_RCU_FREE socket. */
export const rcuSocketDeathAgainstMapFree = {
  setup: () => withElements({ rcuFree: true }),
  threads: [lastPut, freeMap],
}

/** With an element of another map beside it. */
export const socketDeathOfTwoMaps = {
  setup: () => withElements({ maps: 2 }),
  threads: [lastPut, freeMap],
}
