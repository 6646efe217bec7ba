/**
 * The machine: worker threads as CPUs, one more as the kworker, and this thread, all in one memory.
 *
 *     const machine = await boot({ cpus: 4 })
 *     const map = machine.createMap({ name: 'egress_cnt', value: Counter })
 *     const fds = machine.sockets(4096)
 *     await machine.run(new URL('./egress.js', import.meta.url), { maps: { egress_cnt: map.fd }, sockets: fds, packets: 1e6 })
 *     await machine.shutdown()
 */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { type BpfProg, progInc, progLoad, progPut } from '../shared/bpf-prog.ts'
import type { StructType } from '../shared/btf.ts'
import { mapBtf } from '../shared/btf-emit.ts'
import type { AnyStruct } from '../shared/btf-type.ts'
import { cpuOf } from '../shared/cpu-of.ts'
import { checkInvariants } from '../shared/invariants.ts'
import { BPF_MAP_TYPE_SK_STORAGE, mapGet } from '../shared/map.ts'
import { mapPut } from '../shared/map-ref.ts'
import { createMemory, MAX_CPUS, type Memory } from '../shared/memory.ts'
import type { BpfMap } from '../shared/pointer.ts'
import { HEADER } from '../shared/records.ts'
import { BPF_F_CLONE, BPF_F_NO_PREALLOC } from '../shared/sk-storage-map.ts'
import { liveObjects } from '../shared/slab.ts'
import { KIND_NAMES } from '../shared/slab-layout.ts'
import type { SockOptions } from '../shared/sock.ts'
import type { Cpu } from '../sync/cpu.ts'
import { rcuOffline, rcuOnline } from '../sync/quiescent-state.ts'
import { ringWorkBell } from '../sync/work-bell.ts'
import { unwrap } from './bpf-error.ts'
import { CONTROL, createControl } from './control.ts'
import { failureOf, MachineFailure } from './failure.ts'
import type { Attached, AttachOptions, BootOptions, RunOptions } from './machine-options.ts'
import { type MachineReport, machineReport } from './machine-report.ts'
import type { ProgramStats } from './program.ts'
import { noteRuns, type ProgramInfo, programInfo } from './program-info.ts'
import { StorageMap } from './storage-map.ts'
import { type Syscalls, syscallsOf } from './syscalls.ts'
import type { Outcome, Task, WorkerSetup } from './task.ts'
import { startWatchdog } from './watchdog.ts'

/** Boots a machine, which keeps the process alive until it is shut down or destroyed. Throws RangeError, one sentence, for options that make no sense. */
export async function boot(options: BootOptions): Promise<Machine> {
  if (!(Number.isInteger(options.cpus) && options.cpus >= 1 && options.cpus <= MAX_CPUS - 2)) {
    throw new RangeError(`cpus: got ${options.cpus}, expected an integer from 1 to ${MAX_CPUS - 2}`)
  }
  const memory = createMemory({
    cpus: options.cpus + 2,
    bytes: options.memory ?? 64 << 20,
    optmemMax: options.optmemMax,
    maxFds: options.maxFds,
    sanitize: options.sanitize,
  })
  return new Machine(memory, options)
}

export class Machine {
  readonly memory: Memory
  /** Worker CPUs. */
  readonly cpus: number
  readonly seed: number
  /** The syscalls of this thread. */
  readonly sys: Syscalls
  /** The machine's control words (control.ts). */
  readonly control: Int32Array
  /** The threads; for tests that kill one. */
  readonly pool: Piscina
  /** Programs that are attached. */
  readonly programs = new Map<number, ProgramInfo>()
  #nextProgId = 1
  readonly #cpu: Cpu
  readonly #kworker: Promise<unknown>
  readonly #stopWatchdog: () => void
  readonly #running = new Map<number, string>()
  readonly #attached = new Set<Attached>()
  readonly #failed: Promise<never>
  #fail: (failure: MachineFailure) => void = () => {}
  #failure: MachineFailure | undefined
  #ended = false

