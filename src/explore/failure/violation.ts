/**
 * From a failing execution to something a reader can use: the schedule with the fewest preemptions, the steps, the
 * point after which all was lost, and the line that replays it.
 */

import { endingOf } from '../engine/ending.ts'
import type { Finding } from '../engine/finding.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { nameOfThread, within } from '../engine/state.ts'
import { agentOf } from '../engine/tasks.ts'
import { truncate } from '../engine/trace.ts'
import type { Program } from '../program/program.ts'
import type { Violation, ViolationKind } from '../result.ts'
import { FREE, READ_ENTER, READ_EXIT } from '../runtime/kinds.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { authorsCalls, type Call } from '../runtime/stack-trace.ts'
import { isA } from '../runtime/thrown-value.ts'
import { kindLetters, replayLine } from '../schedule/replay-line.ts'
import { preemptions, readSchedule, scheduleLine } from '../schedule/schedule.ts'
import { createOptimal } from '../search/optimal.ts'
import { nextExecution } from '../search/search.ts'
import { type Recording, record, scheduleAlong } from './record.ts'
import { simplest } from './simplify.ts'
import type { Step } from './step.ts'

/** Executions that the question "can this still end well?" may take, per prefix. */
const INFLECTION_BUDGET = 5_000

/**
 * Describes a violation found on that schedule. Runs the program again, several times; many times to shrink it, but not
 * when the clock of `performance` has come to `until`.
 */
export function describeViolation(
  program: Program,
  finding: Finding,
  threads: readonly number[],
  shrink: boolean,
  until = Number.POSITIVE_INFINITY,
): Violation {
  let outOfTime = false
  const isOver = () => (outOfTime ||= performance.now() >= until)
  const { x } = program
  x.limits.stopAtFinding = true
  program.judgeAlone(finding.kind)
  let best = again(program, threads)
  // No end is what a livelock is: its steps alone don't show it.
  const reproduced = finding.kind === 'livelock' || x.findings.some(({ kind }) => kind === finding.kind)
  const found = { steps: best.steps.length, preemptions: preemptions(best.schedule) }
  // What two executions made together, such as a circle of locks, no single one shows.
  const shrinks = shrink && reproduced && finding.slow !== true
  if (shrinks) best = again(program, simplest(program, finding.kind, threads, isOver))
  const last = x.findings.find(({ kind }) => kind === finding.kind) ?? finding
  const matter = new Set(last.events)
  const agents = x.program.names.map((_, t) => agentOf(x, t))
  const violation = {
    kind: last.kind as ViolationKind,
    message: last.message,
    schedule: scheduleLine(best.schedule),
    preemptions: preemptions(best.schedule),
    threadNames: [...x.program.names],
    ...(agents.some((agent, t) => agent !== t) && { agents }),
    steps: best.steps.map((step, i) => ({
      thread: step.thread,
      operation: step.operation,
      place: step.place,
      before: step.before,
      after: step.after,
      stores: step.stores,
      where: step.where,
      source: step.source,
      switched: step.switched,
      ...(step.task !== undefined && { task: step.task }),
      matters: matter.has(i),
    })),
    why: reproduced ? reasons(program, last, best) : [...reasons(program, last, best), apart(finding.kind)],
    replay: replayLine({
      scenario: program.name,
      fingerprint: program.fingerprint(best.steps.map(({ site }) => site)),
      schedule: best.schedule,
      kinds: kindLetters(best.steps.map(({ kind }) => kind)),
    }),
    found,
    error: last.error,
  }
  const inflection = shrinks
    ? inflectionOf(
        program,
        best.steps.map(({ thread }) => thread),
        isOver,
      )
    : undefined
  const calls = callsOf(program, last, best)
  const stack = calls.map(({ name, place }) => `${name === '' ? '(anonymous)' : name} (${place})`)
  return { ...violation, sites: sitesOf(last, calls), stack, inflection, outOfTime }
}

/**
 * Where it was found, most telling first: what no `throw` of the author's threw, at the innermost of these calls. Of an
 * invariant the store that broke it tells more than the line that saw it.
 */
function sitesOf({ kind, sites, thrownAt }: Finding, [innermost]: readonly Call[]): string[] {
  const known = sites.map(whereIs).filter((where) => where !== '')
  const thrown = kind === 'assertion' && thrownAt === undefined && innermost !== undefined ? [innermost.place] : []
  return [...new Set([...thrown, ...known])]
}

/** Runs that schedule once more and judges it. */
export function again(program: Program, threads: readonly (number | string)[]): Recording {
  const recording = record(program.x, threads, program.placeName, false)
  if (program.x.position.stopped === '') program.judge(endingOf(program.x))
  return recording
}

/** Calls that a stack tells, of which more than half are not the author's. */
const STACK = 100

/**
 * The author's calls that it was thrown in. Its stack has the usual ten, so the execution is run once more with more of
 * them; a thread that measures stacks may then go elsewhere.
 */
