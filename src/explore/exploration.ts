/**
 * One exploration from its first execution to its result: what is counted, what was found, and when it ends.
 */
import { audit } from './audit/audit.ts'
import { createPaths, type Paths } from './audit/paths.ts'
import { collectCoverage } from './cover/collector.ts'
import { asksForCoverage, coverageOf } from './cover/coverage.ts'
import type { Ending } from './engine/ending.ts'
import { fail } from './engine/fail.ts'
import type { Finding } from './engine/finding.ts'
import { leavesThreadOut } from './engine/left-out.ts'
import { whereIs } from './engine/place-in-source.ts'
import { estimateBy, estimateByProbes } from './estimate.ts'
import { describeViolation, findingOn, lineOf } from './failure/violation.ts'
import { noteOutcome, type Outcomes, roughLine, tableOf, takeUp } from './outcomes.ts'
import type { Program } from './program/program.ts'
import { type Deeds, deedsOf, unrepeated } from './repeat.ts'
import type { Counts, Note, Result } from './result.ts'
import { MisuseError } from './runtime/misuse-error.ts'
import { runtime } from './runtime/runtime.ts'
import { faultOf } from './saved.ts'
import type { Checkpoint, Options } from './scenario.ts'
import { runFirst } from './search/first.ts'
import { nextExecution, type Search } from './search/search.ts'
import { strategyNamed } from './search/strategies.ts'

/** pct's d. */
const DEPTH = 3
/** Milliseconds between two words on how far it is. */
const TELLING = 250

interface Exploration {
  readonly program: Program
  readonly options: Options
  readonly search: Search
  /** It ends by itself, having run every trace. */
  readonly exact: boolean
  readonly seed: number | undefined
  /** Seconds that the search may take. */
  readonly limit: number
  readonly counts: Counts
  readonly outcomes: Outcomes
  /** Which executions are audited. */
  readonly paths: Paths
  /** What was counted before this part of the exploration. */
  already: number
  /** By the clock of `performance`. */
  readonly started: number
  told: number
  /** What the first execution did. */
  deeds: Deeds | undefined
  /** The first finding, or the one that says what can't be explored, and the threads of its execution. */
  first: { readonly finding: Finding; readonly threads: number[] } | undefined
  /** Some execution was cut off, so that not all was seen. */
  cutShort: boolean
  budget: Result['budget']
  coverage: Result['coverage']
}

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
  const { program } = it
  while (it.budget === '') {
    const ending = nextExecution(program.x, it.search)
    if (ending === undefined || !counted(it, ending)) return
    noteOutcome(it.outcomes, program, ending)
    spend(it)
  }
}

