/**
 * References for race modules, which work below the syscalls: taken here, put by whoever took them.
 */

import { fileObject, fput, sockfdLookup } from '../../../dist/src/shared/fd-table.js'
import { mapGet } from '../../../dist/src/shared/map.js'
import { sockHoldNotZero, sockPut } from '../../../dist/src/shared/sock.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { rcuReadLock, rcuReadUnlock } from '../../../dist/src/sync/rcu.js'

/** The map behind `fd`, to be put with mapPut. */
export function holdMap(cpu, fd) {
  const map = mapGet(cpu, fd)
  if (map < 0) throw new Error(`fd ${fd}: no map (${map})`)
  return map
}

/** The socket behind `fd`, to be put with sockPut. */
export function holdSock(cpu, fd) {
  const file = sockfdLookup(cpu, fd)
  if (file < 0) throw new Error(`fd ${fd}: no socket (${file})`)
  const sk = fileObject(cpu, file)
  sockHoldNotZero(cpu, sk)
  fput(cpu, file)
  return sk
}

/** The socket behind `fd`, which its descriptor alone keeps alive. */
export function peekSock(cpu, fd) {
  const sk = holdSock(cpu, fd)
  sockPut(cpu, sk)
  return sk
}

/** One run of a program: a read section and a quiescent state behind it. */
export function program(cpu, run) {
  rcuReadLock(cpu)
  const result = run()
  rcuReadUnlock(cpu)
  rcuQuiescentState(cpu)
  return result
}
