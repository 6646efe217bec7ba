/**
 * C11: a program that found the map before its last put goes on adding elements. Map free must wait for its read
 * section, or what it adds stays behind on a freed bucket.
 */

import { FILE, HEADER } from '../../../dist/src/shared/records.js'
import { skStorageGet } from '../../../dist/src/shared/sk-storage.js'
import { sockPut } from '../../../dist/src/shared/sock.js'
import { deferredWorkPending } from '../../../dist/src/sync/deferred-work.js'
import { rcuDereference } from '../../../dist/src/sync/rcu.js'
import { synchronizeRcu } from '../../../dist/src/sync/synchronize-rcu.js'
import { holdSock, program } from './held.js'
import { BOARD, idle, met, RESULT, rounds } from './rounds.js'
import { wrongWith } from './storage-state.js'

const MAP_FD = BOARD.FREE

export default (context) => {
  const { cpu, sys, gang, args } = context
  const { words } = cpu
  const { board, sockets } = args
  const sks = sockets.map((fd) => holdSock(cpu, fd))
  const mine = sks.filter((_, i) => i % (gang - 1) === cpu.id - 1)

  rounds(context, {
    prepare() {
      board[MAP_FD] = sys.mapCreate({ ...args.mapOptions })
    },
    race() {
      if (cpu.id === 0) {
        idle(50)
        sys.close(board[MAP_FD])
        return 0
      }
      return program(cpu, () => {
        const file = rcuDereference(words, words[HEADER.fds] + board[MAP_FD])
        if (file === 0) return 0
        // No reference, as a program that is being detached has none: the read section is all that keeps the map.
        const map = words[file + FILE.object]
        let added = 0
        for (const sk of mine) {
          if (skStorageGet(cpu, map, sk, null, 1) !== 0) added++
          idle(40)
        }
        return added
      })
    },
    verify() {
      for (let id = 1; id < gang; id++) if (board[RESULT + id] > 0) met(board)
      while (deferredWorkPending(cpu) !== 0) synchronizeRcu(cpu)
      for (const sk of sks) {
        if (words[sk] !== 0) return 'the sweep left an element behind'
        const wrong = wrongWith(words, sk)
        if (wrong) return wrong
      }
      return undefined
    },
  })
  for (const sk of sks) sockPut(cpu, sk)
}
