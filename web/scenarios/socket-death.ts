/**
 * C2, C10 to C13: a socket is destroyed while a map of it is freed.
 */

import type { Setting } from '../../props/scenarios/setting.ts'
import { socketDeathAgainstMapFree } from '../../props/scenarios/socket-death-against-map-free.ts'

/** Both come to their end and nothing is left. */
export const socketDeath = {
  ...socketDeathAgainstMapFree,
  outcome: () => 'socket, map and element are gone',
  after({ cpus, sockets }: Setting) {
    if (cpus[2].words[sockets[0] + 1] !== 0) throw new Error('the socket is destroyed, and somebody has a reference')
  },
}
