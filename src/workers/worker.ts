/**
 * A worker thread: for each task it becomes the CPU that the task names, does it, and goes offline again.
 *
 * The pool (piscina) idles in Atomics.wait between tasks; an idle CPU is offline, and no grace period waits for it.
 */

import { workerData } from 'node:worker_threads'
import { socketPrograms } from '../bpf/run/socket-programs.ts'
import { cpuOf } from '../shared/cpu-of.ts'
import { fileObject, fput, sockfdLookup } from '../shared/fd-table.ts'
import { attach } from '../shared/memory.ts'
import type { BpfMap, File, Sk } from '../shared/pointer.ts'
import { type Cpu, PERCPU } from '../sync/cpu.ts'
import { rcuIsOnline, rcuOffline, rcuOnline } from '../sync/quiescent-state.ts'
import { rcuReadLockHeld } from '../sync/rcu.ts'
import { unwrap } from './bpf-error.ts'
import { CONTROL } from './control.ts'
import { gangWait } from './gang.ts'
import { kworkerLoop } from './kworker.ts'
import { type ProgramContext, type ProgramRun, type ProgramStats, runProgram } from './program.ts'
import { socketProgramOn } from './socket-program.ts'
import { syscallsOf } from './syscalls.ts'
import {
  type CallContext,
  type CallResult,
  type CallTask,
  type Outcome,
  type ProgramTask,
  storyOf,
  type Task,
  type WorkerSetup,
} from './task.ts'

const { buffer, control } = workerData as WorkerSetup
const memory = attach(buffer)

/** The pool's entry. Never rejects: what goes wrong is part of the outcome, with the state the CPU was left in. */
export default async function runTask(task: Task): Promise<Outcome> {
  const cpu = cpuOf(memory, task.id)
  try {
    if (task.kind === 'kworker') {
      kworkerLoop(cpu, control)
      return { ok: true, result: undefined }
    }
    if (task.kind === 'start') {
      gangWait(cpu, control, task.gang)
      return { ok: true, result: undefined }
    }
    const result = task.kind === 'program' ? await runProgramTask(cpu, task) : await runCallTask(cpu, task)
    return { ok: true, result }
  } catch (error) {
    // The others must not go on for long: their run has failed already.
    Atomics.store(control, CONTROL.stop, 1)
    const story = storyOf(cpu, error)
    if (story.clean && rcuIsOnline(cpu)) rcuOffline(cpu)
    return { ok: false, story }
  }
}

/** The module's default export. */
async function load(url: string): Promise<(context: never) => unknown> {
  const module = (await import(url)) as { default?: unknown }
  if (typeof module.default === 'function') return module.default as (context: never) => unknown
  throw new TypeError(`${url}: got ${typeof module.default} as its default export, expected a function`)
}

async function runProgramTask(cpu: Cpu, task: ProgramTask): Promise<ProgramStats> {
  const program = (await load(task.url)) as (context: ProgramContext) => ProgramRun
  rcuOnline(cpu)
  // The packets hold their sockets, as an skb does.
  const files: File[] = []
  try {
    for (const fd of task.sockets) files.push(unwrap('run', sockfdLookup(cpu, fd), `fd ${fd}`) as File)
    const sockets = files.map((file) => fileObject(cpu, file) as Sk)
    const run = program({ cpu, maps: task.maps as Record<string, BpfMap>, args: task.args })
    gangWait(cpu, control, task.gang)
    if (sockets.length === 0) return { runs: 0, runTimeNs: 0, seconds: 0 }
    return runProgram(cpu, control, run, sockets, task, task.stats)
  } finally {
    // A program that died with a lock held has left nothing that could be put in order.
    if (cpu.words[cpu.base + PERCPU.locksHeld] === 0) for (const file of files) fput(cpu, file)
    if (!rcuReadLockHeld(cpu)) rcuOffline(cpu)
  }
}

async function runCallTask(cpu: Cpu, task: CallTask): Promise<CallResult> {
  const call = (await load(task.url)) as (context: CallContext) => unknown
  rcuOnline(cpu)
  const { gang, seed, args } = task
  const ran = task.programs.map(({ id }) => ({ id, runCnt: 0, runTimeNs: 0 }))
  const programs = task.programs.map((program, i) => socketProgramOn(cpu, program, ran[i]))
  const face = programs.length === 0 ? undefined : socketPrograms(programs)
  const context: CallContext = {
    cpu,
    sys: syscallsOf(cpu, true, () => face),
    gang,
    seed,
    args,
    control,
    stopping: () => Atomics.load(control, CONTROL.stop) !== 0,
    together: () => gangWait(cpu, control, gang),
  }
  context.together()
  const result = call(context as never)
  rcuOffline(cpu)
  return { result, ran }
}
