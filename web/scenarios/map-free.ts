/**
 * C11: a map is freed while a program that found it just before adds an element of it.
 */

import { type Setting, setting } from '../../props/scenarios/setting.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { MAP } from '../../src/shared/records.ts'
import { bpfSkStorageGet } from '../../src/shared/sk-storage.ts'
import { skStorageMapFree } from '../../src/shared/sk-storage-map.ts'
import { kfree, kmalloc } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import { rcuAssignPointer, rcuDereference, rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'

/** Words of the record in which programs find the map. */
const SIZE = 16

interface Found extends Setting {
  /** Where programs find the map, or 0. */
  readonly slot: number
}

function setup(): Found {
  const given = setting()
  const cpu = given.cpus[2]
  const slot = kmalloc(cpu, KIND.prog, SIZE)
  cpu.words[slot] = given.maps[0]
  return { ...given, slot }
}

function create({ cpus, sockets, slot }: Found): boolean {
  const cpu = cpus[0]
  rcuReadLock(cpu)
  const map = rcuDereference(cpu.words, slot) as BpfMap
  const created = map !== 0 && bpfSkStorageGet(cpu, map, sockets[0], null, 1) !== 0
  rcuReadUnlock(cpu)
  return created
}

function freeMap({ cpus, maps, slot }: Found): void {
  const cpu = cpus[1]
  rcuAssignPointer(cpu.words, slot, 0)
  skStorageMapFree(cpu, maps[0])
  kfree(cpu, KIND.map, MAP.SIZE, maps[0])
}

/** Whatever was added in time is swept away. */
export const createAgainstMapFree = {
  setup,
  threads: [create, freeMap],
  outcome: (_: Found, [created]: readonly unknown[]) =>
    created ? 'the program had its element' : 'the program found no map',
  after({ cpus, sockets }: Found) {
    const storage = cpus[2].words[sockets[0]]
    if (storage !== 0) throw new Error('the map is freed, and an element of it is still on the socket')
  },
}
