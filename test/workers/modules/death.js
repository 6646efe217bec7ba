/**
 * Sockets die on all CPUs while map free sweeps their elements from the other side. Each walks the same elements in the
 * same order, so that they meet at one element again and again.
 */

import { mapPut } from '../../../dist/src/shared/map-ref.js'
import { BUCKET, MAP, SELEM, SK_STORAGE, SOCK } from '../../../dist/src/shared/records.js'
import { deferredWorkPending } from '../../../dist/src/sync/deferred-work.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { synchronizeRcu } from '../../../dist/src/sync/synchronize-rcu.js'
import { holdMap, peekSock } from './held.js'
import { BOARD, idle, met, rounds } from './rounds.js'

const [MAP_FD, FIRST, AHEAD] = [BOARD.FREE, BOARD.FREE + 1, BOARD.FREE + 2]
/** The sockets' descriptors, in the order of the sweep. */
const FDS = 128
const LIMIT = 100_000

export default (context) => {
  const { cpu, sys, gang, args } = context
  const { words } = cpu
  const { board, count, keep } = args
  const value = new Int32Array(2)

  /** Descriptors in the order in which map free will meet their elements. */
  const inSweepOrder = (map, fds) => {
    const owners = new Map(fds.map((fd) => [peekSock(cpu, fd), fd]))
    const order = []
    for (let i = 0; i < 1 << words[map + MAP.bucketLog]; i++) {
      for (let node = words[words[map + MAP.buckets] + i * BUCKET.SIZE]; node !== 0; node = words[node]) {
        const storage = words[node - SELEM.mapNode + SELEM.storage]
        order.push(owners.get(words[storage + SK_STORAGE.sk]))
      }
    }
    return order
  }

  rounds(context, {
    prepare(round, random) {
      // The sweep of the last round must be over, or memory would run out.
      while (deferredWorkPending(cpu) !== 0) synchronizeRcu(cpu)
      board[MAP_FD] = sys.mapCreate({ ...args.mapOptions })
      const fds = []
      for (let i = 0; i < count; i++) {
        // Half of the rounds are of one kind, half mixed.
        const fd = sys.socket({ rcuFree: round % 4 < 2 ? (round & 1) === 1 : (i & 1) === 1 })
        // The other map's element keeps the storage when ours is swept, or makes the sweep's the last but one.
        if (keep && i % 3 === 0) sys.mapUpdate(keep, fd, value, 0)
        sys.mapUpdate(board[MAP_FD], fd, value, 0)
        if (keep && i % 3 === 1) sys.mapUpdate(keep, fd, value, 0)
        fds.push(fd)
      }
      const map = holdMap(cpu, board[MAP_FD])
      board.set(inSweepOrder(map, fds), FDS)
      mapPut(cpu, map)
      board[AHEAD] = random() % Math.min(count, 16)
      board[FIRST] = peekSock(cpu, board[FDS]) + SOCK.storage
    },
    race(round, random) {
      if (cpu.id === 0) sys.close(board[MAP_FD])
      // Begin with the sweep, before it, or somewhere in the middle of it.
      if (round % 3 !== 0) waitForSweep(round % 3 === 2)
      // Ahead of the sweep by a few, so that it runs into us; those before come last.
      const ahead = round % 5 === 0 ? 0 : board[AHEAD]
      for (let i = 0; i < count; i++) {
        const at = (i + ahead) % count
        if (at % gang !== cpu.id) continue
        sys.close(board[FDS + at])
        if (random() % 8 === 0) idle(random() & 127)
      }
      return 0
    },
  })

  /** Until map free has taken the first element, as far as we can see from its socket. */
  function waitForSweep(late) {
    const storage = words[board[FIRST]]
    for (let spin = 0; spin < LIMIT; spin++) {
      if (Atomics.load(words, board[FIRST]) !== storage) return met(board)
      rcuQuiescentState(cpu)
      if (late && deferredWorkPending(cpu) === 0) return
    }
  }
}
