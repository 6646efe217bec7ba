/**
 * CPU 1 comes late to the barrier, and before that wakes whoever sleeps there, as a notify does that is still on its
 * way from the barrier before. Each CPU returns whether CPU 1 had come when it was let through.
 */

import { CONTROL } from '../../../dist/src/workers/control.js'

/** Longer than anybody spins. */
const SLEEP = 5

export default ({ cpu, control, args, together }) => {
  const { board, rounds } = args
  const sleep = () => Atomics.wait(board, 15, 0, SLEEP)
  let early = 0
  for (let round = 1; round <= rounds; round++) {
    if (cpu.id === 1) {
      sleep()
      Atomics.notify(control, CONTROL.generation)
      sleep()
      Atomics.store(board, 0, round)
    }
    together()
    if (Atomics.load(board, 0) < round) early++
  }
  return early
}
