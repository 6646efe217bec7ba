/**
 * A worker's side of a search that several share: explores one part after the other, and gives parts of these away
 * when somebody waits.
 *
 * All of it is one exploration of one program, as on one core: what the detectors, the audit and the judge of private
 * state know goes on from part to part. Only what is counted is told by part, since the parts have an order.
 */
import { lookOnceMore, resultOf, suspect } from '../conclusion.ts'
import { fail } from '../engine/fail.ts'
import { truncate } from '../engine/trace.ts'
import { begun, counted, runFirstOf } from '../exploration.ts'
import { again } from '../failure/violation.ts'
import { noteOutcome, roughLine, tableOf, takeUp } from '../outcomes.ts'
import type { Program } from '../program/program.ts'
import type { Result } from '../result.ts'
import { noCounts } from '../result.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Checkpoint, Options } from '../scenario.ts'
import { readSchedule } from '../schedule/schedule.ts'
import { type Given, nextExecution } from '../search/search.ts'
import type { Exploration } from '../under-way.ts'
import { startOf } from './start.ts'
import type { Link, Look, Order, Report, Sum } from './words.ts'

/** Milliseconds between two words on how far it is, and between two parts that it gives away. */
const TELLING = 250
const GIVING = 2

/** A worker at work. */
interface Part {
  readonly it: Exploration
  readonly link: Link
  /** The first finding of each part that had one; -1: of the last look. */
  readonly found: Map<number, Exploration['first']>
  /** The part that it is at. */
  id: number
  /** Somebody keeps what lies ahead of it. */
  saves: boolean
  /** New steps that have been told. */
  steps: number
}

/**
 * Explores what the link hands out, until it says that there is no more. Returns whether something was found that the
 * author's code may have left behind: what was refused, or did not repeat.
 */
export function takePart(program: Program, options: Options, link: Link): boolean {
  const it = begun(program, options)
  runFirstOf(it)
  it.first = undefined
  const { maxExecutions } = options
  const seconds = Number.isFinite(it.limit) ? it.limit : undefined
  link.tell({
    begun: startOf(program),
    fingerprint: program.fingerprint(),
    threads: program.x.program.given,
    asked: { maxExecutions, seconds },
  })
  const part: Part = { it, link, found: new Map(), id: 0, saves: false, steps: 0 }
  for (let order = link.next(); !('quit' in order); order = link.next()) {
    if ('explore' in order) explorePart(part, order)
    else if ('look' in order) link.tell({ look: lastLook(part, order.look.judge, order.look.steps) })
    else link.tell({ result: resultOfAll(part, order.finish) })
  }
  return [...part.found.values()].some((first) => /^(refused|nondeterminism)$/.test(first?.finding.kind ?? ''))
}

function explorePart(part: Part, order: Extract<Order, { explore: number }>): void {
  const { it } = part
  const { explore: id, walk, completed, executions } = order
  const { program, search } = it
  part.id = id
  part.saves = order.saves
  it.first = undefined
  it.cutShort = false
  it.completed = completed
  countAnew(part)
  if (walk === null) truncate(program.x.trace, 0)
  else {
    const wrong = search.saved?.(walk, 'part')
    if (wrong !== undefined) throw new MisuseError(`a part of the search is damaged: ${wrong}`)
    search.restore!(walk)
  }
  report(part, exploreOn(part, program.x.totals.executions + executions))
}

/** Explores the part until there have been so many executions. Returns how it ended. */
function exploreOn(part: Part, until: number): 'done' | 'stopped' | 'found' {
  const { it, link, id } = part
  const { program, search } = it
  const { x } = program
  let told = performance.now()
  let given = told
  for (;;) {
    if (link.isStopped(id) || x.totals.executions >= until) return 'stopped'
    const ending = nextExecution(x, search)
    if (ending === undefined) return 'done'
    if (ending === 'redundant') fail(x, unfollowed(it))
    if (!counted(it, ending)) return 'found'
    noteOutcome(it.outcomes, program, ending)
    // Whoever gets a part takes it that an execution has come to its end before it: see `leavesThreadOut`.
    if (it.completed && link.isAsked(id)) given = give(part, given)
    else if ((it.counts.executions & 63) !== 0 && x.position.step <= 500) continue
    const now = performance.now()
    if (now - told < TELLING) continue
    told = now
    report(part, '')
  }
}

