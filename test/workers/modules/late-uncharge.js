/**
 * C13: CPU 1 does what a socket's destruction does, with a pause where it hurts: it has taken an element off its bucket
 * and still needs the map's sizes to take back the charge. Map free on the kworker must not end before that read
 * section does.
 */

import { MAP, SDATA, SELEM, SK_STORAGE, SOCK } from '../../../dist/src/shared/records.js'
import { kasanCheck } from '../../../dist/src/shared/sanitizer.js'
import { selemUnlinkMap, selemUnlinkSkLocked } from '../../../dist/src/shared/sk-storage-elem.js'
import { deferredWorkPending } from '../../../dist/src/sync/deferred-work.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { rcuDereference } from '../../../dist/src/sync/rcu.js'
import { kfreeRcu } from '../../../dist/src/sync/rcu-callback.js'
import { spinLock, spinUnlock } from '../../../dist/src/sync/spin-lock.js'
import { synchronizeRcu } from '../../../dist/src/sync/synchronize-rcu.js'
import { peekSock, program } from './held.js'
import { BOARD, idle, met, rounds } from './rounds.js'

const MAP_FD = BOARD.FREE
const ELEM_SIZE = 128 + 8
const LIMIT = 20_000

export default (context) => {
  const { cpu, sys, args } = context
  const { words } = cpu
  const { board } = args
  const sks = args.sockets.map((fd) => peekSock(cpu, fd))
  const value = new Int32Array(2)
  const nap = new Int32Array(new SharedArrayBuffer(4))

  const uncharge = (sk, random) => {
    const storage = rcuDereference(words, sk)
    if (storage === 0) return
    let last = false
    spinLock(cpu, storage + SK_STORAGE.lock)
    const node = words[storage + SK_STORAGE.list]
    if (node !== 0) {
      const selem = node - SELEM.snode
      const map = words[selem + SELEM.sdata + SDATA.smap]
      const sweeping = deferredWorkPending(cpu) !== 0
      const isLast = linked(sks) === 1
      selemUnlinkMap(cpu, selem)
      // The last one ends the sweep: asleep, so that the kworker has a core and map free could end, too.
      if (isLast) Atomics.wait(nap, 0, 0, 1)
      else idle(random() & 1023)
      if (sweeping && deferredWorkPending(cpu) === 0)
        throw new Error('map free has ended in the middle of a read section that needs the map')
      kasanCheck(cpu, map, MAP.SIZE)
      if (words[map + MAP.elemSize] !== ELEM_SIZE)
        throw new Error(`the map is gone: its elements have ${words[map + MAP.elemSize]} bytes`)
      last = selemUnlinkSkLocked(cpu, storage, selem, true)
      met(board)
    }
    spinUnlock(cpu, storage + SK_STORAGE.lock)
    if (last) kfreeRcu(cpu, storage + SK_STORAGE.rcu)
  }

  const linked = (sks) => {
    let count = 0
    for (const sk of sks) if (Atomics.load(words, sk + SOCK.storage) !== 0) count++
    return count
  }

  rounds(context, {
    prepare() {
      while (deferredWorkPending(cpu) !== 0) synchronizeRcu(cpu)
      board[MAP_FD] = sys.mapCreate({ ...args.mapOptions })
      for (const fd of args.sockets) sys.mapUpdate(board[MAP_FD], fd, value)
    },
    race(_, random) {
      if (cpu.id === 0) {
        sys.close(board[MAP_FD])
        return 0
      }
      // Begin in the middle of the sweep: when it has taken some, and left some for us.
      const all = sks.length
      for (let spin = 0; spin < LIMIT && linked(sks) === all; spin++) rcuQuiescentState(cpu)
      for (;;) {
        const sk = sks.findLast((sk) => Atomics.load(words, sk + SOCK.storage) !== 0)
        if (sk === undefined) return 0
        program(cpu, () => uncharge(sk, random))
      }
    },
  })
}
