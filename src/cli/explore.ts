/**
 * `sk-storage explore`: every interleaving of the scenarios in a file, or a sample of them.
 */

import { EXIT } from '../command/exit-status.ts'
import { parseFlags, type Values } from '../command/flags.ts'
import { name as called } from '../command/package.ts'
import { UsageError } from '../command/usage-error.ts'
import { either, quote } from '../command/words.ts'
import type { Checkpoint } from '../explore/index.ts'
import { createCheckpointFile, readCheckpointFile } from './explore-checkpoint.ts'
import { refuseCoverage, tellCoverage } from './explore-coverage.ts'
import { refuseInEstimate, tellBeforehand } from './explore-estimate.ts'
import { FLAGS, HELP, refuseBeside } from './explore-flags.ts'
import { type Explored, explorePlans, type JobOptions } from './explore-jobs.ts'
import { refuseForeign } from './explore-memory.ts'
import { mergeFiles, refuseMerge } from './explore-merge.ts'
import type { Plan } from './explore-plan.ts'
import { allOfThem, type Round, resumed, roundsFor } from './explore-plans.ts'
import { createProgressLine } from './explore-progress.ts'
import { exploreInQueue, refuseInQueue } from './explore-queue.ts'
import { annotationOf, jsonOf, jsonOfFailure, statusOf, textOf } from './explore-report.ts'
import { writeTraces } from './explore-traces.ts'
import { broke, changes, told as edited, note, timesOf, toExplore } from './explore-watch.ts'
import { lineName } from './line-name.ts'

type Given = Values<typeof FLAGS>

export default async function explore(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, Number.POSITIVE_INFINITY)
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  refuseMerge(values, words)
  if (values.merge) return mergeFiles(values, words)
  refuseContradictions(values, values.program === undefined ? words[0] : undefined)
  const saved = values.resume === undefined ? undefined : readCheckpointFile(values.resume)
  if (saved !== undefined) {
    const plan = resumed(saved.plan, values, saved.checkpoint.counts.executions)
    return exploreAll([{ plans: [plan], refused: [] }], values, { resume: saved.checkpoint })
  }
  const rounds = roundsFor(values, words)
  const { checkpoint, estimate } = values
  if (checkpoint === undefined && !estimate && !values.watch) return exploreAll(planned(rounds), values)
  const all = await allOfThem(rounds)
  const plans = all.plans.map(({ plan }) => plan)
  if (checkpoint !== undefined && plans.length > 1) {
    const names = plans.map(({ scenario }) => scenario)
    throw new UsageError(`--checkpoint: got ${plans.length} scenarios, expected --scenario ${either(names)} with it`)
  }
  if (estimate) return (await tellBeforehand(plans, values)) || statusOf([], false, all.refused)
  return values.watch ? watch(values, all) : exploreAll([{ plans, refused: all.refused }], values)
}

/** What is to be explored next, and the files that could not be loaded for it. */
interface Planned {
  readonly plans: readonly Plan[]
  readonly refused: Round['refused']
}

async function* planned(rounds: AsyncIterable<Round>): AsyncGenerator<Planned> {
  for await (const { plans, refused } of rounds) yield { plans: plans.map(({ plan }) => plan), refused }
}

/** What else there is to an exploration. */
interface More {
  readonly resume?: Checkpoint
  /** Ends it. */
  readonly signal?: AbortSignal
  /** Told what came of each. True: that is enough. */
  readonly onEach?: (explored: Explored) => boolean
}

