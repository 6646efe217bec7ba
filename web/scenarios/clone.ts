/**
 * H02, H03: a listener has a storage, and a connection is accepted. The child begins as a copy of its parent; the
 * pointer to the storage is the one thing that it must not inherit.
 */

import { GIVEN, inReadSection, type Setting, setting } from '../../props/scenarios/setting.ts'
import { skClone } from '../../src/shared/sk-clone.ts'
import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { sockPut } from '../../src/shared/sock.ts'

const listener = (): Setting => setting({ listening: true, elements: 1 })

/** Accepts a connection and closes it. */
function acceptAndClose({ cpus, sockets }: Setting): void {
  const child = skClone(cpus[0], sockets[0])
  if (child !== 0) sockPut(cpus[0], child)
}

/** A program on the listener reads its own counter meanwhile. */
function readParent({ cpus, maps, sockets }: Setting): number {
  return inReadSection(cpus[1], () => {
    const value = skStorageGet(cpus[1], maps[0], sockets[0], null, 0)
    return value === 0 ? -1 : cpus[1].words[value]
  })
}

/** The listener keeps its counter whatever becomes of the child. */
export const childOfListener = {
  setup: listener,
  threads: [acceptAndClose, readParent],
  outcome: (_: Setting, results: readonly unknown[]) => `the listener's counter reads ${results[1]}`,
  after(_: Setting, results: readonly unknown[]) {
    if (results[1] !== GIVEN) throw new Error(`the listener's counter was ${GIVEN} and reads ${results[1]}`)
  },
}
