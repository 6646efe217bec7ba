/**
 * Driving a run: phases of about a second, between which all CPUs come to rest and the invariants are checked.
 */

import type { RecordableHistogram } from 'node:perf_hooks'
import { OPS } from '../workers/control.ts'
import { MachineFailure } from '../workers/failure.ts'
import type { Machine } from '../workers/machine.ts'
import type { MachineReport } from '../workers/machine-report.ts'
import type { CpuReport } from '../workers/workloads/tally.ts'
import { type Interrupt, Interrupted } from './interrupt.ts'
import { readCounts, type Workload } from './workload.ts'

/** Seconds of a phase. */
const PHASE = 1
/** What is left over is not worth a phase if it is shorter than this. */
const LEFT_OVER = 0.05

/** What a run did and found. */
export interface RunResult {
  /** Seconds that the CPUs worked; the rests in between don't count. */
  seconds: number
  phases: number
  /** Operations by CPU and kind, in the order of OPS. */
  readonly ops: number[][]
  /** By 'op errno'. */
  readonly errnos: Record<string, number>
  /** Nanoseconds of operations, in the order of OPS; empty if they were not timed. */
  latency: readonly RecordableHistogram[]
  violations: number
  readonly sentences: string[]
  socketsMade: number
  socketsClosed: number
  mapsMade: number
  mapsClosed: number
  /** How the machine failed, if it did. */
  failure: { readonly code: string; readonly message: string } | undefined
  /** True if Ctrl-C left no time to come to rest: then leaks were not counted. */
  cutShort: boolean
  /** Numbers of the machine, at its shutdown or its failure. */
  machine: MachineReport
}

/** Sentences kept in all. */
const MAX_SENTENCES = 50

/** Before anything was done, on a machine of so many CPUs. */
export function emptyResult(cpus: number): RunResult {
  return {
    seconds: 0,
    phases: 0,
    ops: Array.from({ length: cpus }, () => OPS.map(() => 0)),
    errnos: {},
    latency: [],
    violations: 0,
    sentences: [],
    socketsMade: 0,
    socketsClosed: 0,
    mapsMade: 0,
    mapsClosed: 0,
    failure: undefined,
    cutShort: false,
    machine: { gracePeriods: 0, gracePeriodMs: undefined, peakBytes: 0, leaks: { objects: 0, bytes: 0 } },
  }
}

/**
 * Runs phases for so many seconds or until Ctrl-C, then shuts the machine down. Everything that happens is in `result`,
 * also when it ends by throwing.
 */
export async function drive(
  machine: Machine,
  workload: Workload,
  seconds: number,
  interrupt: Interrupt,
  result: RunResult,
  onPhase: () => void,
): Promise<void> {
  interrupt.onAsked = () => machine.stop()
  try {
    await Promise.race([drivePhases(machine, workload, seconds, interrupt, result, onPhase), interrupt.late])
    await Promise.race([machine.shutdown(), interrupt.late])
  } finally {
    result.machine = machine.report()
  }
}

/** Notes why a run ended before its time. Throws what is none of the reasons that belong in a report. */
export function endedBy(result: RunResult, error: unknown): void {
  if (error instanceof Interrupted) result.cutShort = true
  else if (error instanceof MachineFailure) result.failure = { code: error.code, message: error.message }
  else throw error
}

async function drivePhases(
  machine: Machine,
  workload: Workload,
  seconds: number,
  interrupt: Interrupt,
  result: RunResult,
  onPhase: () => void,
): Promise<void> {
  while ((result.phases === 0 || seconds - result.seconds > LEFT_OVER) && !interrupt.asked) {
    const before = result.ops.map((_, cpu) => readCounts(machine, cpu))
    const timer = setTimeout(() => machine.stop(), Math.min(PHASE, seconds - result.seconds) * 1000)
    try {
      absorb(result, await workload.phase(result.phases))
    } finally {
      clearTimeout(timer)
      addCounts(machine, result, before)
    }
    await machine.settle()
    result.phases++
    for (const sentence of machine.check()) found(result, `at rest after phase ${result.phases}: ${sentence}`)
    onPhase()
  }
  for (const sentence of workload.finish()) found(result, sentence)
}

function found(result: RunResult, sentence: string): void {
  result.violations++
  if (result.sentences.length < MAX_SENTENCES) result.sentences.push(sentence)
}

function absorb(result: RunResult, reports: readonly CpuReport[]): void {
  result.seconds += Math.max(...reports.map((report) => report.seconds))
  for (const report of reports) {
    for (const sentence of report.sentences) found(result, sentence)
    addLatency(result, report)
    result.violations += report.violations - report.sentences.length
    for (const [key, count] of Object.entries(report.errnos)) result.errnos[key] = (result.errnos[key] ?? 0) + count
    result.socketsMade += report.socketsMade
    result.socketsClosed += report.socketsClosed
    result.mapsMade += report.mapsMade
    result.mapsClosed += report.mapsClosed
  }
}

/** Adds a CPU's histograms to those of all. */
function addLatency(result: RunResult, { latency = [] }: CpuReport): void {
  if (result.latency.length === 0) result.latency = latency
  else for (const [op, histogram] of latency.entries()) result.latency[op].add(histogram)
}

/** Adds what was counted since `before`. The words wrap at 32 bits, the differences of one phase don't. */
function addCounts(machine: Machine, result: RunResult, before: readonly number[][]): void {
  for (const [cpu, counts] of result.ops.entries()) {
    const now = readCounts(machine, cpu)
    for (let op = 0; op < counts.length; op++) counts[op] += (now[op] - before[cpu][op]) >>> 0
  }
}
