/**
 * `sk-storage/bpf`: compiled BPF programs against each other, syscalls and JavaScript threads, in every interleaving.
 *
 *     export const countAgainstReset = await bpfScenario('count.bpf.o', {
 *       threads: ['run count', 'run count', (bpf) => bpf.call('update egress_cnt 0 0')],
 *     })
 *
 * @module sk-storage/bpf
 */

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadBpfObject } from '../bpf/load/load-object.ts'
import { BpfObjectError } from '../bpf/load/object-error.ts'
import type { BpfObject } from '../bpf/object.ts'
import type { BpfCpu, Others, OtherThread } from '../bpf/run/scenario.ts'
import type { ScenarioPlan, SocketState } from '../bpf/run/scenario-plan.ts'
import type { Scenario } from '../explore/index.ts'
import { factoriesOf } from './factories.ts'
import { loadScenario } from './load-scenario.ts'
import { type GivenContext, planOf, readStep } from './plan.ts'
import { BpfScenarioError } from './scenario-error.ts'

export type { BpfCpu, OtherThread, SocketState }
export { BpfScenarioError, type GivenContext }

/** What a scenario is made of. */
export interface BpfScenarioOptions {
  /**
   * A thread each, on a CPU of its own: `run PROGRAM [SOCKET]` for a packet of a socket; a syscall, as `close 0`,
   * `connect 0`, `update MAP KEY [VALUE]`; or a function, which is given its CPU and what `setup` made.
   */
  readonly threads: readonly (string | OtherThread)[]
  /** What each socket begins as; by default as many as the threads name, in the state that their syscalls need. */
  readonly sockets?: readonly SocketState[]
  /** Programs that syscalls of sockets call. */
  readonly attach?: readonly string[]
  /** Fields of the programs' contexts. */
  readonly context?: GivenContext
  /** Sockets begin without elements in maps of sk storage; else with one in each, all zero. */
  readonly fresh?: boolean
  /** Plain accesses of eight bytes are two, as on worker CPUs; else one, as in the kernel. */
  readonly tearing?: boolean
  /** Where what programs draw begins. 1. */
  readonly seed?: number
  /** Makes what functions share besides maps and sockets. */
  readonly setup?: () => unknown
  /**
   * Asked at the end of each execution, with a CPU that nobody else has: throws or returns false if something is wrong.
   */
  readonly after?: (bpf: BpfCpu, own: never, results: readonly unknown[]) => unknown
}

/**
 * The scenario of an object file of clang and what its programs run against, for `explore` and `check` or to be
 * exported. Throws BpfScenarioError, one sentence, for a file that is none, a program that is refused, or a step that
 * makes no sense.
 */
export async function bpfScenario(file: URL | string, options: BpfScenarioOptions): Promise<Scenario<unknown>> {
  const { threads, setup, after } = options
  if (!Array.isArray(threads) || threads.length === 0)
    throw new BpfScenarioError('threads: expected steps in words or functions, at least one')
  const object = objectIn(file)
  const functions = new Map(threads.flatMap((thread, i) => (typeof thread === 'string' ? [] : [[i, thread]])))
  const words = threads.map((thread) => (typeof thread === 'string' ? thread : undefined))
  const plan = planOf(object, { ...options, threads: words })
  const factories = factoriesOf(object, plan, options.tearing ?? false, functions.size > 0 || after !== undefined)
  const others: Others = {
    ...(setup !== undefined && { setup }),
    threads: functions,
    ...(after !== undefined && { after }),
    read: (text) => readAgainst(object, plan, factories, text, options.context),
  }
  return loadScenario(plan, factories, others)
}

function objectIn(file: URL | string): BpfObject {
  const path = file instanceof URL ? fileURLToPath(file) : file
  try {
    return loadBpfObject(readFileSync(path), basename(path))
  } catch (error) {
    if (error instanceof BpfObjectError) throw new BpfScenarioError(error.message)
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new BpfScenarioError(`got ${path}, expected an object file that can be read (${code})`)
  }
}

/** A step that a function asks for. */
function readAgainst(
  object: BpfObject,
  plan: ScenarioPlan,
  factories: ReadonlyMap<string, string>,
  text: string,
  context: GivenContext | undefined,
): ReturnType<typeof readStep> {
  const step = readStep(object, text, context)
  if (step.kind === 'program') {
    if (!factories.has(step.name)) throw new BpfScenarioError(`got the program '${step.name}', which is refused`)
    return step
  }
  if (step.syscall.call === 'free' && !plan.frees)
    throw new BpfScenarioError(`got '${text}' in a function, expected it as a thread of its own`)
  return step
}
