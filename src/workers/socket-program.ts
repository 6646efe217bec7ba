/**
 * Programs that syscalls of sockets call, on the CPU that makes the syscall: what a CPU is told of them, and how often
 * each ran there.
 */

import type { Context } from '../bpf/run/context.ts'
import type { SocketProgram } from '../bpf/run/socket-programs.ts'
import type { BpfMap } from '../shared/pointer.ts'
import type { Cpu } from '../sync/cpu.ts'
import { type BpfProgramArgs, compileOn } from './bpf-program.ts'
import type { ProgramInfo } from './program-info.ts'

/** An attached program, as a CPU is told of it. */
export interface SocketProgramTask {
  /** Of its ProgramInfo. */
  readonly id: number
  readonly type: string
  readonly attach?: string
  readonly maps: Readonly<Record<string, number>>
  readonly args: BpfProgramArgs
  /** Fields of its context that whoever attached it gave. */
  readonly given: Context
  /** Runs are counted and timed. */
  readonly stats: boolean
}

/** Runs of a program, and the nanoseconds that they took. */
export type SocketProgramRuns = Pick<ProgramInfo, 'id' | 'runCnt' | 'runTimeNs'>

/** The program on this CPU; `ran` counts, if somebody wants to know. In no read section. */
export function socketProgramOn(cpu: Cpu, task: SocketProgramTask, ran: SocketProgramRuns): SocketProgram {
  const { type, attach, maps, args, given, stats } = task
  const run = compileOn(cpu, maps as Readonly<Record<string, BpfMap>>, args)
  const timed = (context: Context): unknown => {
    const begin = process.hrtime.bigint()
    const result = run(context)
    ran.runCnt++
    ran.runTimeNs += Number(process.hrtime.bigint() - begin)
    return result
  }
  return { type, ...(attach !== undefined && { attach }), given, run: stats ? timed : run }
}
