/**
 * The numbers of grace periods, which whoever waits may move on, with their implementation; and the barrier, which
 * waits for callbacks that a CPU still has.
 */

import { kfreeFunc } from '../../src/shared/callbacks.ts'
import { kmalloc, liveObjects } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { pushGracePeriod, reached, reportState } from '../../src/sync/grace-period.ts'
import { rcuOffline } from '../../src/sync/quiescent-state.ts'
import { handOverCallbacks, kfreeRcu, RCU_HEAD } from '../../src/sync/rcu-callback.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import { rcuBarrier } from '../../src/sync/synchronize-rcu.ts'
import { RAW_TO_THE_ALLOCATOR } from './beneath-tags.ts'
import { type Setting, setting } from './setting.ts'

const SIZE = 16

/** Two CPUs, of which `online` are so. */
function cpusOnline(online: readonly number[]): Setting {
  const given = setting({ maps: 0, sockets: 0 })
  for (const [id, cpu] of given.cpus.entries()) if (!online.includes(id)) rcuOffline(cpu)
  return given
}

/** The newest grace period, and the newest that is over. */
const numbers = ({ words, rcu }: Cpu): [started: number, completed: number] => [
  words[rcu + RCU.started],
  words[rcu + RCU.completed],
]

/**
 * One CPU completes a grace period and then another, while a second is about to do the first: the numbers never go
 * back. They would let the next grace period end by what CPUs have said of an earlier one.
 */
export const twoPushersOfGracePeriods = {
  ...RAW_TO_THE_ALLOCATOR,
  setup: () => cpusOnline([]),
  threads: [
    ({ cpus: [cpu] }: Setting): number => pushGracePeriod(cpu),
    ({ cpus: [, cpu] }: Setting): [number, number] => {
      const { words, rcu } = cpu
      pushGracePeriod(cpu)
      pushGracePeriod(cpu)
      return [Atomics.load(words, rcu + RCU.started), Atomics.load(words, rcu + RCU.completed)]
    },
  ],
  after({ cpus: [cpu] }: Setting, [, seen]: readonly unknown[]): void {
    const now = numbers(cpu)
    const before = seen as [number, number]
    if (!now.every((number, i) => reached(number, before[i]))) throw new Error(`${before} went back to ${now}`)
    if (now[0] !== now[1]) throw new Error(`nobody waits, and ${now[0]} has begun where ${now[1]} is over`)
  },
  // How many there are is no matter.
  outcome: (): string => '',
}

/** A CPU has queued a callback when a barrier begins, and leaves then: at the barrier's end the callback has run. */
export const barrierAgainstLeave = {
  ...RAW_TO_THE_ALLOCATOR,
  setup(): Setting {
    const given = cpusOnline([1])
    const [, cpu] = given.cpus
    const object = kmalloc(cpu, KIND.file, SIZE)
    cpu.words[object + RCU_HEAD.func] = kfreeFunc(KIND.file, SIZE, 0)
    kfreeRcu(cpu, object)
    return given
  },
  threads: [
    ({ cpus: [cpu], memory }: Setting): number => {
      rcuBarrier(cpu)
      return liveObjects(memory).file
    },
    ({ cpus: [, cpu] }: Setting): void => {
      handOverCallbacks(cpu)
      reportState(cpu, 0)
    },
  ],
}
