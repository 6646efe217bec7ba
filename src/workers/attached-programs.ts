/**
 * The programs attached to a machine: what each holds while it is, and what of it is known.
 */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { contextOf } from '../bpf/run/context.ts'
import { isSocketProgram, type SocketProgram, socketPrograms } from '../bpf/run/socket-programs.ts'
import { type BpfProg, progInc, progLoad, progPut } from '../shared/bpf-prog.ts'
import { mapGet } from '../shared/map.ts'
import { mapPut } from '../shared/map-ref.ts'
import { OptionError } from '../shared/option-error.ts'
import type { BpfMap } from '../shared/pointer.ts'
import type { SocketPrograms } from '../shared/socket-programs.ts'
import type { Cpu } from '../sync/cpu.ts'
import { rcuOffline, rcuOnline } from '../sync/quiescent-state.ts'
import { unwrap } from './bpf-error.ts'
import type { BpfProgramArgs } from './bpf-program.ts'
import type { LoadedProgram } from './loaded-object.ts'
import type { Attached, AttachOptions, RunOptions } from './machine-options.ts'
import type { ProgramStats } from './program.ts'
import { compiledInfo, noteRuns, type ProgramInfo, programInfo } from './program-info.ts'
import { type SocketProgramTask, socketProgramOn } from './socket-program.ts'
import type { Syscalls } from './syscalls.ts'
import type { CallResult, Task } from './task.ts'
import type { Threads } from './threads.ts'

/** The module that runs a compiled program. */
const COMPILED = new URL('./bpf-program.js', import.meta.url)

function argsOf(program: LoadedProgram, { context }: AttachOptions, seed: number): BpfProgramArgs {
  return { text: program.text, context: contextOf(program, 0, { ...context }), seed }
}

/** A program that syscalls of sockets call: on this thread's CPU, and as other CPUs are told of it. */
interface OnSockets {
  readonly task: SocketProgramTask
  readonly here: SocketProgram
  readonly prog: BpfProg
}

export class AttachedPrograms {
  /** By id. */
  readonly infos = new Map<number, ProgramInfo>()
  readonly #attached = new Set<Attached>()
  #onSockets: readonly OnSockets[] = []
  #face: SocketPrograms | undefined
  readonly #sys: Syscalls
  readonly #cpu: Cpu
  readonly #threads: Threads
  readonly #cpus: number
  #nextId = 1

  /** Programs run on the threads' `cpus` CPUs; `sys` are the syscalls of this thread, which attaches them. */
  constructor(sys: Syscalls, threads: Threads, cpus: number) {
    this.#sys = sys
    this.#cpu = sys.cpu
    this.#threads = threads
    this.#cpus = cpus
  }

  /** What syscalls of this thread call. */
  onSockets(): SocketPrograms | undefined {
    return this.#face
  }

