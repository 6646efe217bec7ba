/**
 * One exploration from its first execution to its result: what is counted, what was found, and when it ends.
 */
import { audit } from './audit/audit.ts'
import { createPaths } from './audit/paths.ts'
import { lookOnceMore, resultOf } from './conclusion.ts'
import { collectCoverage } from './cover/collector.ts'
import { asksForCoverage, coverageOf } from './cover/coverage.ts'
import type { Ending } from './engine/ending.ts'
import { fail } from './engine/fail.ts'
import type { Finding } from './engine/finding.ts'
import { leavesThreadOut, pollsByJobs } from './engine/left-out.ts'
import { whereIs } from './engine/place-in-source.ts'
import { estimateBy } from './estimate.ts'
import { again } from './failure/violation.ts'
import { noteOutcome, roughLine, tableOf, takeUp } from './outcomes.ts'
import type { Program } from './program/program.ts'
import { deedsOf } from './repeat.ts'
import type { Result } from './result.ts'
import { noCounts } from './result.ts'
import { MisuseError } from './runtime/misuse-error.ts'
import { runtime } from './runtime/runtime.ts'
import { faultOf } from './saved.ts'
import type { Checkpoint, Options } from './scenario.ts'
import { readSchedule } from './schedule/schedule.ts'
import { runFirst } from './search/first.ts'
import { nextExecution } from './search/search.ts'
import { strategyNamed } from './search/strategies.ts'
import { type Exploration, secondsSince } from './under-way.ts'

/** pct's d. */
const DEPTH = 3
/** Milliseconds between two words on how far it is. */
const TELLING = 250

/** Runs executions until none is left, one fails, or a budget is spent. */
export function exploreProgram(program: Program, options: Options): Result {
  const covers = asksForCoverage(options)
  const it = begun(program, options)
  const collector = covers ? collectCoverage(program.x) : undefined
  if (it.first === undefined) goThrough(it)
  if (collector !== undefined) it.coverage = coverageOf(collector.end())
  if (it.budget !== '') saveCheckpoint(it)
  lookOnceMore(it)
  return resultOf(it)
}

/** Runs what lies ahead, until something ends it. */
function goThrough(it: Exploration): void {
  const { program, options, counts } = it
  // Before this part of it.
  if (options.resume !== undefined && counts.executions >= (options.maxExecutions ?? Number.POSITIVE_INFINITY))
    it.budget = 'executions'
  while (it.budget === '') {
    const ending = nextExecution(program.x, it.search)
    if (ending === undefined || !counted(it, ending)) return
    noteOutcome(it.outcomes, program, ending)
    spend(it)
  }
}

/** Begins an exploration, or goes on with one. */
export function begun(program: Program, options: Options): Exploration {
  const { x } = program
  const { keepGoing = false, maxPreemptions, strategy = 'optimal', resume } = options
  x.limits.maxSteps = options.maxSteps ?? 20_000
  x.limits.stopAtFinding = !keepGoing
  const started = performance.now()
  runtime.drawn.clear()
  const { exact, create } = strategyNamed(strategy)
  const seed = exact ? undefined : (resume?.seed ?? options.seed ?? Math.floor(Math.random() * 0x7fffffff))
  const search = create(x, { seed: seed ?? 0, depth: options.depth ?? DEPTH, maxPreemptions })
  if (exact && maxPreemptions === undefined) program.keepSuspicions()
  const it: Exploration = {
    program,
    options,
    search,
    exact,
    seed,
    limit: secondsOf(options),
    counts: noCounts(),
    outcomes: new Map(),
    paths: createPaths(x),
    already: 0,
    started,
    told: started,
    deeds: undefined,
    first: undefined,
    completed: (resume?.counts?.complete ?? 0) > 0,
    cutShort: resume?.cutShort === true,
    budget: '',
    coverage: undefined,
  }
  if (resume !== undefined) goOn(it, resume)
  return it
}

/** `seconds`, or `time`, which is its older name. */
function secondsOf({ seconds, time }: Options): number {
  if (seconds !== undefined && time !== undefined) throw new MisuseError('got seconds and time, expected one of them')
  return seconds ?? time ?? Number.POSITIVE_INFINITY
}

function goOn(it: Exploration, from: Checkpoint): void {
  const { program, search, exact, counts } = it
  if (search.restore === undefined) throw new MisuseError('a search with a bound on preemptions cannot be resumed')
  if ((from as Partial<Checkpoint> | null)?.schema !== 1) {
    throw new MisuseError('the checkpoint is of another version, expected schema 1')
  }
  const wrong = faultOf(from, search.saved, exact)
  if (wrong !== undefined) throw new MisuseError(`the checkpoint is damaged: ${wrong}`)
  if (from.fingerprint !== program.fingerprint()) throw new MisuseError('the checkpoint was made from other code')
  if (exact) runFirstOf(it)
  learnAgain(it, from)
  search.restore(from.search)
  Object.assign(counts, from.counts)
  it.already = counts.executions - program.x.totals.executions
  program.x.totals.slept = from.slept === true
  takeUp(it.outcomes, from.outcomes)
}