function callsOf(program: Program, { kind, message, error }: Finding, { steps }: Recording): readonly Call[] {
  if (isA(error, MisuseError)) return []
  const known = authorsCalls(error)
  const { stackTraceLimit } = Error
  if (known.length === 0 || stackTraceLimit === undefined) return known
  Reflect.set(Error, 'stackTraceLimit', STACK)
  try {
    again(
      program,
      steps.map(({ thread }) => thread),
    )
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
  const same = program.x.findings.find((each) => each.kind === kind && each.message === message)
  const more = authorsCalls(same?.error)
  return more.length > known.length ? more : known
}

/**
 * The first step (from 1) after which every continuation fails. Whether one exists is asked of the exact search,
 * for prefixes halved again and again: once all is lost it stays lost.
 */
function inflectionOf(program: Program, threads: readonly number[], isOver: () => boolean): number | undefined {
  let lost = threads.length
  let open = 0
  const atAll = canEndWell(program, [], isOver)
  if (atAll !== true) return atAll === false ? 0 : undefined
  while (lost - open > 1) {
    const middle = (lost + open) >> 1
    const well = canEndWell(program, threads.slice(0, middle), isOver)
    if (well === undefined) return undefined
    if (well) open = middle
    else lost = middle
  }
  return lost
}

function canEndWell(program: Program, prefix: readonly number[], isOver: () => boolean): boolean | undefined {
  // An execution that ended at its finding would hide what branches off behind it.
  return within(program.x, { stopAtFinding: false }, () => endsWell(program, prefix, isOver))
}

function endsWell(program: Program, prefix: readonly number[], isOver: () => boolean): boolean | undefined {
  const { x } = program
  truncate(x.trace, 0)
  const until = x.totals.executions + INFLECTION_BUDGET
  const search = createOptimal(x, prefix)
  // What an execution that was cut off would have come to, and what would have branched off behind the cut, nobody
  // knows.
  let cut = false
  for (let ending = nextExecution(x, search); ending !== undefined; ending = nextExecution(x, search)) {
    cut ||= x.position.stopped === 'steps' || x.position.stopped === 'circle'
    program.judge(ending)
    if (x.findings.length === 0) return true
    if (x.totals.executions >= until || isOver()) return undefined
  }
  return cut ? undefined : false
}

/** Why a single execution does not show what was found. */
const apart = (kind: string): string =>
  kind === 'refused'
    ? 'it shows when the same schedule is run again with other bytes wherever nothing was announced'
    : kind === 'lock-order'
      ? 'the orders were taken in different executions: this one alone shows only the last of them'
      : 'it takes several executions to see it: this one alone does not show it'

/** Why it is wrong, line by line. */
function reasons({ x }: Program, finding: Finding, { steps }: Recording): readonly string[] {
  const name = (t: number) => nameOfThread(x, t)
  // What `after` or a thread found wrong has its reason anywhere before.
  if (finding.kind === 'assertion' || finding.kind === 'livelock') return []
  if (finding.why !== undefined) return finding.why
  const told = finding.events.flatMap((event) => {
    const step = steps[event]
    if (step === undefined) return []
    const what = `${step.operation}${step.place === '' ? '' : ` ${step.place}`}`
    return [`step ${event + 1}: ${name(step.thread)}: ${what}${step.where === '' ? '' : ` at ${step.where}`}`]
  })
  if (finding.kind === 'data-race') {
    told.push(
      'nothing orders the two: no atomic load of one thread reads what the other stored after its access, and no lock covers both',
    )
  }
  return finding.kind === 'use-after-free' ? [...told, ...coverOf(finding, steps, name)] : told
}

/**
 * The steps by which the thread of a step entered and left the read section that it takes it in: sections nest. Outside
 * of any: -1; not left: infinite.
 */
function sectionAround(at: number, steps: readonly Step[]): { entered: number; left: number } {
  let depth = 0
  let entered = -1
  for (let i = 0; i < steps.length; i++) {
    const { thread, kind } = steps[i]
    if (thread !== steps[at].thread) continue
    if (kind === READ_ENTER && depth++ === 0 && i < at) entered = i
    if (kind !== READ_EXIT || --depth > 0) continue
    if (i > at) return { entered, left: i }
    entered = -1
  }
  return { entered, left: Number.POSITIVE_INFINITY }
}

/** What is to be said of the read section that should have kept the object alive; nothing where nobody uses any. */
function coverOf({ events }: Finding, steps: readonly Step[], name: (t: number) => string): string[] {
  const use = events.find((event) => steps[event] !== undefined && steps[event].kind !== FREE)
  const free = events.find((event) => steps[event]?.kind === FREE) ?? -1
  if (use === undefined || !steps.some(({ kind }) => kind === READ_ENTER)) return []
  const { thread } = steps[use]
  const who = name(thread)
  if (steps[free]?.thread === thread) return [`${who} has freed it itself`]
  const { entered, left } = sectionAround(use, steps)
  if (entered < 0) return [`${who} uses it outside of any read section, so no grace period waits for that`]
  const within = `${who} uses it in the read section that it entered at step ${entered + 1}`
  if (free >= 0 && free < entered) {
    return [
      `${within}, after the free: a grace period waits for no such section, so what led there had to be gone before one began`,
    ]
  }
  const due = `${within}: the free had to wait for a grace period after the last pointer to the object was gone`
  if (left > free) return [due]
  // That it is reported all the same needs a reason.
  return [
    due,
    `that section had ended, at step ${left + 1}, when the free came: by chance, since nothing made the free wait for it`,
  ]
}

/** The schedule's line of an execution that has been run. Runs it once more, and judges nothing. */
export function lineOf({ x }: Program, threads: readonly (number | string)[]): string {
  return scheduleLine(scheduleAlong(x, threads))
}

/** What the execution of that schedule's line finds by itself, and its threads; undefined: nothing. */
export function findingOn(program: Program, line: string): { finding: Finding; threads: number[] } | undefined {
  const { x } = program
  program.judgeAlone()
  again(program, readSchedule(line).threads)
  const finding = x.findings[0]
  return finding && { finding, threads: Array.from(x.trace.thread.subarray(0, x.trace.n)) }
}
