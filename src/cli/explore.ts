/**
 * `sk-storage explore`: every interleaving of the scenarios in a file, or a sample of them.
 */

import { EXIT } from '../command/exit-status.ts'
import { parseFlags, type Values } from '../command/flags.ts'
import { name as called } from '../command/package.ts'
import { UsageError } from '../command/usage-error.ts'
import { either, quote } from '../command/words.ts'
import type { Checkpoint } from '../explore/index.ts'
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
import { changes, told as edited, timesOf, toExplore, type Watched } from './explore-watch.ts'
import { type Named, scenarioFiles } from './scenario-files.ts'
import { runJob } from './scenario-process.ts'
import { lineName, type Source } from './scenario-source.ts'

type Given = Values<typeof FLAGS>

export default async function explore(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, Number.POSITIVE_INFINITY)
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  refuseContradictions(values, words[0])
  const saved = values.resume === undefined ? undefined : readCheckpointFile(values.resume)
  const files = scenarioFiles(words)
  const { plans, watched } =
    saved === undefined
      ? await plansFor(values, files)
      : { plans: [resumed(saved.plan, values, saved.checkpoint.counts.executions)], watched: [] }
  if (values.checkpoint !== undefined && plans.length > 1) {
    const names = plans.map(({ scenario }) => scenario)
    throw new UsageError(`--checkpoint: got ${plans.length} scenarios, expected --scenario ${either(names)} with it`)
  }
  if (plans.length === 0) throw new UsageError('got no file with scenarios, expected one')
  if (values.watch) return watch(values, plans, watched)
  return exploreAll(plans, values, saved?.checkpoint)
}

/** Explores these plans, and tells what comes of each. */
async function exploreAll(plans: readonly Plan[], values: Given, resume?: Checkpoint): Promise<number> {
  const progress = createProgressLine(plans.length)
  const checkpoint = values.checkpoint === undefined ? undefined : createCheckpointFile(values.checkpoint, plans[0])
  const explored = explorePlans(plans, {
    jobs: values.jobs,
    patience: values.patience,
    progress,
    resume,
    onCheckpoint: checkpoint?.save,
  })
  const several = new Set(plans.map(({ source }) => JSON.stringify(source))).size > 1
  const all: Explored[] = []
  let traced = false
  for await (const each of explored) {
    progress.clear()
    all.push(each)
    told(each, values, several, all.length === 1)
    if ('failure' in each) continue
    const { result } = each
    checkpoint?.end(result.budget === '')
    if (result.violation !== null && !traced) {
      writeTraces(`${called} explore`, result.violation, values)
      traced = true
    }
    if (values.watch && result.violation !== null) break
  }
  tellCoverage(all, values)
  return statusOf(all, checkpoint?.lost === true)
}

/** Tells what came of a plan: with its file, if there are several. */
function told(each: Explored, values: Given, several: boolean, first: boolean): void {
  const { source, scenario } = each.plan
  const name = several ? lineName(source, scenario) : scenario
  if ('failure' in each) {
    process.stdout.write(values.json ? jsonOfFailure(name, each.failure) : '')
    process.stderr.write(`${called} explore: ${several ? `${name}: ` : ''}${each.failure.message}\n`)
    return
  }
  const result = { ...each.result, scenario: name }
  process.stdout.write(values.json ? jsonOf(result) : (first ? '' : '\n') + textOf(result, values['keep-going']))
  if (!values.json) process.stdout.write(annotationOf(result))
}

/**
 * After each edit of what these files load explores those that it may break, until Ctrl-C; before the first nothing.
 */
async function watch(values: Given, plans: readonly Plan[], watched: readonly Watched[]): Promise<number> {
  const ended = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort())
  const times = timesOf(watched)
  const ofFile = (file: string) => plans.filter(({ source }) => 'file' in source && source.file === file)
  let next: readonly Watched[] = []
  let status: number = EXIT.clean
  while (!ended.signal.aborted) {
    for (const its of next) {
      const started = performance.now()
      status = await exploreAll(ofFile(its.file), values)
      Object.assign(its, { seconds: (performance.now() - started) / 1000, broke: status === EXIT.finding })
      if (its.broke || ended.signal.aborted) break
    }
    if (ended.signal.aborted) break
    process.stderr.write(`\nwatching ${times.size} files; Ctrl-C ends it\n`)
    const changed = await changes(times, ended.signal)
    next = await toExplore(watched, changed)
    if (!ended.signal.aborted) process.stderr.write(edited(changed, next))
  }
  return status
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
  if (values.watch && (resume ?? checkpoint ?? litmus) !== undefined)
    throw new UsageError('--watch: got --resume, --checkpoint or --litmus as well, expected files alone')
  const keeps = checkpoint !== undefined ? 'checkpoint' : resume !== undefined ? 'resume' : undefined
  if (keeps === undefined) return
  if (bounded) throw new UsageError(`--${keeps}: got --max-preemptions as well, which no search can be resumed with`)
}

/** What to explore, from the command line; of files, what they load, too. */
async function plansFor(values: Given, files: readonly Named[]): Promise<{ plans: Plan[]; watched: Watched[] }> {
  const { scenario, raw, litmus } = values
  if (litmus !== undefined) return { plans: plansOf(values, { litmus }, [litmus]), watched: [] }
  const found: { readonly source: Source; readonly names: readonly string[] }[] = []
  const watched: Watched[] = []
  for (const { file, byName } of files) {
    const source = { file, raw, packages: packagesOf(values.packages) }
    const watch = { name: file, patience: values.patience, seconds: values.seconds }
    const { names, loads } = (await runJob({ list: source, orNone: !byName }, watch)) as Listed
    found.push({ source, names })
    if (names.length > 0) watched.push({ file, loads, seconds: 0, broke: false })
  }
  const without = files.flatMap(({ file }, k) => (found[k].names.length === 0 ? [file] : []))
  if (without.length > 0) process.stderr.write(`${called} explore: no scenarios in ${without.join(', ')}\n`)
  const all = found.flatMap(({ names }) => names)
  if (scenario !== undefined && !all.includes(scenario)) {
    throw new UsageError(`--scenario: got ${quote(scenario)}, expected ${either(all)}`)
  }
  const plans = found.map(({ source, names }) =>
    plansOf(
      values,
      source,
      names.filter((name) => scenario === undefined || name === scenario),
    ),
  )
  return { plans: plans.flat(), watched }
}

type Listed = { readonly names: readonly string[]; readonly loads: readonly string[] }

/** The plans of these scenarios of a source. */
function plansOf(values: Given, source: Source, names: readonly string[]): Plan[] {
  const { strategy } = values
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
  return names.map((name) => ({
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
