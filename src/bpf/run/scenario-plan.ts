/**
 * What a scenario is made from, as data, and what its threads are given.
 */

import type { BpfMap, Sk } from '../../shared/pointer.ts'
import type { Cpu } from '../../sync/cpu.ts'
import type { Environment } from '../code/compile.ts'
import type { BpfMapDefinition } from '../object.ts'
import type { ValueField } from '../value-fields.ts'
import type { Context } from './context.ts'
import type { Syscall } from './syscall.ts'

/** A program on a packet of a socket. */
export interface ProgramStep {
  readonly kind: 'program'
  readonly name: string
  /** Number of the socket whose packet it sees. */
  readonly socket: number
  /** Fields of the context. */
  readonly context: Context
}

/** One syscall, with the words in which it was asked for. */
export interface SyscallStep {
  readonly kind: 'syscall'
  readonly syscall: Syscall
  readonly words: string
}

/** What was in the maps at one moment, in their order. */
export interface Shown {
  /** By name. */
  readonly numbers: ReadonlyMap<string, bigint>
  /** The value that each number is in, by the number's name. */
  readonly owners: ReadonlyMap<string, string>
  /** Which values there were: `egress_cnt[0]`. */
  readonly values: ReadonlySet<string>
  /** By map, a sum of all that is in no number. */
  readonly rest: ReadonlyMap<string, number>
}

/** A map of the object, and the numbers in its values and keys. */
export interface PlannedMap {
  readonly definition: BpfMapDefinition
  readonly fields: readonly ValueField[]
  /** Of its keys; none where they are words. */
  readonly keyFields: readonly ValueField[]
}

/** What a socket begins as. */
export type SocketState = 'connected' | 'closed' | 'listening' | 'datagram'
export const SOCKET_STATES: readonly SocketState[] = ['connected', 'closed', 'listening', 'datagram']

/** A program that syscalls of sockets call. */
export interface AttachedStep {
  readonly name: string
  readonly type: string
  readonly attach?: string
  readonly given: Context
}

/** What is to run, as data. */
export interface ScenarioPlan {
  readonly object: string
  readonly maps: readonly PlannedMap[]
  /** Thread `i` runs on CPU `i`; undefined is one that somebody else wrote. */
  readonly threads: readonly (ProgramStep | SyscallStep | undefined)[]
  readonly attached: readonly AttachedStep[]
  readonly sockets: readonly SocketState[]
  /** Threads may close sockets, and free maps. */
  readonly closes: boolean
  readonly frees: boolean
  /** Sockets begin without elements; otherwise with one of each map of sk storage, all zero. */
  readonly fresh: boolean
  readonly seed: number
  readonly bytes: number
}

/** What threads are given. */
export interface ScenarioState {
  /** One for each thread, and one more for setup. */
  readonly cpus: readonly Cpu[]
  readonly views: Pick<Environment, 'words' | 'bytes' | 'shorts' | 'longs'>
  readonly fds: readonly number[]
  /** By name, as are maps and values. */
  readonly mapFds: Readonly<Record<string, number>>
  readonly maps: Readonly<Record<string, BpfMap>>
  readonly values: Readonly<Record<string, number>>
  readonly sockets: readonly Sk[]
  /** One word: 1 while the programs are attached. */
  readonly hook: Int32Array
  /** Somebody may free a map. */
  readonly frees: boolean
  /** What a thread that somebody else wrote has made. */
  readonly own: unknown
  /** What the numbers were before anybody ran. */
  readonly before: Shown
}