/** Explores these plans, round by round, and tells what comes of each. */
async function exploreAll(
  rounds: AsyncIterable<Planned> | Iterable<Planned>,
  values: Given,
  { resume, signal, onEach = () => false }: More = {},
): Promise<number> {
  const all: Explored[] = []
  const refused: Round['refused'][number][] = []
  let lost = false
  let traced = false
  for await (const round of rounds) {
    const { plans } = round
    refused.push(...round.refused)
    if (values.json) for (const { file, failure } of round.refused) process.stdout.write(jsonOfFailure(file, failure))
    const progress = createProgressLine(plans.length)
    const checkpoint = values.checkpoint === undefined ? undefined : createCheckpointFile(values.checkpoint, plans[0])
    const several = values.all || values.watch || new Set(plans.map(({ source }) => JSON.stringify(source))).size > 1
    for await (const each of explored(plans, values, { progress, signal, resume, onCheckpoint: checkpoint?.save })) {
      progress.clear()
      all.push(each)
      told(each, values, several, all.length === 1)
      if ('result' in each) checkpoint?.end(each.result.budget === '')
      if ('result' in each && each.result.violation !== null && !traced) {
        writeTraces(`${called} explore`, each.result.violation, values)
        traced = true
      }
      if (onEach(each)) break
    }
    lost ||= checkpoint?.lost === true
  }
  tellCoverage(all, values)
  return statusOf(all, lost, refused)
}

/** Explores these plans, here or in a queue. */
function explored(plans: readonly Plan[], values: Given, more: Omit<JobOptions, 'jobs' | 'patience'>) {
  const { jobs, patience, queue } = values
  if (queue === undefined) return explorePlans(plans, { jobs, patience, ...more })
  return exploreInQueue(plans, { command: `${called} explore`, url: queue, patience, progress: more.progress })
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
 * Explores all, and after each edit of what their files load those that it may break, until one does; until Ctrl-C. An
 * edit ends what is under way. Returns what came of the last round.
 */
async function watch(values: Given, { plans: all, refused }: Round): Promise<number> {
  const ended = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort())
  const times = timesOf(all)
  let next = all
  let status: number = EXIT.clean
  while (!ended.signal.aborted) {
    const edit = new AbortController()
    const changed = changes(times, ended.signal).finally(() => edit.abort())
    if (next.length > 0) {
      status = await exploreAll([{ plans: next.map(({ plan }) => plan), refused }], values, {
        signal: edit.signal,
        onEach: (explored) => {
          note(all, explored)
          return broke(explored)
        },
      })
    }
    if (!edit.signal.aborted) process.stderr.write(`\nwatching ${times.size} files; Ctrl-C ends it\n`)
    next = await toExplore(all, await changed)
    if (!ended.signal.aborted) process.stderr.write(edited(await changed, next))
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
  'edits',
  'layout',
  'keep-going',
  'detect',
] as const

/** Throws UsageError for a flag that only a program has a use for. */
function refuseProgramsFlags({ globals }: Given): void {
  if (globals !== FLAGS.globals.initial)
    throw new UsageError(`--globals: got ${globals} without --program, expected --program FILE with it`)
}

/** Throws UsageError for flags that make no sense together. */
function refuseContradictions(values: Given, file: string | undefined): void {
  const { litmus, resume, strategy, checkpoint, all, program } = values
  if (program !== undefined)
    refuseBeside(
      'program',
      ['litmus', 'all', 'scenario', 'edits', 'memory', 'watch', 'queue', 'checkpoint', 'resume', 'layout'],
      values,
    )
  else refuseProgramsFlags(values)
  if (all && (file ?? litmus ?? resume) !== undefined)
    throw new UsageError('--all: got a file, --litmus or --resume as well, expected one of them')
  const sources = [file, litmus, resume, program].filter((source) => source !== undefined).length
  if (sources === 0 && !all)
    throw new UsageError('got no file, expected a file with scenarios, --all, --litmus PROGRAM, or --program FILE')
  if (sources > 1) {
    throw new UsageError(
      resume === undefined
        ? `got ${quote(file!)} and --litmus, expected one of them`
        : `--resume: got a file or a program as well, expected none, since ${resume} names it`,
    )
  }
  const ofFile = (['raw', 'scenario', 'packages', 'edits', 'layout'] as const).find(
    (name) => values[name] !== FLAGS[name].initial,
  )
  if (litmus !== undefined && ofFile !== undefined)
    throw new UsageError(`--${ofFile}: got --litmus as well, expected a file`)
  refuseCoverage(values)
  refuseForeign(values)
  refuseInQueue(values)
  refuseInEstimate(values)
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
