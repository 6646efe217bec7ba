/**
 * What a CPU counts while it runs a workload: operations, how they ended, and what should not have happened.
 */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { errnoName } from '../../shared/errno.ts'
import { countsOf, OPS, type Op } from '../control.ts'

/** The place of each operation in a CPU's counts. */
export const OP = Object.fromEntries(OPS.map((op, index) => [op, index])) as Readonly<Record<Op, number>>

/** Stands for the NULL of a helper, which has no errno. */
export const NULL_RESULT = -4096

/** Sentences kept of one CPU in one phase; beyond that they are only counted. */
const MAX_SENTENCES = 20

/** What a CPU reports after a phase. It is sent to the main thread. */
export interface CpuReport {
  readonly seconds: number
  /** How often an operation ended with an errno, by 'op errno': 'get ENOENT'. */
  readonly errnos: Readonly<Record<string, number>>
  /** What should not have happened: how often, and the first few as sentences. */
  readonly violations: number
  readonly sentences: readonly string[]
  /** Objects that were really made and closed. */
  readonly socketsMade: number
  readonly socketsClosed: number
  readonly mapsMade: number
  readonly mapsClosed: number
  /** Nanoseconds of operations, in the order of OPS, if they were timed. */
  readonly latency?: readonly RecordableHistogram[] | undefined
}

/** The counts while they grow. */
export interface Tally {
  /** The machine's control words: operations are counted there, where the main thread sees them live. */
  readonly control: Int32Array
  readonly cpu: number
  readonly first: number
  readonly begin: number
  readonly errnos: Map<number, number>
  readonly sentences: string[]
  /** The operation of this step, the first that it counted; -1 before. */
  op: number
  /** How long each took, if that is asked for. */
  readonly latency: readonly RecordableHistogram[] | undefined
  violations: number
  socketsMade: number
  socketsClosed: number
  mapsMade: number
  mapsClosed: number
}

export function createTally(control: Int32Array, cpu: number, timed: boolean): Tally {
  return {
    control,
    cpu,
    first: countsOf(cpu),
    begin: performance.now(),
    errnos: new Map(),
    sentences: [],
    op: -1,
    latency: timed ? OPS.map(() => createHistogram()) : undefined,
    violations: 0,
    socketsMade: 0,
    socketsClosed: 0,
    mapsMade: 0,
    mapsClosed: 0,
  }
}

/** Counts one operation, and its errno if `result` is one. */
export function countOp(tally: Tally, op: number, result: number): void {
  // The only writer of this word; the main thread reads it as a hint until the phase is over.
  tally.control[tally.first + op]++
  if (tally.op < 0) tally.op = op
  if (result < 0) {
    const key = op * 8192 - result
    tally.errnos.set(key, (tally.errnos.get(key) ?? 0) + 1)
  }
}

/** Notes something that should not have happened. `sentence` says what was got and what was expected. */
export function violation(tally: Tally, sentence: string): void {
  tally.violations++
  if (tally.sentences.length < MAX_SENTENCES) tally.sentences.push(`CPU ${tally.cpu}: ${sentence}`)
}

/** What the CPU reports. */
export function closeTally(tally: Tally): CpuReport {
  const errnos: Record<string, number> = {}
  for (const [key, count] of tally.errnos) {
    errnos[`${OPS[Math.floor(key / 8192)]} ${resultName(-(key % 8192))}`] = count
  }
  const { violations, sentences, latency, socketsMade, socketsClosed, mapsMade, mapsClosed } = tally
  const seconds = (performance.now() - tally.begin) / 1000
  return { seconds, errnos, violations, sentences, latency, socketsMade, socketsClosed, mapsMade, mapsClosed }
}

/** 'ENOENT', or 'NULL' for a helper's. */
export function resultName(result: number): string {
  return result === NULL_RESULT ? 'NULL' : errnoName(result)
}
