/**
 * CPU 0 removes one element and goes on with quiescent states, online, until it is freed: one callback, far fewer than
 * it would begin a grace period for.
 */

import { attach } from '../../../dist/src/shared/memory.js'
import { liveObjects } from '../../../dist/src/shared/slab.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'

export default ({ cpu, sys, args, stopping }) => {
  const memory = attach(cpu.words.buffer)
  sys.mapUpdate(args.map, args.socket, new Int32Array(2))
  sys.mapDelete(args.map, args.socket)
  let states = 0
  while (liveObjects(memory).elem !== 0 && !stopping()) {
    rcuQuiescentState(cpu)
    states++
  }
  return { states, left: liveObjects(memory).elem }
}
