/**
 * The command behind `npm run bench`: runs suites and prints what they measured.
 *
 * Exit code 0 when all was measured, 1 when a case did not do its work, 2 for a command line that says nothing we know.
 */

import { parseArgs } from 'node:util'
import { measure } from './measure.ts'
import { jsonLines, table } from './report.ts'
import type { Suite } from './suite.ts'
import { SUITES } from './suites.ts'

function casesOf({ labels }: Suite): string[] {
  return Object.keys(labels)
}

const HELP = `npm run bench -- [suite ...] [--json] [--quick] [--case NAME ...] [--help]

Suites, all of them by default:
${SUITES.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}

  --json       JSON Lines on stdout instead of a table (npm run -s bench, so that npm adds nothing to them)
  --quick      a few milliseconds a case: to see that it works, not what it costs
  --case NAME  only this case, and those of further --case, with no other in the process
  --help       this text

Cases:
${SUITES.map((suite) => `  ${suite.name.padEnd(12)}${casesOf(suite).join(', ')}`).join('\n')}
`

/** What is wrong with the command line, in one sentence. */
class UsageError extends Error {}

interface Command {
  readonly suites: readonly Suite[]
  /** Undefined for all. */
  readonly cases: readonly string[] | undefined
  readonly json: boolean
  readonly quick: boolean
  readonly help: boolean
}

function parseCommand(args: string[]): Command {
  const { values, positionals } = parse(args)
  const suites = positionals.length === 0 ? SUITES : positionals.map(suiteNamed)
  const known = suites.flatMap(casesOf)
  for (const name of values.case ?? []) {
    if (!known.includes(name)) throw new UsageError(`got the unknown case '${name}', expected ${either(known)}`)
  }
  return { suites, cases: values.case, json: values.json, quick: values.quick, help: values.help }
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
        case: { type: 'string', multiple: true },
      },
    })
  } catch (error) {
    throw new UsageError(sentenceOf(error as Error))
  }
}

/** Node's message without the advice behind it, which is about something else. */
function sentenceOf(error: Error): string {
  const first = error.message.split('. ')[0]!
  return first[0]!.toLowerCase() + first.slice(1)
}

function suiteNamed(name: string): Suite {
  const suite = SUITES.find((suite) => suite.name === name)
  if (suite) return suite
  const known = SUITES.map(({ name }) => name)
  throw new UsageError(`got the unknown suite '${name}', expected ${either(known)}`)
}

/** 'a, b or c'. */
function either(choices: readonly string[]): string {
  return choices.length === 1 ? choices[0]! : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}

/** One line on stderr that replaces itself, if somebody is there to see it. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

function run({ suites, cases, json, quick }: Command): void {
  for (const suite of suites) {
    const names = casesOf(suite).filter((name) => cases?.includes(name) ?? true)
    const results = measure(suite, names, quick ? 'quick' : 'full', progress)
    progress('')
    process.stdout.write(json ? jsonLines(suite, results) : table(suite, results))
  }
}

try {
  const command = parseCommand(process.argv.slice(2))
  if (command.help) process.stdout.write(HELP)
  else run(command)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`bench: ${error.message}\n`)
  process.exitCode = 2
}
