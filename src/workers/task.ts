/**
 * What the main thread asks of a worker, and what comes back.
 */

import { type Cpu, PERCPU } from '../sync/cpu.ts'
import type { SocketProgramRuns, SocketProgramTask } from './socket-program.ts'
import type { Syscalls } from './syscalls.ts'

/** What each worker is given when it starts. */
export interface WorkerSetup {
  readonly buffer: SharedArrayBuffer
  readonly control: Int32Array
}

/** Be CPU `id` and run the program at `url`. */
export interface ProgramTask {
  readonly kind: 'program'
  readonly id: number
  readonly gang: number
  readonly url: string
  readonly maps: Readonly<Record<string, number>>
  readonly args: unknown
  /** Descriptors of the sockets whose packets this CPU handles. */
  readonly sockets: readonly number[]
  readonly packets: number
  readonly seconds: number
  readonly stats: boolean
}

/** Be CPU `id` and call the function that the module at `url` exports by default. */
export interface CallTask {
  readonly kind: 'call'
  readonly id: number
  readonly gang: number
  readonly url: string
  readonly args: unknown
  readonly seed: number
  /** What its syscalls of sockets call. */
  readonly programs: readonly SocketProgramTask[]
}

/** What becomes of a call: what the function returned, and how often the programs ran meanwhile. */
export interface CallResult {
  readonly result: unknown
  readonly ran: readonly SocketProgramRuns[]
}

/** Be the kworker until told to end. */
export interface KworkerTask {
  readonly kind: 'kworker'
  readonly id: number
}

/** Be CPU `id` and wait for the others of the gang: the first task of a thread, which starts it. */
export interface StartTask {
  readonly kind: 'start'
  readonly id: number
  readonly gang: number
}

export type Task = ProgramTask | CallTask | KworkerTask | StartTask

/** How a CPU came to stop: what was thrown, and the state it left behind. */
export interface Story {
  /** The CPU. */
  readonly cpu: number
  /** Name of what was thrown. */
  readonly name: string
  /** Its code, if it has one. */
  readonly code: string | undefined
  /** Its message. */
  readonly message: string
  /** Its stack, if it has one. */
  readonly stack: string | undefined
  /** Spin locks that the CPU still holds. */
  readonly locksHeld: number
  /** Read sections that it has not left. */
  readonly nesting: number
  /** True if the CPU holds nothing, so that the machine can go on. */
  readonly clean: boolean
}

export type Outcome = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly story: Story }

/** What a function run by `Machine.call` is given. It runs on an online CPU, outside of read sections, and may wait. */
export interface CallContext {
  /** The CPU that it runs on. */
  readonly cpu: Cpu
  /** The syscalls, made by this CPU. */
  readonly sys: Syscalls
  /** How many CPUs run this call. */
  readonly gang: number
  /** A number of this CPU's own, derived from the machine's seed. */
  readonly seed: number
  /** What `call` was given as args. */
  readonly args: unknown
  /** The machine's control words (control.ts). */
  readonly control: Int32Array
  /** Whether the machine wants this call to end soon. */
  stopping(): boolean
  /**
   * Waits until all CPUs of the gang are here. Returns false if the machine wants to stop instead: one of them may have
   * failed.
   */
  together(): boolean
}

/** The story of an error on this CPU. */
export function storyOf(cpu: Cpu, error: unknown): Story {
  const locksHeld = cpu.words[cpu.base + PERCPU.locksHeld]
  const nesting = Math.max(0, cpu.words[cpu.base + PERCPU.nesting])
  const { name, message, stack, code } =
    error instanceof Error
      ? (error as Error & { code?: string })
      : { name: 'thrown', message: String(error), stack: undefined, code: undefined }
  return { cpu: cpu.id, name, code, message, stack, locksHeld, nesting, clean: locksHeld === 0 && nesting === 0 }
}
