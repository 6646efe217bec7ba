/**
 * The command behind `npm run bench`: runs suites and prints what they measured.
 */

import { availableParallelism } from 'node:os'
import { EXIT, exitHelp } from '../src/command/exit-status.ts'
import { folder, integer, many, optional, path, text, toggle } from '../src/command/flag-kinds.ts'
import { helpOf, parseFlags, type Values } from '../src/command/flags.ts'
import { runCommand } from '../src/command/run-command.ts'
import { tellProgress } from '../src/command/terminal.ts'
import { UsageError } from '../src/command/usage-error.ts'
import { meant, quote } from '../src/command/words.ts'
import { BUDGETS } from './budget.ts'
import { compare, type Other, revision, variant, withBuild } from './compare.ts'
import { type Chapter, documents, writeDocument } from './document.ts'
import { measure, type Plan } from './measure.ts'
import { compareLines, compareTable, jsonLines, table } from './report.ts'
import type { Suite } from './suite.ts'
import { SUITES } from './suites.ts'

/** What is measured when nothing is said about CPUs. */
const CPUS = Math.min(4, availableParallelism())
const MOST_CPUS = 64
const MOST_PROCESSES = 99

function casesOf(suite: Suite, cpus = CPUS): string[] {
  return suite.rows({ cpus }).map(({ name }) => name)
}

const FLAGS = {
  json: toggle('JSON Lines on stdout instead of a table (npm run -s bench, so that npm adds nothing to them)'),
  quick: toggle('a few milliseconds a case: to see that it works, not what it costs'),
  cpus: integer('the most CPUs that a case uses', CPUS, 1, MOST_CPUS),
  processes: optional(
    integer('', 1, 1, MOST_PROCESSES),
    `samples of each case, each in a process of its own (${BUDGETS.full.processes}; with --quick ${BUDGETS.quick.processes})`,
  ),
  case: many(text('NAME', 'only this case, and those of further --case, with no other in the process')),
  compare: text('REV', 'builds the library of another revision and measures both in turn'),
  'own-bench': toggle("with --compare: the benchmarks are that revision's too, for a structure that stands in bench/"),
  edits: path('builds this tree with the patches (*.patch, *.diff) of a folder, and measures both in turn'),
  'cpu-prof': optional(folder('', ''), 'writes a CPU profile of each process there'),
  report: toggle('writes docs/benchmarks.md with pictures as well; with --out somewhere else'),
  out: optional(folder('', ''), 'where --report writes'),
  help: toggle('print this'),
}

const HELP = `Usage: npm run bench -- [SUITE ...] [FLAGS]

Suites, all of them by default:
${SUITES.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}

Flags:
${helpOf(FLAGS)}

Cases:
${SUITES.map((suite) => `  ${suite.name.padEnd(12)}${casesOf(suite).join(', ')}`).join('\n')}

${exitHelp({ clean: 'all was measured', failed: 'a case did not do its work, or the command itself failed' })}
`

type Command = Omit<Values<typeof FLAGS>, 'out' | 'report'> & {
  readonly suites: readonly Suite[]
  /** The folder that the document is written to, if it is. */
  readonly report: string | undefined
}

function parseCommand(args: readonly string[]): Command {
  const { values, words } = parseFlags(args, FLAGS, Number.POSITIVE_INFINITY)
  const suites = words.length === 0 ? SUITES : words.map(suiteNamed)
  const known = suites.flatMap((suite) => casesOf(suite, values.cpus))
  for (const name of values.case) {
    if (!known.includes(name)) {
      throw new UsageError(`got the unknown case ${quote(name)}, expected ${meant(name, known)}`)
    }
  }
  const { compare, report, out, edits } = values
  if (compare !== undefined && edits !== undefined)
    throw new UsageError('--edits: got --compare as well, expected one of them')
  if (values['own-bench'] && compare === undefined)
    throw new UsageError('--own-bench: got it without --compare, expected both')
  if (out !== undefined && !report) throw new UsageError('--out: got it without --report, expected both')
  if (report && (compare ?? edits) !== undefined)
    throw new UsageError(`--report: got --${compare === undefined ? 'edits' : 'compare'} as well, expected one of them`)
  return { ...values, suites, report: report ? (out ?? documents()) : undefined }
}

function suiteNamed(name: string): Suite {
  const suite = SUITES.find((suite) => suite.name === name)
  if (suite) return suite
  const known = SUITES.map(({ name }) => name)
  throw new UsageError(`got the unknown suite ${quote(name)}, expected ${meant(name, known)}`)
}

/** Whether this case was asked for: each is, where none is named. */
function isWanted(command: Command, name: string): boolean {
  return command.case.length === 0 || command.case.includes(name)
}

/** The suites that were asked for, with their cases that were. */
function suitesOf(command: Command): { suite: Suite; names: string[] }[] {
  return command.suites
    .map((suite) => ({ suite, names: casesOf(suite, command.cpus).filter((name) => isWanted(command, name)) }))
    .filter(({ names }) => names.length > 0)
}

/** The command that measures this suite as this run did. */
function again({ case: cases, quick, cpus, processes }: Command, suite: Suite): string {
  const own = casesOf(suite, cpus).filter((name) => cases.includes(name))
  const samples = processes === undefined ? [] : [`--processes ${processes}`]
  const options = [...(quick ? ['--quick'] : []), ...samples, ...own.map((name) => `--case ${name}`)]
  return ['npm run bench --', suite.name, `--cpus ${cpus}`, ...options].join(' ')
}

async function run(command: Command): Promise<void> {
  const { json, quick, cpus, processes } = command
  const plan: Plan = {
    budget: quick ? 'quick' : 'full',
    processes,
    scope: { cpus },
    profiles: command['cpu-prof'],
    progress: tellProgress,
  }
  const print = (text: string) => {
    tellProgress('')
    process.stdout.write(text)
  }
  const other = otherOf(command)
  if (other !== undefined) {
    tellProgress(`building ${other.name}`)
    await withBuild(other, async (script) => {
      for (const { suite, names } of suitesOf(command)) {
        const compared = await compare(suite, names, plan, other, script)
        print(json ? compareLines(suite, other, compared) : compareTable(other, compared))
      }
    })
    return
  }
  const chapters: Chapter[] = []
  for (const { suite, names } of suitesOf(command)) {
    const results = await measure(suite, names, plan)
    chapters.push({ suite, results, command: again(command, suite) })
    print(json ? jsonLines(suite, results) : `${table(suite, results)}\n`)
  }
  if (command.report !== undefined) {
    const path = await writeDocument(command.report, chapters)
    process.stderr.write(`bench: wrote ${path}\n`)
  }
}

/** What this tree is compared with, if it is. */
function otherOf({ compare, edits, ...command }: Command): Other | undefined {
  if (edits !== undefined) return variant(edits)
  return compare === undefined ? undefined : revision(compare, command['own-bench'])
}

await runCommand('bench', async () => {
  const command = parseCommand(process.argv.slice(2))
  if (command.help) process.stdout.write(HELP)
  else await run(command)
  return EXIT.clean
})
