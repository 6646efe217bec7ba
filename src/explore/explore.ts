/**
 * Explores a scenario: all its interleavings, or a sample of them, or those with few preemptions.
 */

import type { Ending } from './engine/ending.ts'
import type { Finding } from './engine/finding.ts'
import { describeViolation, findingOn, lineOf } from './failure/violation.ts'
import { createProgram, type Program } from './program/program.ts'
import { formatViolation } from './report/text.ts'
import type { Counts, Outcome, Progress, Result, Violation } from './result.ts'
import { MisuseError } from './runtime/misuse-error.ts'
import type { Checkpoint, Options, Scenario } from './scenario.ts'
import { readSchedule, scheduleLine } from './schedule/schedule.ts'
import { withFewSwitches } from './search/same-trace.ts'
import { nextExecution, type Search } from './search/search.ts'
import { STRATEGIES, strategyNamed } from './search/strategies.ts'

/** What `explore` throws: its message is the report. */
export class ExplorationFailure extends Error {
  override name = 'ExplorationFailure'
  /** What the exploration found. */
  readonly result: Result
  constructor(result: Result) {
    super(formatViolation(result.violation!), { cause: result.violation!.error })
    this.result = result
  }
}

/** Explores a scenario and throws an `ExplorationFailure` if it finds anything. */
export function explore<Context>(scenario: Scenario<Context> & Options): Result {
  const result = check(scenario, scenario)
  if (result.violation !== null) throw new ExplorationFailure(result)
  return result
}

/** Outcomes told apart; the others are counted together. */
const MOST_OUTCOMES = 1000
/** pct's d. */
const DEPTH = 3

/** Explores a scenario and returns what it found. */
export function check<Context>(scenario: Scenario<Context>, options: Options = {}): Result {
  const program = createProgram(scenario, options.detect ?? {}, options.raw)
  return program.answering(() => explorer(program, options))
}

function explorer(program: Program, options: Options): Result {
  const { x } = program
  const { keepGoing = false, maxPreemptions, strategy = 'optimal' } = options
  x.limits.maxSteps = options.maxSteps ?? 20_000
  x.limits.stopAtFinding = !keepGoing
  const started = performance.now()
  const { exact, create } = strategyNamed(strategy)
  const seed = exact ? undefined : (options.resume?.seed ?? options.seed ?? Math.floor(Math.random() * 0x7fffffff))
  const search = create(x, { seed: seed ?? 0, depth: options.depth ?? DEPTH, maxPreemptions })
  const counts: Counts = { complete: 0, blocked: 0, redundant: 0, failing: 0, unknown: 0, executions: 0, steps: 0 }
  const outcomes = new Map<string, Seen>()
  if (options.resume !== undefined) resume(program, search, options.resume, counts, outcomes)
  let first: { finding: Finding; threads: number[] } | undefined
  let cutShort = false
  let budget: Result['budget'] = ''
  let told = started
  // Resuming runs the last execution once more, which is no new one.
  const already = counts.executions - x.totals.executions

  const seconds = () => (performance.now() - started) / 1000
  const estimate = (): Progress['estimate'] => {
    if (!exact) {
      const space = search.space?.()
      if (space === undefined) return undefined
      return {
        executions: Math.round(space),
        method: "Knuth's: mean product of branchings over random runs; schedules, not traces",
      }
    }
    const share = search.progress()
    if (share <= 0) return undefined
    return {
      executions: Math.round(counts.executions / share),
      method: 'by known branches, each taken for equally large; more may appear',
    }
  }
  const saveCheckpoint = () => {
    if (options.onCheckpoint === undefined || search.save === undefined) return
    options.onCheckpoint({
      schema: 1,
      fingerprint: program.fingerprint(),
      seed,
      counts: { ...counts },
      outcomes: [...outcomes].map(([outcome, { count, threads }]) => ({
        outcome,
        count,
        witness: roughLine(program, threads),
      })),
      failed: first === undefined ? (options.resume?.failed ?? null) : roughLine(program, first.threads),
      search: search.save(),
    })
  }

  for (;;) {
    const ending = nextExecution(x, search)
    if (ending === undefined) break
    counts.executions = already + x.totals.executions
    counts.steps += x.position.step
    program.judge(ending)
    if (ending !== 'stopped') counts[ending]++
    else if (x.position.stopped === 'steps') cutShort = true
    if (program.unknown) counts.unknown++
    if (x.findings.length > 0) {
      counts.failing++
      const refused = x.findings.find(({ kind }) => kind === 'refused')
      // What can't be explored ends the search in any case, and is told in any case.
      if (refused !== undefined) cutShort = true
      if (first === undefined || refused !== undefined) {
        first = { finding: refused ?? x.findings[0], threads: threadsOf(program) }
      }
      if (!keepGoing || refused !== undefined || x.position.stopped === 'nondeterminism') break
    }
    note(outcomes, program, ending)
    if (options.maxExecutions !== undefined && counts.executions >= options.maxExecutions) budget = 'executions'
    // Looking at the clock costs as much as a few steps.
    if (budget === '' && ((counts.executions & 63) === 0 || x.position.step > 500)) {
      const now = performance.now()
      if (options.time !== undefined && now - started > options.time * 1000) budget = 'time'
      if (now - told > 250) {
        told = now
        options.onProgress?.({
          executions: counts.executions,
          rate: x.totals.executions / seconds(),
          seconds: seconds(),
          estimate: estimate(),
        })
        saveCheckpoint()
      }
    }
    if (budget !== '') break
  }
  if (budget !== '') saveCheckpoint()

  const newSteps = x.totals.newSteps
  const exhaustive = exact && budget === '' && !cutShort && (first === undefined || keepGoing)
  const peakAhead = search.peakAhead
  const spent = seconds()
  const estimated = estimate() ?? (exact || first !== undefined ? undefined : probedSpace(program, seed!))
  const table = [...outcomes].map(
    ([outcome, { count, threads }]): Outcome => ({ outcome, count, witness: lineOf(program, threads) }),
  )
  if (options.resume?.failed) first ??= findingOn(program, options.resume.failed)
  const violation: Violation | null =
    first === undefined ? null : describeViolation(program, first.finding, first.threads, options.shrink ?? true)
  return {
    scenario: program.name,
    strategy:
      maxPreemptions !== undefined && exact
        ? `optimal, at most ${maxPreemptions} preemption${maxPreemptions === 1 ? '' : 's'}`
        : strategy,
    ...counts,
    exhaustive,
    budget,
    seed,
    violation,
    outcomes: table,
    seconds: spent,
    newSteps,
    peakAhead,
    estimate: exhaustive ? undefined : estimated,
  }
}

