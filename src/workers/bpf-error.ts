/**
 * An errno as an exception: what the syscall face throws.
 */

import { errnoName } from '../shared/errno.ts'

/** `code` is the name ('ENOENT'), `errno` the positive number, `syscall` what was called. */
export class BpfError extends Error {
  override readonly name = 'BpfError'
  /** The name: `ENOENT`. */
  readonly code: string
  /** The positive number. */
  readonly errno: number
  /** What was called: `BPF_MAP_LOOKUP_ELEM`, `accept`, ... */
  readonly syscall: string

  constructor(syscall: string, errno: number, detail: string) {
    super(`${syscall}(${detail}): ${errnoName(errno)}`)
    this.code = errnoName(errno)
    this.errno = Math.abs(errno)
    this.syscall = syscall
  }
}

/** `result` if it is not an error, else throws it as a BpfError. */
export function unwrap(syscall: string, result: number, detail: string): number {
  if (result < 0) throw new BpfError(syscall, result, detail)
  return result
}
