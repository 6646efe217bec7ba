/**
 * C2, C8: a socket of the kind that is destroyed at once. Two threads hold it, as packets in flight do after a close;
 * each acts and then drops its reference, and whoever is last destroys it.
 */

import { SOCK } from '../../src/shared/records.ts'
import { sockPut } from '../../src/shared/sock.ts'
import { refcountIncNotZero } from '../../src/sync/refcount.ts'
import { type Setting, setting } from './setting.ts'
import { deleteByProgram, getAndHold, getWithCreate, lastPut } from './steps.ts'

const holding =
  (id: number, act: (given: Setting) => unknown) =>
  (given: Setting): unknown => {
    const result = act(given)
    sockPut(given.cpus[id], given.sockets[0])
    return result
  }

const heldTwice = (elements: number) => (): Setting => {
  const given = setting({ elements })
  refcountIncNotZero(given.memory.words, given.sockets[0] + SOCK.refcount)
  return given
}

/** One creates. */
export const createAndPut = { setup: heldTwice(0), threads: [holding(0, getWithCreate(0, 1)), lastPut(1)] }

/** Both create. */
export const twoCreateAndPut = {
  setup: heldTwice(0),
  threads: [holding(0, getWithCreate(0, 1)), holding(1, getWithCreate(1, 2))],
}

/** One deletes. */
export const deleteAndPut = { setup: heldTwice(1), threads: [holding(0, deleteByProgram(0)), lastPut(1)] }

/** One reads through its pointer. */
export const readAndPut = { setup: heldTwice(1), threads: [holding(0, getAndHold(0)), lastPut(1)] }
