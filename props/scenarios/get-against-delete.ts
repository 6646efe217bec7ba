/**
 * C1: one CPU looks an element up, and would cache it, while another deletes it.
 */

import { bpfSkStorageDelete, bpfSkStorageGet } from '../../src/shared/sk-storage.ts'
import type { Setting } from './setting.ts'
import { inReadSection, setting } from './setting.ts'

/** The element is there, and not in the cache. */
function withElement(): Setting {
  const given = setting()
  const cpu = given.cpus[2]
  inReadSection(cpu, () => bpfSkStorageGet(cpu, given.maps[0], given.sockets[0], Int32Array.of(7, 0), 1))
  return given
}

/** A reader that uses what it found, and one that deletes. */
export const getAgainstDelete = {
  setup: withElement,
  threads: [
    ({ cpus, maps, sockets }: Setting): number =>
      inReadSection(cpus[0], () => {
        const value = bpfSkStorageGet(cpus[0], maps[0], sockets[0], null, 0)
        return value === 0 ? 0 : cpus[0].words[value]
      }),
    ({ cpus, maps, sockets }: Setting): number =>
      inReadSection(cpus[1], () => bpfSkStorageDelete(cpus[1], maps[0], sockets[0])),
  ],
}
