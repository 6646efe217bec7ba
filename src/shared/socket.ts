/**
 * The socket syscall: a socket and a descriptor for it.
 */

import type { Cpu } from '../sync/cpu.ts'
import { ENOMEM } from './errno.ts'
import { FILE_SOCKET, fdOpen } from './fd-table.ts'
import { type SockOptions, skAlloc, sockPut } from './sock.ts'

/** Makes a socket and opens a descriptor for it. Returns the descriptor, -ENOMEM or -EMFILE. */
export function socketCreate(cpu: Cpu, options: SockOptions): number {
  const sk = skAlloc(cpu, options)
  if (sk === 0) return -ENOMEM
  const fd = fdOpen(cpu, FILE_SOCKET, sk)
  if (fd < 0) sockPut(cpu, sk)
  return fd
}
