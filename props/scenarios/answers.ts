/**
 * C1, C4, C5, C9: what threads are told, where all lists and charges would agree and the answer be wrong.
 */

import { SOCK } from '../../src/shared/records.ts'
import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { ELEM_CHARGE, STORAGE_CHARGE } from '../../src/shared/sk-storage-elem.ts'
import { atRest, GIVEN, inReadSection, type Setting, setting, twice, VALUE_SIZE } from './setting.ts'
import { deleteByProgram, get, getWithCreate, updateByFd } from './steps.ts'

/** What a storage with so many elements is charged. */
const charge = (elements: number) => STORAGE_CHARGE + elements * (ELEM_CHARGE + VALUE_SIZE)

/** For `after`: throws unless the threads were told this. */
const told =
  (...expected: readonly unknown[]) =>
  (given: Setting, results: readonly unknown[]): void => {
    atRest(given)
    expected.forEach((answer, t) => {
      if (results[t] !== answer) throw new Error(`thread ${t} was told ${results[t]}, expected ${answer}`)
    })
  }

/** C4: the first of the list goes while a reader walks over it to the element behind, which stays. */
export const getBehindDelete = {
  setup: () => setting({ maps: 2, elements: 2, open: true }),
  threads: [get(0), deleteByProgram(1, { map: 1 })],
  after: told(GIVEN, 0),
}

/** C1: two maps have one slot and two values. */
export const getsOfOneSlot = {
  setup: () => {
    const given = setting({ maps: 2, elements: 1, cacheSlots: 1, open: true })
    const cpu = given.cpus[2]
    inReadSection(cpu, () => skStorageGet(cpu, given.maps[1], given.sockets[0], twice(8), 1))
    return given
  },
  threads: [get(0), get(1, { map: 1 })],
  after: told(GIVEN, 8),
}

/** C9: one more element would reach the limit to the byte, and the limit is not to be reached. */
export const createAtTheLimit = {
  setup: () => setting({ maps: 2, elements: 1, optmemMax: charge(2), open: true }),
  threads: [getWithCreate(0, 1, { map: 1 }), get(1)],
  after: told(0, GIVEN),
}

/** C9: a replacement where no second element would fit takes nothing more. */
export const replaceAtTheLimit = {
  setup: () => setting({ elements: 1, optmemMax: charge(1) + 1, open: true }),
  threads: [updateByFd(0, 1, 0), get(1)],
  after: told(0),
}

/** C5, C9: two first elements where one fits. Each then looks whether the socket is charged more than it may. */
export const firstStorageAtTheLimit = {
  setup: () => setting({ maps: 2, optmemMax: charge(1) + 1, open: true }),
  threads: [0, 1].map((id) => (given: Setting): string => {
    const made = getWithCreate(id, 1, { map: id })(given) !== 0
    const charged = Atomics.load(given.memory.words, given.sockets[0] + SOCK.omemAlloc)
    return `${made ? 'made' : 'NULL'}, ${charged > charge(1) ? 'over the limit' : 'within'}`
  }),
  after: atRest,
}
