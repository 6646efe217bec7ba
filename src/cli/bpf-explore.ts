/**
 * `sk-storage bpf explore`: programs of an object file against each other and against syscalls, in every interleaving.
 */

import { SYSCALLS } from '../bpf/run/syscall.ts'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { duration, integer, many, oneOf, optional, text, toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags, type Values } from '../command/flags.ts'
import { UsageError } from '../command/usage-error.ts'
import { either } from '../command/words.ts'
import { STRATEGIES, STRATEGY_NAMES } from '../explore/internals.ts'
import { objectOfFile, programsOf } from './bpf-file.ts'
import { detectors, OF_PROGRAMS } from './detect-flag.ts'
import { MAX_SEED, SAMPLE } from './explore-flags.ts'
import { explorePlans } from './explore-jobs.ts'
import type { Plan } from './explore-plan.ts'
import { createProgressLine } from './explore-progress.ts'
import { jsonOf, jsonOfFailure, statusOf, textOf } from './explore-report.ts'

/** The calls with their operands, in lines. */
function syscallsHelp(): string {
  const calls = Object.entries(SYSCALLS).map(([call, takes]) => `${call} ${takes}`)
  const ofSockets = calls.filter((call) => call.includes('SOCKET'))
  const ofMaps = calls.filter((call) => call.includes('MAP'))
  return `  ${ofSockets.join(' | ')}\n  ${ofMaps.join(' | ')}`
}

const FLAGS = {
  programs: text('NAMES', 'which run, a thread each: count,count'),
  sockets: text('NUMBERS', 'the socket whose packet each of them sees, all 0 by default: 0,1'),
  with: many(text('CALL', "a syscall as another thread, as 'close 0': see above; may be given again")),
  attach: text('NAMES', 'programs of sockops and sockopt sections that those syscalls call: track,guard'),
  context: text('FIELDS', 'numbers of the contexts, of all programs that have such a field: op=4,args0=1'),
  fresh: toggle('begin without elements in maps of sk storage, which else have one for each socket, all zero'),
  len: optional(integer('', 100, 1, 65_535), 'bytes of a packet (100)'),
  tearing: toggle('plain accesses of eight bytes are two, as on worker CPUs; in the kernel they are one'),
  races: toggle('report data races: a plain access of BPF is one access, so a race alone is no fault'),
  detect: detectors('which detectors look besides, with - before those that do not'),
  first: toggle('stop at the first finding, and count no further'),
  strategy: oneOf('how to explore', STRATEGY_NAMES),
  'max-preemptions': optional(integer('', 0, 0, 1000), 'all traces with at most so many preemptions, and no others'),
  'max-steps': integer('steps after which an execution counts as a livelock', 20_000, 1, 10_000_000),
  'max-executions': optional(integer('', 0, 1, Number.MAX_SAFE_INTEGER), 'stop after so many executions'),
  seconds: optional(duration('seconds', '', 1), 'stop after so many seconds'),
  seed: integer('where what programs draw begins, and the choices of a sample', 1, 0, MAX_SEED),
  depth: integer("pct's number of scheduling points that a bug needs", 3, 1, 100),
  patience: duration('seconds', 'give up what computes for so long without a visible step', 30),
  json: toggle('print one line of JSON'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage bpf explore OBJECT [--programs NAMES] [--with CALL]... [FLAGS]

Runs programs of an object file, each as a thread of its own CPU on a packet of a socket, in every interleaving of their
shared accesses, and tells the outcomes: the numbers in the maps that changed, and how many executions ended so. What
one program stores over another's update is told as a lost update, with both C lines; the search goes on behind it.

The syscalls of --with, on sockets by number and maps by name:
${syscallsHelp()}
A socket that is connected begins closed, one that accepts begins listening, others are connected. A key is a number, of
sk storage a socket; an update stores 7 in each number unless it is told, a lookup returns the first. free closes the
map and detaches the programs: a grace period later it is gone.

Flags:
${helpOf(FLAGS)}

${exitHelp({
  clean: 'every interleaving is clean',
  finding: true,
  failed: 'no verdict: a program computes for too long between two shared accesses',
  budget: 'a budget was spent before the end, and nothing found so far; a sample without a finding is that, too',
})}
`

type Given = Values<typeof FLAGS>

export default async function bpfExplore(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, 1, 'one object file')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const object = objectOfFile(words[0])
  const { programs } = object
  if (values.programs === undefined && values.with.length === 0)
    throw new UsageError(`got no --programs, expected names like ${either(programs.map(({ name }) => name))}`)
  for (const name of values.attach?.split(',') ?? []) programsOf(object, name.trim(), '--attach')
  const progress = createProgressLine(1)
  const plan = planOf(values, words[0])
  for await (const each of explorePlans([plan], { jobs: 1, patience: values.patience, progress })) {
    progress.clear()
    if ('failure' in each) {
      process.stdout.write(values.json ? jsonOfFailure(plan.scenario, each.failure) : '')
      process.stderr.write(`sk-storage bpf explore: ${each.failure.message}\n`)
    } else process.stdout.write(values.json ? jsonOf(each.result) : textOf(each.result, !values.first))
    return statusOf([each])
  }
  return EXIT.failed
}

function planOf(values: Given, file: string): Plan {
  const { strategy } = values
  const { exact } = STRATEGIES[strategy]
  const most = values['max-executions'] ?? (exact || values.seconds !== undefined ? undefined : SAMPLE)
  return {
    source: { object: file },
    scenario: nameOf(values),
    strategy,
    options: {
      maxSteps: values['max-steps'],
      keepGoing: !values.first,
      depth: values.depth,
      detect: { ...OF_PROGRAMS, ...(values.races && { dataRaces: true }), ...values.detect },
      ...(!exact && { seed: values.seed }),
      ...(values['max-preemptions'] !== undefined && { maxPreemptions: values['max-preemptions'] }),
      ...(values.seconds !== undefined && { seconds: values.seconds }),
      ...(most !== undefined && { maxExecutions: most }),
    },
  }
}

/** The scenario's name, which says all that decides what the programs do (bpf-scenario.ts). */
function nameOf({ programs = '', sockets, with: calls, attach, context, fresh, tearing, seed, len }: Given): string {
  const parts = [programs.replace(/\s+/g, '')]
  if (sockets !== undefined) parts.push(`sockets:${sockets.replace(/\s+/g, '')}`)
  for (const call of calls) parts.push(call.trim().split(/\s+/).join(':'))
  if (attach !== undefined) parts.push(`attach:${attach.replace(/\s+/g, '')}`)
  if (context !== undefined) parts.push(`context:${context.replace(/\s+/g, '')}`)
  if (fresh) parts.push('fresh')
  if (tearing) parts.push('tearing')
  if (seed !== FLAGS.seed.initial) parts.push(`seed:${seed}`)
  if (len !== undefined) parts.push(`len:${len}`)
  return parts.join('+')
}
