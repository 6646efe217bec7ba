/**
 * The explorer: programs explored to the end, classics of the field and scenarios of the storage.
 */

import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Budget } from './budget.ts'
import type { Explored } from './explorer-job.ts'
import { needCores, steps } from './scale.ts'
import type { Case, MeasuredCase, Row, Scope, Suite } from './suite.ts'
import { Unavailable } from './unavailable.ts'

const JOB = fileURLToPath(new URL('./explorer-job.js', import.meta.url))

interface Program {
  /** The name of its cases. */
  readonly name: string
  readonly label: string
  /** What explorer-job.ts is asked for. */
  readonly args: readonly [name: string, which: string]
  /** Takes seconds each time. */
  readonly long?: boolean
  /** Seconds that Nidhugg (optimal) and GenMC take on it. */
  readonly others?: readonly [nidhugg: number, genmc: number]
}

function classic(name: string, size: number, more: Partial<Program> = {}): Program {
  return { name: `${name}-${size}`, label: `${name}(${size})`, args: [name, String(size)], ...more }
}

function storage(file: string, scenario: string, label: string): Program {
  return { name: scenario, label: `storage: ${label}`, args: [file, scenario] }
}

const PROGRAMS: readonly Program[] = [
  classic('lastzero', 10),
  classic('lastzero', 15, { long: true, others: [71, 9.8] }),
  classic('readers', 13),
  classic('readers', 16, { long: true, others: [24, 1.1] }),
  classic('spat', 5),
  classic('spat', 6, { long: true, others: [11, 4.3] }),
  classic('lockinc', 8, { long: true, others: [3.9, 2.4] }),
  storage('first-storage', 'firstStorage', 'two first storages'),
  storage('get-against-delete', 'getAgainstDelete', 'a lookup against a deletion'),
  storage('socket-death-against-map-free', 'socketDeathAgainstMapFree', 'a socket dies while its map is freed'),
]

/** Milliseconds in which a program is explored again and again, as a multiple of a case's time. */
const PATIENCE = 40

function argsOf(program: Program, { time }: Budget): string[] {
  return [JOB, ...program.args, String(time * PATIENCE)]
}

/** The four cases of a program look at one exploration. */
function programCases(program: Program): MeasuredCase[] {
  const { name, long = false } = program
  let explored: Explored | undefined
  const explore = (budget: Budget): Explored => {
    if (long && !budget.long) throw new Unavailable('left out of --quick: takes seconds')
    return (explored ??= JSON.parse(execFileSync(process.execPath, argsOf(program, budget), { encoding: 'utf8' })))
  }
  const about = (suffix: string, value: (explored: Explored) => number): MeasuredCase => ({
    name: `${name}${suffix}`,
    once: true,
    measure: (budget) => value(explore(budget)),
  })
  return [
    about('', ({ seconds }) => seconds * 1e9),
    about('-points', ({ points, seconds }) => points / seconds),
    about('-executions', ({ executions, seconds }) => executions / seconds),
    about('-memory', ({ peakBytes }) => peakBytes),
  ]
}

/** lastzero(10) in several processes at once: points a second of all. */
function jobsCase(jobs: number): MeasuredCase {
  return {
    name: `jobs-${jobs}`,
    once: true,
    measure: async (budget) => {
      needCores(jobs)
      const runs = Array.from({ length: jobs }, () =>
        promisify(execFile)(process.execPath, argsOf(PROGRAMS[0], budget), { encoding: 'utf8' }),
      )
      const explored = (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout) as Explored)
      return explored.reduce((sum, { points, seconds }) => sum + points / seconds, 0)
    },
  }
}

function rows({ cpus }: Scope): Row[] {
  const quoted = (name: string, label: string, seconds: number | undefined): Row[] =>
    seconds === undefined ? [] : [{ name, label, base: null, quoted: seconds * 1e9 }]
  return [
    ...PROGRAMS.flatMap(({ name, label, others }): Row[] => [
      { name, label: `${label}: time`, base: null },
      ...quoted(`nidhugg-${name}`, '  Nidhugg, optimal, quoted', others?.[0]),
      ...quoted(`genmc-${name}`, '  GenMC, quoted', others?.[1]),
      { name: `${name}-points`, label: '  scheduling points', unit: 'perSecond', base: null },
      { name: `${name}-executions`, label: '  executions', unit: 'perSecond', base: null },
      { name: `${name}-memory`, label: '  peak memory of the process', unit: 'bytes', base: null },
    ]),
    ...steps(cpus).map(
      (jobs): Row => ({
        name: `jobs-${jobs}`,
        label: `lastzero(10), ${jobs} process${jobs > 1 ? 'es' : ''} at once: points`,
        unit: 'perSecond',
        base: jobs === 1 ? null : 'jobs-1',
      }),
    ),
  ]
}

export const explorer: Suite = {
  name: 'explorer',
  summary: 'programs explored to the end: points and executions a second, time, memory',
  rows,
  processes: 5,
  prepare: (names, { cpus }): Case[] =>
    [...PROGRAMS.flatMap(programCases), ...steps(cpus).map(jobsCase)].filter(({ name }) => names.includes(name)),
  footer: [
    'Each program is explored to its end by the exact search, all detectors on, in a process of its own, several times where it',
    'is short: the fastest counts. The number of traces is checked, and that no execution was redundant. Points do not count',
    'replayed prefixes. Nidhugg and GenMC check C; their times were taken on four cores of an AMD EPYC, before 22 November 2026,',
    'and are quoted, not measured in this run. What --jobs does with whole scenarios is what several processes do here.',
  ],
}
