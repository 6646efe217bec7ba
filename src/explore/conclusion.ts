/**
 * The end of an exploration: what only the end can tell, and what comes back.
 */
import type { Finding } from './engine/finding.ts'
import { whereIs } from './engine/place-in-source.ts'
import { estimateBy, estimateByProbes } from './estimate.ts'
import { describeViolation, findingOn, lineOf } from './failure/violation.ts'
import { tableOf } from './outcomes.ts'
import { unrepeated } from './repeat.ts'
import type { Note, Result } from './result.ts'
import { runtime } from './runtime/runtime.ts'
import { type Exploration, secondsSince } from './under-way.ts'

/** What only the end can tell: whether anything was explored, whether executions repeat, and if all were run. */
export function lookOnceMore(it: Exploration): void {
  const { program, deeds } = it
  if (it.first !== undefined || hasFailed(it)) return
  const finding = program.lastLook(it.counts.steps) ?? (deeds === undefined ? undefined : unrepeated(program, deeds))
  if (finding !== undefined) {
    it.counts.failing++
    it.cutShort = true
    it.first = { finding, threads: [...(deeds?.threads ?? [])] }
  } else suspect(it)
}

/**
 * Takes what was suspected for a finding, unless all executions were run and none got stuck: the one that it lets one
 * fear may be among those that were not run, or that nobody judged.
 */
export function suspect(it: Exploration): void {
  if (isExhaustive(it) && it.counts.blocked === 0) return
  const [suspicion] = suspicionsOf(it)
  if (suspicion === undefined) return
  it.counts.failing++
  it.first = { finding: suspicion.finding, threads: [...suspicion.threads] }
}

/** In a part of the exploration that lies behind. */
const hasFailed = ({ options }: Exploration): boolean => options.resume?.failed != null

const isExhaustive = ({ exact, budget, cutShort, program, first, options }: Exploration): boolean =>
  exact &&
  budget === '' &&
  !cutShort &&
  !program.x.turns.leavesOut &&
  ((first === undefined && options.resume?.failed == null) || options.keepGoing === true)

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

/** What comes back. Runs some executions again, for lines and for the violation. */
export function resultOf(it: Exploration): Result {
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
    leftOut: exhaustive || x.turns.leftOut.size === 0 ? undefined : [...x.turns.leftOut].sort(),
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
