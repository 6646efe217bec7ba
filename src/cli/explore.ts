/**
 * `sk-storage explore`: every interleaving of the scenarios in a file, or a sample of them.
 */

import { EXIT } from '../command/exit-status.ts'
import { parseFlags, type Values } from '../command/flags.ts'
import { name as called } from '../command/package.ts'
import { UsageError } from '../command/usage-error.ts'
import { either, quote } from '../command/words.ts'
import { STRATEGIES } from '../explore/internals.ts'
import { createCheckpointFile, readCheckpointFile } from './explore-checkpoint.ts'
import { refuseCoverage, tellCoverage } from './explore-coverage.ts'
import { FLAGS, HELP, MAX_SEED, packagesOf, SAMPLE } from './explore-flags.ts'
import { type Explored, explorePlans } from './explore-jobs.ts'
import { optionsOf, refuseForeign } from './explore-memory.ts'
import type { Plan } from './explore-plan.ts'
import { createProgressLine } from './explore-progress.ts'
import { annotationOf, jsonOf, jsonOfFailure, statusOf, textOf } from './explore-report.ts'
import { writeTraces } from './explore-traces.ts'
import { runJob } from './scenario-process.ts'
import type { Source } from './scenario-source.ts'

type Given = Values<typeof FLAGS>

export default async function explore(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, 1, 'one file')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  refuseContradictions(values, words[0])
  const saved = values.resume === undefined ? undefined : readCheckpointFile(values.resume)
  const plans =
    saved === undefined
      ? await plansFor(values, words[0])
      : [resumed(saved.plan, values, saved.checkpoint.counts.executions)]
  if (values.checkpoint !== undefined && plans.length > 1) {
    const names = plans.map(({ scenario }) => scenario)
    throw new UsageError(`--checkpoint: got ${plans.length} scenarios, expected --scenario ${either(names)} with it`)
  }
  const progress = createProgressLine(plans.length)
  const checkpoint = values.checkpoint === undefined ? undefined : createCheckpointFile(values.checkpoint, plans[0])
  const explored = explorePlans(plans, {
    jobs: values.jobs,
    patience: values.patience,
    progress,
    resume: saved?.checkpoint,
    onCheckpoint: checkpoint?.save,
  })
  const all: Explored[] = []
  let traced = false
  for await (const each of explored) {
    progress.clear()
    const blank = all.length === 0 ? '' : '\n'
    all.push(each)
    if ('failure' in each) {
      process.stdout.write(values.json ? jsonOfFailure(each.plan.scenario, each.failure) : '')
      process.stderr.write(`${called} explore: ${each.failure.message}\n`)
      continue
    }
    const { result } = each
    process.stdout.write(values.json ? jsonOf(result) : blank + textOf(result, values['keep-going']))
    if (!values.json) process.stdout.write(annotationOf(result))
    checkpoint?.end(result.budget === '')
    if (result.violation !== null && !traced) {
      writeTraces(`${called} explore`, result.violation, values)
      traced = true
    }
  }
  tellCoverage(all, values)
  return statusOf(all, checkpoint?.lost === true)
}

/** Flags that say what a search is. One that goes on stays what it was. */
const FIXED = [
  'scenario',
  'strategy',
  'max-preemptions',
  'max-steps',
  'seed',
  'depth',
  'raw',
  'packages',
  'keep-going',
  'detect',
] as const

/** Throws UsageError for flags that make no sense together. */
function refuseContradictions(values: Given, file: string | undefined): void {
  const { litmus, resume, strategy, checkpoint, scenario, raw, packages } = values
  const sources = [file, litmus, resume].filter((source) => source !== undefined).length
  if (sources === 0) throw new UsageError('got no file, expected a file with scenarios, or --litmus PROGRAM')
  if (sources > 1) {
    throw new UsageError(
      resume === undefined
        ? `got ${quote(file!)} and --litmus, expected one of them`
        : `--resume: got a file or a program as well, expected none, since ${resume} names it`,
    )
  }
  const ofFile = raw ? 'raw' : scenario !== undefined ? 'scenario' : packages !== undefined ? 'packages' : undefined
  if (litmus !== undefined && ofFile !== undefined)
    throw new UsageError(`--${ofFile}: got --litmus as well, expected a file`)
  refuseCoverage(values)
  refuseForeign(values)
  const bounded = values['max-preemptions'] !== undefined
  if (bounded && strategy !== 'optimal') {
    throw new UsageError(`--max-preemptions: got --strategy ${strategy} as well, expected optimal`)
  }
  const other = FIXED.find((name) => values[name] !== FLAGS[name].initial)
  if (resume !== undefined && other !== undefined) {
    throw new UsageError(`--resume: got --${other} as well, expected none, since ${resume} says how to explore`)
  }
  if (values.first && values['keep-going'])
    throw new UsageError('--first: got --keep-going as well, expected one of them')
  const keeps = checkpoint !== undefined ? 'checkpoint' : resume !== undefined ? 'resume' : undefined
  if (keeps === undefined) return
  if (bounded) throw new UsageError(`--${keeps}: got --max-preemptions as well, which no search can be resumed with`)
}

/** What to explore, from the command line. */
async function plansFor(values: Given, file: string | undefined): Promise<Plan[]> {
  const { strategy, litmus, scenario, raw } = values
  const source: Source = litmus === undefined ? { file: file!, raw, packages: packagesOf(values.packages) } : { litmus }
  const watch = { name: file ?? 'the program', patience: values.patience, seconds: values.seconds }
  const { names } = (await runJob({ list: source }, watch)) as { names: readonly string[] }
  if (scenario !== undefined && !names.includes(scenario)) {
    throw new UsageError(`--scenario: got ${quote(scenario)}, expected ${either(names)}`)
  }
  const { exact } = STRATEGIES[strategy]
  // Drawn here, so that jobs share it out.
  const seed = exact ? undefined : (values.seed ?? Math.floor(Math.random() * (MAX_SEED + 1)))
  const options = {
    maxPreemptions: values['max-preemptions'],
    // What stands in a scenario holds where no flag says otherwise.
    maxSteps: otherThan(FLAGS['max-steps'].initial, values['max-steps']),
    seed,
    depth: otherThan(FLAGS.depth.initial, values.depth),
    keepGoing: otherThan(FLAGS['keep-going'].initial, values['keep-going']),
    first: values.first || undefined,
    detect: values.detect,
    coverage: values.coverage || values.lcov !== undefined ? true : undefined,
    ...budget(values, exact),
  }
  const given = values.memory === undefined ? options : { ...optionsOf(values), ...budget(values, exact) }
  return (scenario === undefined ? names : [scenario]).map((name) => ({
    source,
    scenario: name,
    strategy,
    options: defined(given),
  }))
}

/** A sample would never end by itself. */
function budget(values: Given, exact: boolean): Plan['options'] {
  const { seconds, 'max-executions': most } = values
  return defined({ seconds, maxExecutions: most ?? (exact || seconds !== undefined ? undefined : SAMPLE) })
}

/** The saved plan with the budget that is given now, on top of the executions that lie behind. */
function resumed(plan: Plan, values: Given, behind: number): Plan {
  const { maxExecutions: _spent, seconds: _over, ...options } = plan.options
  const { maxExecutions: more, ...now } = budget(values, STRATEGIES[plan.strategy].exact)
  return { ...plan, options: { ...options, ...now, ...(more !== undefined && { maxExecutions: behind + more }) } }
}

const otherThan = <T>(initial: T, value: T): T | undefined => (value === initial ? undefined : value)

/** Without what is undefined. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}
