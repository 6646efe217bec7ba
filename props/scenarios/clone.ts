/**
 * C15: a connection is accepted, and the child gets copies of its listener's elements, while these, their map or the
 * listener itself go.
 */

import { sockLookupRcu } from '../../src/shared/fd-table.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import { SOCK } from '../../src/shared/records.ts'
import { skClone } from '../../src/shared/sk-clone.ts'
import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { ELEM_CHARGE, STORAGE_CHARGE } from '../../src/shared/sk-storage-elem.ts'
import { sockPut } from '../../src/shared/sock.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { inReadSection, type Setting, setting, VALUE_SIZE } from './setting.ts'
import { close, deleteByProgram, freeMap, updateByFd } from './steps.ts'

/**
 * Accepts a connection on a listener that it finds under RCU, and closes it again. Returns whether the child had an
 * element. The reference that the clone takes on a map may be the last, so this thread is a kworker too.
 */
const accept = ({ cpus, fds }: Setting): string => {
  const [cpu] = cpus
  const child = inReadSection(cpu, () => {
    const sk = sockLookupRcu(cpu, fds[0])
    return sk === 0 ? sk : skClone(cpu, sk)
  })
  if (child === 0) return 'closed'
  const copied = Atomics.load(cpu.words, child + SOCK.storage) !== 0
  sockPut(cpu, child)
  runDeferredWork(cpu)
  return copied ? 'copied' : 'nothing to copy'
}

const listener = (elements = 1) => setting({ listening: true, open: true, maps: elements, elements })

/** The map's last reference goes: the clone must not link to a bucket that was swept already. */
export const cloneAgainstMapFree = { setup: () => listener(), threads: [accept, freeMap(1)] }

/** The listener dies: its elements can be copied until its grace period is over. */
export const cloneAgainstListenerDeath = { setup: () => listener(), threads: [accept, close(1)] }

/**
 * Both at once: the listener dies while its elements stand there for their grace period, and the map's last reference
 * goes. The child dies in the read section it is made in, and the map, should the clone's reference be the last, is
 * left: with both put off there are millions of traces. What they show, the first scenario shows.
 */
export const cloneFromDyingListenerAgainstMapFree = {
  setup: () => listener(),
  threads: [
    ({ cpus, fds }: Setting): string => {
      const [cpu] = cpus
      return inReadSection(cpu, () => {
        const sk = sockLookupRcu(cpu, fds[0])
        if (sk === 0) return 'closed'
        const child = skClone(cpu, sk)
        const copied = Atomics.load(cpu.words, child + SOCK.storage) !== 0
        sockPut(cpu, child)
        return copied ? 'copied' : 'nothing to copy'
      })
    },
    (given: Setting): void => {
      close(1)(given)
      mapPut(given.cpus[1], given.maps[0])
      runDeferredWork(given.cpus[1])
    },
  ],
}

/** The element is deleted, another stays. */
export const cloneAgainstDelete = { setup: () => listener(2), threads: [accept, deleteByProgram(1)] }

/** The listener's element is replaced. For a moment it has two; the child gets one, and is charged for one. */
export const cloneAgainstReplacement = {
  setup: () => setting({ listening: true, elements: 1, open: true }),
  threads: [
    ({ cpus, sockets }: Setting): number => {
      const [cpu] = cpus
      const child = inReadSection(cpu, () => skClone(cpu, sockets[0]))
      const charged = Atomics.load(cpu.words, child + SOCK.omemAlloc)
      sockPut(cpu, child)
      return charged
    },
    updateByFd(1, 1, 0),
  ],
  after: (_: Setting, [charged]: readonly unknown[]): void => {
    const one = STORAGE_CHARGE + ELEM_CHARGE + VALUE_SIZE
    if (charged !== one) throw new Error(`the child is charged ${charged} bytes, expected ${one}`)
  },
}

/** The listener's value is written in place: the copy is of all the old or all the new. */
export const cloneAgainstLockedUpdate = {
  setup: () => setting({ listening: true, elements: 1, open: true }),
  threads: [copyOfValue, updateByFd(1, 1, 4)],
}

/** Accepts and returns the child's value. */
function copyOfValue({ cpus, maps, sockets }: Setting): string {
  const [cpu] = cpus
  const child = inReadSection(cpu, () => skClone(cpu, sockets[0]))
  const copy = inReadSection(cpu, () => {
    const value = skStorageGet(cpu, maps[0], child, null, 0)
    return `${cpu.words[value]} ${cpu.words[value + 2]}`
  })
  sockPut(cpu, child)
  return copy
}
