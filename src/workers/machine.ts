/**
 * The machine: worker threads as CPUs, one more as the kworker, and this thread, all in one memory.
 *
 *     const machine = await boot({ cpus: 4 })
 *     const map = machine.createMap({ name: 'egress_cnt', value: Counter })
 *     const fds = machine.sockets(4096)
 *     await machine.run(new URL('./egress.js', import.meta.url), { maps: { egress_cnt: map.fd }, sockets: fds, packets: 1e6 })
 *     await machine.shutdown()
 */

import type { Piscina } from 'piscina'
import type { StructType } from '../shared/btf/btf.ts'
import { mapBtf } from '../shared/btf/emit.ts'
import type { AnyStruct } from '../shared/btf/type.ts'
import { cpuOf } from '../shared/cpu-of.ts'
import { checkInvariants } from '../shared/invariants.ts'
import { guardFaults, MAX_CPUS } from '../shared/layout.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import { createMemory, type Memory } from '../shared/memory.ts'
import { OptionError } from '../shared/option-error.ts'
import { HEADER } from '../shared/records.ts'
import { BPF_F_CLONE, BPF_F_NO_PREALLOC } from '../shared/sk-storage-map.ts'
import { liveObjects } from '../shared/slab.ts'
import { KIND_NAMES } from '../shared/slab-layout.ts'
import type { SockOptions } from '../shared/sock.ts'
import { ringWorkBell } from '../sync/work-bell.ts'
import { AttachedPrograms, checkGang, fileOf } from './attached-programs.ts'
import { CONTROL, createControl } from './control.ts'
import { MachineFailure } from './failure.ts'
import { type LoadedObject, type LoadedProgram, loadObject } from './loaded-object.ts'
import type { Attached, AttachOptions, BootOptions, RunOptions } from './machine-options.ts'
import { type MachineReport, machineReport } from './machine-report.ts'
import type { ProgramStats } from './program.ts'
import type { ProgramInfo } from './program-info.ts'
import { StorageMap } from './storage-map.ts'
import { type Syscalls, syscallsOf } from './syscalls.ts'
import type { CallResult, Task } from './task.ts'
import { Threads } from './threads.ts'

/**
 * Boots a machine, which keeps the process alive until it is shut down or destroyed. Resolves when every CPU has its
 * thread. Throws RangeError, one sentence, for options that make no sense, and MachineFailure if a thread does not
 * start.
 */
export async function boot(options: BootOptions): Promise<Machine> {
  if (!(Number.isInteger(options.cpus) && options.cpus >= 1 && options.cpus <= MAX_CPUS - 2)) {
    throw new OptionError('cpus', `got ${options.cpus}, expected an integer from 1 to ${MAX_CPUS - 2}`)
  }
  const memory = createMemory({
    cpus: options.cpus + 2,
    bytes: options.memory ?? 64 << 20,
    optmemMax: options.optmemMax,
    maxFds: options.maxFds,
    sanitize: options.sanitize,
  })
  const control = createControl(options.cpus)
  const threads = new Threads(memory, control, options.cpus, options.watchdogMs ?? 3000)
  const machine = new Machine(memory, control, threads, options)
  try {
    await threads.start()
    await machine.settle()
    return machine
  } catch (error) {
    await machine.destroy()
    throw error
  }
}

/**
 * A machine: CPUs, sockets and maps in one memory. What its methods do to sockets and maps throws BpfError with the
 * errno of the kernel. It ends by `shutdown` or `destroy`.
 */
export class Machine {
  /** The shared memory. */
  readonly memory: Memory
  /** Worker CPUs. */
  readonly cpus: number
  /** Where every random choice of a workload begins. */
  readonly seed: number
  /** The syscalls of this thread. */
  readonly sys: Syscalls
  /** The machine's control words (control.ts). */
  readonly control: Int32Array
  /** The threads; for tests that kill one. */
  readonly pool: Piscina
  /** Programs that are attached. */
  readonly programs: ReadonlyMap<number, ProgramInfo>
  readonly #threads: Threads
  readonly #programs: AttachedPrograms

