/**
 * `sk-storage museum`: bugs, applied to the sources as they are loaded, and whether the explorer catches them.
 */

import type { Control, Exhibit, Tale } from '../../museum/exhibit.ts'
import { CONTROLS, EXHIBITS, TALES } from '../../museum/index.ts'
import { openScenario, placed } from '../../museum/open.ts'
import { ScenarioThreads, type ThreadResult } from '../../props/threads/rounds.ts'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { table, withCommas } from '../command/table.ts'
import { bold, tellProgress } from '../command/terminal.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import { check, type Result, type StrategyName } from '../explore/index.ts'
import { textOfViolation } from './explore-report.ts'
import { paragraph, sourceDiff } from './museum-text.ts'
import { openExhibit } from './scenario-source.ts'

const FLAGS = {
  quick: toggle('search every interleaving only, and leave out PCT, random walk and real threads'),
  json: toggle('print JSON Lines: one for each exhibit and search, then a summary'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage museum [ID] [FLAGS]

Applies each bug of the museum to the sources and looks whether the explorer catches it, with the detector that is named
for it, and how long that takes: every interleaving, samples of them, and real threads with the sanitizer and the
invariants as judge. Races that are no bugs are explored too, and must not be reported.

With an ID such as H05: the story, the edits, the shortest failing interleaving, and the line that replays it.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'all are caught and nothing else is reported', finding: 'not so' })}
`

/** Seconds that a search may take for one exhibit. */
const PATIENCE = 10
const NOT_FOUND = `not in ${PATIENCE} s`
/** Of the samples, so that two runs of this command tell the same. */
const SEED = 1

export default async function museum(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, 1, 'one exhibit')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  if (words[0] !== undefined) return showOne(words[0], values.json)
  return showAll(values)
}

/** What a search found in an exhibit. */
interface Found {
  readonly exhibit: Exhibit
  readonly strategy: StrategyName
  readonly result: Result
  /** With the detector that was to. */
  readonly caught: boolean
}

async function search(exhibit: Exhibit, strategy: StrategyName, shrink: boolean): Promise<Found> {
  const options = strategy === 'optimal' ? {} : { seed: SEED, seconds: PATIENCE }
  const result = check(await openExhibit(exhibit.id), { strategy, shrink, ...options })
  // Which of its symptoms a sample meets first is chance; that every interleaving is searched in the same order is not.
  const { violation } = result
  const caught = violation !== null && (strategy !== 'optimal' || violation.kind === exhibit.detector)
  return { exhibit, strategy, result, caught }
}

async function showAll({ quick, json }: { quick: boolean; json: boolean }): Promise<number> {
  const strategies: readonly StrategyName[] = quick ? ['optimal'] : ['optimal', 'pct', 'random']
  const threads = quick ? undefined : new ScenarioThreads()
  const rows = [['exhibit', 'caught by', ...strategies.map((name) => `${name}: executions, time`)]]
  if (threads !== undefined) rows[0].push('threads: rounds, time')
  let caught = 0
  for (const exhibit of EXHIBITS) {
    const cells: string[] = []
    for (const strategy of strategies) {
      tellProgress(`${exhibit.id} ${strategy}`)
      const found = await search(exhibit, strategy, false)
      cells.push(cellOf(found))
      if (strategy === 'optimal' && found.caught) caught++
      if (strategy === 'optimal') cells.unshift(detectorOf(found))
      if (json) print(lineOf(found))
    }
    if (threads !== undefined) {
      tellProgress(`${exhibit.id} threads`)
      const result = await onThreads(threads, exhibit)
      cells.push(result.found === null ? NOT_FOUND : `${amount(result.rounds, result.seconds)}, ${result.found.kind}`)
      if (json) print(threadLineOf(exhibit, result))
    }
    rows.push([`${exhibit.id} ${exhibit.title}`, ...cells])
  }
  await threads?.end()
  const alarms: Control[] = []
  for (const control of CONTROLS) {
    tellProgress(control.id)
    if (!(await isQuiet(control))) alarms.push(control)
  }
  tellProgress('')
  const summary = { exhibits: EXHIBITS.length, caught, controls: CONTROLS.length, falseAlarms: alarms.length }
  if (json) print({ schema: 1, event: 'summary', ...summary })
  else {
    const told = [
      `${caught} of ${EXHIBITS.length} exhibits caught.`,
      `${CONTROLS.length} races that are no bugs explored, ${alarms.length} reported${alarms.map(({ id }) => ` ${id}`).join()}.`,
      quick
        ? 'optimal: every interleaving, none twice.'
        : 'optimal: every interleaving, none twice; pct and random: samples; threads: workers, with the sanitizer and the invariants as judge.',
      `${TALES.length} more are told and not shown: ${TALES.map(({ id }) => id).join(', ')}.`,
    ]
    process.stdout.write(`${table(rows).join('\n')}\n\n${told.join('\n')}\n`)
  }
  return caught === EXHIBITS.length && alarms.length === 0 ? EXIT.clean : EXIT.finding
}

/** An exhibit on real threads. */
async function onThreads(threads: ScenarioThreads, { scenario, edits, scale = [] }: Exhibit): Promise<ThreadResult> {
  const { length } = (await openScenario(scenario)).threads
  return threads.run({ ...placed(scenario, [...scale, ...edits]), threads: length }, PATIENCE)
}

/** Whether a control happened and nothing was reported. */
async function isQuiet({ scenario, edits, seen }: Control): Promise<boolean> {
  const { violation, outcomes } = check(await openScenario(scenario, edits), { keepGoing: true, shrink: false })
  return violation === null && seen.every((outcome) => outcomes.some((each) => each.outcome === outcome))
}

async function showOne(id: string, json: boolean): Promise<number> {
  const exhibit = EXHIBITS.find((each) => each.id === id)
  if (exhibit === undefined) return showOther(id, json)
  const found = await search(exhibit, 'optimal', !json)
  if (json) {
    print(lineOf(found))
    return found.caught ? EXIT.clean : EXIT.finding
  }
  const { violation, executions } = found.result
  const { title, year, commit, rules, edits, scale = [], scenario, unseenByThreads } = exhibit
  process.stdout.write(
    [
      bold(`${id}  ${title}`),
      `${year}${commit === undefined ? '' : `, fixed in Linux by ${commit}`}${rules.length === 0 ? '' : `; breaks ${rules.join(', ')}`}`,
      '',
      ...storyOf(exhibit),
      ...(unseenByThreads === undefined ? [] : [paragraph('Not seen on real threads:', unseenByThreads)]),
      '',
      ...[...scale, ...edits].map(sourceDiff),
      '',
      `${scenario.file}#${scenario.name}: ${violation === null ? 'not caught' : 'caught'} after ${withCommas(executions)} execution${executions === 1 ? '' : 's'}`,
      '',
    ].join('\n'),
  )
  if (violation !== null) process.stdout.write(`\n${textOfViolation(violation)}`)
  return found.caught ? EXIT.clean : EXIT.finding
}

