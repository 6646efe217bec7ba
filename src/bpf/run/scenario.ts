/**
 * Programs of an object against each other, against syscalls and against threads that somebody wrote, as a scenario for
 * whoever runs interleavings: a small memory with the object's maps and some sockets, a CPU for each thread.
 *
 * Nothing here knows who runs it. All that is told by names: the outcome are the numbers that changed.
 */

import { errnoName } from '../../shared/errno.ts'
import { fileObject, fput, sockfdLookup } from '../../shared/fd-table.ts'
import { checkInvariants } from '../../shared/invariants.ts'
import type { File, Sk } from '../../shared/pointer.ts'
import { sockPut } from '../../shared/sock.ts'
import type { SocketPrograms } from '../../shared/socket-programs.ts'
import type { Cpu } from '../../sync/cpu.ts'
import { rcuDereference, rcuReadLock, rcuReadUnlock } from '../../sync/rcu.ts'
import type { Environment, Run } from '../code/compile.ts'
import type { Context } from './context.ts'
import { createHelpers } from './helpers.ts'
import { type Inputs, virtualInputs } from './inputs.ts'
import { placesOf } from './places.ts'
import type { ProgramStep, ScenarioPlan, ScenarioState, SyscallStep } from './scenario-plan.ts'
import { setUp } from './scenario-setup.ts'
import { changedSince, shownValues } from './shown-values.ts'
import { SOCKET_FIELDS } from './socket-fields.ts'
import { socketPrograms } from './socket-programs.ts'
import type { Syscall } from './syscall.ts'
import { runSyscall } from './syscalls.ts'

/** The factories of generated text, by the program's name. */
export type Factories = Readonly<Record<string, (environment: Environment) => Run>>

/** What a program returns that came too late. */
const DETACHED = 'detached'

/** What somebody else wrote of a scenario. */
export interface Others {
  /** Makes what their threads share besides maps and sockets. */
  readonly setup?: () => unknown
  /** By the number of the thread. */
  readonly threads: ReadonlyMap<number, OtherThread>
  readonly after?: (bpf: BpfCpu, own: never, results: readonly unknown[]) => unknown
  /** A step in words. Throws a SyntaxError for one that is none. */
  readonly read: (words: string) => ProgramStep | SyscallStep
}

/** A thread that somebody else wrote. */
export type OtherThread = (bpf: BpfCpu, own: never) => unknown

/** The CPU of such a thread. */
export interface BpfCpu {
  /**
   * Runs a program on a packet, or makes a syscall: `run count 0`, `update egress_cnt 0 5`. What it returns, below 0
   * for an errno.
   */
  call(words: string): unknown
  /** The numbers in the maps, by the names that outcomes have for them. */
  numbers(): Readonly<Record<string, bigint>>
}

const NOBODY: Others = {
  threads: new Map(),
  read: (words) => {
    throw new SyntaxError(words)
  },
}

