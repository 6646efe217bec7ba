/**
 * C5: a user's bytes for a value include a lock word, which is nobody's business but the lock's: the element is made
 * with its lock free.
 */

import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { atRest, inReadSection, type Setting, setting } from './setting.ts'
import { lookupByFd } from './steps.ts'

const BPF_F_LOCK = 4

/** Made from bytes that say "held", and read under the lock by another. */
export const createWithLockWord = {
  setup: () => setting({ open: true }),
  threads: [
    ({ cpus, maps, sockets }: Setting): boolean =>
      inReadSection(cpus[0], () => skStorageGet(cpus[0], maps[0], sockets[0], Int32Array.of(1, 0x7fff, 1), 1) !== 0),
    lookupByFd(1, BPF_F_LOCK),
  ],
  after: atRest,
}
