/**
 * The command behind `npm run bench`: runs suites and prints what they measured.
 *
 * Exit code 0 when all was measured, 1 when a case did not do its work, 2 for a command line that says nothing we know.
 */

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { BUDGETS } from './budget.ts'
import { commitOf, compare, withBuild } from './compare.ts'
import { type Chapter, documents, writeDocument } from './document.ts'
import { measure, type Plan } from './measure.ts'
import { Refusal } from './refusal.ts'
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

const HELP = `npm run bench -- [suite ...] [--json] [--quick] [--cpus N] [--processes N] [--case NAME ...]
  [--compare REV] [--report] [--help]

Suites, all of them by default:
${SUITES.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}

  --json       JSON Lines on stdout instead of a table (npm run -s bench, so that npm adds nothing to them)
  --quick      a few milliseconds a case: to see that it works, not what it costs
  --cpus N     the most CPUs that a case uses; ${CPUS} on this machine
  --processes N  samples of each case, each in a process of its own; otherwise ${BUDGETS.full.processes}, with --quick ${BUDGETS.quick.processes}
  --case NAME  only this case, and those of further --case, with no other in the process
  --compare REV  builds the library of another revision and measures both in turn
  --report     writes docs/benchmarks.md with pictures as well; with --out FOLDER somewhere else
  --help       this text

Cases:
${SUITES.map((suite) => `  ${suite.name.padEnd(12)}${casesOf(suite).join(', ')}`).join('\n')}
`

interface Command {
  readonly suites: readonly Suite[]
  /** Undefined for all. */
  readonly cases: readonly string[] | undefined
  readonly json: boolean
  readonly quick: boolean
  readonly cpus: number
  /** Undefined for as many as the budget and the suite have. */
  readonly processes: number | undefined
  /** The other revision. */
  readonly compare: string | undefined
  /** The folder that the document is written to, if it is. */
  readonly report: string | undefined
  readonly help: boolean
}

function parseCommand(args: string[]): Command {
  const { values, positionals } = parse(args)
  const suites = positionals.length === 0 ? SUITES : positionals.map(suiteNamed)
  const cpus = countOf('--cpus', values.cpus, MOST_CPUS) ?? CPUS
  const processes = countOf('--processes', values.processes, MOST_PROCESSES)
  const known = suites.flatMap((suite) => casesOf(suite, cpus))
  for (const name of values.case ?? []) {
    if (!known.includes(name)) throw new Refusal(`got the unknown case '${name}', expected ${either(known)}`)
  }
  const { json, quick, compare, report, out, help } = values
  if (out !== undefined && !report) throw new Refusal('--out: got it without --report, expected both')
  if (report && compare !== undefined) throw new Refusal('--report: got --compare as well, expected one of them')
  const folder = report ? (out ?? documents()) : undefined
  return { suites, cases: values.case, json, quick, cpus, processes, compare, report: folder, help }
}

function countOf(option: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined
  const count = Number(text)
  if (/^[0-9]+$/.test(text) && count >= 1 && count <= most) return count
  throw new Refusal(`${option}: got '${text}', expected an integer from 1 to ${most}`)
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        cpus: { type: 'string' },
        processes: { type: 'string' },
        compare: { type: 'string' },
        report: { type: 'boolean', default: false },
        out: { type: 'string' },
        case: { type: 'string', multiple: true },
      },
    })
  } catch (error) {
    throw new Refusal(sentenceOf(error as Error))
  }
}

/** Node's message without the advice behind it, which is about something else. */
function sentenceOf(error: Error): string {
  const first = error.message.split('. ')[0]
  return first[0].toLowerCase() + first.slice(1)
}

function suiteNamed(name: string): Suite {
  const suite = SUITES.find((suite) => suite.name === name)
  if (suite) return suite
  const known = SUITES.map(({ name }) => name)
  throw new Refusal(`got the unknown suite '${name}', expected ${either(known)}`)
}

/** 'a, b or c'. */
function either(choices: readonly string[]): string {
  return choices.length === 1 ? choices[0] : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}

/** One line on stderr that replaces itself, if somebody is there to see it. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

/** Calls `each` with the suites that were asked for and their cases that were. */
function forEachSuite({ suites, cases, cpus }: Command, each: (suite: Suite, names: string[]) => void): void {
  for (const suite of suites) {
    const names = casesOf(suite, cpus).filter((name) => cases?.includes(name) ?? true)
    if (names.length > 0) each(suite, names)
  }
}

/** The command that measures this suite as this run did. */
function again({ cases, quick, cpus, processes }: Command, suite: Suite): string {
  const own = casesOf(suite, cpus).filter((name) => cases?.includes(name))
  const samples = processes === undefined ? [] : [`--processes ${processes}`]
  const options = [...(quick ? ['--quick'] : []), ...samples, ...own.map((name) => `--case ${name}`)]
  return ['npm run bench --', suite.name, `--cpus ${cpus}`, ...options].join(' ')
}

async function run(command: Command): Promise<void> {
  const { json, quick, cpus, processes } = command
  const plan: Plan = { budget: quick ? 'quick' : 'full', processes, scope: { cpus }, progress }
  const print = (text: string) => {
    progress('')
    process.stdout.write(text)
  }
  const rev = command.compare
  if (rev === undefined) {
    const chapters: Chapter[] = []
    forEachSuite(command, (suite, names) => {
      const results = measure(suite, names, plan)
      chapters.push({ suite, results, command: again(command, suite) })
      print(json ? jsonLines(suite, results) : `${table(suite, results)}\n`)
    })
    if (command.report !== undefined) {
      const path = await writeDocument(command.report, chapters)
      process.stderr.write(`bench: wrote ${path}\n`)
    }
    return
  }
  const commit = commitOf(rev)
  progress(`building ${rev}`)
  withBuild(commit, (script) => {
    forEachSuite(command, (suite, names) => {
      const compared = compare(suite, names, plan, commit, script)
      print(json ? compareLines(suite, rev, compared) : compareTable(rev, compared))
    })
  })
}

try {
  const command = parseCommand(process.argv.slice(2))
  if (command.help) process.stdout.write(HELP)
  else await run(command)
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`bench: ${error.message}\n`)
  process.exitCode = 2
}