  /** Use boot(). */
  constructor(memory: Memory, options: BootOptions) {
    this.memory = memory
    this.cpus = options.cpus
    this.seed = options.seed ?? 1
    this.control = createControl(options.cpus)
    this.#cpu = cpuOf(memory, options.cpus + 1, false)
    this.sys = syscallsOf(this.#cpu)
    this.#failed = new Promise((_, reject) => {
      this.#fail = (failure) => {
        this.#failure ??= failure
        Atomics.store(this.control, CONTROL.stop, 1)
        reject(failure)
      }
    })
    // Whoever waits for something races against it; nobody else needs to hear of it.
    this.#failed.catch(() => {})
    const setup: WorkerSetup = { buffer: memory.buffer as SharedArrayBuffer, control: this.control }
    this.pool = new Piscina({
      filename: fileURLToPath(new URL('./worker.js', import.meta.url)),
      minThreads: options.cpus + 1,
      maxThreads: options.cpus + 1,
      workerData: setup,
    })
    this.pool.on('error', (error: Error) =>
      this.#fail(new MachineFailure('worker-exited', -1, `a worker failed while idle: ${error.message}`)),
    )
    this.#running.set(options.cpus, 'kworker')
    this.#kworker = this.#submit({ kind: 'kworker', id: options.cpus })
    this.#kworker.catch(() => {})
    this.#stopWatchdog = startWatchdog(
      memory,
      options.watchdogMs ?? 3000,
      (id) => this.#running.get(id) ?? 'idle',
      this.#fail,
    )
  }

  /** Hands a task to a thread. A story that leaves a CPU unclean, and a thread that ends, fail the machine. */
  async #submit(task: Task): Promise<unknown> {
    let outcome: Outcome
    try {
      outcome = (await this.pool.run(task)) as Outcome
    } catch (error) {
      const failure = new MachineFailure(
        'worker-exited',
        task.id,
        `the thread of CPU ${task.id} (${this.#running.get(task.id) ?? 'idle'}) ended: ${(error as Error).message}`,
      )
      if (!this.#ended) this.#fail(failure)
      throw failure
    }
    if (outcome.ok) return outcome.result
    const failure = failureOf(outcome.story)
    if (!outcome.story.clean || task.kind === 'kworker') this.#fail(failure)
    throw failure
  }

  /** Runs one task on each CPU of a gang, and fails as soon as one of them does or the watchdog barks. */
  async #gang(what: string, tasks: readonly Task[]): Promise<unknown[]> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#running.size > 1)
      throw new Error(`${what}: the CPUs are busy with ${this.#running.get(0)}; one run at a time`)
    Atomics.store(this.control, CONTROL.stop, 0)
    Atomics.store(this.control, CONTROL.arrived, 0)
    Atomics.store(this.control, CONTROL.measure, 1)
    for (const task of tasks) this.#running.set(task.id, what)
    // Threads don't keep the process alive, the run does.
    const keepAlive = setInterval(() => {}, 1000)
    try {
      const settled = Promise.allSettled(tasks.map((task) => this.#submit(task)))
      const results = await Promise.race([settled, this.#failed])
      const failed = results.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      return results.map((result) => (result as PromiseFulfilledResult<unknown>).value)
    } finally {
      clearInterval(keepAlive)
      Atomics.store(this.control, CONTROL.measure, 0)
      for (const task of tasks) this.#running.delete(task.id)
    }
  }

  /** Makes a map of sk storage for values of a struct type. `clone`: accepted sockets inherit copies. Throws BpfError. */
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

  /** Attaches a program: a module, by URL, as program.ts describes it. Throws RangeError for a missing file, BpfError for maps that are none. */
  attach(url: URL | string, options: AttachOptions = {}): Attached {
    const href = fileOf(url)
    const names = Object.entries(options.maps ?? {})
    const maps: BpfMap[] = []
    rcuOnline(this.#cpu)
    let prog: BpfProg
    try {
      for (const [name, fd] of names)
        maps.push(unwrap('BPF_PROG_LOAD', mapGet(this.#cpu, fd), `map ${name}, fd ${fd}`) as BpfMap)
      prog = unwrap('BPF_PROG_LOAD', progLoad(this.#cpu, maps), `${names.length} maps`) as BpfProg
    } finally {
      for (const map of maps) mapPut(this.#cpu, map)
      rcuOffline(this.#cpu)
    }
    const info = programInfo(
      this.#nextProgId++,
      href,
      names.map(([, fd]) => this.sys.mapInfo(fd).id),
    )
    this.programs.set(info.id, info)
    const attached: Attached = {
      run: async (run) => {
        if (!this.#attached.has(attached)) throw new Error('run: this program is detached')
        const pointers = Object.fromEntries(names.map(([name], i) => [name, maps[i] as number]))
        // Detached while it runs, it goes on to its end, and needs its maps until then.
        progInc(this.#cpu, prog)
        try {
          const stats = await this.#runProgram(href, pointers, options.args, run)
          if (run.stats) noteRuns(info, stats)
          return stats
        } finally {
          if (this.#failure === undefined) this.#progPut(prog)
        }
      },
      detach: () => {
        if (!this.#attached.delete(attached)) return
        this.programs.delete(info.id)
        this.#progPut(prog)
      },
    }
    this.#attached.add(attached)
    return attached
  }

  #progPut(prog: BpfProg): void {
    rcuOnline(this.#cpu)
    progPut(this.#cpu, prog)
    rcuOffline(this.#cpu)
  }

  /** Attaches a program, lets it run once, detaches it. */
  async run(url: URL | string, options: AttachOptions & RunOptions): Promise<ProgramStats[]> {
    const attached = this.attach(url, options)
    try {
      return await attached.run(options)
    } finally {
      if (this.#failure === undefined) attached.detach()
    }
  }

  async #runProgram(
    url: string,
    maps: Record<string, number>,
    args: unknown,
    options: RunOptions,
  ): Promise<ProgramStats[]> {
    const gang = options.cpus ?? this.cpus
    if (!(Number.isInteger(gang) && gang >= 1 && gang <= this.cpus)) {
      throw new RangeError(`cpus: got ${options.cpus}, expected an integer from 1 to ${this.cpus}`)
    }
    const packets =
      options.packets ?? (options.seconds === undefined ? options.sockets.length : Number.POSITIVE_INFINITY)
    const tasks = Array.from({ length: gang }, (_, id): Task => {
      const sockets = options.steer === 'all' ? options.sockets : options.sockets.filter((_, i) => i % gang === id)
      const seconds = options.seconds ?? Number.POSITIVE_INFINITY
      return { kind: 'program', id, gang, url, maps, args, sockets, packets, seconds, stats: options.stats ?? false }
    })
    return (await this.#gang(url, tasks)) as ProgramStats[]
  }

  /**
   * Calls the default export of the module at `url` on `cpus` CPUs at once, with a CallContext (task.ts). Such a function is what a process is to the kernel: it
   * makes syscalls and may wait. Resolves with what each returned.
   */
  async call(url: URL | string, args: unknown = undefined, cpus = this.cpus): Promise<unknown[]> {
    if (!(Number.isInteger(cpus) && cpus >= 1 && cpus <= this.cpus)) {
      throw new RangeError(`cpus: got ${cpus}, expected an integer from 1 to ${this.cpus}`)
    }
    const href = fileOf(url)
    const tasks = Array.from(
      { length: cpus },
      (_, id): Task => ({ kind: 'call', id, gang: cpus, url: href, args, seed: Math.imul(this.seed, 0x9e3779b1) + id }),
    )
    return this.#gang(href, tasks)
  }

  /** Asks whatever runs to end soon. */
  stop(): void {
    Atomics.store(this.control, CONTROL.stop, 1)
  }

  /** Comes to rest: resolves when deferred work is done and every callback has run. */
  async settle(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const asked = Atomics.add(this.control, CONTROL.settleAsked, 1) + 1
    ringWorkBell(this.#cpu)
    const keepAlive = setInterval(() => {}, 1000)
    try {
      while (((Atomics.load(this.control, CONTROL.settleDone) - asked) | 0) < 0) {
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 1)), this.#failed])
      }
    } finally {
      clearInterval(keepAlive)
    }
  }

  /** What is wrong in the memory, one sentence each; come to rest first. */
  check(): string[] {
    return checkInvariants(this.#cpu)
  }

  /** Numbers so far. */
  report(): MachineReport {
    return machineReport(this.memory, this.control)
  }

  /** Detaches every program, closes every descriptor, comes to rest, ends the threads, and counts what is left. Throws MachineFailure 'leak', by kind and count, if that is anything. */
  async shutdown(): Promise<MachineReport> {
    try {
      if (this.#failure !== undefined) throw this.#failure
      const { words } = this.memory
      for (const attached of this.#attached) attached.detach()
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
    if (this.#ended) return
    this.#ended = true
    this.#stopWatchdog()
    Atomics.store(this.control, CONTROL.kworkerStop, 1)
    ringWorkBell(this.#cpu)
    await this.pool.destroy()
  }
}

/** The URL of a module that is there. */
function fileOf(url: URL | string): string {
  const { href, protocol } = new URL(url)
  if (protocol === 'file:' && !existsSync(fileURLToPath(href)))
    throw new RangeError(`got ${fileURLToPath(href)}, expected an existing module`)
  return href
}
