/**
 * C5, C6: two CPUs create the first element of one socket, and what must be true whoever wins.
 */

import { firstStorage } from '../../props/scenarios/first-storage.ts'
import { type Setting, VALUE_SIZE } from '../../props/scenarios/setting.ts'
import { SOCK } from '../../src/shared/records.ts'
import { ELEM_CHARGE, STORAGE_CHARGE } from '../../src/shared/sk-storage-elem.ts'

/** One storage, one element, one charge; a loser gets NULL. */
export const twoCreators = {
  ...firstStorage,
  outcome: (_: Setting, got: readonly unknown[]) =>
    got.map((it, cpu) => `CPU ${cpu}: ${it ? 'a value' : 'NULL'}`).join(', '),
  after({ cpus, sockets }: Setting) {
    const charged = cpus[0].words[sockets[0] + SOCK.omemAlloc]
    const due = STORAGE_CHARGE + ELEM_CHARGE + VALUE_SIZE
    if (charged !== due) throw new Error(`the socket holds one element, ${due} bytes, and is charged ${charged}`)
  },
}
