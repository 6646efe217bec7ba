/**
 * The kernel's test `stress_free`: map free against the death of sockets.
 *
 * Each thread opens its sockets and gives each an element; then the last CPU, which is the kernel's main thread, closes
 * the map while the threads close their sockets. Again and again. Model: test_sk_storage_map_stress_free(), commit
 * 03ab8e6297ac.
 */

import { below, createStream, type Random } from '../../random/random.ts'
import { BPF_NOEXIST } from '../../shared/update-flags.ts'
import type { CallContext } from '../task.ts'
import { rendezvous } from './rendezvous.ts'
import { GO_ON, MAX_WRONG, SELFTEST_MAP, type SelftestArgs, type SelftestReport, SHARED_FD } from './selftest-report.ts'

export default (context: CallContext): SelftestReport => {
  const { cpu, gang } = context
  return cpu.id === gang - 1 ? closeMaps(context) : closeSockets(context)
}

/** The main thread: makes the map, lets the threads fill it, and closes it. */
function closeMaps(context: CallContext): SelftestReport {
  const { sys, stopping } = context
  const { words, milliseconds } = context.args as SelftestArgs
  const end = performance.now() + milliseconds
  let rounds = 0
  for (;;) {
    // At least one round: a test that did nothing has not passed.
    const goOn = (rounds === 0 || performance.now() < end) && !stopping()
    Atomics.store(words, GO_ON, goOn ? 1 : 0)
    if (goOn) Atomics.store(words, SHARED_FD, sys.mapCreate(SELFTEST_MAP))
    if (!rendezvous(context, words) || !goOn) break
    if (!rendezvous(context, words)) break
    sys.close(Atomics.load(words, SHARED_FD))
    if (!rendezvous(context, words)) break
    rounds++
  }
  return { rounds, wrong: [] }
}

/** A thread: opens its sockets, updates each with BPF_NOEXIST, waits for the others, closes them. */
function closeSockets(context: CallContext): SelftestReport {
  const { sys, cpu } = context
  const { words, sockets } = context.args as SelftestArgs
  const wrong: string[] = []
  const choice = createStream(context.seed, 0)
  const value = Int32Array.of(cpu.id, 0)
  while (rendezvous(context, words) && Atomics.load(words, GO_ON) !== 0) {
    const map = Atomics.load(words, SHARED_FD)
    const fds: number[] = []
    try {
      for (let i = 0; i < sockets && !context.stopping(); i++) {
        const fd = sys.socket({ family: 10 })
        fds.push(fd)
        sys.mapUpdate(map, fd, value, BPF_NOEXIST)
      }
    } catch (error) {
      if (wrong.length < MAX_WRONG) wrong.push(`CPU ${cpu.id}: ${(error as Error).message}, expected 0`)
    }
    const together = rendezvous(context, words)
    closeAll(context, fds, choice)
    if (!together || !rendezvous(context, words)) break
  }
  return { rounds: 0, wrong }
}

/** Closes the sockets in order, beginning somewhere else each round, so that map free meets other ones. */
function closeAll({ sys }: CallContext, fds: readonly number[], choice: Random): void {
  const first = fds.length === 0 ? 0 : below(choice, fds.length)
  for (let i = 0; i < fds.length; i++) sys.close(fds[(first + i) % fds.length])
}
