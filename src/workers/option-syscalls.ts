/**
 * The syscalls of socket options.
 */

import type { SocketPrograms } from '../shared/socket-programs.ts'
import { type Sockopt, sockGetsockopt, sockSetsockopt } from '../shared/sockopt.ts'
import { unwrap } from './bpf-error.ts'
import type { SyscallEntry } from './syscall-entry.ts'

/** A value of four bytes, or bytes. */
function bytesOf(value: number | Uint8Array): Uint8Array {
  return typeof value === 'number' ? new Uint8Array(Int32Array.of(value).buffer) : value
}

/** Those of a caller that is `capable` or not. `programs` are asked for at each call. */
export function optionSyscalls(
  { cpu, enter }: SyscallEntry,
  capable: boolean,
  programs: () => SocketPrograms | undefined,
) {
  return {
    /**
     * Sets an option, as `setsockopt(fd, SOL_SOCKET, SO_MARK, 7)`: SO_MARK and SO_PRIORITY there are. EBADF, ENOTSOCK,
     * EPERM, EFAULT, EINVAL, ENOPROTOOPT.
     */
    setsockopt(fd: number, level: number, optname: number, value: number | Uint8Array): void {
      const bytes = bytesOf(value)
      enter(() =>
        unwrap(
          'setsockopt',
          sockSetsockopt(cpu, fd, level, optname, bytes, capable, programs()),
          `fd ${fd}, level ${level}, option ${optname}`,
        ),
      )
    },

    /**
     * Reads up to `length` bytes of an option: those of setsockopt, SO_TYPE, SO_PROTOCOL, SO_DOMAIN and SO_COOKIE. The
     * result is 0 unless a program made something else of it. EBADF, ENOTSOCK, EPERM, EFAULT, EINVAL, ENOPROTOOPT,
     * EOPNOTSUPP, or what a program says.
     */
    getsockopt(fd: number, level: number, optname: number, length = 4): Sockopt {
      return enter(() => {
        const got = sockGetsockopt(cpu, fd, level, optname, length, programs())
        unwrap('getsockopt', got.result, `fd ${fd}, level ${level}, option ${optname}`)
        return got
      })
    },
  }
}
