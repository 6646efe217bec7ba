/**
 * C15: CPUs accept on a listener while CPU 0 drops the last reference on one of its maps, whose sweep takes a while. A
 * child's copy comes either in time to be swept or not at all.
 */

import { mapPut } from '../../../dist/src/shared/map-ref.js'
import { SELEM } from '../../../dist/src/shared/records.js'
import { sockPut } from '../../../dist/src/shared/sock.js'
import { deferredWorkPending } from '../../../dist/src/sync/deferred-work.js'
import { synchronizeRcu } from '../../../dist/src/sync/synchronize-rcu.js'
import { holdMap, holdSock, peekSock } from './held.js'
import { BOARD, met, rounds } from './rounds.js'
import { elementsOf, wrongWith } from './storage-state.js'

const [MAP_FD, DYING, COUNT] = [BOARD.FREE, BOARD.FREE + 1, BOARD.FREE + 2]
const CHILDREN = 128

export default (context) => {
  const { cpu, sys, args } = context
  const { words } = cpu
  const { board, keep, fillers, perCpu } = args
  const keeper = holdMap(cpu, keep)
  const value = new Int32Array(2)
  const listener = args.sockets[0]
  const parent = holdSock(cpu, listener)

  rounds(context, {
    prepare(round) {
      board[MAP_FD] = sys.mapCreate({ ...args.mapOptions })
      value.fill(round)
      // The listener's element first, so that it is swept last.
      sys.mapUpdate(board[MAP_FD], listener, value, 0)
      if (round & 1) sys.mapUpdate(keep, listener, value, 0)
      else if (elementsOf(words, parent).length > 1) sys.mapDelete(keep, listener)
      for (const fd of fillers) sys.mapUpdate(board[MAP_FD], fd, value, 0)
      const map = holdMap(cpu, board[MAP_FD])
      board[DYING] = map
      mapPut(cpu, map)
      board[COUNT] = 0
    },
    race(round) {
      if (cpu.id === 0) {
        sys.close(board[MAP_FD])
        return 0
      }
      let cloned = 0
      for (let i = 0; i < perCpu; i++) {
        const fd = sys.accept(listener)
        board[CHILDREN + Atomics.add(board, COUNT, 1)] = fd
        sys.readSection(() => {
          // Looked at under RCU: map free may be taking the copy off again.
          for (const selem of elementsOf(words, peekSock(cpu, fd))) {
            if (words[selem + SELEM.value] !== round)
              throw new Error(`round ${round}: a copy of ${words[selem + SELEM.value]}`)
            if (words[selem + SELEM.sdata] === board[DYING]) cloned++
          }
        })
      }
      if (cloned > 0 && cloned < perCpu) met(board)
      return cloned
    },
    verify(round) {
      while (deferredWorkPending(cpu) !== 0) synchronizeRcu(cpu)
      const expected = round & 1
      for (let i = 0; i < board[COUNT]; i++) {
        const child = peekSock(cpu, board[CHILDREN + i])
        const wrong = wrongWith(words, child)
        if (wrong) return `child ${i}: ${wrong}`
        const elements = elementsOf(words, child)
        if (elements.length !== expected)
          return `child ${i} has ${elements.length} elements when the map is gone, expected ${expected}`
        if (elements.some((selem) => words[selem + SELEM.sdata] !== keeper))
          return `child ${i} has an element of a freed map`
        sys.close(board[CHILDREN + i])
      }
      return wrongWith(words, parent)
    },
  })
  sockPut(cpu, parent)
  mapPut(cpu, keeper)
}
