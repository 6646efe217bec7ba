/**
 * The value's own lock: whoever writes both halves of a value under it is seen as a whole by whoever reads under it,
 * and nobody else's write comes between.
 */

import type { Value } from '../../src/shared/pointer.ts'
import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { atRest, inReadSection, LOCK_WORD, type Setting, setting } from './setting.ts'
import { lookupByFd, updateByFd } from './steps.ts'

const BPF_F_LOCK = 4
const SEQ = 2

/** A program that adds 1 to both halves under the lock. Returns what it found. */
const bump =
  (id: number) =>
  ({ cpus, maps, sockets }: Setting): number =>
    inReadSection(cpus[id], () => {
      const value = skStorageGet(cpus[id], maps[0], sockets[0], null, 0)
      return value === 0 ? 0 : bumpLocked(cpus[id], value)
    })

function bumpLocked(cpu: Cpu, value: Value): number {
  const { words } = cpu
  bpfSpinLock(cpu, value + LOCK_WORD)
  const found = words[value]
  words[value] = found + 1
  words[value + SEQ]++
  bpfSpinUnlock(cpu, value + LOCK_WORD)
  return found
}

const start = () => setting({ elements: 1, open: true })

/** Two programs that count: no count is lost. */
export const twoBumps = { setup: start, threads: [bump(0), bump(1)], after: atRest }

/** A program that writes and a syscall that reads, both under the lock. */
export const bumpAgainstLockedLookup = { setup: start, threads: [bump(0), lookupByFd(1, BPF_F_LOCK)], after: atRest }

/** A program that writes and a syscall that copies in place, both under the lock. */
export const bumpAgainstLockedUpdate = { setup: start, threads: [bump(0), updateByFd(1, 1, BPF_F_LOCK)], after: atRest }