/** Gives a part away, if the last time is not too short ago. Returns when that was. */
function give(part: Part, last: number): number {
  const now = performance.now()
  if (now - last < GIVING) return last
  const gift = part.it.search.give!()
  if (gift === undefined) return now
  part.link.given()
  report(part, '', [gift])
  return now
}

/** Tells what was counted since the last time. */
function report(part: Part, ended: Report['ended'], gifts: readonly Given[] = []): void {
  const { it, link, id } = part
  const { x, suspicions } = it.program
  if (it.first !== undefined) part.found.set(id, it.first)
  link.tell({
    report: {
      part: id,
      counts: { ...it.counts },
      newSteps: x.totals.newSteps - part.steps,
      outcomes: tableOf(it.outcomes, (threads) => roughLine(x, threads)),
      failed: it.first === undefined ? null : roughLine(x, it.first.threads),
      left: part.saves || ended === 'stopped' ? (it.search.save!() as object) : undefined,
      gifts,
      behind: it.search.progress(),
      ended,
      cutShort: it.cutShort || x.turns.leavesOut,
      slept: x.totals.slept,
      suspected: suspicions.map(({ threads }) => roughLine(x, threads)),
      ...toldOfCode(it),
    },
  })
  countAnew(part)
}

function countAnew(part: Part): void {
  const { it } = part
  Object.assign(it.counts, noCounts())
  it.outcomes.clear()
  it.already = -it.program.x.totals.executions
  part.steps = it.program.x.totals.newSteps
}

/** What another search planned can't be done here. */
const unfollowed = ({ program: { x } }: Exploration) => ({
  kind: 'nondeterminism' as const,
  message:
    'a schedule that one worker planned leads elsewhere on another: a thread reads what is not the same in both, such as a variable of a module; --jobs 1 explores on one',
  sites: [],
  events: [],
  thread: x.trace.n > 0 ? x.trace.thread[x.trace.n - 1] : 0,
  at: -1,
})

/** What only the end can tell. */
function lastLook(part: Part, judge: boolean, steps: number): Look {
  const { it } = part
  const { program, search } = it
  if (judge) {
    it.first = undefined
    // What is suspected is a matter of all together.
    it.counts.steps = steps
    lookOnceMore(it)
    if (it.first !== undefined && !isSuspicion(it)) part.found.set(-1, it.first)
  }
  return {
    found: part.found.has(-1),
    peakAhead: search.peakAhead(),
    leavesOut: program.x.turns.leavesOut,
    leftOut: [...program.x.turns.leftOut],
    ...toldOfCode(it),
  }
}

/** What it has learned of the author's code, by whatever executions. */
const toldOfCode = ({ program }: Exploration) => ({
  learned: program.learned().map((threads) => roughLine(program.x, threads)),
  drawn: [...runtime.drawn, ...program.inputs()],
})

const isSuspicion = ({ first, program }: Exploration): boolean =>
  program.suspicions.some(({ finding }) => finding === first?.finding)

/** The result of all parts, which this worker makes of what was counted. */
function resultOfAll({ it, found }: Part, sum: Sum): Result {
  const { program, search } = it
  const { x } = program
  Object.assign(it.counts, sum.counts)
  it.outcomes.clear()
  takeUp(it.outcomes, sum.outcomes)
  it.cutShort = sum.cutShort
  it.budget = sum.budget
  it.first = sum.found === undefined ? undefined : found.get(sum.found)
  for (const line of sum.learned) again(program, readSchedule(line).threads)
  for (const each of sum.drawn) runtime.drawn.add(each)
  x.totals.slept = sum.slept
  x.totals.newSteps = sum.newSteps
  x.turns.leavesOut = sum.leavesOut
  for (const each of sum.leftOut) x.turns.leftOut.add(each)
  const { failed, suspected } = sum
  const all: Exploration = {
    ...it,
    options: { ...it.options, resume: { failed, suspected } as Checkpoint },
    search: { ...search, peakAhead: () => sum.peakAhead, progress: () => sum.behind },
    started: performance.now() - sum.seconds * 1000,
    limit: sum.seconds + sum.left,
  }
  if (all.first === undefined && failed === null) suspect(all)
  const result = resultOf(all)
  return {
    ...result,
    // What the author's code threw may hold anything. Its message is in the report.
    violation: result.violation && { ...result.violation, error: undefined },
    seconds: sum.seconds,
    drawn: [...new Set(result.drawn)],
  }
}
