/**
 * What a machine, a program and a run are told.
 */

import type { ProgramStats } from './program.ts'

/** What a machine is made from. The defaults stand behind each. */
export interface BootOptions {
  /** Worker CPUs, 1 to 254; the kworker and this thread come on top. */
  readonly cpus: number
  /** Size of the memory in bytes. 64 MiB. */
  readonly memory?: number
  /** What a socket may be charged, in bytes. 131 072. */
  readonly optmemMax?: number
  /** Size of the descriptor table. 65 536. */
  readonly maxFds?: number
  /** Redzones, poison, quarantine, checked accesses. Off. */
  readonly sanitize?: boolean
  /** Where every random choice of a workload begins. 1. */
  readonly seed?: number
  /** Milliseconds after which an unchanged wait is a lockup or a stall. 3000. */
  readonly watchdogMs?: number
}

/** What attaching a program is told. */
export interface AttachOptions {
  /** Descriptors of the maps the program uses, by the names it knows them under. */
  readonly maps?: Readonly<Record<string, number>>
  /** Anything that can be cloned to a worker. */
  readonly args?: unknown
  /** Of a compiled program: fields of its context, as `{ len: 1500 }`; those of eight bytes are bigints. */
  readonly context?: Readonly<Record<string, number | bigint>>
  /** Of a program that syscalls of sockets call: count and time its runs, like bpf_stats_enabled. */
  readonly stats?: boolean
}

/** What a run is told. It ends after `packets` on each CPU or `seconds`, whichever comes first. */
export interface RunOptions {
  /** Descriptors of the sockets whose packets arrive. */
  readonly sockets: readonly number[]
  /** Packets for each CPU. Without limit if `seconds` is given, else one per socket. */
  readonly packets?: number
  /** Seconds after which each CPU stops. */
  readonly seconds?: number
  /** 'socket': each socket's packets are handled by one CPU. 'all': by every CPU. */
  readonly steer?: 'socket' | 'all'
  /** Count and time the runs, like bpf_stats_enabled. Off: timing costs more than a lookup. */
  readonly stats?: boolean
  /** Use only so many of the CPUs. */
  readonly cpus?: number
}

/** A program that is attached: its maps live as long as it does. */
export interface Attached {
  /** Lets packets arrive at all CPUs at once. Resolves with what each did. */
  run(options: RunOptions): Promise<ProgramStats[]>
  /** Detaches it. Its references on maps are dropped a grace period later. */
  detach(): void
}
