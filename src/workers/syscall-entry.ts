/**
 * How a syscall comes in: the CPU goes online for it, and ends it with a quiescent state.
 *
 * A CPU that returns from a syscall holds no pointer. The main thread is a CPU only while it is inside one; between two
 * it is offline, and grace periods don't wait for its event loop.
 */

import { EPERM } from '../shared/errno.ts'
import { mapGet } from '../shared/map.ts'
import { mapPut } from '../shared/map-ref.ts'
import type { BpfMap } from '../shared/pointer.ts'
import type { Cpu } from '../sync/cpu.ts'
import { rcuIsOnline, rcuOffline, rcuOnline, rcuQuiescentState } from '../sync/quiescent-state.ts'
import { BpfError, unwrap } from './bpf-error.ts'

/** What all syscalls of a CPU begin with. */
export interface SyscallEntry {
  readonly cpu: Cpu
  /** What only a capable caller may do: EPERM for others. */
  readonly checkCapable: (name: string, detail: string) => void
  /** Runs a syscall on this CPU, which comes online for it if it is not. */
  enter<T>(call: () => T): T
  /** Runs `call` with a reference on the map behind `fd`. */
  withMap<T>(name: string, fd: number, call: (map: BpfMap) => T): T
}

/** The entry of a CPU, for a caller that is `capable` or not. */
export function createEntry(cpu: Cpu, capable: boolean): SyscallEntry {
  function enter<T>(call: () => T): T {
    if (rcuIsOnline(cpu)) {
      const result = call()
      rcuQuiescentState(cpu)
      return result
    }
    rcuOnline(cpu)
    try {
      return call()
    } finally {
      rcuOffline(cpu)
    }
  }

  function withMap<T>(name: string, fd: number, call: (map: BpfMap) => T): T {
    return enter(() => {
      const map = unwrap(name, mapGet(cpu, fd), `map ${fd}`) as BpfMap
      try {
        return call(map)
      } finally {
        mapPut(cpu, map)
      }
    })
  }

  function checkCapable(name: string, detail: string): void {
    if (!capable) throw new BpfError(name, EPERM, detail)
  }

  return { cpu, checkCapable, enter, withMap }
}
