/**
 * Measuring a structure of one's own: the same operation on 1 to N threads, several times, in turn.
 */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { runGang } from './gang.ts'
import { median, ratioOf, spread } from './statistics.ts'

/** What a job's module is told: its default export gets it in each thread, and returns the operation to repeat. */
export interface JobContext<Args = unknown> {
  /** What the case's `args` returned. */
  readonly args: Args
  /** The thread's number, from 0. */
  readonly thread: number
  readonly threads: number
}

/** One line of the table. */
export interface MeasureCase<Args = unknown> {
  readonly name: string
  /** The module whose default export makes the operation, in each thread; see {@link JobContext}. */
  readonly job: URL
  /** Threads that do it at the same time; 1 if nothing is said. */
  readonly threads?: number
  /** Makes what the threads share, anew for each sample: what `postMessage` can send. */
  readonly args?: () => Args
  /** Called after each sample: throws if the work was not done. `done` counts all operations, of all threads. */
  check?(args: Args, done: number): void
  /** The name of the case that this one is compared with. */
  readonly base?: string
}

/** How much is measured. */
export interface MeasureOptions {
  /** Samples of each case, each by new threads. 9 if nothing is said; fewer than 5 say little. */
  readonly samples?: number
  /** Milliseconds of a sample; 100. */
  readonly time?: number
  /** Milliseconds before it, for V8 to settle; 200. */
  readonly warmup?: number
  /** Measure each operation as well, for as long again. */
  readonly latency?: boolean
  /**
   * Operations a second that each thread begins while latencies are measured. Without it the next one begins when the
   * last has ended, and a stall is seen by one operation only (coordinated omission).
   */
  readonly rate?: number
  /** Told which sample of which case begins. */
  readonly onProgress?: (text: string) => void
}

/** What was measured of a case. */
export interface Measured {
  readonly name: string
  readonly threads: number
  /** Operations a second of all threads: the median of the samples. */
  readonly perSecond: number
  /** Nanoseconds that an operation takes its thread, by that median. */
  readonly ns: number
  /** How far the middle half of the samples reaches, as a share of their median: 0.03 is 3 %. */
  readonly spread: number
  /** Operations a second as a multiple of the base's; null without one, or where the samples disagree too much. */
  readonly ratio: number | null
  /** Operations a second of each sample, in order. */
  readonly samples: readonly number[]
  /** Nanoseconds of single operations, of all samples and threads; null if they were not asked for. */
  readonly latency: RecordableHistogram | null
}

/**
 * Measures cases. They take turns, a sample each, and each round begins with another one: a slow stretch of the machine
 * slows all. Ratios are taken sample by sample. Throws TypeError for a case or an option that is none, and what a job
 * or a `check` throws.
 */
export async function measure(cases: readonly MeasureCase[], options: MeasureOptions = {}): Promise<Measured[]> {
  const { samples = 9, time = 100, warmup = 200, latency = false, rate = 0, onProgress = () => {} } = options
  refuseOptions({ samples, time, warmup, rate })
  refuseCases(cases)
  const values = cases.map((): number[] => [])
  const histograms = cases.map(() => (latency ? createHistogram() : null))
  for (let round = 0; round < samples; round++) {
    for (let i = 0; i < cases.length; i++) {
      const k = (round + i) % cases.length
      const { name, job, threads = 1, args: make, check } = cases[k]
      onProgress(`${name}: sample ${round + 1} of ${samples}`)
      const args: unknown = make?.()
      const sample = await runGang({ job: job.href, args, threads, warmup, time, latency, rate })
      check?.(args, sample.done)
      values[k].push(sample.perSecond)
      for (const each of sample.histograms) histograms[k]!.add(each)
    }
  }
  return cases.map(({ name, threads = 1, base }, k) => {
    const perSecond = median(values[k])
    const other = cases.findIndex((each) => each.name === base)
    return {
      name,
      threads,
      perSecond,
      ns: (1e9 * threads) / perSecond,
      spread: spread(values[k]),
      ratio: other < 0 ? null : ratioOf(values[k], values[other]),
      samples: values[k],
      latency: histograms[k],
    }
  })
}

function refuseOptions(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    const least = name === 'samples' ? 1 : 0
    if (!Number.isFinite(value) || value < least || (name === 'samples' && !Number.isInteger(value)))
      throw new TypeError(`${name}: got ${value}, expected ${least === 1 ? 'a whole number from 1 on' : 'a number'}`)
  }
}

function refuseCases(cases: readonly MeasureCase[]): void {
  const names = cases.map(({ name }) => name)
  for (const { name, job, threads = 1, base } of cases) {
    if (names.filter((each) => each === name).length > 1)
      throw new TypeError(`got two cases '${name}', expected names that differ`)
    if (!(job instanceof URL)) throw new TypeError(`${name}: job: got ${typeof job}, expected a URL of its module`)
    if (!Number.isInteger(threads) || threads < 1)
      throw new TypeError(`${name}: threads: got ${threads}, expected a whole number from 1 on`)
    if (base !== undefined && !names.includes(base))
      throw new TypeError(`${name}: base: got '${base}', expected one of ${names.join(', ')}`)
  }
}
