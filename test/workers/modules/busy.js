/**
 * Every CPU at work on a few sockets and one map until told to stop, or for `args.turns` turns; the test kills it at
 * any moment.
 */

import { randomOf } from './rounds.js'

const FINE = new Set(['ENOENT', 'EEXIST', 'EAGAIN', 'EBADF', 'ENOTSOCK'])

export default ({ cpu, sys, seed, args, stopping }) => {
  const random = randomOf(seed)
  const value = new Int32Array(2)
  const { map, sockets, turns = Number.POSITIVE_INFINITY } = args
  const attempt = (act) => {
    try {
      act()
    } catch (error) {
      if (!FINE.has(error.code)) throw error
    }
  }
  let turn = 0
  for (; turn < turns && !stopping(); turn++) {
    const fd = sockets[random() % sockets.length]
    value[0] = turn
    const what = random() % 5
    if (what < 2) attempt(() => sys.mapUpdate(map, fd, value, random() % 3))
    else if (what === 2) attempt(() => sys.mapDelete(map, fd))
    else if (what === 3) attempt(() => sys.mapIterate(map, () => undefined))
    else {
      const own = sys.socket({ rcuFree: (random() & 1) === 0 })
      attempt(() => sys.mapUpdate(map, own, value))
      sys.close(own)
    }
  }
  return { turns: turn, seed, id: cpu.id }
}
