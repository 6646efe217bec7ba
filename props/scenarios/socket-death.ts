/**
 * C14: the last reference on a SOCK_RCU_FREE socket goes while programs look at it that found it under RCU. Nothing is
 * added to it any more and nothing deleted from it; what it had can be read until its grace period is over, and goes
 * once.
 */

import { sockLookupRcu } from '../../src/shared/fd-table.ts'
import type { Sk } from '../../src/shared/pointer.ts'
import { SOCK } from '../../src/shared/records.ts'
import { skStorageDelete, skStorageGet } from '../../src/shared/sk-storage.ts'
import { sockPut } from '../../src/shared/sock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { refcountIncNotZero } from '../../src/sync/refcount.ts'
import { atRest, inReadSection, type Setting, type SettingOptions, setting, twice } from './setting.ts'
import { close } from './steps.ts'

/** A program on CPU 0 that finds the socket by its descriptor. */
const onFound =
  (act: (cpu: Cpu, sk: Sk, given: Setting) => string) =>
  (given: Setting): string =>
    inReadSection(given.cpus[0], () => {
      const sk = sockLookupRcu(given.cpus[0], given.fds[0])
      return sk === 0 ? 'closed' : act(given.cpus[0], sk, given)
    })

const start = (options: SettingOptions) => () => setting({ ...options, rcuFree: true, open: true })

const create = (map: number) =>
  onFound((cpu, sk, { maps }) => (skStorageGet(cpu, maps[map], sk, twice(1), 1) === 0 ? 'NULL' : 'there'))

/** Would make its first element. */
export const createAgainstLastPut = { setup: start({}), threads: [create(0), close(1)], after: atRest }

/** Would make another. */
export const createOfOtherMapAgainstLastPut = {
  setup: start({ maps: 2, elements: 1 }),
  threads: [create(1), close(1)],
  after: atRest,
}

/** Deletes. */
export const deleteAgainstLastPut = {
  setup: start({ elements: 1 }),
  threads: [onFound((cpu, sk, { maps }) => `${skStorageDelete(cpu, maps[0], sk)}`), close(1)],
  after: atRest,
}

/** Looks up, fills the cache, and reads through the pointer at the end. */
export const readerAgainstLastPut = {
  setup: start({ elements: 1 }),
  threads: [
    onFound((cpu, sk, { maps }) => {
      const value = skStorageGet(cpu, maps[0], sk, null, 0)
      skStorageGet(cpu, maps[0], sk, null, 0)
      return value === 0 ? 'NULL' : `${cpu.words[value]}`
    }),
    close(1),
  ],
  after: atRest,
}

/** Would take a reference: of a dying socket there is none to be had. */
export const holdAgainstLastPut = {
  setup: start({ elements: 1 }),
  threads: [
    onFound((cpu, sk) => {
      if (!refcountIncNotZero(cpu.words, sk + SOCK.refcount)) return 'dying'
      sockPut(cpu, sk)
      return 'held'
    }),
    close(1),
  ],
  after: atRest,
}
