/**
 * A program on CPU 1 holds a value across its removal on CPU 0, while CPU 0 and the others allocate and free as much as
 * they can. The value must be what it was until the read section ends.
 */

import { mapPut } from '../../../dist/src/shared/map-ref.js'
import { kasanCheck } from '../../../dist/src/shared/sanitizer.js'
import { fdDeleteElem, fdUpdateElem, skStorageDelete, skStorageGet } from '../../../dist/src/shared/sk-storage.js'
import { sockPut } from '../../../dist/src/shared/sock.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { holdMap, holdSock, program } from './held.js'
import { BOARD, idle, met, rounds } from './rounds.js'

const [HELD, REMOVED] = [BOARD.FREE, BOARD.FREE + 16]
const LIMIT = 100_000

export default (context) => {
  const { cpu, args } = context
  const { words } = cpu
  const { board, sockets } = args
  const map = holdMap(cpu, args.maps[0])
  const value = new Int32Array(4)
  const fd = sockets[0]
  const mine = sockets[1 + cpu.id]
  const sk = holdSock(cpu, fd)

  const churn = () => {
    for (let i = 0; i < 8; i++) {
      value.fill(-1)
      fdUpdateElem(cpu, map, mine, value, 0)
      fdDeleteElem(cpu, map, mine)
      rcuQuiescentState(cpu)
    }
  }
  const hold = (round) => {
    const at = skStorageGet(cpu, map, sk, null, 0)
    Atomics.store(board, HELD, 1)
    if (at === 0) return
    const was = words.slice(at, at + 4)
    for (let spin = 0; spin < LIMIT && Atomics.load(board, REMOVED) === 0; spin++);
    if (Atomics.load(board, REMOVED) === 1) met(board)
    idle(2000)
    kasanCheck(cpu, at, 4)
    for (let i = 0; i < 4; i++)
      if (words[at + i] !== was[i])
        throw new Error(`round ${round}: word ${i} was ${was[i]} and became ${words[at + i]}`)
  }
  rounds(context, {
    prepare(round) {
      value.fill(round)
      fdUpdateElem(cpu, map, fd, value, 0)
      rcuQuiescentState(cpu)
      board[HELD] = 0
      board[REMOVED] = 0
    },
    race(round) {
      if (cpu.id === 1) return program(cpu, () => hold(round))
      if (cpu.id === 0) {
        for (let spin = 0; spin < LIMIT && Atomics.load(board, HELD) === 0; spin++);
        if (round % 3 === 0) program(cpu, () => skStorageDelete(cpu, map, sk))
        else if (round % 3 === 1) fdDeleteElem(cpu, map, fd)
        else fdUpdateElem(cpu, map, fd, value.fill(-2), 0)
        Atomics.store(board, REMOVED, 1)
      }
      churn()
      return 0
    },
  })
  sockPut(cpu, sk)
  mapPut(cpu, map)
}
