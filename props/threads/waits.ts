/**
 * What CPUs wait for that never end: told from the words that they leave for the watchdog.
 */

import { describeWord } from '../../src/shared/describe.ts'
import type { Memory } from '../../src/shared/memory.ts'
import { HEADER } from '../../src/shared/records.ts'
import { PERCPU, WAITING_GRACE_PERIOD, WAITING_LOCK, WAITING_MUTEX } from '../../src/sync/cpu.ts'
import { lockOwner } from '../../src/sync/lock-word.ts'
import { cpuBase } from '../../src/sync/rcu-layout.ts'

/** A sentence for each CPU that waits: 'CPU 1 waits for the lock of a storage at word 9000, which CPU 0 holds'. */
export function waitsOf(memory: Memory): string {
  const { words } = memory
  const told: string[] = []
  for (let id = 0; id < words[HEADER.cpus]; id++) {
    const base = cpuBase(words[HEADER.rcu], id)
    const at = Atomics.load(words, base + PERCPU.waitingAt)
    switch (Atomics.load(words, base + PERCPU.waitingKind)) {
      case WAITING_LOCK:
      case WAITING_MUTEX: {
        const owner = lockOwner(words, at)
        const holder = owner < 0 ? 'nobody holds' : `CPU ${owner} holds`
        told.push(`CPU ${id} waits for ${describeWord(memory, at)} at word ${at}, which ${holder}`)
        break
      }
      case WAITING_GRACE_PERIOD:
        told.push(`CPU ${id} waits for a grace period`)
    }
  }
  return told.length === 0 ? 'no CPU waits, and none comes to an end' : told.join('; ')
}