/** The scenario, in the shape that explorers take. */
export function bpfScenario(plan: ScenarioPlan, factories: Factories, others: Others = NOBODY) {
  const names = new Map<number, string>()
  const inputs = new Set<string>()
  const threads = new Threads(plan, factories, inputs)
  let buffer: ArrayBufferLike | undefined
  const cpuOf = (state: ScenarioState, i: number): BpfCpu => ({
    call: (words) => threads.called(state, i, others.read(words)),
    numbers: () => Object.fromEntries(shownValues(plan, state).numbers),
  })
  return {
    setup: () => {
      const state = setUp(plan, others.setup?.())
      buffer = state.views.words.buffer
      for (const [at, name] of placesOf(plan, state)) names.set(at, name)
      return state
    },
    threads: plan.threads.map((step, i) => (state: ScenarioState): unknown => {
      if (step !== undefined) return threads.step(state, i, step)
      const other = others.threads.get(i)!
      return other(cpuOf(state, i), state.own as never)
    }),
    threadNames: plan.threads.map((step, i) => nameOf(step, others.threads.get(i), i)),
    inputs,
    after: (state: ScenarioState, results: readonly unknown[]): unknown => {
      const { cpus } = state
      // Whoever closes sockets or frees maps leaves work behind that nobody here does.
      const wrong = plan.closes || plan.frees ? [] : checkInvariants(cpus[cpus.length - 1])
      if (wrong.length > 0) throw new Error(wrong.join('; '))
      return others.after?.(cpuOf(state, cpus.length - 1), state.own as never, results)
    },
    outcome: (state: ScenarioState, results: readonly unknown[]) => {
      const shown = changedSince(state.before, shownValues(plan, state)) || 'nothing changed'
      const usual = results.every((result) => result === 1 || result === 0)
      if (usual && new Set(results).size < 2) return shown
      const told = results.map((result, i) => (plan.threads[i]?.kind === 'syscall' ? errnoOr(result) : `${result}`))
      return `${shown}; returned ${told.join(', ')}`
    },
    placeName: (index: number, view: ArrayBufferView) => {
      const size = (view as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1
      return view.buffer === buffer ? names.get(index * size) : undefined
    },
  }
}

function nameOf(step: ProgramStep | SyscallStep | undefined, other: OtherThread | undefined, i: number): string {
  if (step === undefined) return other?.name ? `${other.name}#${i}` : `${i}`
  return step.kind === 'program' ? `${step.name}#${i}` : step.words
}

/** What a syscall returned: an errno by its name. */
function errnoOr(result: unknown): string {
  return typeof result === 'number' && result < 0 ? errnoName(result) : `${result}`
}

/** What threads do. */
class Threads {
  readonly #plan: ScenarioPlan
  readonly #factories: Factories
  readonly #inputs: Set<string>

  constructor(plan: ScenarioPlan, factories: Factories, inputs: Set<string>) {
    this.#plan = plan
    this.#factories = factories
    this.#inputs = inputs
  }

  step(state: ScenarioState, i: number, step: ProgramStep | SyscallStep): unknown {
    if (step.kind === 'syscall') return this.syscall(state, i, step.syscall)
    const { name, socket, context } = step
    const cpu = state.cpus[i]
    const result = this.#run(state, cpu, i, name, state.sockets[socket], context)
    // The packet was on its way before anybody ran, and held its socket.
    if (this.#plan.closes) sockPut(cpu, state.sockets[socket])
    return result
  }

  /** A step of somebody else's thread: a packet is sent now, if its socket is still open. */
  called(state: ScenarioState, i: number, step: ProgramStep | SyscallStep): unknown {
    if (step.kind === 'syscall') return this.syscall(state, i, step.syscall)
    const { name, socket, context } = step
    const cpu = state.cpus[i]
    const file = sockfdLookup(cpu, state.fds[socket]) as File
    if (file < 0) return file
    const result = this.#run(state, cpu, i, name, fileObject(cpu, file) as Sk, context)
    fput(cpu, file)
    return result
  }

  syscall(state: ScenarioState, i: number, syscall: Syscall): number {
    return runSyscall(state, syscall, state.cpus[i], this.#onSockets(state, i))
  }

  /** One run, in a read section, unless the program is detached. */
  #run(state: ScenarioState, cpu: Cpu, i: number, name: string, sk: Sk, context: Context): unknown {
    const run = this.#factories[name](this.#environment(state, i))
    rcuReadLock(cpu)
    const detached = this.#plan.frees && rcuDereference(state.hook, 0) === 0
    const result = detached ? DETACHED : run({ ...context, sk })
    rcuReadUnlock(cpu)
    return result
  }

  #onSockets(state: ScenarioState, i: number): SocketPrograms | undefined {
    const { attached, frees } = this.#plan
    if (attached.length === 0) return undefined
    const environment = this.#environment(state, i)
    return socketPrograms(
      attached.map(({ name, type, attach, given }) => {
        const run = this.#factories[name](environment)
        const hooked = (context: Context) => (frees && rcuDereference(state.hook, 0) === 0 ? 1 : run(context))
        return { type, ...(attach !== undefined && { attach }), given, run: hooked }
      }),
    )
  }

  #environment(state: ScenarioState, i: number): Environment {
    return {
      cpu: state.cpus[i],
      ...state.views,
      maps: state.maps,
      values: state.values,
      helpers: createHelpers(this.#inputsOf(i)),
      fields: SOCKET_FIELDS,
    }
  }

  /** Inputs that are the same in each execution; which were asked for is noted. */
  #inputsOf(i: number): Inputs {
    const inputs = virtualInputs(this.#plan.seed, i)
    const noted = this.#inputs
    return {
      time() {
        noted.add('bpf_ktime_get_ns')
        return inputs.time()
      },
      random() {
        noted.add('bpf_get_prandom_u32')
        return inputs.random()
      },
      get pidTgid() {
        noted.add('bpf_get_current_pid_tgid')
        return inputs.pidTgid
      },
      print: inputs.print,
    }
  }
}
