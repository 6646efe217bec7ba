/**
 * The syscall face: everything by descriptor, errors thrown as BpfError. The same on the main thread and on worker
 * CPUs.
 */

import type { SocketPrograms } from '../shared/socket-programs.ts'
import type { Cpu } from '../sync/cpu.ts'
import { absentElementSyscalls, elementSyscalls } from './element-syscalls.ts'
import { btfSyscalls, mapSyscalls, socketSyscalls } from './object-syscalls.ts'
import { optionSyscalls } from './option-syscalls.ts'
import { createEntry } from './syscall-entry.ts'

/** The syscalls of one CPU, by descriptor. Each throws BpfError with the errno that the kernel would return. */
export type Syscalls = ReturnType<typeof syscallsOf>

/**
 * The syscalls of a CPU. Descriptors are numbers; keys and values are Int32Array of ceil(size / 4) words, as a value
 * type's encode makes them (a key of sk storage is a socket's descriptor). Every one of them throws BpfError with the
 * kernel's errno. A caller that is not `capable` is a process without CAP_BPF and CAP_SYS_ADMIN: it may use what is
 * open, but not load BTF, make a map of sk storage, open anything by id or mark a socket (EPERM). `programs` are those
 * that hear of sockets at the moment.
 */
export function syscallsOf(cpu: Cpu, capable = true, programs: () => SocketPrograms | undefined = () => undefined) {
  const entry = createEntry(cpu, capable)
  return {
    cpu,
    ...socketSyscalls(entry, programs),
    ...optionSyscalls(entry, capable, programs),
    ...btfSyscalls(entry),
    ...mapSyscalls(entry, capable),
    ...elementSyscalls(entry),
    ...absentElementSyscalls(entry),
  }
}
