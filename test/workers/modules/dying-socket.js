/**
 * C8, C14: CPU 0 closes a socket while the others, who found it under RCU or by its descriptor, go on using it: get
 * with create, delete, update by fd. Nothing may be added to it once its last reference is gone.
 */

import { sockLookupRcu } from '../../../dist/src/shared/fd-table.js'
import { mapPut } from '../../../dist/src/shared/map-ref.js'
import { SOCK } from '../../../dist/src/shared/records.js'
import { fdDeleteElem, fdUpdateElem, skStorageDelete, skStorageGet } from '../../../dist/src/shared/sk-storage.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { holdMap, program } from './held.js'
import { BOARD, idle, met, RESULT, rounds } from './rounds.js'

const FD = BOARD.FREE
const [ENOENT, EBADF, EAGAIN] = [-2, -9, -11]
const NULL = 0
const GOT = 1

export default (context) => {
  const { cpu, sys, gang, args } = context
  const { words } = cpu
  const { board } = args
  const map = holdMap(cpu, args.maps[0])
  const value = new Int32Array(2)

  /** What the CPU does in the round; only a SOCK_RCU_FREE socket may be found without a reference. */
  const roleOf = (round, id) =>
    ((round & 1) === 0 ? ['get', 'delete', 'get'] : ['update', 'fdDelete', 'update'])[(id + (round >> 1)) % 3]

  rounds(context, {
    prepare(round) {
      board[FD] = sys.socket({ rcuFree: (round & 1) === 0 })
      value.fill(round)
      if (round & 2) fdUpdateElem(cpu, map, board[FD], value, 0)
    },
    race(round, random) {
      if (cpu.id === 0) {
        sys.close(board[FD])
        return 0
      }
      const role = roleOf(round, cpu.id)
      value.fill(round)
      let err = 0
      if (role === 'update') err = fdUpdateElem(cpu, map, board[FD], value, 0)
      if (role === 'fdDelete') err = fdDeleteElem(cpu, map, board[FD])
      if (role === 'get' || role === 'delete') {
        err = program(cpu, () => {
          const sk = sockLookupRcu(cpu, board[FD])
          if (sk === 0) return EBADF
          idle(random() & 63)
          if (Atomics.load(words, sk + SOCK.refcount) === 0) met(board)
          if (role === 'delete') return skStorageDelete(cpu, map, sk)
          const at = skStorageGet(cpu, map, sk, value, 1)
          if (at === 0) return NULL
          if (words[at] !== round) throw new Error(`round ${round}: got the value ${words[at]}`)
          return GOT
        })
      }
      rcuQuiescentState(cpu)
      return err
    },
    verify(round) {
      for (let id = 1; id < gang; id++) {
        const role = roleOf(round, id)
        const allowed = {
          get: [NULL, GOT, EBADF],
          delete: [0, ENOENT, EBADF],
          update: [0, EBADF, EAGAIN],
          fdDelete: [0, EBADF, ENOENT],
        }[role]
        const result = board[RESULT + id]
        if (!allowed.includes(result)) return `CPU ${id} got ${result} from ${role}`
        if (role === 'update' && result === 0) met(board)
      }
      return undefined
    },
  })
  mapPut(cpu, map)
}
