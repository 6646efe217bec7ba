/**
 * A compiled program on a CPU: the module that worker threads load in place of one that somebody wrote.
 */

import { compile, type Run, viewsOf } from '../bpf/code/compile.ts'
import type { Context } from '../bpf/run/context.ts'
import { createHelpers } from '../bpf/run/helpers.ts'
import { virtualInputs } from '../bpf/run/inputs.ts'
import { firstValue } from '../bpf/run/object-maps.ts'
import { SOCKET_FIELDS } from '../bpf/run/socket-fields.ts'
import type { BpfMap } from '../shared/pointer.ts'
import type { Cpu } from '../sync/cpu.ts'
import type { ProgramContext, ProgramRun } from './program.ts'

/** What the program is attached with. */
export interface BpfProgramArgs {
  /** The generated factory. */
  readonly text: string
  /** What each run is called with, but for the socket. */
  readonly context: Context
  /** Where what it draws begins. */
  readonly seed: number
}

/** Called once on each CPU. */
export default function load({ cpu, maps, args }: ProgramContext): ProgramRun {
  const { text, context } = args as BpfProgramArgs
  const run = compileOn(cpu, maps, args as BpfProgramArgs)
  // What one run stores to its context is nothing that the next may see.
  if (/\bcontext\.\w+ = /.test(text)) return (sk) => run({ ...context, sk })
  const shared: Context = { ...context }
  return (sk) => {
    shared.sk = sk
    return run(shared)
  }
}

/** A program's run on this CPU, with the machine's time, chance and process. */
export function compileOn(cpu: Cpu, maps: Readonly<Record<string, BpfMap>>, { text, seed }: BpfProgramArgs): Run {
  const values = Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, firstValue(cpu, map)]))
  const pid = BigInt(process.pid)
  const helpers = createHelpers({
    time: process.hrtime.bigint,
    random: virtualInputs(seed, cpu.id).random,
    pidTgid: (pid << 32n) | pid,
    print: (line) => process.stderr.write(line.endsWith('\n') ? line : `${line}\n`),
  })
  const environment = { cpu, ...viewsOf(cpu.words), maps, values, helpers, fields: SOCKET_FIELDS }
  return compile({ text, lines: [] }, environment)
}