  /** Use boot(). */
  constructor(memory: Memory, control: Int32Array, threads: Threads, options: BootOptions) {
    this.memory = memory
    this.control = control
    this.cpus = options.cpus
    this.seed = options.seed ?? 1
    this.sys = syscallsOf(cpuOf(memory, options.cpus + 1, false), true, () => this.#programs.onSockets())
    this.#threads = threads
    this.pool = threads.pool
    this.#programs = new AttachedPrograms(this.sys, threads, options.cpus)
    this.programs = this.#programs.infos
  }

  /**
   * Makes a map of sk storage for values of a struct type. `clone`: accepted sockets inherit copies. Throws BpfError.
   */
  // biome-ignore lint/suspicious/noExplicitAny: any struct will do here.
  createMap<S extends StructType<any>>(options: { name?: string; value: S; clone?: boolean }): StorageMap<S> {
    const { name, value, clone } = options
    const btf = mapBtf(value as unknown as AnyStruct)
    const btfFd = this.sys.btfLoad(btf.bytes)
    try {
      const fd = this.sys.mapCreate({
        type: BPF_MAP_TYPE_SK_STORAGE,
        keySize: 4,
        valueSize: value.size,
        maxEntries: 0,
        flags: BPF_F_NO_PREALLOC | (clone ? BPF_F_CLONE : 0),
        btfFd,
        btfKeyTypeId: btf.keyTypeId,
        btfValueTypeId: btf.valueTypeId,
        name: name ?? '',
      })
      return new StorageMap(this.sys, fd, value)
    } finally {
      // The map holds a reference of its own.
      this.sys.close(btfFd)
    }
  }

  /** Opens `count` sockets, all alike: their descriptors. Throws BpfError. */
  sockets(count: number, options: SockOptions = {}): number[] {
    return Array.from({ length: count }, () => this.sys.socket(options))
  }

  /**
   * Loads an object file of clang: its programs, verified, and its maps, made, by name. `access64`: whether a plain
   * access of eight bytes is one, as in the kernel, or two halves, which is quick and may tear; halves unless given.
   * Throws BpfObjectError, ProgramRefused or BpfError, one sentence, with nothing left behind.
   */
  load(file: URL | string, { access64 = 'halves' }: { readonly access64?: 'whole' | 'halves' } = {}): LoadedObject {
    return loadObject(this.sys, file, access64)
  }

  /**
   * Attaches a program: a module, by URL, as program.ts describes it, or one of a loaded object. One of a section
   * `sockops`, `cgroup/setsockopt` or `cgroup/getsockopt` is from now on called by the syscalls of sockets, on the CPU
   * that makes them: those of this thread, and of calls that begin later. Throws RangeError for a missing file,
   * BpfError for maps that are none.
   */
  attach(program: URL | string | LoadedProgram, options: AttachOptions = {}): Attached {
    return this.#programs.attach(program, options, this.seed)
  }

  /** Attaches a program, lets it run once, detaches it. Meanwhile no syscall calls it. */
  async run(program: URL | string | LoadedProgram, options: AttachOptions & RunOptions): Promise<ProgramStats[]> {
    const attached = this.#programs.attach(program, options, this.seed, false)
    try {
      return await attached.run(options)
    } finally {
      attached.detach()
    }
  }

  /**
   * Calls the default export of the module at `url` on `cpus` CPUs at once, with a CallContext (task.ts). Such a
   * function is what a process is to the kernel: it makes syscalls and may wait. Resolves with what each returned.
   */
  async call(url: URL | string, args: unknown = undefined, cpus = this.cpus): Promise<unknown[]> {
    checkGang(cpus, this.cpus)
    const href = fileOf(url)
    return this.#programs.whileHeld(async (programs) => {
      const tasks = Array.from({ length: cpus }, (_, id): Task => {
        const seed = Math.imul(this.seed, 0x9e3779b1) + id
        return { kind: 'call', id, gang: cpus, url: href, args, seed, programs }
      })
      return (await this.#threads.gang(href, tasks)) as CallResult[]
    })
  }

  /** Asks whatever runs to end soon. */
  stop(): void {
    Atomics.store(this.control, CONTROL.stop, 1)
  }

  /** Comes to rest: resolves when deferred work is done and every callback has run. */
  async settle(): Promise<void> {
    if (this.#threads.failure !== undefined) throw this.#threads.failure
    const asked = Atomics.add(this.control, CONTROL.settleAsked, 1) + 1
    ringWorkBell(this.sys.cpu)
    await this.#threads.until(() => ((Atomics.load(this.control, CONTROL.settleDone) - asked) | 0) >= 0)
  }

  /** What is wrong in the memory, one sentence each; come to rest first. */
  check(): string[] {
    return checkInvariants(this.sys.cpu)
  }

  /** Numbers so far. */
  report(): MachineReport {
    return machineReport(this.memory, this.control)
  }

  /**
   * Detaches every program, closes every descriptor, comes to rest, ends the threads, and counts what is left. Throws
   * MachineFailure 'leak', by kind and count, if that is anything, and 'memory-damaged' before all that if something
   * was stored through a NULL pointer or into the header.
   */
  async shutdown(): Promise<MachineReport> {
    try {
      if (this.#threads.failure !== undefined) throw this.#threads.failure
      const { words } = this.memory
      // What follows trusts the header.
      const faults = guardFaults(words)
      if (faults.length > 0) throw new MachineFailure('memory-damaged', -1, faults.join('; '))
      this.#programs.detachAll()
      for (let fd = 0; fd < words[HEADER.maxFds]; fd++) if (words[words[HEADER.fds] + fd] !== 0) this.sys.close(fd)
      await this.settle()
      const live = liveObjects(this.memory)
      const left = KIND_NAMES.filter((name) => live[name] !== 0).map((name) => `${live[name]} ${name}`)
      if (left.length > 0)
        throw new MachineFailure('leak', -1, `left at shutdown: ${left.join(', ')}, ${live.words * 4} bytes`)
      return this.report()
    } finally {
      await this.destroy()
    }
  }

  /** Ends the threads as they stand, whatever they do. */
  async destroy(): Promise<void> {
    Atomics.store(this.control, CONTROL.kworkerStop, 1)
    ringWorkBell(this.sys.cpu)
    await this.#threads.end()
  }
}
