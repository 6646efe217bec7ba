/**
 * `sk-storage replay`: one execution again, from the line in a report.
 */

import { relative } from 'node:path'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { duration, integer, path, text, toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { name as called } from '../command/package.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import { nearby, readReplayLine, violationLine } from '../explore/internals.ts'
import { detectors } from './detect-flag.ts'
import { packageNames, packagesOf } from './explore-flags.ts'
import { textOfViolation } from './explore-report.ts'
import { traceFlags, writeTraces } from './explore-traces.ts'
import { readLineName, type Source } from './line-name.ts'
import type { Answer } from './scenario-messages.ts'
import { runJob } from './scenario-process.ts'

const FLAGS = {
  file: path('the file with the scenario, if the line names none or it has moved'),
  scenario: text('NAME', "the scenario's export in that file, if the line names none or it has another name now"),
  raw: toggle('with the implementation of locks and RCU, if the line does not say so itself'),
  detect: detectors('which detectors look, as --detect of explore says'),
  packages: packageNames('packages to follow as well, if the line does not say so itself'),
  'max-steps': integer('steps after which an execution counts as a livelock', 20_000, 1, 10_000_000),
  patience: duration('seconds', 'give up code that computes for so long without a visible step', 30),
  json: toggle('print one line of JSON'),
  ...traceFlags((as) => `write the execution there, if it fails, as ${as}`),
  help: toggle('print this'),
}

const HELP = `Usage: ${called} replay 'LINE' [FLAGS]

Runs one execution again, from the line under "replay" in a report, and shows what happens now. Paths in the line are
taken from here, so run it where the line was made.

If the code has changed since, the execution may go elsewhere: then it says at which step, and at which line of the
code. A line that only fits loosely still shows the violation if it is still there.

Flags:
${helpOf(FLAGS)}

${exitHelp({
  clean: 'nothing is wrong with that execution',
  finding: 'it fails',
  usage: 'usage, or the code no longer follows the line',
})}
`

/** The words of a line, in case nobody put quotes around it. */
const WORDS = 5

export default async function replay(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, WORDS, "a line between quotes: 'explore1 ...'")
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const line = words.join(' ')
  const { source, scenario: name } = sourceOf(line, values)
  const wanted = values.scenario ?? name
  const request = { line, source, wanted, maxSteps: values['max-steps'], detect: values.detect }
  const answer = await runJob({ replay: request }, { name: wanted || 'the scenario', patience: values.patience })
  const { found, replayed: result } = answer as Extract<Answer, { found: string }>
  const { stale, violation } = result
  const diverged = result.diverged && { ...result.diverged, where: relativeSite(result.diverged.where) }
  if (values.json) {
    const shown = violation && violationLine(nearby(violation))
    const event = { schema: 1, event: 'replay', scenario: found, stale, diverged: diverged ?? null, violation: shown }
    process.stdout.write(`${JSON.stringify(event)}\n`)
  } else {
    if (stale) process.stdout.write('The code has changed since the line was made.\n')
    if (diverged !== undefined) {
      const { step, where, why } = diverged
      process.stdout.write(`The execution left the line at step ${step}${where === '' ? '' : `, ${where}`}: ${why}.\n`)
    }
    if (violation !== null) process.stdout.write(textOfViolation(violation))
    else if (diverged === undefined) process.stdout.write('It followed the line to its end, and nothing is wrong.\n')
  }
  if (violation === null) return diverged === undefined ? EXIT.clean : EXIT.usage
  writeTraces('sk-storage replay', violation, values)
  return EXIT.finding
}

/** `file:line` as one would type it here. */
const relativeSite = (where: string): string => (where === '' ? '' : relative(process.cwd(), where))

/** Where the line's scenario is to be found. Throws UsageError if the line can't be read, or nobody says where. */
function sourceOf(
  line: string,
  { file, raw, packages }: { file: string | undefined; raw: boolean; packages: string | undefined },
): { source: Source; scenario: string } {
  let said: ReturnType<typeof readLineName>
  try {
    said = readLineName(readReplayLine(line).scenario)
  } catch {
    throw new UsageError(`got ${quote(line)}, expected a line like 'explore1 races.ts#lost 1a2b3c S0-P1-S0 ccdd'`)
  }
  const { source, scenario } = said
  if (file === undefined && source === undefined) {
    throw new UsageError(`got a line that names no file, expected --file PATH with it`)
  }
  if (source !== undefined && !('file' in source)) return { source, scenario }
  return {
    source: {
      file: file ?? source!.file,
      raw: raw || (source?.raw ?? false),
      packages: packagesOf(packages ?? source?.packages),
      edits: source?.edits,
      layout: source?.layout,
    },
    scenario,
  }
}
