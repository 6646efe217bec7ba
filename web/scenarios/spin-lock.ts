/**
 * Two words that have to change together, and a bpf_spin_lock beside them.
 */

import { setting } from '../../props/scenarios/setting.ts'
import { kmalloc } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'

/** A value of a map: two counters and the lock. */
const VALUE = { packets: 0, bytes: 1, lock: 2, SIZE: 16 } as const

interface Shared {
  readonly cpus: readonly Cpu[]
  readonly value: number
}

/** Counts one packet of 100 bytes. */
const count =
  (id: number) =>
  ({ cpus, value }: Shared): void => {
    const cpu = cpus[id]
    const { words } = cpu
    bpfSpinLock(cpu, value + VALUE.lock)
    words[value + VALUE.packets] += 1
    words[value + VALUE.bytes] += 100
    bpfSpinUnlock(cpu, value + VALUE.lock)
  }

function setup(): Shared {
  const { cpus } = setting({ maps: 0, sockets: 0 })
  const value = kmalloc(cpus[2], KIND.elem, VALUE.SIZE)
  for (let i = 0; i < VALUE.SIZE; i++) cpus[2].words[value + i] = 0
  return { cpus, value }
}

/** Both counts are complete whenever the lock is free. */
export const twoCounters = {
  setup,
  threads: [count(0), count(1)],
  outcome: ({ cpus, value }: Shared) =>
    `${cpus[0].words[value + VALUE.packets]} packets, ${cpus[0].words[value + VALUE.bytes]} bytes`,
  after({ cpus, value }: Shared) {
    const { words } = cpus[0]
    if (words[value + VALUE.packets] !== 2 || words[value + VALUE.bytes] !== 200) {
      throw new Error(`two packets of 100 bytes made ${words[value]} packets and ${words[value + VALUE.bytes]} bytes`)
    }
  },
}
