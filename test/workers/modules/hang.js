/**
 * Ways to hang or die inside kernel code, planted: `args.how` says which, `args.board` is shared with the test.
 */

import { threadId } from 'node:worker_threads'
import { mapPut } from '../../../dist/src/shared/map-ref.js'
import { BUCKET, MAP } from '../../../dist/src/shared/records.js'
import { PERCPU } from '../../../dist/src/sync/cpu.js'
import { rcuReadLock } from '../../../dist/src/sync/rcu.js'
import { spinLock, spinUnlock } from '../../../dist/src/sync/spin-lock.js'
import { holdMap } from './held.js'

/** Words of the board: which thread is the victim, and whether it is where it shall die. */
const [VICTIM, READY] = [0, 1]

export default (context) => {
  const { cpu, together, args } = context
  const map = holdMap(cpu, args.map)
  const [first, second] = [0, 1].map((i) => cpu.words[map + MAP.buckets] + i * BUCKET.SIZE + BUCKET.lock)
  mapPut(cpu, map)
  const forever = () => {
    for (;;);
  }
  const ways = {
    /** Two CPUs take two locks in opposite order. */
    deadlock() {
      const [mine, other] = cpu.id === 0 ? [first, second] : [second, first]
      spinLock(cpu, mine)
      together()
      spinLock(cpu, other)
    },
    /** A program that never ends. */
    readSection() {
      if (cpu.id !== 1) return
      rcuReadLock(cpu)
      forever()
    },
    /** A loop under a lock that another CPU wants. */
    loopUnderLock() {
      if (cpu.id === 1) spinLock(cpu, first)
      together()
      if (cpu.id === 1) forever()
      spinLock(cpu, first)
    },
    throwsUnderLock() {
      if (cpu.id === 1) spinLock(cpu, first)
      together()
      if (cpu.id === 1) throw new Error('planted')
      spinLock(cpu, first)
    },
    throwsInReadSection() {
      if (cpu.id !== 1) return
      rcuReadLock(cpu)
      throw new Error('planted')
    },
    /** One CPU fails where it holds nothing, while the others wait for it at the barrier. */
    throwsBeforeBarrier() {
      if (cpu.id === 1) throw new Error('planted')
      together()
    },
    /** What was a lock holds a number that is none. */
    lockOverwritten() {
      if (cpu.id === 1) Atomics.store(cpu.words, first, 0x7654)
      together()
      if (cpu.id === 0) spinLock(cpu, first)
    },
    /** A CPU that never ends, whose corner says that it waits: for what, `args.kind` and `args.at` tell. */
    cornerOverwritten() {
      if (cpu.id !== 0) return
      Atomics.store(cpu.words, cpu.base + PERCPU.waitingAt, args.at)
      Atomics.store(cpu.words, cpu.base + PERCPU.waitingKind, args.kind)
      forever()
    },
    exits() {
      if (cpu.id === 1) process.exit(3)
      together()
    },
    /**
     * CPU 0 waits inside a critical section to be killed there, in a read section half of the time; the others want its
     * lock.
     */
    waitsToBeKilled() {
      if (cpu.id === 0) {
        if (args.reading) rcuReadLock(cpu)
        spinLock(cpu, first)
        args.board[VICTIM] = threadId
        Atomics.store(args.board, READY, 1)
        Atomics.notify(args.board, READY)
        // Asleep rather than spinning: others need the core.
        Atomics.wait(args.board, READY, 1)
      }
      while (Atomics.load(args.board, READY) === 0);
      spinLock(cpu, first)
      spinUnlock(cpu, first)
    },
  }
  ways[args.how]()
}
