/**
 * C5, H31: CPU 0 walks the map's buckets as an iterator does, only slower: it stands on each element for a while and
 * then looks at the element and at its storage. The others race to create first storages, and the losers' may be what
 * it stands on.
 */

import { mapPut } from '../../../dist/src/shared/map-ref.js'
import { BUCKET, MAP, SELEM, SK_STORAGE, SOCK } from '../../../dist/src/shared/records.js'
import { kasanCheck } from '../../../dist/src/shared/sanitizer.js'
import { fdUpdateElem } from '../../../dist/src/shared/sk-storage.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { rcuDereference } from '../../../dist/src/sync/rcu.js'
import { holdMap, peekSock, program } from './held.js'
import { BOARD, idle, met, RESULT, rounds } from './rounds.js'

const [FD, DONE, SK] = [BOARD.FREE, BOARD.FREE + 16, BOARD.FREE + 1]
const EAGAIN = -11

export default (context) => {
  const { cpu, sys, gang, args } = context
  const { words } = cpu
  const { board } = args
  const map = holdMap(cpu, args.maps[0])
  const value = new Int32Array(2)

  const standOn = (node, round) => {
    const selem = node - SELEM.mapNode
    // The winner's stays: no need to wait there.
    if (words[selem + SELEM.storage] !== Atomics.load(words, board[SK] + SOCK.storage)) idle(300)
    kasanCheck(cpu, selem, SELEM.value + 2)
    const storage = words[selem + SELEM.storage]
    kasanCheck(cpu, storage, SK_STORAGE.SIZE)
    const owner = Atomics.load(words, storage + SK_STORAGE.sk)
    if (
      words[selem + SELEM.sdata] !== map ||
      words[selem + SELEM.value] !== round ||
      (owner !== 0 && owner !== board[SK])
    )
      throw new Error(`round ${round}: an element became something else under a walk`)
  }

  rounds(context, {
    prepare() {
      board[FD] = sys.socket({})
      board[SK] = peekSock(cpu, board[FD])
      board[DONE] = 0
    },
    race(round) {
      value[0] = round
      if (cpu.id === 0) {
        while (Atomics.load(board, DONE) < gang - 1) {
          program(cpu, () => {
            for (let i = 0; i < 1 << words[map + MAP.bucketLog]; i++) {
              const head = words[map + MAP.buckets] + i * BUCKET.SIZE + BUCKET.list
              for (let node = rcuDereference(words, head); node !== 0; node = rcuDereference(words, node))
                standOn(node, round)
            }
          })
        }
        return 0
      }
      const err = fdUpdateElem(cpu, map, board[FD], value, 1)
      rcuQuiescentState(cpu)
      Atomics.add(board, DONE, 1)
      return err
    },
    verify() {
      for (let id = 1; id < gang; id++) if (board[RESULT + id] === EAGAIN) met(board)
      sys.close(board[FD])
    },
  })
  mapPut(cpu, map)
}
