/**
 * What a scenario is made from, as data, and what its threads are given.
 */

import type { BpfMap, Sk } from '../../shared/pointer.ts'
import type { Cpu } from '../../sync/cpu.ts'
import type { Environment } from '../code/compile.ts'
import type { BpfMapDefinition } from '../object.ts'
import type { ValueField } from '../value-fields.ts'
import type { Context } from './context.ts'

/** The syscalls there are for threads: of a socket, or of the element of a map. */
export const SYSCALLS = ['close', 'lookup', 'update', 'delete'] as const

export interface Syscall {
  readonly call: (typeof SYSCALLS)[number]
  /** As it was asked for: `0`, `egress_cnt 0`. */
  readonly argument: string
  /** Of a map; else of a socket. */
  readonly map?: string
  /** Number of the socket, or the key. */
  readonly key: number
}

/** What was in the maps at one moment, in their order. */
export interface Shown {
  /** By name. */
  readonly numbers: ReadonlyMap<string, bigint>
  /** Which values there were: `egress_cnt[0]`. */
  readonly values: ReadonlySet<string>
  /** By map, a sum of all that is in no number. */
  readonly rest: ReadonlyMap<string, number>
}

/** A map of the object, and the numbers in its values. */
export interface PlannedMap {
  readonly definition: BpfMapDefinition
  readonly fields: readonly ValueField[]
}

/** What is to run, as data. */
export interface ScenarioPlan {
  readonly object: string
  readonly maps: readonly PlannedMap[]
  /** One thread each. */
  readonly programs: readonly {
    readonly name: string
    /** Number of the socket whose packet it sees. */
    readonly socket: number
    /** Fields of the context. */
    readonly context: Context
  }[]
  /** One thread each, behind those of the programs. */
  readonly syscalls: readonly Syscall[]
  readonly sockets: number
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
  readonly mapFds: readonly number[]
  readonly maps: Readonly<Record<string, BpfMap>>
  readonly values: Readonly<Record<string, number>>
  readonly sockets: readonly Sk[]
  /** What the numbers were before anybody ran. */
  readonly before: Shown
}
