/**
 * All CPUs give one socket its first storage, some by fd, some as programs, in one map or each in its own; one may
 * iterate meanwhile.
 */

import { mapPut } from '../../../dist/src/shared/map-ref.js'
import { SELEM } from '../../../dist/src/shared/records.js'
import { fdUpdateElem, skStorageGet } from '../../../dist/src/shared/sk-storage.js'
import { sockPut } from '../../../dist/src/shared/sock.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { holdMap, holdSock, program } from './held.js'
import { BOARD, met, RESULT, rounds } from './rounds.js'
import { elementsOf, wrongWith } from './storage-state.js'

const EAGAIN = -11
const EEXIST = -17
const NOEXIST = 1
const F_CREATE = 1
const FD = BOARD.FREE
const SK = BOARD.FREE + 1
const DONE = BOARD.FREE + 16

export default (context) => {
  const { cpu, sys, gang, args } = context
  const { board, maps, iterate } = args
  const { words } = cpu
  const map = holdMap(cpu, maps[cpu.id % maps.length])
  const value = new Int32Array(2)
  const creators = iterate ? gang - 1 : gang
  const byFd = (round, id) => ((round >> id) & 1) === 0

  const create = (round) => {
    if (!byFd(round, cpu.id)) return program(cpu, () => skStorageGet(cpu, map, board[SK], value, F_CREATE))
    const err = fdUpdateElem(cpu, map, board[FD], value, NOEXIST)
    rcuQuiescentState(cpu)
    return err
  }

  rounds(context, {
    prepare(round) {
      board[DONE] = 0
      board[FD] = sys.socket({ rcuFree: (round & 1) === 1 })
      board[SK] = holdSock(cpu, board[FD])
    },
    race(round) {
      if (cpu.id >= creators) {
        // H31: an iterator may stand on the loser's element. What it shows must be the socket's own.
        const show = (sk, at) => {
          if (sk !== board[SK] || words[at] !== round) throw new Error(`shown socket ${sk} with ${words[at]}`)
        }
        while (Atomics.load(board, DONE) < creators) sys.mapIterate(maps[0], show)
        return 0
      }
      value[0] = round
      value[1] = cpu.id
      const result = create(round)
      Atomics.add(board, DONE, 1)
      return result
    },
    verify(round) {
      const elements = elementsOf(words, board[SK])
      const wrong = wrongWith(words, board[SK])
      if (wrong) return wrong
      if (elements.length === 0) return 'all creators lost'
      if (elements.length > maps.length) return `${elements.length} elements, expected at most ${maps.length}`
      const values = new Set(elements.map((selem) => selem + SELEM.value))
      const makers = elements.map((selem) => words[selem + SELEM.value + 1])
      for (const selem of elements)
        if (words[selem + SELEM.value] !== round) return `a value of ${words[selem + SELEM.value]}`
      for (let id = 0; id < creators; id++) {
        const result = board[RESULT + id]
        if (result === 0 && byFd(round, id) && !makers.includes(id))
          return `CPU ${id} succeeded, but its element is not there`
        if (result === 0 && !byFd(round, id) && makers.includes(id)) return `CPU ${id} got NULL for the element it made`
        if (result < 0 && result !== EAGAIN && result !== EEXIST) return `CPU ${id} got ${result}`
        if (result > 0 && !values.has(result)) return `CPU ${id} got a value that is not the element's`
        if (result === EAGAIN || (result === 0 && !byFd(round, id))) met(board)
      }
      sockPut(cpu, board[SK])
      sys.close(board[FD])
      return undefined
    },
  })
  mapPut(cpu, map)
}
