/**
 * C4: CPU 0 removes an element, in one of four ways; the others hold a pointer to it and watch both of its links. Off
 * its socket's list it must be off its map's bucket already.
 */

import { mapPut } from '../../../dist/src/shared/map-ref.js'
import { SELEM } from '../../../dist/src/shared/records.js'
import { fdUpdateElem, skStorageDelete, skStorageGet } from '../../../dist/src/shared/sk-storage.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { holdMap, peekSock, program } from './held.js'
import { BOARD, idle, met, rounds } from './rounds.js'

const [FD, SK, HELD] = [BOARD.FREE, BOARD.FREE + 1, BOARD.FREE + 2]
const PPREV = 1
const LIMIT = 200_000

export default (context) => {
  const { cpu, sys, gang, args } = context
  const { words } = cpu
  const { board } = args
  const [map, other] = args.maps.map((fd) => holdMap(cpu, fd))
  const value = new Int32Array(2)

  const remove = (round) => {
    if (round % 4 === 0) program(cpu, () => skStorageDelete(cpu, map, board[SK]))
    else if (round % 4 === 1) fdUpdateElem(cpu, map, board[FD], value, 0)
    else sys.close(board[FD])
  }
  rounds(context, {
    prepare(round) {
      board[FD] = sys.socket({ rcuFree: round % 4 === 3 })
      board[HELD] = 0
      fdUpdateElem(cpu, map, board[FD], value, 1)
      if (round % 3 === 0) fdUpdateElem(cpu, other, board[FD], value, 1)
      board[SK] = peekSock(cpu, board[FD])
    },
    race(round) {
      if (cpu.id === 0) {
        while (Atomics.load(board, HELD) < gang - 1);
        remove(round)
        rcuQuiescentState(cpu)
        return 0
      }
      return program(cpu, () => {
        const selem = skStorageGet(cpu, map, board[SK], null, 0) - SELEM.value
        Atomics.add(board, HELD, 1)
        // A socket that waits for its grace period keeps its elements as long as we watch.
        if (round % 4 === 3 || selem <= 0) return idle(100)
        let spin = 0
        while (Atomics.load(words, selem + SELEM.snode + PPREV) !== 0) if (spin++ === LIMIT) return 0
        if (Atomics.load(words, selem + SELEM.mapNode + PPREV) !== 0)
          throw new Error(`round ${round}: element ${selem} is off its socket's list and still on a bucket`)
        met(board)
        return 0
      })
    },
    verify(round) {
      if (round % 4 < 2) sys.close(board[FD])
    },
  })
  mapPut(cpu, map)
  mapPut(cpu, other)
}
