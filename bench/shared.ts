/**
 * One exact search on several cores: programs that take one core a while, on one thread and on more.
 */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Budget } from './budget.ts'
import { needCores, steps } from './scale.ts'
import type { SharedRun } from './shared-job.ts'
import type { MeasuredCase, Row, Scope, Suite } from './suite.ts'
import { Unavailable } from './unavailable.ts'

const JOB = fileURLToPath(new URL('./shared-job.js', import.meta.url))

/** Each with its file in bench/explored and its name there. `long`: it takes many seconds. */
const PROGRAMS = [
  { file: 'shared', name: 'lastzero12', label: 'lastzero(12)', long: false },
  { file: 'shared', name: 'lastzero20', label: 'lastzero(20)', long: true },
  { file: 'shared', name: 'readers22', label: 'readers(22)', long: true },
  { file: 'shared', name: 'spat8', label: 'spat(8)', long: true },
  { file: 'storage', name: 'threeCreators', label: 'storage, 3 CPUs', long: true },
  { file: 'sharedmap', name: 'collidingSets', label: 'sharedmap, 2 colliding sets', long: true },
] as const

/** The cases of a program on so many threads look at one run. */
function casesOf({ file, name, long }: (typeof PROGRAMS)[number], jobs: number): MeasuredCase[] {
  let ran: Promise<SharedRun> | undefined
  const run = (budget: Budget): Promise<SharedRun> => {
    if (long && !budget.long) throw new Unavailable('left out of --quick: takes many seconds')
    needCores(jobs)
    ran ??= promisify(execFile)(process.execPath, [JOB, file, name, String(jobs)], { encoding: 'utf8' }).then(
      ({ stdout }) => JSON.parse(stdout) as SharedRun,
    )
    return ran
  }
  const told = (value: number | null): number => {
    if (value === null) throw new Unavailable('this system does not tell what each thread computes')
    return value
  }
  const about = (suffix: string, value: (run: SharedRun) => number): MeasuredCase => ({
    name: `${name}-${jobs}${suffix}`,
    once: true,
    measure: async (budget) => value(await run(budget)),
  })
  return [
    about('', ({ seconds }) => seconds * 1e9),
    about('-around', ({ around }) => around * 1e9),
    about('-cpu', ({ cpuSeconds }) => cpuSeconds * 1e9),
    about('-busiest', ({ busiestSeconds }) => told(busiestSeconds) * 1e9),
  ]
}

const rows = ({ cpus }: Scope): Row[] =>
  PROGRAMS.flatMap(({ name, label }) =>
    steps(cpus).flatMap((jobs): Row[] => [
      {
        name: `${name}-${jobs}`,
        label: `${label}, ${jobs} thread${jobs > 1 ? 's' : ''}`,
        base: jobs === 1 ? null : `${name}-1`,
      },
      { name: `${name}-${jobs}-around`, label: '  starting and ending', base: null },
      { name: `${name}-${jobs}-cpu`, label: '  CPU, all threads', base: null },
      {
        name: `${name}-${jobs}-busiest`,
        label: '  CPU, the busiest thread',
        base: jobs === 1 ? null : `${name}-1-busiest`,
      },
    ]),
  )

export const shared: Suite = {
  name: 'shared',
  summary: 'one exact search on one core and on several: time, start-up, CPU',
  rows,
  processes: 3,
  prepare: (names, { cpus }) =>
    PROGRAMS.flatMap((program) => steps(cpus).flatMap((jobs) => casesOf(program, jobs))).filter(({ name }) =>
      names.includes(name),
    ),
  footer: [
    'Each search to its end, by `exploreFile`. Starting: threads, and the code loaded and instrumented on each.',
    'A thread more adds work of its own: it runs the first execution, and audits what is new to it.',
    'The busiest thread is what is left to wait for where every thread has a core: its ratio hardly minds other work.',
  ],
}
