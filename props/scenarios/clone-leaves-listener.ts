/**
 * C15: the child of a listener comes and goes, or could not be made at all. Either way the listener keeps what it has.
 */

import { HEADER } from '../../src/shared/records.ts'
import { skClone } from '../../src/shared/sk-clone.ts'
import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { sockPut } from '../../src/shared/sock.ts'
import { atRest, inReadSection, type Setting, setting } from './setting.ts'
import { get } from './steps.ts'

/** Accepts a connection on the first socket and closes it at once. Returns whether there was a child. */
const acceptAndClose = ({ cpus, sockets }: Setting): boolean => {
  const [cpu] = cpus
  const child = inReadSection(cpu, () => skClone(cpu, sockets[0]))
  if (child === 0) return false
  sockPut(cpu, child)
  return true
}

/** For `after`: the listener's element is still there. */
function listenerHasIt(given: Setting): void {
  atRest(given)
  const cpu = given.cpus[2]
  if (inReadSection(cpu, () => skStorageGet(cpu, given.maps[0], given.sockets[0], null, 0)) === 0)
    throw new Error('the listener has lost its element')
}

/** The child is closed while the listener's element is read. */
export const childClosesAgainstGet = {
  setup: () => setting({ listening: true, elements: 1, open: true }),
  threads: [acceptAndClose, get(1)],
  after: listenerHasIt,
}

/** The child may be charged nothing: its making fails on the way, and what there is of it is destroyed. */
export const cloneFailsAgainstGet = {
  setup: () => {
    const given = setting({ listening: true, elements: 1, open: true })
    given.memory.words[HEADER.optmemMax] = 1
    return given
  },
  threads: [acceptAndClose, get(1)],
  after: listenerHasIt,
}