function begun(program: Program, options: Options): Exploration {
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
  const counts: Counts = { complete: 0, blocked: 0, redundant: 0, failing: 0, unknown: 0, executions: 0, steps: 0 }
  const outcomes: Outcomes = new Map()
  const it: Exploration = {
    program,
    options,
    search,
    exact,
    seed,
    limit: secondsOf(options),
    counts,
    outcomes,
    paths: createPaths(x),
    already: 0,
    started,
    told: started,
    deeds: undefined,
    first: undefined,
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
  search.restore(from.search)
  Object.assign(counts, from.counts)
  it.already = counts.executions - program.x.totals.executions
  program.x.totals.slept = from.slept === true
  takeUp(it.outcomes, from.outcomes)
}

/**
 * Runs the execution that the search began with, which has been counted elsewhere. What it shows of faults has been
 * found there; what can't be explored is told again.
 */
function runFirstOf(it: Exploration): void {
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
function counted(it: Exploration, ending: Ending): boolean {
  const { program, counts } = it
  const { x } = program
  counts.executions = it.already + x.totals.executions
  counts.steps += x.position.step
  // Others came to an end: this one may be without because it leaves a thread out, and tells nothing of a livelock.
  const unfair = x.position.stopped === 'steps' && x.turns.circle < 0 && counts.complete > 0 && leavesThreadOut(x)
  if (!unfair) program.judge(ending)
  const unseen = audited(it, ending)
  if (unseen !== undefined) fail(x, unseen)
  if (ending !== 'stopped') counts[ending]++
  else if (x.position.stopped === 'steps' || x.position.stopped === 'circle') it.cutShort = true
  if (program.isUnknown()) counts.unknown++
  if (x.totals.executions === 1) it.deeds = deedsOf(program, ending)
  if (x.findings.length === 0) return true
  counts.failing++
  const refused = x.findings.find(({ kind }) => kind === 'refused')
  // What can't be explored ends the search in any case, and is told in any case.
  if (refused !== undefined) it.cutShort = true
  if (it.first === undefined || refused !== undefined) {
    it.first = { finding: refused ?? x.findings[0], threads: Array.from(x.trace.thread.subarray(0, x.trace.n)) }
  }
  return it.options.keepGoing === true && refused === undefined && x.position.stopped !== 'nondeterminism'
}

/** What only the end can tell: whether anything was explored, whether executions repeat, and if all were run. */
function lookOnceMore(it: Exploration): void {
  const { program, deeds } = it
  if (it.first !== undefined) return
  const finding = program.lastLook(it.counts.steps) ?? (deeds === undefined ? undefined : unrepeated(program, deeds))
  if (finding !== undefined) {
    it.counts.failing++
    it.cutShort = true
    it.first = { finding, threads: [...(deeds?.threads ?? [])] }
  } else if (!isExhaustive(it) || it.counts.blocked > 0) {
    // The execution that this one lets one fear may be among those that were not run, or that nobody judged.
    const [suspicion] = suspicionsOf(it)
    if (suspicion === undefined) return
    it.counts.failing++
    it.first = { finding: suspicion.finding, threads: [...suspicion.threads] }
  }
}

const isExhaustive = ({ exact, budget, cutShort, program, first, options }: Exploration): boolean =>
  exact &&
  budget === '' &&
  !cutShort &&
  !program.x.turns.leavesOut &&
  (first === undefined || options.keepGoing === true)

/** What was suspected in this part of the exploration, or else in those before. */
function suspicionsOf({ program, options }: Exploration): readonly { finding: Finding; threads: readonly number[] }[] {
  if (program.suspicions.length > 0) return program.suspicions
  return (options.resume?.suspected ?? []).flatMap((line) => findingOn(program, line) ?? [])
}

/** What was suspected, if the search has run all executions and none got stuck. */
function notesOf(it: Exploration): Note[] {
  if (!isExhaustive(it) || it.counts.blocked > 0 || it.options.maxPreemptions !== undefined) return []
  return suspicionsOf(it).map(({ finding: { kind, message, sites, why } }) => ({
    kind: kind as Note['kind'],
    message,
    sites: [...new Set(sites.map(whereIs).filter((where) => where !== ''))],
    why: why ?? [],
  }))
}

const secondsSince = (started: number): number => (performance.now() - started) / 1000

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
    cutShort: it.cutShort || x.turns.leavesOut ? true : undefined,
    slept: x.totals.slept ? true : undefined,
    search: search.save(),
  })
}

/** What comes back. Runs some executions again, for lines and for the violation. */
function resultOf(it: Exploration): Result {
  const { program, options, search, exact, seed, counts, budget } = it
  const { maxPreemptions, strategy = 'optimal', resume } = options
  const { x } = program
  const { newSteps } = x.totals
  const peakAhead = search.peakAhead()
  const exhaustive = isExhaustive(it)
  const seconds = secondsSince(it.started)
  const estimate =
    estimateBy(search, exact, counts.executions) ??
    (exact || it.first !== undefined ? undefined : estimateByProbes(x, seed!))
  const outcomes = tableOf(it.outcomes, (threads) => lineOf(program, threads))
  const notes = notesOf(it)
  const first = it.first ?? (resume?.failed ? findingOn(program, resume.failed) : undefined)
  const violation =
    first === undefined
      ? null
      : describeViolation(program, first.finding, first.threads, options.shrink ?? true, it.started + 1000 * it.limit)
  return {
    scenario: program.name,
    strategy:
      maxPreemptions !== undefined && exact
        ? `optimal, at most ${maxPreemptions} preemption${maxPreemptions === 1 ? '' : 's'}`
        : strategy,
    ...counts,
    exhaustive,
    timeouts: x.totals.slept ? 'idle' : undefined,
    daemons: x.program.names.filter((_, t) => x.program.daemons[t] === true),
    budget,
    seed,
    violation,
    notes,
    outcomes,
    seconds,
    newSteps,
    peakAhead,
    drawn: [...runtime.drawn, ...program.inputs()],
    estimate: exhaustive ? undefined : estimate,
    coverage: it.coverage,
  }
}
