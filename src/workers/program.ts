/**
 * Running a program: one call per packet, each inside one read section, a quiescent state after it.
 *
 * A program is a module whose default export is called once on each CPU and returns the function that is one run:
 *
 *     export default ({ cpu, maps }) => (sk, packet) => { ... }
 */

import type { BpfMap, Sk } from '../shared/pointer.ts'
import { type Cpu, PERCPU } from '../sync/cpu.ts'
import { rcuQuiescentState } from '../sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../sync/rcu.ts'
import { CONTROL } from './control.ts'
import { VerifierError } from './verifier-error.ts'

/** What a program module is told when it is loaded on a CPU. */
export interface ProgramContext {
  /** The CPU it is loaded on. */
  readonly cpu: Cpu
  /** The maps it was attached with, by the names given there. */
  readonly maps: Readonly<Record<string, BpfMap>>
  /** Whatever `attach` was given as args. */
  readonly args: unknown
}

/** One run: a packet of the socket `sk`. */
export type ProgramRun = (sk: Sk, packet: number) => unknown

/** What one CPU did. `runTimeNs` is 0 unless run-time statistics were asked for. */
export interface ProgramStats {
  /** Packets that were handled. */
  runs: number
  /** Nanoseconds inside the program; 0 without `stats`. */
  runTimeNs: number
  /** Seconds from the first run to the last. */
  seconds: number
}

// V8 loads an imported binding anew at each use; a constant of this module it folds into the code.
const lock = rcuReadLock
const unlock = rcuReadUnlock
const quiescent = rcuQuiescentState
const BPF_LOCK = PERCPU.bpfLock
const NESTING = PERCPU.nesting

/** Runs between two looks at the stop flag and the clock. */
const CHUNK = 1024

/**
 * Runs the program `packets` times, or for so many seconds, over the sockets in turn. With `stats` each run is timed,
 * like bpf_stats_enabled.
 */
export function runProgram(
  cpu: Cpu,
  control: Int32Array,
  run: ProgramRun,
  sockets: readonly Sk[],
  limit: { readonly packets: number; readonly seconds: number },
  stats: boolean,
): ProgramStats {
  const result: ProgramStats = { runs: 0, runTimeNs: 0, seconds: 0 }
  const begin = performance.now()
  while (result.runs < limit.packets && Atomics.load(control, CONTROL.stop) === 0) {
    const count = Math.min(CHUNK, limit.packets - result.runs)
    if (stats) result.runTimeNs += runTimed(cpu, run, sockets, result.runs, count)
    else runChunk(cpu, run, sockets, result.runs, count)
    result.runs += count
    if (performance.now() - begin >= limit.seconds * 1000) break
  }
  result.seconds = (performance.now() - begin) / 1000
  return result
}

function runChunk(cpu: Cpu, run: ProgramRun, sockets: readonly Sk[], first: number, count: number): void {
  let next = first % sockets.length
  for (let packet = first; packet < first + count; packet++) {
    lock(cpu)
    run(sockets[next], packet)
    checkExit(cpu)
    unlock(cpu)
    quiescent(cpu)
    next = next + 1 === sockets.length ? 0 : next + 1
  }
}

function runTimed(cpu: Cpu, run: ProgramRun, sockets: readonly Sk[], first: number, count: number): number {
  let spent = 0
  for (let packet = first; packet < first + count; packet++) {
    rcuReadLock(cpu)
    const begin = process.hrtime.bigint()
    run(sockets[packet % sockets.length], packet)
    spent += Number(process.hrtime.bigint() - begin)
    checkExit(cpu)
    rcuReadUnlock(cpu)
    rcuQuiescentState(cpu)
  }
  return spent
}

/** What the verifier proves of every path to the exit: no lock held, no read section of its own left open. */
function checkExit(cpu: Cpu): void {
  const { words, base } = cpu
  if (words[base + BPF_LOCK] !== 0 || words[base + NESTING] !== 1) throwAtExit(cpu)
}

function throwAtExit(cpu: Cpu): never {
  const { words, base, id } = cpu
  const lock = words[base + PERCPU.bpfLock]
  if (lock !== 0)
    throw new VerifierError(
      'lock-at-exit',
      `the program ended on CPU ${id} with the bpf_spin_lock at word ${lock} held: release it on every path`,
    )
  throw new VerifierError(
    'read-section-at-exit',
    `the program ended on CPU ${id} with read sections of depth ${words[base + PERCPU.nesting]}, expected 1`,
  )
}