  /** See Machine.attach. Syscalls of sockets don't call it unless it is `hooked`. */
  attach(program: URL | string | LoadedProgram, options: AttachOptions, seed: number, hooked = true): Attached {
    const compiled = typeof program === 'string' || program instanceof URL ? undefined : program
    const href = compiled === undefined ? fileOf(program as URL | string) : COMPILED.href
    const names = Object.entries(compiled?.maps ?? options.maps ?? {})
    const prog = this.#load(names)
    const ids = names.map(([, fd]) => this.#sys.mapInfo(fd).id)
    const id = this.#nextId++
    const info = compiled === undefined ? programInfo(id, href, ids) : compiledInfo(id, compiled, ids)
    const args = compiled === undefined ? options.args : argsOf(compiled, options, seed)
    this.infos.set(info.id, info)
    const attached: Attached = {
      run: async (run) => {
        if (!this.#attached.has(attached)) throw new Error('run: this program is detached')
        const pointers = Object.fromEntries(names.map(([name], i) => [name, prog.maps[i] as number]))
        // Detached while it runs, it goes on to its end, and needs its maps until then.
        progInc(this.#cpu, prog.prog)
        try {
          const stats = await this.#run(href, pointers, args, run)
          if (run.stats) noteRuns(info, stats)
          return stats
        } finally {
          this.#put(prog.prog)
        }
      },
      detach: () => {
        if (!this.#attached.delete(attached)) return
        this.infos.delete(info.id)
        this.#changeOnSockets(this.#onSockets.filter(({ task }) => task.id !== id))
        this.#put(prog.prog)
      },
    }
    this.#attached.add(attached)
    if (hooked && compiled !== undefined && isSocketProgram(compiled)) {
      const { type, attach } = compiled
      const maps = Object.fromEntries(names.map(([name], i) => [name, prog.maps[i] as number]))
      const { context: given = {}, stats = false } = options
      const which = { id, type, ...(attach !== undefined && { attach }) }
      this.#hook({ ...which, maps, args: args as BpfProgramArgs, given, stats }, prog.prog, info)
    }
    return attached
  }

  #hook(task: SocketProgramTask, prog: BpfProg, info: ProgramInfo): void {
    const here = this.#sys.readSection(() => socketProgramOn(this.#cpu, task, info))
    this.#changeOnSockets([...this.#onSockets, { task, here, prog }])
  }

  #changeOnSockets(programs: readonly OnSockets[]): void {
    this.#onSockets = programs
    this.#face = programs.length === 0 ? undefined : socketPrograms(programs.map(({ here }) => here))
  }

  /**
   * Makes a call on other CPUs, whose syscalls call what is attached now: programs that are detached meanwhile keep
   * their maps until the call ends. Resolves with what each CPU's function returned.
   */
  async whileHeld(call: (programs: readonly SocketProgramTask[]) => Promise<CallResult[]>): Promise<unknown[]> {
    const held = this.#onSockets
    for (const { prog } of held) progInc(this.#cpu, prog)
    try {
      const results = await call(held.map(({ task }) => task))
      for (const { ran } of results)
        for (const { id, runCnt: runs, runTimeNs } of ran) {
          const info = this.infos.get(id)
          if (info !== undefined) noteRuns(info, [{ runs, runTimeNs }])
        }
      return results.map(({ result }) => result)
    } finally {
      for (const { prog } of held) this.#put(prog)
    }
  }

  detachAll(): void {
    for (const attached of this.#attached) attached.detach()
  }

  /** A program that holds a reference on each of its maps. */
  #load(names: readonly [name: string, fd: number][]): { readonly prog: BpfProg; readonly maps: readonly BpfMap[] } {
    const cpu = this.#cpu
    const maps: BpfMap[] = []
    rcuOnline(cpu)
    try {
      for (const [name, fd] of names)
        maps.push(unwrap('BPF_PROG_LOAD', mapGet(cpu, fd), `map ${name}, fd ${fd}`) as BpfMap)
      return { prog: unwrap('BPF_PROG_LOAD', progLoad(cpu, maps), `${names.length} maps`) as BpfProg, maps }
    } finally {
      for (const map of maps) mapPut(cpu, map)
      rcuOffline(cpu)
    }
  }

  #put(prog: BpfProg): void {
    // In a memory where a CPU stopped as it stood, a lock may never be free again.
    if (this.#threads.failure !== undefined) return
    rcuOnline(this.#cpu)
    progPut(this.#cpu, prog)
    rcuOffline(this.#cpu)
  }

  async #run(url: string, maps: Record<string, number>, args: unknown, options: RunOptions): Promise<ProgramStats[]> {
    const gang = options.cpus ?? this.#cpus
    checkGang(gang, this.#cpus)
    const packets =
      options.packets ?? (options.seconds === undefined ? options.sockets.length : Number.POSITIVE_INFINITY)
    const tasks = Array.from({ length: gang }, (_, id): Task => {
      const sockets = options.steer === 'all' ? options.sockets : options.sockets.filter((_, i) => i % gang === id)
      const seconds = options.seconds ?? Number.POSITIVE_INFINITY
      return { kind: 'program', id, gang, url, maps, args, sockets, packets, seconds, stats: options.stats ?? false }
    })
    return (await this.#threads.gang(url, tasks)) as ProgramStats[]
  }
}

/** The URL of a module that is there. Throws RangeError. */
export function fileOf(url: URL | string): string {
  const { href, protocol } = new URL(url)
  if (protocol === 'file:' && !existsSync(fileURLToPath(href)))
    throw new RangeError(`got ${fileURLToPath(href)}, expected an existing module`)
  return href
}

/** Throws RangeError unless a gang of that size fits `cpus` CPUs. */
export function checkGang(gang: number, cpus: number): void {
  if (!(Number.isInteger(gang) && gang >= 1 && gang <= cpus))
    throw new OptionError('cpus', `got ${gang}, expected an integer from 1 to ${cpus}`)
}