const threadsOf = ({ x }: Program) => Array.from(x.trace.thread.subarray(0, x.trace.n))

/** How often an outcome was seen, and the threads of its first execution, by number or label. */
interface Seen {
  count: number
  readonly threads: readonly (number | string)[]
}

/** The schedule's line without its preemptions, which only a run along it can tell. */
const roughLine = ({ x }: Program, threads: readonly (number | string)[]) =>
  scheduleLine({ threads: threads.map((t) => (typeof t === 'string' ? t : x.program.labels[t])), preempted: [] })

function note(outcomes: Map<string, Seen>, program: Program, ending: Ending): void {
  if (ending !== 'complete' && ending !== 'blocked') return
  const text = program.outcome()
  const key = ending === 'blocked' ? `${text} (blocked)`.trim() : text
  const known = outcomes.get(key)
  if (known !== undefined) known.count++
  else if (outcomes.size < MOST_OUTCOMES) outcomes.set(key, { count: 1, threads: withFewSwitches(program.x.trace) })
  else {
    const others = outcomes.get('(other outcomes)')
    if (others !== undefined) others.count++
    else outcomes.set('(other outcomes)', { count: 1, threads: withFewSwitches(program.x.trace) })
  }
}

/** Random walks that estimate how many schedules there are, for a strategy that can't tell. */
const PROBES = 30

function probedSpace({ x }: Program, seed: number): Progress['estimate'] {
  const walks = STRATEGIES.random.create(x, { seed, depth: DEPTH })
  for (let k = 0; k < PROBES; k++) nextExecution(x, walks)
  const space = walks.space?.()
  if (space === undefined) return undefined
  return {
    executions: Math.round(space),
    method: `Knuth's: mean product of branchings over ${PROBES} random runs at the end; schedules, not traces`,
  }
}

function resume(program: Program, search: Search, from: Checkpoint, counts: Counts, outcomes: Map<string, Seen>): void {
  if (search.restore === undefined) throw new MisuseError('a search with a bound on preemptions cannot be resumed')
  if (from.fingerprint !== program.fingerprint()) throw new MisuseError('the checkpoint was made from other code')
  search.restore(from.search)
  Object.assign(counts, from.counts)
  for (const { outcome, count, witness } of from.outcomes)
    outcomes.set(outcome, { count, threads: readSchedule(witness).threads })
}
