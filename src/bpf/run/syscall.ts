/**
 * The syscalls that threads of a scenario may make, on its sockets and maps.
 */

import type { ValueField } from '../value-fields.ts'

/** The calls, and their operands as they are asked for. */
export const SYSCALLS = {
  close: 'SOCKET',
  connect: 'SOCKET',
  accept: 'SOCKET',
  setsockopt: 'SOCKET OPTION VALUE',
  getsockopt: 'SOCKET OPTION',
  lookup: 'MAP KEY [FIELD]',
  update: 'MAP KEY [VALUE]',
  delete: 'MAP KEY',
  next: 'MAP [KEY]',
  iterate: 'MAP',
  freeze: 'MAP',
  free: 'MAP',
} as const
export type Call = keyof typeof SYSCALLS

/** A syscall: of a socket or, with `map`, of a map. */
export interface Syscall {
  readonly call: Call
  readonly map?: string
  /** Number of the socket, or the key; undefined where none is named. */
  readonly key?: number
  /** Number of the option. */
  readonly option?: number
  /** What is stored in each number of a value, or as an option. */
  readonly value?: number
  /** The numbers of a value that are stored, or read. */
  readonly fields?: readonly ValueField[]
}