const storyOf = ({ story }: Exhibit | Tale): string[] => [
  paragraph('Believed:', story.believed),
  paragraph('Broken:', story.broken),
  paragraph('Fixed:', story.fixed),
]

/** A control or a tale. Throws UsageError if it is neither. */
async function showOther(id: string, json: boolean): Promise<number> {
  const control = CONTROLS.find((each) => each.id === id)
  const tale = TALES.find((each) => each.id === id)
  if ((control ?? tale) === undefined || json) {
    const expected = json
      ? 'an exhibit such as H05 with --json'
      : "an exhibit such as H05 ('sk-storage museum' lists them)"
    throw new UsageError(`got ${quote(id)}, expected ${expected}`)
  }
  if (tale !== undefined) {
    const lines = [bold(`${id}  ${tale.title}`), '', ...storyOf(tale), paragraph('Not shown:', tale.why)]
    process.stdout.write(`${lines.join('\n')}\n`)
    return EXIT.clean
  }
  const quiet = await isQuiet(control!)
  const verdict = quiet ? 'It happened, and nothing was reported.' : 'It did not happen, or something was reported.'
  process.stdout.write(
    `${[bold(`${id}  ${control!.title}`), '', paragraph('No bug:', control!.why), verdict].join('\n')}\n`,
  )
  return quiet ? EXIT.clean : EXIT.finding
}

function detectorOf({ result: { violation }, caught, exhibit }: Found): string {
  if (violation === null) return 'nothing'
  return caught ? violation.kind : `${violation.kind}, not ${exhibit.detector}`
}

function cellOf({ result: { violation, executions, seconds } }: Found): string {
  return violation === null ? NOT_FOUND : amount(executions, seconds)
}

const amount = (runs: number, seconds: number): string =>
  `${withCommas(runs)}, ${seconds < 1 ? `${Math.ceil(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`}`

function lineOf({ exhibit: { id }, strategy, caught, result: { violation, executions } }: Found): object {
  const detector = violation?.kind ?? null
  return {
    schema: 1,
    event: 'exhibit',
    id,
    caught,
    detector,
    executions,
    strategy,
    schedule: violation?.schedule ?? null,
  }
}

/** The same of real threads, which leave no schedule behind. */
function threadLineOf({ id }: Exhibit, { found, rounds }: ThreadResult): object {
  const detector = found?.kind ?? null
  const caught = found !== null
  return { schema: 1, event: 'exhibit', id, caught, detector, executions: rounds, strategy: 'threads', schedule: null }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
