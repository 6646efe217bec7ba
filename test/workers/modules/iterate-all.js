/**
 * CPU 0 walks a map while the others open, close, accept, update, delete and clone around it. It must see each socket
 * that nobody touches exactly once in each walk, and only values that somebody wrote.
 */

import { peekSock } from './held.js'
import { BOARD, met, rounds } from './rounds.js'

const [LISTENER, FIRST] = [BOARD.FREE, BOARD.FREE + 1]
/** Sockets that come and go, few enough that a walk takes them and the quiet ones in one batch. */
const BUSY = 12
const FINE = new Set(['ENOENT', 'EEXIST', 'EAGAIN', 'EBADF', 'ENOTSOCK', 'EINVAL'])

export default (context) => {
  const { cpu, sys, args } = context
  const { words } = cpu
  const { board, maps, sockets } = args
  const [map, other] = maps
  const value = new Int32Array(2)
  const quiet = sockets.map((fd) => peekSock(cpu, fd))

  const attempt = (act) => {
    try {
      return act()
    } catch (error) {
      if (!FINE.has(error.code)) throw error
      return undefined
    }
  }
  const write = (to, fd, flags) => {
    value[0] = value[1] = cpu.id * 1000 + fd
    attempt(() => sys.mapUpdate(to, fd, value, flags))
  }
  const busyFd = (random) => board[FIRST + (random() % BUSY)]

  const walk = () => {
    const seen = new Map()
    sys.mapIterate(map, (sk, at) => {
      if (words[at] !== words[at + 1]) throw new Error(`shown a value of ${words[at]} and ${words[at + 1]}`)
      seen.set(sk, (seen.get(sk) ?? 0) + 1)
      if (words[at] > 1000) met(board)
    })
    const odd = quiet.filter((sk) => seen.get(sk) !== 1)
    if (odd.length > 0) throw new Error(`of ${quiet.length} quiet sockets ${odd.length} were not seen exactly once`)
  }
  const disturb = (random) => {
    const slot = FIRST + (random() % BUSY)
    const what = random() % 8
    if (what < 2) write(map, busyFd(random), random() % 3)
    else if (what < 4) attempt(() => sys.mapDelete(map, busyFd(random)))
    else if (what === 4) write(other, busyFd(random), 0)
    else {
      // Our own slots only, so that a number is closed once.
      if (slot % (context.gang - 1) !== cpu.id - 1) return
      attempt(() => sys.close(board[slot]))
      board[slot] = what === 5 ? attempt(() => sys.accept(board[LISTENER])) : sys.socket({ rcuFree: what === 6 })
      write(map, board[slot], 1)
    }
  }
  rounds(context, {
    prepare(round) {
      if (round > 0) return
      board[LISTENER] = sys.socket({ state: 10 })
      write(map, board[LISTENER], 0)
      for (let i = 0; i < BUSY; i++) board[FIRST + i] = sys.socket({})
    },
    race(_, random) {
      if (cpu.id === 0) walk()
      else for (let i = 0; i < 4; i++) disturb(random)
      return 0
    },
  })
}
