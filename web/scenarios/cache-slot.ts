/**
 * C1: one CPU looks an element up twice, and caches it the first time; another deletes it meanwhile. An element of
 * another map keeps the storage, and with it the cache, alive.
 */

import { getAgainstDeleteOfTwo } from '../../props/scenarios/get-against-delete.ts'
import { inReadSection, type Setting } from '../../props/scenarios/setting.ts'
import { skStorageDelete, skStorageGet } from '../../src/shared/sk-storage.ts'

/** One lookup in a read section of its own: the counter, or -1. */
function get({ cpus, maps, sockets }: Setting): number {
  return inReadSection(cpus[0], () => {
    const value = skStorageGet(cpus[0], maps[0], sockets[0], null, 0)
    return value === 0 ? -1 : cpus[0].words[value]
  })
}

function getTwice(given: Setting): string {
  const first = get(given)
  return `${first}, then ${get(given)}`
}

function remove({ cpus, maps, sockets }: Setting): number {
  return inReadSection(cpus[1], () => skStorageDelete(cpus[1], maps[0], sockets[0]))
}

/** The reader finds the element twice, once or never; it never finds a freed one. */
export const cacheSlotAgainstDelete = {
  setup: getAgainstDeleteOfTwo.setup,
  threads: [getTwice, remove],
  outcome: (_: Setting, [found]: readonly unknown[]) => `the reader found ${found}`,
}
