/**
 * `npm run variant -- FOLDER [FILE...]`: this tree and the same with a folder of patches in one table, by what they do
 * (executions of scenarios, and those that fail) and by what they cost. Both are asked of the commands that know.
 */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { EXIT, exitHelp } from '../src/command/exit-status.ts'
import { many, text, toggle } from '../src/command/flag-kinds.ts'
import { helpOf, parseFlags } from '../src/command/flags.ts'
import { runCommand } from '../src/command/run-command.ts'
import { table, withCommas } from '../src/command/table.ts'
import { tellProgress } from '../src/command/terminal.ts'
import { UsageError } from '../src/command/usage-error.ts'
import { shown } from './report.ts'
import type { Unit } from './suite.ts'

const FLAGS = {
  suite: many(text('SUITE', 'of the benchmarks (maps); may be given more than once')),
  case: many(text('NAME', 'only this case of them, and those of further --case')),
  seconds: text('S', 'for each scenario at the most (60)'),
  quick: toggle('benchmarks that take a few milliseconds: to see that it works'),
  help: toggle('print this'),
}

const HELP = `Usage: npm run variant -- FOLDER [FILE...] [FLAGS]

Explores the scenarios of these files, or all that package.json names, in this tree and with the patches of the folder
(*.patch, *.diff), measures both builds in turn, and prints one table.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'neither has a finding', finding: 'one of them has' })}
`

interface Explored {
  readonly event: string
  readonly scenario: string
  readonly executions: number
  readonly failing: number
  readonly exhaustive: boolean
}
interface Compared {
  readonly event: string
  readonly case: string
  readonly unit: Unit
  readonly here: number | null
  readonly there: number | null
}

const run = promisify(execFile)
const script = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The JSON Lines of a command. Throws UsageError with its own words where it has none. */
async function linesOf<T>(path: string, args: readonly string[]): Promise<T[]> {
  // A finding is a status of its own, and no failure here.
  const { stdout, stderr } = await run(process.execPath, [script(path), ...args], { maxBuffer: 256 << 20 }).catch(
    (error: { stdout: string; stderr: string }) => error,
  )
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  if (lines.length === 0) throw new UsageError(stderr.trim().replace(/^.*?: /, ''))
  return lines.map((line) => JSON.parse(line))
}

async function explored(files: readonly string[], more: readonly string[]): Promise<Map<string, Explored>> {
  const what = files.length === 0 ? ['--all'] : files
  const args = ['explore', ...what, '--json', '--keep-going', ...more]
  const results = await linesOf<Explored>('../src/cli/main.js', args)
  const failed = results.find(({ event }) => event !== 'result')
  if (failed !== undefined) throw new UsageError(`${failed.scenario} has no result: sk-storage explore says why`)
  return new Map(results.map((each) => [each.scenario.replace(/#edits=[^#]*/, ''), each]))
}

async function compared(folder: string): Promise<number> {
  const { values, words } = parseFlags(process.argv.slice(2), FLAGS, Number.POSITIVE_INFINITY)
  const files = words.slice(1)
  const { quick, seconds = '60', suite, case: cases } = values
  const limit = ['--seconds', seconds]
  tellProgress('exploring the variant')
  const theirs = await explored(files, [...limit, '--edits', folder])
  tellProgress('exploring this tree')
  const all = await explored(files, limit)
  const ours = new Map([...all].filter(([name]) => theirs.has(name)))
  tellProgress('measuring')
  const suites = suite.length === 0 ? ['maps'] : suite
  const flags = ['--json', ...(quick ? ['--quick'] : []), ...cases.map((name) => `--case=${name}`)]
  const measured = await linesOf<Compared>('./main.js', [...suites, '--edits', folder, ...flags])
  tellProgress('')
  const both = [ours, theirs]
  const sum = (of: (each: Explored) => number) =>
    both.map((its) => withCommas([...its.values()].reduce((total, each) => total + of(each), 0)))
  const count = (each: Explored | undefined) =>
    each === undefined ? '-' : `${each.exhaustive ? '' : 'over '}${withCommas(each.executions)}`
  const different = [...theirs.keys()].filter((name) => ours.get(name)?.executions !== theirs.get(name)?.executions)
  const value = (n: number | null, unit: Unit) => (n === null ? '-' : shown(n, unit))
  process.stdout.write(
    `${table([
      ['', 'this tree', folder],
      ['scenarios', ...both.map((its) => withCommas(its.size))],
      ['explored to the end', ...sum(({ exhaustive }) => +exhaustive)],
      ['executions', ...sum(({ executions }) => executions)],
      ['executions with a finding', ...sum(({ failing }) => failing)],
      ...different.map((name) => [`  ${name}`, count(ours.get(name)), count(theirs.get(name))]),
      ...measured
        .filter(({ event }) => event === 'compare')
        .map(({ case: name, unit, here, there }) => [name, value(here, unit), value(there, unit)]),
    ]).join('\n')}\n`,
  )
  return [...ours.values(), ...theirs.values()].some(({ failing }) => failing > 0) ? EXIT.finding : EXIT.clean
}

await runCommand('variant', async () => {
  const { values, words } = parseFlags(process.argv.slice(2), FLAGS, Number.POSITIVE_INFINITY)
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  if (words.length === 0) throw new UsageError('got no folder, expected one of patches: variants/linux-cache')
  return compared(words[0])
})
