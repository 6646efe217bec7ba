/**
 * What a BPF program of a hunt's step does: finds its socket, and looks at a value under its lock.
 */

import { EBADF } from '../../src/shared/errno.ts'
import { fileObject, fput, sockfdLookup, sockLookupRcu } from '../../src/shared/fd-table.ts'
import type { File, Sk, Value } from '../../src/shared/pointer.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { AGAIN, type Ground, LOCK } from './ground.ts'
import { diesLate, TORN } from './program.ts'

/**
 * Runs a program on the socket behind a descriptor: found under RCU, or held as a packet holds it. -EBADF without one.
 */
export function onSocket(cpu: Cpu, { kind }: Ground, socket: number, program: (sk: Sk) => number): number {
  if (diesLate(kind)) {
    rcuReadLock(cpu)
    const sk = sockLookupRcu(cpu, socket)
    const result = sk === 0 ? -EBADF : program(sk)
    rcuReadUnlock(cpu)
    return result
  }
  const file = sockfdLookup(cpu, socket) as File
  if (file < 0) return -EBADF
  rcuReadLock(cpu)
  const result = program(fileObject(cpu, file) as Sk)
  rcuReadUnlock(cpu)
  fput(cpu, file)
  return result
}

/** The value's word, seen under its lock; TORN if its two halves differ. Writes `word` unless it is 0. */
export function exchange(cpu: Cpu, value: Value, word: number): number {
  const { words } = cpu
  bpfSpinLock(cpu, value + LOCK)
  const seen = words[value]
  const again = words[value + AGAIN]
  if (word !== 0) {
    words[value] = word
    words[value + AGAIN] = word
  }
  bpfSpinUnlock(cpu, value + LOCK)
  return seen === again ? seen : TORN
}