/** Learns what was known of the author's code, by the executions that told. */
function learnAgain({ program }: Exploration, { learned = [], drawn = [] }: Checkpoint): void {
  const { totals } = program.x
  const { newSteps } = totals
  for (const line of learned) again(program, readSchedule(line).threads)
  totals.newSteps = newSteps
  for (const each of drawn) runtime.drawn.add(each)
}

/**
 * Runs the execution that the search began with, which has been counted elsewhere. What it shows of faults has been
 * found there; what can't be explored is told again.
 */
export function runFirstOf(it: Exploration): void {
  const { program } = it
  const { x } = program
  const ending = runFirst(x)
  program.judge(ending)
  it.deeds = deedsOf(program, ending)
  const finding = x.findings.find(({ kind }) => kind === 'refused' || kind === 'nondeterminism')
  if (finding === undefined) return
  it.cutShort = true
  it.first = { finding, threads: Array.from(x.trace.thread.subarray(0, x.trace.n)) }
}

/** Looks through the execution that has just ended, if it is worth it, for accesses that no event announced. */
function audited({ program, paths }: Exploration, ending: Ending): Finding | undefined {
  if (ending === 'stopped' || program.x.findings.length > 0) return undefined
  const poisons = paths.worth()
  return poisons.length === 0 ? undefined : audit(program, poisons)
}

/** Judges and counts the execution that has just ended. False: it was the last one. */
export function counted(it: Exploration, ending: Ending): boolean {
  const { program, counts } = it
  const { x } = program
  counts.executions = it.already + x.totals.executions
  counts.steps += x.position.step
  // It may be without an end because it leaves a thread out, and tells nothing of a livelock: where others came to an
  // end, or where it polls.
  const mayEnd = it.completed || pollsByJobs(x)
  const unfair = x.position.stopped === 'steps' && x.turns.circle < 0 && mayEnd && leavesThreadOut(x)
  if (!unfair) program.judge(ending)
  const unseen = audited(it, ending)
  if (unseen !== undefined) fail(x, unseen)
  if (ending === 'complete') it.completed = true
  if (ending !== 'stopped') counts[ending]++
  else if (x.position.stopped === 'steps' || x.position.stopped === 'circle') it.cutShort = true
  if (unfair) x.turns.leftOut.add(whereIs(x.trace.site[x.trace.n - 1]))
  if (program.isUnknown()) counts.unknown++
  if (x.totals.executions === 1) it.deeds = deedsOf(program, ending)
  if (x.findings.length === 0) return true
  counts.failing++
  const refused = x.findings.find(({ kind }) => kind === 'refused')
  // What can't be explored ends the search in any case, and is told in any case. Nor is it a proof of anything where
  // executions are other ones when they are run again.
  if (refused !== undefined || x.findings.some(({ kind }) => kind === 'nondeterminism')) it.cutShort = true
  if (it.first === undefined || refused !== undefined) {
    it.first = { finding: refused ?? x.findings[0], threads: Array.from(x.trace.thread.subarray(0, x.trace.n)) }
  }
  return it.options.keepGoing === true && refused === undefined && x.position.stopped !== 'nondeterminism'
}

/** Looks whether a budget is spent, and tells how far it is. */
function spend(it: Exploration): void {
  const { options, counts, program } = it
  if (options.maxExecutions !== undefined && counts.executions >= options.maxExecutions) it.budget = 'executions'
  // Looking at the clock costs as much as a few steps.
  if (it.budget !== '' || ((counts.executions & 63) !== 0 && program.x.position.step <= 500)) return
  const now = performance.now()
  if (now - it.started > it.limit * 1000) it.budget = 'time'
  if (now - it.told <= TELLING) return
  it.told = now
  const seconds = secondsSince(it.started)
  options.onProgress?.({
    executions: counts.executions,
    rate: program.x.totals.executions / seconds,
    seconds,
    estimate: estimateBy(it.search, it.exact, counts.executions),
  })
  saveCheckpoint(it)
}

const orNothing = <T>(all: readonly T[]) => (all.length > 0 ? all : undefined)

function saveCheckpoint(it: Exploration): void {
  const { options, search, program, seed, counts, outcomes, first } = it
  if (options.onCheckpoint === undefined || search.save === undefined) return
  const { x } = program
  options.onCheckpoint({
    schema: 1,
    fingerprint: program.fingerprint(),
    seed,
    counts: { ...counts },
    outcomes: tableOf(outcomes, (threads) => roughLine(x, threads)),
    failed: first === undefined ? (options.resume?.failed ?? null) : roughLine(x, first.threads),
    suspected:
      program.suspicions.length > 0
        ? program.suspicions.map(({ threads }) => roughLine(x, threads))
        : options.resume?.suspected,
    learned: orNothing(program.learned().map((threads) => roughLine(x, threads))),
    drawn: orNothing([...runtime.drawn, ...program.inputs()]),
    cutShort: it.cutShort || x.turns.leavesOut ? true : undefined,
    slept: x.totals.slept ? true : undefined,
    search: search.save(),
  })
}
