/**
 * C5, from the program's side: two CPUs have the first packets of one socket, and count them in an element that each
 * makes if there is none.
 */

import { BPF_SK_STORAGE_GET_F_CREATE, skStorageGet } from '../../src/shared/sk-storage.ts'
import { atRest, inReadSection, type Setting, setting } from './setting.ts'

/** A program that counts its packet. Returns whether it did. */
const count =
  (id: number) =>
  ({ cpus, maps, sockets }: Setting): string =>
    inReadSection(cpus[id], () => {
      const get = () => skStorageGet(cpus[id], maps[0], sockets[0], null, BPF_SK_STORAGE_GET_F_CREATE)
      let counter = get()
      // C5: who loses the race for the first storage gets NULL. By then there is one, and a second call finds it.
      if (counter === 0) counter = get()
      if (counter === 0) return 'lost'
      Atomics.add(cpus[id].words, counter, 1)
      return 'counted'
    })

/** Two packets, no element yet. */
export const firstCount = {
  setup: () => setting({ open: true }),
  threads: [count(0), count(1)],
  after: (given: Setting) => {
    atRest(given)
    const cpu = given.cpus[2]
    const counted = inReadSection(cpu, () => cpu.words[skStorageGet(cpu, given.maps[0], given.sockets[0], null, 0)])
    if (counted !== 2) throw new Error(`${counted} of 2 packets are counted`)
  },
}
